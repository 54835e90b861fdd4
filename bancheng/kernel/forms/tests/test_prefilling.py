"""What is known is offered to whom it belongs: units share, the day decides, and nobody learns what is another's."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bancheng.kernel.forms import models, prefilling, testing
from bancheng.kernel.forms import public as forms
from bancheng.kernel.forms.facts import How, Kind, Sensitivity
from bancheng.kernel.identity import public as identity
from bancheng.kernel.identity import testing as people
from bancheng.lib.refusal import Refused

pytestmark = pytest.mark.django_db
AT = testing.AT
ELEMENTS = [
    testing.element("insured_people", Kind.WHOLE, source=("shared.labour.insured_people",)),
    testing.element("bank_account", sensitivity=Sensitivity.SENSITIVE, source=("shared.bank.account",)),
    testing.element("boss_id", Kind.CITIZEN_ID, source=("organisation.representative_citizen_id",)),
    testing.element("contact", Kind.NAME, sensitivity=Sensitivity.PERSONAL, source=("person.name",)),
    testing.element("firm_name", Kind.NAME, source=("organisation.name",)),
]


@pytest.fixture
def made(db):
    return testing.loaded(testing.spec("m", *(one.code for one in ELEMENTS)), elements=ELEMENTS)


def told(subject, source, value, *, as_of=date(2026, 3, 1)):
    return forms.Told(subject.holder_hash, source, value, as_of)


def share(subject, unit, source, value, **more):
    facts = [told(subject, source, value, **more)]
    return forms.share(region=testing.REGION, unit=unit, facts=facts, by="machine:9", at=AT)


def offered(made, subject, service="onething"):
    return forms.prefill(made, region=testing.REGION, subject=subject, at=AT, service=service)


def test_what_a_unit_shares_is_filled_in_with_its_name_and_its_day(made, subject):
    """R2.3, R2.4"""
    share(subject, "labour", "shared.labour.insured_people", 6)
    found = offered(made, subject)["insured_people"]
    assert (found.value, found.as_of) == (6, date(2026, 3, 1))
    assert found.source.zh.endswith("共享")
    assert found.ref == f"fact:{models.SharedFact.objects.get().pk}"


def test_a_later_day_replaces_an_earlier_one_and_never_the_other_way_round(made, subject):
    """F2.12"""
    assert share(subject, "labour", "shared.labour.insured_people", 6) == 1
    assert share(subject, "labour", "shared.labour.insured_people", 6) == 0
    assert share(subject, "labour", "shared.labour.insured_people", 5, as_of=date(2026, 2, 1)) == 0
    assert share(subject, "labour", "shared.labour.insured_people", 7, as_of=date(2026, 3, 2)) == 1
    assert offered(made, subject)["insured_people"].value == 7
    assert share(subject, "labour", "shared.labour.insured_people", None, as_of=date(2026, 3, 3)) == 1
    assert "insured_people" not in offered(made, subject)


def test_a_unit_shares_only_what_it_answers_for(made, subject):
    facts = [told(subject, "shared.labour.insured_people", 6), told(subject, "shared.bank.account", "41001")]
    with pytest.raises(Refused, match="not_your_datum"):
        forms.share(region=testing.REGION, unit="labour", facts=facts, by="machine:9", at=AT)
    assert models.SharedFact.objects.count() == 0


def test_many_facts_are_shared_in_as_many_statements_as_one(made, subject):
    def counted(number, first):
        facts = [
            told(replace(subject, holder_hash=bytes([n]) * 32), f"shared.labour.f{first}", n) for n in range(number)
        ]
        with CaptureQueriesContext(connection) as asked:
            forms.share(region=testing.REGION, unit="labour", facts=facts, by="machine:9", at=AT)
        return len(asked)

    assert counted(2, 1) == counted(200, 2)


def test_no_shared_value_stands_in_plain_text(made, subject):
    """D7, P-9"""
    share(subject, "bank", "shared.bank.account", "41000000123456")
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(t::text, ' ') FROM forms_sharedfact t")
        assert "41000000123456" not in cursor.fetchone()[0]
        cursor.execute("SELECT string_agg(detail::text, ' ') FROM audit_event")
        assert "41000000123456" not in cursor.fetchone()[0]


@pytest.mark.parametrize(
    ("services", "knows"), [((), True), (("onething",), True), (("expiry",), False), (None, False)]
)
def test_what_is_personal_is_offered_to_who_acts_for_the_firm_within_the_service_and_to_nobody_else(
    made, firm, subject, services, knows
):
    """P-5: 个人信息保护法 第十三条; everybody is offered what is public of the firm, and his own name."""
    share(subject, "bank", "shared.bank.account", "41001")
    agent = people.citizen("孙三", serial=9).person
    if services is not None:
        identity.link_agent(
            principal=firm, agent=agent, document="委托书1", first=AT.date(), services=services, by="test", at=AT
        )
    found = offered(made, replace(subject, acting=f"person:{agent.pk}"))
    assert found["firm_name"].value == firm.name
    assert found["contact"].value == "孙三"
    assert ({"bank_account", "boss_id"} <= found.keys()) is knows
    assert bool({"bank_account", "boss_id"} & found.keys()) is knows


def test_who_took_his_consent_back_is_offered_nothing_until_he_gives_it_again(made, subject, boss):
    """B2.9"""
    share(subject, "labour", "shared.labour.insured_people", 6)
    assert offered(made, subject)
    consent = {"person": boss.person, "purpose": "prefill", "by": "person:me"}
    identity.give_consent(**consent, text_version="1", at=AT)
    identity.withdraw_consent(**consent, at=AT + timedelta(minutes=1))
    assert offered(made, subject) == {}
    identity.give_consent(**consent, text_version="1", at=AT + timedelta(minutes=2))
    assert "insured_people" in offered(made, subject)


def test_what_was_shared_of_an_organisation_goes_with_it(made, firm, subject):
    """R14.7"""
    share(subject, "labour", "shared.labour.insured_people", 6)
    identity.close_organisation(
        region=testing.REGION, holder_hash=subject.holder_hash, document="注销1", by="test", at=AT
    )
    assert models.SharedFact.objects.count() == 0


def test_who_may_know_is_asked_only_where_something_personal_is(subject, boss):
    assert prefilling.may_know(subject, service="onething", at=AT)
    himself = forms.Subject(f"person:{boss.person_id}", b"x" * 32)
    assert prefilling.may_know(himself, service="", at=AT)
    assert not prefilling.may_know(replace(subject, acting=""), service="onething", at=AT)


def test_a_prefilled_value_can_be_corrected(made, subject, hashes):
    """R2.3"""
    share(subject, "labour", "shared.labour.insured_people", 6)
    draft = testing.opened(made, subject, purpose="onething.x")
    held = testing.typed(draft, made, {"insured_people": "8"}).held["insured_people"]
    assert (held.value, held.how, held.shown) == (8, How.CORRECTED, 6)
