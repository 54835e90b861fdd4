"""Persons and organisations: registered once, sealed, found by hash."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from bancheng.kernel.audit import public as audit
from bancheng.kernel.identity import public as identity
from bancheng.kernel.identity import testing
from bancheng.kernel.identity.models import Organisation, Person
from bancheng.lib import identifiers
from bancheng.lib.refusal import Refused

pytestmark = pytest.mark.django_db
AT = testing.AT


def register(**over):
    values = {
        "name": "赵建军",
        "citizen_id": testing.citizen_id(),
        "mobile": "",
        "by": "staff:1",
        "at": AT,
        "region": testing.REGION,
    }
    return identity.register_person(**(values | over))


def audited() -> list[tuple[str, str, str]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT action, about, detail::text FROM audit_event ORDER BY id")
        return cursor.fetchall()


def test_a_person_is_registered_once_whatever_form_the_number_comes_in():
    """D7: found by keyed hash."""
    one = register()
    again = register(citizen_id=" ".join(testing.citizen_id()), name="赵 建军")
    assert again.pk == one.pk
    assert Person.objects.count() == 1
    assert identity.find_person(region=testing.REGION, citizen_id=testing.citizen_id()) == one
    assert identity.find_person(region="410100", citizen_id=testing.citizen_id()) is None
    assert [action for action, _, _ in audited()] == ["identity.person_registered"]


def test_a_new_mobile_is_noted_by_its_column_name_only():
    """P-9: never in the audit detail."""
    register()
    number = identifiers.make_mobile(7)
    changed = register(mobile=number, special=["elderly", "disabled"])
    assert identity.open_sealed(changed.mobile_sealed, kind="mobile") == number
    assert identity.special_groups(Person.objects.get()) == ("disabled", "elderly")
    action, about, detail = audited()[-1]
    assert (action, about) == ("identity.person_changed", f"person:{changed.pk}")
    assert "mobile_hash" in detail
    assert number not in detail
    register(mobile=number, special=["disabled", "elderly"])
    assert len(audited()) == 2  # nothing new, nothing written


@pytest.mark.parametrize(
    ("over", "code"),
    [
        ({"citizen_id": "4.11E+17"}, "stored_as_number"),
        ({"citizen_id": testing.citizen_id(born=date(2026, 3, 3))}, "birthday_out_of_range"),
        ({"mobile": "12345"}, "mobile_length"),
    ],
)
def test_a_wrong_number_is_refused_and_nothing_is_written(over, code):
    with pytest.raises(Refused) as no:
        register(**over)
    assert no.value.code == code
    assert no.value.says.endswith("。")
    assert not Person.objects.exists()
    assert audited() == []


def test_who_was_born_today_in_shanghai_is_not_born_tomorrow():
    """The day is Shanghai's: at 16:30 UTC it is already the next one there."""
    evening = datetime(2026, 3, 2, 16, 30, tzinfo=UTC)
    assert register(citizen_id=testing.citizen_id(born=date(2026, 3, 3)), at=evening)


def test_organisations_are_registered_once():
    code = identifiers.make_uscc("411002", 7)
    one = identity.register_organisation(region=testing.REGION, name="甲公司", uscc=code, by="staff:1", at=AT)
    again = identity.register_organisation(region=testing.REGION, name="甲公司", uscc=code.lower(), by="staff:1", at=AT)
    assert one == again
    assert Organisation.objects.count() == 1
    assert bytes(one.uscc_hash) == identity.find_hash(code, kind="uscc")


def test_ids_sort_by_the_instant_of_registration():
    """D11: ids are UUIDv7 made in Python."""
    first = register()
    second = register(citizen_id=testing.citizen_id(2), at=AT + timedelta(seconds=1))
    assert first.pk.version == 7
    assert first.pk < second.pk


def test_the_database_refuses_half_a_mobile_a_short_hash_and_another_region():
    """D11: the region never changes; constraints are the last line."""
    person = register()
    for change in ({"mobile_hash": b"x" * 32}, {"citizen_id_hash": b"short"}, {"region": "410100"}, {"region": "许昌"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Person.objects.filter(pk=person.pk).update(**change)


def test_no_table_holds_an_identifier_in_plain_text():
    """P-9: a dump of the whole database, bytes as hex and as text, contains no number of anybody."""
    number, mobile = testing.citizen_id(5), identifiers.make_mobile(55_555)
    user = testing.citizen(serial=5, mobile=mobile, special=["disabled"])
    testing.client_for(user)
    officer = testing.actor(testing.staff("section_officer", unit="A"))
    identity.reveal(
        user.person.mobile_sealed, kind="mobile", by=officer, about="task:1", why="到期前3天电话提醒", at=AT
    )
    wanted = [number, mobile, "disabled", number.encode().hex(), mobile.encode().hex(), b"disabled".hex()]
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        tables = [name for (name,) in cursor.fetchall()]
        dump = ""
        for table in tables:
            cursor.execute(f'SELECT t::text FROM "{table}" t')
            dump += "\n".join(row for (row,) in cursor.fetchall())
    assert str(user.person.pk) in dump
    assert not [word for word in wanted if word in dump]


def test_unmasking_is_recorded_with_reason_and_without_the_value():
    """P-3 R-ID: every view is logged."""
    user = testing.citizen(serial=5)
    officer = testing.actor(testing.staff("section_officer", unit="A"))
    number = identity.reveal(
        user.person.citizen_id_sealed, kind="citizen_id", by=officer, about="expiry:9", why="task 3", at=AT
    )
    assert number == testing.citizen_id(5)
    action, about, detail = audited()[-1]
    assert (action, about) == ("identity.revealed", "expiry:9")
    assert "task 3" in detail
    assert number not in detail


@pytest.mark.parametrize("role", [code for code, role in identity.ROLES.items() if not role.opens_personal])
def test_an_administrator_cannot_unmask(role):
    """P-10."""
    user = testing.citizen(serial=5)
    by = testing.actor(testing.staff(role, unit="A"))
    with pytest.raises(Refused, match="may_not_open"):
        identity.reveal(user.person.mobile_sealed, kind="mobile", by=by, about="x", why="y", at=AT)
    assert "identity.revealed" not in [action for action, _, _ in audited()]


def test_unmasking_needs_a_reason():
    """P-6: identities need a reason."""
    officer = testing.actor(testing.staff("section_officer", unit="A"))
    with pytest.raises(Refused, match="reason_needed"):
        identity.reveal(testing.citizen().person.mobile_sealed, kind="mobile", by=officer, about="x", why="  ", at=AT)


def test_consent_is_given_once_and_taken_back_as_easily():
    """R-ID-2 R10.8: one purpose, withdrawn at once; new words ask again."""
    person = testing.citizen().person
    give = {"person": person, "purpose": "contact", "by": f"person:{person.pk}", "at": AT}
    first = identity.give_consent(**give, text_version="2026-01")
    assert identity.give_consent(**give, text_version="2026-01") == first
    assert identity.give_consent(**give, text_version="2026-02") != first
    assert identity.has_consent(person, "contact")
    assert not identity.has_consent(person, "face")
    identity.withdraw_consent(person=person, purpose="contact", by=f"person:{person.pk}", at=AT)
    identity.withdraw_consent(person=person, purpose="contact", by=f"person:{person.pk}", at=AT)
    assert not identity.has_consent(person, "contact")
    assert len(identity.consents(person)) == 2
    told = [action for action, _, _ in audited() if "consent" in action]
    assert told == ["identity.consent_given"] * 2 + ["identity.consent_withdrawn"]
    assert audit.PLATFORM == "000000"


def test_who_took_his_consent_back_last_does_not_consent_and_whoever_kept_something_for_it_hears_so():
    """B2.9, R-ID-2"""
    person = testing.citizen(serial=7).person
    heard = []

    def hear(fact):
        heard.append(fact)

    give = {"person": person, "purpose": "prefill", "text_version": "1", "by": "test"}
    assert not identity.has_withdrawn(person.pk, "prefill")
    identity.give_consent(**give, at=AT)
    identity.consent_withdrawn.connect(hear)
    try:
        for _ in range(2):
            identity.withdraw_consent(person=person, purpose="prefill", by="test", at=AT + timedelta(minutes=1))
    finally:
        identity.consent_withdrawn._listeners.remove(hear)
    (fact,) = heard
    assert (fact.person, fact.holder_hash, fact.purpose) == (str(person), bytes(person.citizen_id_hash), "prefill")
    assert identity.has_withdrawn(person.pk, "prefill")
    assert not identity.has_withdrawn(person.pk, "face")
    identity.give_consent(**give, at=AT + timedelta(minutes=2))
    assert not identity.has_withdrawn(person.pk, "prefill")


def test_who_acts_for_whom_is_said_of_one_service_and_one_day():
    """P-5"""
    firm = identity.register_organisation(
        region=testing.REGION, name="许昌老街面馆", uscc=identifiers.make_uscc("411002", 5), by="test", at=AT
    )
    agent = testing.citizen("孙三", serial=8).person
    identity.link_agent(
        principal=firm, agent=agent, document="委托书", first=AT.date(), last=AT.date(), services=["onething"],
        by="test", at=AT,
    )  # fmt: skip
    asked = {"agent": str(agent), "principal": str(firm)}
    assert identity.acts_for(**asked, service="onething", at=AT)
    assert not identity.acts_for(**asked, service="expiry", at=AT)
    assert not identity.acts_for(**asked, service="onething", at=AT + timedelta(days=1))
    assert not identity.acts_for("staff:1", str(firm), service="onething", at=AT)
    assert not identity.acts_for(str(agent), "unit:market", service="onething", at=AT)


def test_identity_is_proven_once_in_each_way_and_a_notarised_proof_names_its_deed():
    """R-ID-4, R14.10: 登记管理条例实施细则 第十六条"""
    person = register()
    holder = bytes(person.citizen_id_hash)
    assert identity.proofs([holder], region=testing.REGION) == {}
    prove = {"person": person, "by": "staff:1", "at": AT}
    with pytest.raises(Refused, match="proof_unwritten"):
        identity.prove_identity(**prove, method="notarised", document=" ")
    identity.prove_identity(**prove, method="notarised", document="（2026）许证字第1号")
    identity.prove_identity(**prove, method="notarised", document="（2026）许证字第2号")
    assert identity.proofs([holder, b"x" * 32], region=testing.REGION) == {holder: "notarised"}
    assert [action for action, _, _ in audited()].count("identity.proven") == 1
