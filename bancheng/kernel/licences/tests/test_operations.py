from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from bancheng.kernel.licences import public as licences
from bancheng.kernel.licences.models import Licence, LicenceReuse, LicenceVersion
from bancheng.kernel.licences.public import Channel, Kind, Source, Status
from bancheng.kernel.licences.testing import AT, REGION, UNIT, hash_of, issued, row
from bancheng.lib.refusal import Refused

pytestmark = pytest.mark.django_db
SOURCE = Source(UNIT, Channel.SYSTEM, "m-1")
TODAY = date(2026, 3, 2)


def heard(monkeypatch, hook):
    facts = []
    monkeypatch.setattr(hook, "_listeners", [facts.append])
    return facts


def issue(**over):
    values = {
        "region": REGION,
        "licence_type": "tobacco",
        "number": "Y-1",
        "holder_kind": Kind.ORGANISATION,
        "holder_hash": hash_of("firm"),
        "holder_sealed": b"x",
        "holder_name": "许昌某店",
        "issued_on": TODAY,
        "valid_from": TODAY,
        "valid_to": date(2031, 3, 1),
        "source": SOURCE,
        "by": "staff:1",
        "at": AT,
    }
    return licences.issue(**(values | over))


def audited():
    with connection.cursor() as cursor:
        cursor.execute("SELECT action, who, about FROM audit_event ORDER BY id")
        return cursor.fetchall()


def test_a_new_licence_is_stored_told_and_audited(monkeypatch):
    facts = heard(monkeypatch, licences.issued)
    pk = issue()
    assert licences.get(pk, on=TODAY).status is Status.VALID
    assert [(fact.ids, fact.old_valid_to, fact.valid_to, fact.version) for fact in facts] == [
        ((pk,), None, date(2031, 3, 1), 1)
    ]
    assert audited() == [("licences.issued", "staff:1", f"licence:{pk}")]


def test_a_taken_number_is_refused_and_nothing_is_written():
    pk = issue()
    with pytest.raises(Refused, match="licence_exists"):
        issue(holder_name="别人")
    assert licences.get(pk, on=TODAY).holder_name == "许昌某店"


def test_a_renewal_keeps_the_number_and_the_old_term_in_history(monkeypatch):
    facts = heard(monkeypatch, licences.changed)
    pk = issue()
    assert licences.change(licence_id=pk, valid_to=date(2036, 3, 1), source=SOURCE, by="staff:1", at=AT) == 2
    assert licences.get(pk, on=TODAY).valid_to == date(2036, 3, 1)
    [before] = licences.history(pk)
    assert (before.version, before.valid_to, before.status) == (1, date(2031, 3, 1), Status.VALID)
    assert (facts[0].old_valid_to, facts[0].valid_to, facts[0].status) == (
        date(2031, 3, 1),
        date(2036, 3, 1),
        Status.VALID,
    )


def test_only_the_issuing_unit_changes_a_licence():
    """R10.7: the platform never changes a licence; the agency that issued verifies."""
    licence = issued()
    with pytest.raises(Refused, match="licence_not_yours"):
        licences.revoke(licence_id=licence.pk, source=Source("OTHER", Channel.SYSTEM, "m"), by="staff:9", at=AT)
    assert Licence.objects.get().status == "valid"
    assert not LicenceVersion.objects.exists()


@pytest.mark.parametrize(
    ("operation", "hook", "status"),
    [
        (licences.suspend, licences.changed, Status.SUSPENDED),
        (licences.replace, licences.changed, Status.CHANGED),
        (licences.revoke, licences.revoked, Status.REVOKED),
        (licences.cancel, licences.revoked, Status.CANCELLED),
    ],
)
def test_each_ending_is_told_by_its_hook(monkeypatch, operation, hook, status):
    facts = heard(monkeypatch, hook)
    licence = issued()
    operation(licence_id=licence.pk, source=SOURCE, by="staff:1", at=AT)
    assert [fact.status for fact in facts] == [status]
    assert licences.get(licence.pk, on=TODAY).status is status


def test_a_suspension_can_be_lifted_and_a_cancellation_cannot():
    licence = issued()
    licences.suspend(licence_id=licence.pk, source=SOURCE, by="staff:1", at=AT)
    licences.reinstate(licence_id=licence.pk, source=SOURCE, by="staff:1", at=AT)
    licences.cancel(licence_id=licence.pk, source=SOURCE, by="staff:1", at=AT)
    with pytest.raises(Refused, match="licence_state"):
        licences.reinstate(licence_id=licence.pk, source=SOURCE, by="staff:1", at=AT)
    assert [row.status for row in licences.history(licence.pk)] == [Status.VALID, Status.SUSPENDED, Status.VALID]


def test_terms_that_ran_out_expire_once_and_missed_days_are_caught_up(monkeypatch):
    facts = heard(monkeypatch, licences.expired)
    gone = [issued(valid_to=TODAY - timedelta(days=days)) for days in (1, 40)]
    issued(valid_to=TODAY)
    issued(valid_to=None)
    assert licences.expire_due(today=TODAY, at=AT) == 2
    assert licences.expire_due(today=TODAY, at=AT) == 0
    assert [list(fact.ids) for fact in facts] == [[licence.pk for licence in gone]]
    assert [row.status for row in licences.history(gone[0].pk)] == [Status.VALID]
    assert [action for action, _, _ in audited()] == ["licences.expired"] * 2


def test_small_batches_expire_the_same_licences():
    for days in range(1, 8):
        issued(valid_to=TODAY - timedelta(days=days))
    assert licences.expire_due(today=TODAY, at=AT, batch=3) == 7


def test_the_last_valid_day_of_a_leap_year_is_a_whole_day():
    """B10.6: a licence that ends on 29 February is valid that day and expired on 1 March."""
    licence = issued(valid_to=date(2028, 2, 29))
    assert licences.expire_due(today=date(2028, 2, 29), at=AT) == 0
    assert licences.get(licence.pk, on=date(2028, 2, 29)).status is Status.VALID
    assert licences.get(licence.pk, on=date(2028, 3, 1)).status is Status.EXPIRED
    assert licences.expire_due(today=date(2028, 3, 1), at=AT) == 1


def test_an_undecided_renewal_holds_the_licence_back(monkeypatch):
    """R10.2: 行政许可法 第五十条, what is undecided at expiry counts as renewed."""
    waiting, gone = issued(valid_to=date(2026, 3, 1)), issued(valid_to=date(2026, 3, 1))
    monkeypatch.setattr(licences.due_to_expire, "_listeners", [lambda due: {waiting.pk} & set(due.ids)])
    assert licences.expire_due(today=TODAY, at=AT) == 1
    assert Licence.objects.get(pk=waiting.pk).status == "valid"
    assert Licence.objects.get(pk=gone.pk).status == "expired"


def test_a_licence_that_is_held_back_is_shown_and_checked_as_valid(monkeypatch):
    """R10.2 R-E-4: the holder whose agency stayed silent can use it; a suspended one stays suspended."""
    waiting, gone = issued(valid_to=date(2026, 3, 1)), issued(valid_to=date(2026, 3, 1))
    monkeypatch.setattr(licences.due_to_expire, "_listeners", [lambda due: {waiting.pk} & set(due.ids)])
    assert licences.get(waiting.pk, on=TODAY).status is Status.VALID
    assert licences.get(gone.pk, on=TODAY).status is Status.EXPIRED
    assert licences.verify_code(licences.show_code(waiting.pk, AT), AT).usable
    assert not licences.verify_code(licences.show_code(gone.pk, AT), AT).usable
    licences.suspend(licence_id=waiting.pk, source=SOURCE, by="staff:1", at=AT)
    assert licences.get(waiting.pk, on=TODAY).status is Status.SUSPENDED


@pytest.mark.parametrize("table", ["licenceversion", "licencereuse"])
@pytest.mark.parametrize("verb", ["UPDATE licences_{} SET status = 'valid'", "DELETE FROM licences_{}"])
def test_history_is_only_ever_added_to(table, verb):
    licence = issued()
    licences.reuse(licence_id=licence.pk, by="unit:A", case="C1", purpose="第十条", authorisation="同意1", at=AT)
    licences.suspend(licence_id=licence.pk, source=SOURCE, by="staff:1", at=AT)
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(verb.format(table))
    assert LicenceVersion.objects.count() == LicenceReuse.objects.count() == 1


@pytest.mark.parametrize(
    ("wrong", "name"),
    [
        ({"valid_from": date(2027, 1, 1)}, "licence_ends_after_it_begins"),
        ({"holder_hash": b"short"}, "licence_holder_hash_is_32_bytes"),
        ({"mobile_hash": hash_of("1")}, "licence_mobile_is_sealed_and_hashed"),
        ({"mobile_sealed": b"x", "mobile_hash": b"short"}, "licence_mobile_is_sealed_and_hashed"),
        ({"status": "lost"}, "licence_status_is_known"),
        ({"holder_kind": "dog"}, "licence_holder_is_known"),
        ({"region": "4110"}, "licence_region_is_an_area_code"),
        ({"number": ""}, "licence_has_number_and_version"),
    ],
)
def test_the_database_refuses_a_licence_that_cannot_be(wrong, name):
    with pytest.raises(IntegrityError, match=name):
        issued(**wrong)


def test_a_licence_never_moves_to_another_region():
    licence = issued()
    with pytest.raises(IntegrityError, match="region, type and number never change"):
        Licence.objects.filter(pk=licence.pk).update(region="411003")


def test_a_holder_sees_his_own_licences_and_who_used_them():
    """R-E-3: who asked, for which case, why and by whose leave."""
    mine, other = issued(holder_hash=hash_of("me")), issued(holder_hash=hash_of("you"))
    for licence in (mine, other):
        licences.reuse(
            licence_id=licence.pk, by="unit:A", case="C1", purpose="开办餐饮", authorisation="同意书7", at=AT
        )
    assert [view.id for view in licences.held_by([hash_of("me")], on=TODAY)] == [mine.pk]
    [use] = licences.uses([hash_of("me")])
    assert (use.licence_id, use.asked_by, use.case, use.status, use.version) == (
        mine.pk,
        "unit:A",
        "C1",
        Status.VALID,
        1,
    )
    assert len(use.snapshot_hash) == 32


def test_a_new_holder_of_a_number_does_not_see_who_used_it_before():
    licence = issued(number="A", holder_hash=hash_of("old"))
    reuse(licence)
    licences.merge([row("A", holder_hash=hash_of("new"))], batch="b2", unit=UNIT, at=AT)
    assert licences.uses([hash_of("new")]) == []
    reuse(licence, case="C2")
    assert [use.case for use in licences.uses([hash_of("new")])] == ["C2"]


def test_whom_to_call_about_a_licence():
    assert licences.contact(issued(contact_name="").pk) == licences.Contact("张三丰", None)
    sealed = issued(contact_name="李四", mobile_sealed=b"x", mobile_hash=hash_of("1"))
    assert licences.contact(sealed.pk) == licences.Contact("李四", b"x")
    with pytest.raises(Refused, match="no_such_licence"):
        licences.contact(0)


def test_a_units_licences_of_one_type_are_found():
    mine = issued()
    issued(licence_type="tobacco")
    assert licences.ids_of(region=REGION, unit=UNIT, licence_type=mine.licence_type) == [mine.pk]


def test_others_see_a_masked_person_and_a_firm_by_its_name():
    person, firm = issued(), issued(holder_kind="organisation", holder_name="许昌某店")
    assert licences.get(person.pk, on=TODAY).holder_name == "张*丰"
    assert licences.get(firm.pk, on=TODAY).holder_name == "许昌某店"
    assert licences.held_by([person.holder_hash], on=TODAY)[0].holder_name == "张三丰"


def test_counts_stand_by_unit_type_and_state():
    issued()
    issued()
    issued(status="revoked", unit="B")
    assert [(t.unit, t.status, t.licences) for t in licences.tallies()] == [
        ("B", Status.REVOKED, 1),
        (UNIT, Status.VALID, 2),
    ]
    assert licences.tallies(unit="B")[0].licences == 1


def reuse(licence, **over):
    values = {
        "licence_id": licence.pk,
        "by": "unit:A",
        "case": "C1",
        "purpose": "第十条",
        "authorisation": "同意1",
        "at": AT,
    }
    return licences.reuse(**(values | over))


@pytest.mark.parametrize("many", [1, 12])
def test_several_licences_are_relied_on_in_two_statements_or_none_is(many):
    """R-E-3, R-E-4: each has its line; one that may not be used keeps all from being used."""
    held = {issued(holder_hash=hash_of("me")).pk: 1 for _ in range(many)}
    stated = {"by": "unit:A", "case": "C1", "purpose": "第十条", "authorisation": "同意1", "at": AT}
    with CaptureQueriesContext(connection) as asked:
        used = licences.reuse_many(held, holder_hash=hash_of("me"), **stated)
    assert sum("SAVEPOINT" not in query["sql"] for query in asked) == 3  # and the record
    assert [one.licence.id for one in used] == sorted(held)
    assert {use.licence_id for use in licences.uses([hash_of("me")])} == set(held)
    assert len({one.reuse_id for one in used}) == many
    gone = issued(holder_hash=hash_of("me"))
    licences.revoke(licence_id=gone.pk, source=SOURCE, by="staff:1", at=AT)
    for more, code in (({gone.pk: None}, "not_usable"), ({issued().pk: 1}, "of_another"), ({0: 1}, "no_such_licence")):
        with pytest.raises(Refused, match=code):
            licences.reuse_many(held | more, holder_hash=hash_of("me"), **stated)
    assert LicenceReuse.objects.count() == many


def test_a_revoked_licence_fails_even_when_a_copy_says_valid():
    """R-E-4: a revoked one must fail even if cached."""
    licence = issued()
    copy = reuse(licence)
    licences.revoke(licence_id=licence.pk, source=SOURCE, by="staff:1", at=AT)
    with pytest.raises(Refused, match="licence_not_usable"):
        reuse(licence, version=copy.licence.version)
    assert LicenceReuse.objects.count() == 1


def test_an_old_copy_of_a_renewed_licence_is_refused():
    licence = issued()
    copy = reuse(licence)
    licences.change(licence_id=licence.pk, valid_to=date(2031, 12, 31), source=SOURCE, by="staff:1", at=AT)
    with pytest.raises(Refused, match="licence_copy_old"):
        reuse(licence, version=copy.licence.version)
    assert reuse(licence).hash != copy.hash


def test_a_licence_that_ran_out_is_refused_before_the_nightly_job_has_run():
    licence = issued(valid_to=date(2026, 3, 1))
    with pytest.raises(Refused, match="licence_not_usable"):
        reuse(licence)


def test_a_licence_of_the_future_is_not_usable_yet():
    with pytest.raises(Refused, match="licence_not_yet"):
        reuse(issued(valid_from=date(2026, 4, 1)))


def test_another_persons_licence_is_not_used():
    """B2.4: a fetched licence of another holder is not attached."""
    with pytest.raises(Refused, match="licence_of_another"):
        reuse(issued(), holder_hash=hash_of("somebody else"))


@pytest.mark.parametrize("missing", ["by", "case", "purpose", "authorisation"])
def test_a_reuse_without_its_reasons_is_refused(missing):
    with pytest.raises(Refused, match="reuse_incomplete"):
        reuse(issued(), **{missing: ""})
    assert not LicenceReuse.objects.exists()


def test_a_shown_code_tells_masked_facts_and_the_status_of_this_second():
    licence = issued(number="JY14110020012345")
    code = licences.show_code(licence.pk, AT)
    shown = licences.verify_code(code, at=AT + timedelta(seconds=30))
    assert (shown.number, shown.holder_name, shown.usable) == ("…2345", "张*丰", True)
    licences.revoke(licence_id=licence.pk, source=SOURCE, by="staff:1", at=AT)
    shown = licences.verify_code(code, at=AT + timedelta(seconds=60))
    assert (shown.status, shown.usable) == (Status.REVOKED, False)


def test_a_code_dies_after_two_minutes_and_is_not_believed_from_the_future():
    code = licences.show_code(issued().pk, AT)
    for at in (AT + timedelta(seconds=121), AT - timedelta(seconds=5)):
        with pytest.raises(Refused, match="code_too_old"):
            licences.verify_code(code, at=at)


@pytest.mark.parametrize("code", ["", "x", "1.2:abc", "证照"])
def test_a_forged_code_is_refused(code):
    with pytest.raises(Refused, match="code_unknown"):
        licences.verify_code(code, at=AT)


def test_a_code_cannot_be_pointed_at_another_licence():
    first, second = issued(), issued()
    body, signature = licences.show_code(first.pk, AT).rsplit(":", 1)
    forged = f"{second.pk:x}.{body.split('.')[1]}:{signature}"
    with pytest.raises(Refused, match="code_unknown"):
        licences.verify_code(forged, at=AT)


def test_a_day_is_a_day_in_the_city():
    """The last day ends at midnight in Shanghai, not in Greenwich."""
    licence = issued(valid_to=date(2026, 3, 1))
    assert reuse(licence, at=datetime(2026, 3, 1, 15, 59, tzinfo=UTC)).licence.status is Status.VALID
    with pytest.raises(Refused, match="licence_not_usable"):
        reuse(licence, at=datetime(2026, 3, 1, 16, 0, tzinfo=UTC))
