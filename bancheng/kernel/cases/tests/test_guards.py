"""What the database refuses, what moves to new keys, and that a stored slip is found."""

import pytest
from django.db import IntegrityError, connection, transaction

from bancheng.kernel.cases import public as cases
from bancheng.kernel.cases.models import Case, Submission, Task
from bancheng.kernel.cases.operations import writing
from bancheng.kernel.cases.testing import USCC, accepted, applicant, filed, later
from bancheng.kernel.identity import public as identity

pytestmark = pytest.mark.usefixtures("flows")
OLD, NEW = "11" * 32, "22" * 32


@pytest.mark.parametrize(
    ("sql", "says"),
    [
        ("UPDATE cases_caseaction SET reason = 'x'", "append-only"),
        ("DELETE FROM cases_caseaction", "append-only"),
        ("UPDATE cases_submission SET values = '{}'", "append-only"),
        ("DELETE FROM cases_submission", "append-only"),
        ("UPDATE cases_case SET region = '110000'", "stays what it is"),
        ("UPDATE cases_case SET number = '1'", "stays what it is"),
        ("UPDATE cases_case SET flow_id = flow_id + 1", "stays what it is"),
        ("UPDATE cases_case SET state = 'lost'", "case_state_is_known"),
        ("UPDATE cases_task SET state = 'done'", "task_ends_once"),
    ],
)
def test_the_database_refuses_what_no_code_of_ours_does(sql: str, says: str) -> None:
    filed()
    with pytest.raises(IntegrityError, match=says), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


def test_a_case_with_a_log_is_not_deleted() -> None:
    filed("sign")
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; DELETE FROM cases_case")


def test_applicants_and_what_they_said_move_to_a_new_key(settings) -> None:  # type: ignore[no-untyped-def]
    """D7 P-9: whoever holds an old key reads nothing any more."""
    settings.FIELD_KEYS = OLD
    root = filed()
    settings.FIELD_KEYS = f"{NEW},{OLD}"
    assert sum(rows for _, rows in identity.rotate()) == 4  # the bundle, its two matters, the submission
    assert set(identity.still_old().values()) == {0}
    settings.FIELD_KEYS = NEW
    for case in Case.objects.all():
        assert identity.open_sealed(bytes(case.applicant_sealed), kind="uscc") == USCC
    content = cases.said(root.id, personal=True)
    assert content is not None
    assert content.personal == {"contact_mobile": "13900000001"}
    assert b"13900000001" not in bytes(Submission.objects.get().sealed)


def test_an_applicant_finds_his_cases_under_a_new_hash_key(settings) -> None:  # type: ignore[no-untyped-def]
    """D7."""
    root = filed()
    settings.FIELD_HASH_KEY = f"{NEW},{settings.FIELD_HASH_KEY}"
    assert sum(rows for _, rows in identity.rehash()) == 3
    assert [brief.id for brief in cases.of_applicants([applicant().hash])] == [root.id]


@pytest.mark.parametrize(
    ("table", "slip", "what"),
    [
        (Case, {"state": "closed"}, "state"),
        (Case, {"outcome": "denied"}, "outcome"),
        (Case, {"round": 7}, "round"),
        (Case, {"accepted_on": None}, "accepted_on"),
        (Case, {"decided_on": later().date()}, "decided_on"),
        (Case, {"closed_at": later()}, "closed_at"),
        (Task, {"due_on": None}, "due_on"),
        (Task, {"state": "done", "ended_at": later()}, "tasks"),
    ],
)
def test_an_operator_finds_what_is_stored_otherwise_than_the_log_says(
    table: type[Case] | type[Task], slip: dict[str, object], what: str
) -> None:
    accepted(filed("sign").id)
    assert list(cases.verify()) == []
    table._default_manager.update(**slip)
    assert [mismatch.what for mismatch in cases.verify()] == [what]


def test_an_operator_finds_clocks_and_matters_that_are_missing() -> None:
    root = filed("sign")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE clocks_runningclock SET state = 'cancelled', ended_on = started_on")
    assert {mismatch.what for mismatch in cases.verify([root.id])} == {"clocks", "due_on"}
    bundle = filed(key="k2")
    Case.objects.filter(root_id=bundle.id, step="sign").update(closed_at=later(), outcome="granted")
    assert [mismatch.what for mismatch in cases.verify([bundle.id])] == ["matters", "matters"]


def test_numbers_come_from_one_sequence_and_none_twice() -> None:
    made = [number for _ in range(3) for number in writing.next_numbers("411002", 40, later().date())]
    assert len(set(made)) == 120
