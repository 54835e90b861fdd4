"""Who holds the home asks that the mortgage on it ends; its bank says online that it may, in place of a statement on paper (F13.10, F13.11)."""

from collections.abc import Callable
from typing import Any

import pytest

from bancheng.kernel.identity import public as identity
from bancheng.kernel.identity import testing as people
from bancheng.kernel.registrations import testing
from bancheng.kernel.registrations.operations import booking, consenting, filing, freeing, handling
from bancheng.kernel.registrations.queries import asking, reading
from bancheng.kernel.registrations.rules.words import State
from bancheng.kernel.registrations.testing import AT, HOME, REGION, SECOND, Office, later, papers, recorded
from bancheng.kernel.titles import public as titles
from bancheng.lib.refusal import Refused

pytestmark = pytest.mark.django_db
BOC = titles.unit_party(titles.PartyKind.BANK, "boc", "中国银行襄城支行")


def asked(right: str, by: identity.Actor, *, hours: int = 0) -> Any:
    return freeing.ask_to_cancel(
        region=REGION, right=right, channel="one_window", reason="2026年2月还清", by=by, at=later(hours=hours)
    )


def refused(work: Callable[[], object]) -> tuple[str, int]:
    with pytest.raises(Refused) as no:
        work()
    return no.value.code, no.value.status


def test_an_owner_s_mortgage_ends_once_his_bank_has_said_so_online(office: Office) -> None:
    right = reading.view(recorded(office)).brief.right
    made = asked(right, office.owner)
    assert made.state is State.DRAFT  # the office has nothing to decide before the bank has spoken
    assert (
        refused(lambda: handling.accept(application_id=made.id, by=office.acceptor, at=AT))[0] == "application_moved_on"
    )
    (waiting,) = reading.view(made.id).waiting_for
    assert waiting.unit == "boc"
    (text,) = asking.consent_text(made.id, by=office.banker, at=AT)
    assert "此同意即为解除证明" in text.zh
    assert right in text.zh
    assert consenting.consent(application_id=made.id, by=office.banker, channel="bank", at=AT) is State.SUBMITTED
    handling.accept(application_id=made.id, by=office.acceptor, at=AT)
    assert reading.view(made.id).brief.due_on == AT.date()  # the same day
    handling.review(application_id=made.id, by=office.reviewer, at=AT)
    booking.book_in(application_id=made.id, by=office.booker, at=AT)
    assert titles.rights_on(REGION, [HOME]) == []


def test_a_bank_that_does_not_release_it_says_why_and_the_mortgage_stands(office: Office) -> None:
    right = reading.view(recorded(office)).brief.right
    made = asked(right, office.owner)
    consenting.object_to(application_id=made.id, reason="尚欠一期", by=office.banker, channel="bank", at=AT)
    assert reading.view(made.id).state is State.WITHDRAWN
    assert [each.right for each in titles.rights_on(REGION, [HOME])] == [right]
    assert asked(right, office.owner, hours=1).id != made.id  # once it is paid he asks again


def test_what_the_bank_files_meanwhile_is_that_case_and_its_yes(office: Office) -> None:
    """B13.1: two channels, one case, whatever loan number and reason each gives."""
    right = reading.view(recorded(office)).brief.right
    made = asked(right, office.owner)
    assert asked(right, office.owner, hours=1).id == made.id
    cancel = {
        "kind": "mortgage.cancel", "parties": (testing.bank_party(),), "lots": (), "loan_no": "LOAN-1",
        "payload": {"right": right, "reason": "paid"}, "papers": papers("release_statement"),
    }  # fmt: skip
    again = testing.filed(office, "c1", **cancel)
    assert (again.id, again.again, again.state) == (made.id, True, State.SUBMITTED)


def test_nobody_asks_for_a_mortgage_on_what_is_not_his(office: Office) -> None:
    """B13.7"""
    right = reading.view(recorded(office)).brief.right
    stranger = people.actor(people.citizen("钱二", serial=72))
    assert refused(lambda: asked(right, stranger)) == ("no_such_mortgage", 404)
    assert refused(lambda: asked("没有这项", office.owner)) == ("no_such_mortgage", 404)
    assert refused(lambda: asked(right, office.banker)) == ("no_such_mortgage", 404)


def test_a_mortgage_on_others_homes_too_does_not_end_by_one_owner_s_word(office: Office) -> None:
    titles.register_mortgage(**testing.said("m2"), lots=[HOME, SECOND], bank=BOC, number="M2", amount_fen=5_000_000)
    assert refused(lambda: asked("M2", office.owner)) == ("not_the_holder", 403)


def test_a_developer_asks_for_what_rests_on_its_own(office: Office) -> None:
    titles.register_mortgage(**testing.said("m3"), lots=[SECOND], bank=BOC, number="M3", amount_fen=5_000_000)
    made = asked("M3", testing.developer())
    assert made.state is State.DRAFT
    consenting.consent(application_id=made.id, by=office.banker, channel="bank", at=AT)
    assert reading.view(made.id).state is State.SUBMITTED
    assert set(reading.cancellations_of([SECOND], region=REGION)) == {"M3"}


def test_who_files_for_an_owner_at_the_counter_brings_the_paper(office: Office) -> None:
    """The bank's word stands for its paper only where the owner himself asks."""
    right = reading.view(recorded(office)).brief.right
    counter = people.actor(people.staff("registry_acceptor", unit=testing.REGISTRY))
    cancel = testing.request(
        office, kind="mortgage.cancel", channel="window", parties=(testing.bank_party(),), lots=(), loan_no="",
        payload={"right": right}, papers=(), acting_for_unit=testing.REGISTRY,
    )  # fmt: skip
    assert refused(lambda: filing.file(cancel, key="w1", by=counter, at=AT)) == ("papers_missing", 422)
