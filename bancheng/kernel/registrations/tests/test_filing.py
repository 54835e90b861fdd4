"""An application comes in: one case whatever channel it came by, and nothing without those who have to agree."""

from dataclasses import replace

import pytest

from bancheng.kernel.clocks import testing as clocks
from bancheng.kernel.identity import testing as people
from bancheng.kernel.registrations import facts, testing
from bancheng.kernel.registrations.facts import Party, What
from bancheng.kernel.registrations.models import Application, Consent
from bancheng.kernel.registrations.operations import consenting, filing
from bancheng.kernel.registrations.queries import reading
from bancheng.kernel.registrations.rules.kinds import Role
from bancheng.kernel.registrations.rules.words import Act, State
from bancheng.kernel.registrations.testing import AT, HOME, SECOND, TERMS, Office, filed, later, request
from bancheng.lib.refusal import Refused

pytestmark = pytest.mark.django_db


def test_a_bank_s_filing_waits_for_the_owner_s_own_consent(office: Office) -> None:
    """R13.1: joint application."""
    with clocks.heard(facts.happened) as heard:
        made = filed(office)
    assert made.state is State.DRAFT
    assert [fact.what for fact in heard] == [What.FILED]
    (party,) = reading.view(made.id).waiting_for
    assert (party.name, party.role) == ("王芳", Role.MORTGAGOR)
    assert reading.asked_hashes(made.id) == [bytes(office.owner_user.person.citizen_id_hash)]


def test_the_owner_agrees_with_his_own_account_and_it_is_submitted(office: Office) -> None:
    """R13.1: text, time and channel of the consent stand with the case."""
    made = filed(office)
    assert (
        consenting.consent(application_id=made.id, by=office.owner, channel="app", at=later(hours=1)) is State.SUBMITTED
    )
    kept = Consent.objects.get()
    assert (kept.channel, kept.at, kept.by) == ("app", later(hours=1), office.owner.ref)
    assert "600000.00元" in kept.text
    assert [line.act for line in reading.view(made.id).lines] == [Act.FILED, Act.CONSENTED, Act.SUBMITTED]
    assert (
        consenting.consent(application_id=made.id, by=office.owner, channel="app", at=later(hours=2)) is State.SUBMITTED
    )
    assert Consent.objects.count() == 1


def test_nobody_at_the_bank_agrees_for_the_owner_and_a_stranger_finds_nothing(office: Office) -> None:
    """B13.2"""
    made = filed(office)
    with pytest.raises(Refused, match="own_account_only"):
        consenting.consent(application_id=made.id, by=office.banker, channel="bank", at=AT)
    stranger = people.actor(people.citizen("李四", serial=72))
    with pytest.raises(Refused, match="no_such_application"):
        consenting.consent(application_id=made.id, by=stranger, channel="app", at=AT)
    assert Application.objects.get().state == State.DRAFT


def test_the_spouse_named_has_to_agree_too(office: Office) -> None:
    """B13.3, R13.3"""
    wife = people.citizen("张强", serial=73)
    owner = Party(Role.MORTGAGOR, "person", "王芳", office.owner_id, married=True)
    with pytest.raises(Refused, match="spouse_missing"):
        filed(office, parties=(owner, testing.bank_party()))
    spouse = Party(Role.SPOUSE, "person", "张强", people.citizen_id(73), spouse_of="王芳")
    made = filed(office, parties=(owner, testing.bank_party(), spouse))
    assert consenting.consent(application_id=made.id, by=office.owner, channel="app", at=AT) is State.DRAFT
    assert consenting.consent(application_id=made.id, by=people.actor(wife), channel="wechat", at=AT) is State.SUBMITTED


def test_a_no_before_everybody_agreed_ends_it_and_the_same_may_be_filed_again(office: Office) -> None:
    made = filed(office)
    state = consenting.object_to(application_id=made.id, reason="没有借过款", by=office.owner, channel="app", at=AT)
    assert state is State.WITHDRAWN
    assert filed(office, "k2").id != made.id


def test_the_same_key_is_the_same_case_and_another_content_is_refused(office: Office) -> None:
    made = filed(office)
    again = filed(office)
    assert (again.id, again.again) == (made.id, True)
    with pytest.raises(Refused, match="key_reused"):
        filed(office, payload={**TERMS, "principal_fen": 70_000_000})


def test_the_same_home_filed_by_two_channels_in_a_minute_is_one_case(office: Office) -> None:
    """B13.1: the owner's phone and the bank's desk, two keys, one loan contract."""
    made = filed(office)
    asked = replace(request(office), channel="mini_program", acting_for_unit="")
    second = filing.file(asked, key="phone", by=office.owner, at=later(seconds=30))
    assert (second.id, second.again) == (made.id, True)
    assert Application.objects.count() == 1
    assert [line.channel for line in reading.view(made.id).lines if line.act is Act.FILED_AGAIN] == ["mini_program"]


def test_who_files_with_his_own_account_has_agreed_by_it_and_the_bank_is_asked(office: Office) -> None:
    """R13.1: joint from either side."""
    asked = replace(request(office), channel="app", acting_for_unit="")
    made = filing.file(asked, key="mine", by=office.owner, at=AT)
    assert made.state is State.DRAFT
    assert Consent.objects.get().channel == "app"
    assert [each.unit for each in reading.view(made.id).waiting_for] == ["boc"]
    with pytest.raises(Refused, match="no_such_application"):
        consenting.consent(application_id=made.id, by="unit:icbc", channel="bank", at=AT)
    assert consenting.consent(application_id=made.id, by="unit:boc", channel="bank", at=AT) is State.SUBMITTED


def test_the_bank_that_files_the_same_terms_has_agreed_to_what_the_owner_filed(office: Office) -> None:
    """B13.1, R13.1"""
    mine = filing.file(replace(request(office), channel="app", acting_for_unit=""), key="mine", by=office.owner, at=AT)
    other = filed(office, payload={**TERMS, "principal_fen": 61_000_000})
    assert (other.id, other.state) == (mine.id, State.DRAFT)  # another sum is no consent to this one
    same = filed(office, "k2")
    assert (same.id, same.state) == (mine.id, State.SUBMITTED)


def test_a_clerk_files_for_no_other_bank_and_a_stranger_for_nobody(office: Office) -> None:
    """F13.11: default deny."""
    with pytest.raises(Refused, match="not_your_application"):
        filed(office, acting_for_unit="icbc")
    stranger = people.actor(people.citizen("李四", serial=72))
    with pytest.raises(Refused, match="not_your_application"):
        filing.file(replace(request(office), acting_for_unit=""), key="x", by=stranger, at=AT)


def test_what_is_not_the_book_s_is_refused_whole_and_nothing_is_written(office: Office) -> None:
    """B13.4, R13.3: another's home, another area, no such unit."""
    for over, code in (
        ({"lots": (SECOND,)}, "not_the_holder"),
        ({"payload": {**TERMS, "areas": {HOME: 10_000}}}, "area_differs"),
        ({"lots": (f"{testing.BUILDING}0009",)}, "lot_unknown"),
        ({"papers": ()}, "papers_missing"),
        ({"payload": {**TERMS, "currency": "USD"}}, "currency_unknown"),
    ):
        with pytest.raises(Refused, match=code):
            filed(office, **over)  # type: ignore[arg-type]
    assert not Application.objects.exists()


def test_all_problems_are_told_at_once(office: Office) -> None:
    found = filing.check(request(office, papers=(), payload={**TERMS, "currency": "USD"}), by=office.banker, at=AT)
    assert [each.code for each in found] == ["papers_missing", "papers_missing", "currency_unknown"]


def test_a_book_that_changed_since_the_quote_is_told(office: Office) -> None:
    with pytest.raises(Refused, match="register_changed"):
        filing.file(request(office), key="k", by=office.banker, at=AT, expected_version=1)


def test_all_channels_share_one_number_space(office: Office) -> None:
    """F13.11"""
    first = filed(office)
    consenting.object_to(application_id=first.id, reason="改日再办", by=office.owner, channel="app", at=AT)
    second = filed(office, "k2", channel="kiosk")
    assert first.number.startswith("411000-20260302-BDC")
    assert first.number < second.number
