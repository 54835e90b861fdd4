from datetime import date

import pytest

from bancheng.kernel.licences import rules
from bancheng.kernel.licences.rules import NEXT, SAYS, Status
from bancheng.lib.refusal import Refused


def test_every_state_is_in_the_table_and_has_a_name():
    """R-E-4: valid, changed, suspended, revoked, cancelled, expired."""
    assert {str(status) for status in Status} == {"valid", "changed", "suspended", "revoked", "cancelled", "expired"}
    assert set(NEXT) == set(SAYS) == set(Status)
    assert {status for nexts in NEXT.values() for status in nexts} == set(Status)


def test_what_was_cancelled_or_replaced_stays_so():
    assert NEXT[Status.CANCELLED] == NEXT[Status.CHANGED] == {}


@pytest.mark.parametrize("old", Status)
@pytest.mark.parametrize("new", Status)
def test_a_step_is_refused_unless_the_table_has_it(old, new):
    if new in NEXT[old]:
        rules.check_may_follow(old, new, number="1")
    else:
        with pytest.raises(Refused, match="licence_state"):
            rules.check_may_follow(old, new, number="1")


@pytest.mark.parametrize(
    ("status", "valid_to", "day", "expect"),
    [
        (Status.VALID, date(2026, 3, 1), date(2026, 3, 1), Status.VALID),
        (Status.VALID, date(2026, 3, 1), date(2026, 3, 2), Status.EXPIRED),
        (Status.SUSPENDED, date(2026, 3, 1), date(2026, 3, 2), Status.EXPIRED),
        (Status.REVOKED, date(2026, 3, 1), date(2026, 3, 2), Status.REVOKED),
        (Status.VALID, None, date(2999, 1, 1), Status.VALID),
    ],
)
def test_the_status_of_a_day(status, valid_to, day, expect):
    assert rules.status_on(status, valid_to=valid_to, day=day) is expect
