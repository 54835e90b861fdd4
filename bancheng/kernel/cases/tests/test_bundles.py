"""A bundle from its one application to its end: sub-cases side by side, each with its own authority, clock and decision."""

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest

from bancheng.kernel.cases import public as cases
from bancheng.kernel.cases import testing
from bancheng.kernel.cases.models import Case, CaseAction, Submission, Task
from bancheng.kernel.cases.public import Because, Defect, Outcome, State
from bancheng.kernel.cases.testing import AT, NO, REGION, accepted, filed, granted, later, of, said, state, states
from bancheng.kernel.identity import public as identity
from bancheng.kernel.licences import public as licences
from bancheng.lib.refusal import Refused

pytestmark = pytest.mark.usefixtures("flows")


def grant(root: UUID, step: str) -> None:
    granted(of(root, step))


def accept(root: UUID, step: str) -> None:
    accepted(of(root, step))


def test_one_application_opens_the_matters_its_answers_call_for() -> None:
    """F14.2, R14.3: one form, one submission; a small shop needs no fire check, and the food licence waits for the business licence."""
    root = filed()
    assert states(root.id) == {"check": "submitted", "sign": "submitted"}
    assert Submission.objects.count() == 1
    assert root.number.startswith(f"{REGION}-20260302-")


def test_a_floor_above_the_threshold_adds_the_fire_check() -> None:
    """B14.3: floor area crosses the fire-check threshold: the matter is added."""
    root = filed(said=said({"floor_area": 30_000}))
    assert set(states(root.id)) == {"check", "sign", "fire"}


def test_a_matter_that_waits_opens_when_what_stands_before_it_is_granted() -> None:
    root = filed()
    grant(root.id, "check")
    assert states(root.id) == {"check": "closed", "sign": "submitted", "food": "submitted"}
    assert set(Task.objects.filter(state="open").values_list("unit", "role")) == {
        ("urban", "case_officer"),
        ("market", "case_officer"),
    }


def test_results_arrive_as_they_are_ready_and_the_last_one_closes_the_bundle() -> None:
    """F14.2: the licence is in the library when it is granted, whatever the others do."""
    root = filed()
    grant(root.id, "check")
    grant(root.id, "food")
    (licence,) = licences.held_by([testing.applicant().hash], on=AT.date())
    assert (licence.licence_type, licence.valid_to) == ("food-business", date(2031, 3, 1))
    assert state(root.id) == State.HANDLING
    grant(root.id, "sign")
    assert state(root.id) == State.CLOSED


def test_one_refusal_cancels_no_other_grant_and_what_depends_on_it_waits() -> None:
    """R14.2: no joint refusal; dependants wait, and the applicant may apply again for the refused matter alone."""
    root = filed()
    accept(root.id, "check")
    cases.decide(
        case_id=of(root.id, "check"), outcome=Outcome.DENIED, because=NO, by=testing.APPROVER, at=later(hours=3)
    )
    grant(root.id, "sign")
    assert states(root.id) == {"check": "closed", "sign": "closed"}
    assert state(root.id) == State.HANDLING
    found = cases.view(root.id)
    assert found is not None
    assert found.case.steps.held == ("food",)
    cases.retry(case_id=root.id, step="check", by="person:1", at=later(days=1))
    grant(root.id, "check")
    grant(root.id, "food")
    assert state(root.id) == State.CLOSED


def test_what_waits_in_vain_can_be_given_up() -> None:
    """B14.5: the applicant does without; the bundle closes with what was granted."""
    root = filed()
    grant(root.id, "sign")
    accept(root.id, "check")
    cases.decide(
        case_id=of(root.id, "check"), outcome=Outcome.DENIED, because=NO, by=testing.APPROVER, at=later(hours=3)
    )
    cases.give_up(case_id=root.id, step="food", reason="不再开餐饮", by="person:1", at=later(days=1))
    assert state(root.id) == State.CLOSED


def test_a_refusal_without_reason_article_and_remedy_is_not_taken() -> None:
    root = filed()
    accept(root.id, "check")
    with pytest.raises(Refused, match="unfounded"):
        cases.decide(
            case_id=of(root.id, "check"),
            outcome=Outcome.DENIED,
            because=Because("不行"),
            by=testing.APPROVER,
            at=later(hours=3),
        )
    assert state(of(root.id, "check")) == State.ACCEPTED


def test_departments_ask_and_the_applicant_hears_once() -> None:
    """R-OT-1, R14.3: corrections of all departments go in one notice, and one answer serves them all."""
    root = filed()
    cases.ask_correction(
        case_id=of(root.id, "check"),
        defects=[Defect("field:name", "名称与执照不符")],
        by=testing.OFFICER,
        at=later(hours=1),
    )
    assert states(root.id) == {"check": "reviewing", "sign": "submitted"}
    assert cases.corrections(root.id, sent=True) == []
    cases.ask_correction(
        case_id=of(root.id, "sign"),
        defects=[Defect("material:picture", "效果图不清楚")],
        by="staff:9",
        at=later(hours=5),
    )
    assert states(root.id) == {"check": "correcting", "sign": "correcting"}
    assert [item.about for item in cases.corrections(root.id, sent=True)] == ["field:name", "material:picture"]
    assert CaseAction.objects.filter(case_id=root.id, act="correction_sent").count() == 1
    cases.correct(case_id=root.id, said=said({"name": "许昌市张记饭店"}), by="person:1", at=later(days=1))
    assert states(root.id) == {"check": "reviewing", "sign": "reviewing"}


def test_a_department_that_keeps_silent_holds_the_others_notice_no_longer_than_a_day() -> None:
    """B14.4: the merged notice goes after a working day; the silent department goes on alone."""
    root = filed()
    cases.ask_correction(
        case_id=of(root.id, "check"), defects=[Defect("field:name", "名称不符")], by=testing.OFFICER, at=later(hours=1)
    )
    assert cases.send_corrections(today=AT.date(), at=later(hours=9)) == 0
    assert cases.send_corrections(today=date(2026, 3, 3), at=later(days=1)) == 1
    assert states(root.id) == {"check": "correcting", "sign": "submitted"}


def test_what_could_be_seen_the_first_time_is_not_asked_again() -> None:
    """R-OT-1: a second notice for what stood there unchanged is refused, unless a supervisor takes it on."""
    root = filed("sign", said=said({"name": "张记"}))
    defect = Defect("field:floor_area", "面积与租赁合同不一致")
    cases.ask_correction(
        case_id=root.id, defects=[Defect("field:name", "名称不全")], by=testing.OFFICER, at=later(hours=1)
    )
    cases.correct(case_id=root.id, said=said({"name": "许昌市张记饭店"}), by="person:1", at=later(days=1))
    with pytest.raises(Refused, match="one_time_notice"):
        cases.ask_correction(case_id=root.id, defects=[defect], by=testing.OFFICER, at=later(days=2))
    cases.ask_correction(
        case_id=root.id, defects=[defect], by=testing.OFFICER, at=later(days=2), overridden_by="staff:5"
    )
    assert state(root.id) == State.CORRECTING


def test_the_same_application_sent_twice_is_taken_in_once() -> None:
    """B14.9: the same form submitted twice, from two devices: one case, one receipt."""
    first, second = filed(), filed(at=later(minutes=1))
    assert (second.id, second.number, second.again) == (first.id, first.number, True)
    assert Case.objects.count() == 3


def test_who_accepts_does_not_decide() -> None:
    """P-2: acceptance and decision are two people's."""
    root = filed("sign")
    cases.accept(case_id=root.id, by=testing.OFFICER, at=later(hours=1))
    with pytest.raises(Refused, match="accepted_by_you"):
        cases.decide(
            case_id=root.id, outcome=Outcome.GRANTED, because=Because(""), by=testing.OFFICER, at=later(hours=2)
        )


def test_a_second_decision_is_told_that_somebody_was_quicker() -> None:
    root = filed("sign")
    cases.accept(case_id=root.id, by=testing.OFFICER, at=later(hours=1))
    for _ in range(1):
        cases.decide(
            case_id=root.id, outcome=Outcome.GRANTED, because=Because(""), by=testing.APPROVER, at=later(hours=2)
        )
    with pytest.raises(Refused, match="step_not_open"):
        cases.decide(case_id=root.id, outcome=Outcome.DENIED, because=NO, by=testing.APPROVER, at=later(hours=2))


def test_withdrawing_a_bundle_leaves_what_is_decided() -> None:
    root = filed()
    grant(root.id, "check")
    cases.withdraw(case_id=root.id, reason="不开了", by="person:1", at=later(days=1))
    assert states(root.id) == {"check": "closed", "sign": "withdrawn", "food": "withdrawn"}
    assert state(root.id) == State.WITHDRAWN
    assert not Task.objects.filter(state="open").exists()


def test_a_promise_is_verified_after_the_case_is_closed() -> None:
    """R-GC-3, K24: a promise route opens a follow-up behind the grant."""
    root = filed("fire", said=said({"route": "promise"}))
    cases.accept(case_id=root.id, by=testing.OFFICER, at=later(hours=1))
    cases.decide(case_id=root.id, outcome=Outcome.GRANTED, because=Because(""), by=testing.APPROVER, at=later(hours=2))
    assert state(root.id) == State.FOLLOWING_UP
    cases.do(case_id=root.id, step="verify", result="现场核查相符", by=testing.OFFICER, at=later(days=9))
    assert state(root.id) == State.CLOSED


def test_a_flow_that_changes_leaves_running_cases_on_their_version() -> None:
    root = filed("sign")
    testing.flows_loaded(testing.matter_flow("sign", testing.VISIT))
    second = filed("sign", key="k2", said=said({"route": "inspect"}))
    for case_id in (root.id, second.id):
        cases.accept(case_id=case_id, by=testing.OFFICER, at=later(hours=1))
    open_ = dict(Task.objects.filter(state="open").values_list("case_id", "step"))
    assert open_ == {root.id: "decide", second.id: "visit"}


def test_a_role_held_for_another_step_s_unit_shows_nobody_a_case() -> None:
    """P-1: who reviews for one unit does not see what that unit only decides."""
    decided_elsewhere = replace(testing.SIGN, steps=tuple(
        replace(step, unit="urban") if step.code == "decide" else step for step in testing.SIGN.steps
    ))  # fmt: skip
    testing.flows_loaded(decided_elsewhere)
    found = cases.view(filed("sign").id)
    assert found is not None
    held = {
        unit: identity.Actor("staff:9", grants=(identity.Grant("case_officer", unit),)) for unit in ("market", "urban")
    }
    assert cases.may_see(found, held["market"], ()) == (found.case.id,)
    assert cases.may_see(found, held["urban"], ()) == ()
