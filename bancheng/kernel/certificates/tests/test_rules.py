"""What a certificate is worth, and its code."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bancheng.kernel.certificates import rules
from bancheng.kernel.certificates.rules import Standing
from bancheng.kernel.licences import public as licences
from bancheng.kernel.licences.public import Status

DAY = date(2026, 3, 2)
LICENCE = licences.View(
    id=1,
    region="411002",
    licence_type="food-business",
    number="JY1",
    unit="market",
    holder_kind=licences.Kind.PERSON,
    holder_name="张三丰",
    issued_on=date(2024, 3, 1),
    valid_from=date(2024, 3, 1),
    valid_to=date(2029, 2, 28),
    status=Status.VALID,
    version=1,
    updated_at=datetime(2024, 3, 1, tzinfo=UTC),
)
SAID = rules.content(LICENCE).digest


def worth(licence: licences.View = LICENCE, **over: bool) -> Standing:
    asked = {"newest": True, "same_holder": True, **over}
    return rules.standing(licence, said=SAID, day=DAY, **asked)


def test_a_certificate_that_says_what_its_valid_licence_says_is_valid() -> None:
    assert worth() is Standing.VALID


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.VALID])
def test_an_ended_licence_ends_every_certificate_of_it(status: Status) -> None:
    """R-E-4: whatever the file in somebody's hands says."""
    ended = replace(LICENCE, status=status)
    assert worth(ended).value == worth(ended, newest=False).value == status.value


def test_every_standing_and_every_status_has_its_word() -> None:
    assert set(rules.SAYS) == set(Standing)
    assert {status.value for status in Status} < {standing.value for standing in Standing}


def test_a_newer_certificate_a_change_and_another_holder_end_a_certificate() -> None:
    assert worth(newest=False) is Standing.SUPERSEDED
    assert worth(replace(LICENCE, valid_to=date(2031, 1, 1))) is Standing.OUTDATED
    assert worth(same_holder=False) is Standing.SUPERSEDED
    # of a former holder's certificate nothing is told of the present one, not even that it was revoked
    assert worth(replace(LICENCE, status=Status.REVOKED), same_holder=False) is Standing.SUPERSEDED


def test_a_suspension_lifted_brings_the_same_certificate_back() -> None:
    assert worth(replace(LICENCE, version=3)) is Standing.VALID


def test_a_licence_of_next_month_is_not_yet_in_force() -> None:
    later = replace(LICENCE, valid_from=date(2026, 4, 1))
    assert (
        rules.standing(later, said=rules.content(later).digest, newest=True, same_holder=True, day=DAY)
        is Standing.NOT_YET
    )


@pytest.mark.parametrize("field", ["number", "holder_name", "valid_to", "valid_from", "issued_on", "unit"])
def test_everything_that_is_printed_is_in_the_digest(field: str) -> None:
    other = date(2030, 1, 1) if field in {"valid_to", "valid_from", "issued_on"} else "另一个"
    assert rules.content(replace(LICENCE, **{field: other})).digest != SAID


@given(st.integers(0, 2**80 - 1))
def test_a_code_is_read_as_it_is_printed_and_as_it_is_misread(chance: int) -> None:
    code = rules.make_code(chance)
    printed = rules.shown_code(code)
    assert rules.read_code(code) == rules.read_code(printed) == rules.read_code(f" {printed.lower()} ") == code
    assert rules.read_code(printed.replace("0", "O").replace("1", "l")) == code


@pytest.mark.parametrize("text", ["", "x", "7K3M-9QXD", "U" * 16, "7K3M9QXDAB12WXYZ7", "'; drop table", "码" * 16])
def test_what_is_no_code_is_none(text: str) -> None:
    assert rules.read_code(text) == ""


def test_a_term_is_printed_as_documents_write_it() -> None:
    assert rules.term(date(2024, 3, 1), date(2029, 2, 28)) == "2024年3月1日 至 2029年2月28日"
    assert rules.term(date(2024, 3, 1), None) == "2024年3月1日 至 长期"
    assert rules.term(None, None) == "长期"
    assert rules.term(None, date(2029, 2, 28)) == "至 2029年2月28日"
