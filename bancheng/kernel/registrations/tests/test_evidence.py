"""What has to be shown on paper, line by line: consents, the registry's own corrections, floor areas short of the permit."""

from datetime import date
from typing import Any

import pytest

from bancheng.kernel.registrations import shipped
from bancheng.kernel.registrations.rules import evidence

TODAY, SCAN = date(2026, 3, 2), "a" * 64
SIGNED = {"right": "M1", "dated": "2026-03-02", "digest": SCAN}
OWN = {"reason": "界址点测量有误", "erred_on": "2026-03-02"}


@pytest.mark.parametrize(
    ("payload", "codes"),
    [
        ({}, []),
        ({"paper_consents": [SIGNED]}, []),
        ({"paper_consents": [SIGNED | {"dated": ""}]}, ["consent_undated"]),
        ({"paper_consents": [SIGNED | {"dated": "2026-02-30"}]}, ["consent_undated"]),
        ({"paper_consents": [SIGNED | {"dated": "2026-03-03"}]}, ["consent_postdated"]),
        ({"paper_consents": [SIGNED | {"digest": "b" * 64}]}, ["consent_unscanned"]),
        (
            {"paper_consents": [SIGNED, SIGNED | {"dated": None, "digest": ""}]},
            ["consent_undated", "consent_unscanned"],
        ),
        ({"paper_consents": "M1"}, []),  # none at all: it agrees to nothing either
        ({"right_consents": ["M1"]}, ["consent_undated", "consent_unscanned"]),
    ],
)
def test_a_consent_on_paper_has_its_day_and_its_scan(payload: dict[str, Any], codes: list[str]) -> None:
    """F7.8"""
    assert [each.code for each in evidence.consents(payload, scans={SCAN}, today=TODAY)] == codes


@pytest.mark.parametrize(
    ("payload", "ends", "codes"),
    [
        (OWN, date(2026, 3, 1), []),
        (OWN, date(2026, 3, 2), ["notice_running"]),  # its last day is the holder's still
        (OWN, None, ["notice_missing"]),
        (OWN | {"reason": " "}, date(2026, 3, 1), ["own_motion_unfounded"]),
        (OWN | {"erred_on": ""}, date(2026, 3, 1), ["own_motion_unfounded"]),
        (OWN | {"erred_on": "2026-03-03"}, date(2026, 3, 1), ["own_motion_unfounded"]),
    ],
)
def test_the_registry_waits_for_the_holder(payload: dict[str, Any], ends: date | None, codes: list[str]) -> None:
    """实施细则 第八十一条"""
    assert [each.code for each in evidence.own_motion(payload, notice_ends=ends, today=TODAY)] == codes


def test_what_followed_the_mistake_bars_the_registry_alone() -> None:
    """实施细则 第八十一条"""
    (no,) = evidence.barred(shipped.kind("correction.own_area"), ["R1", "R2"])
    assert "R1" in no.says.zh
    assert not list(evidence.barred(shipped.kind("correction.own_area"), []))
    assert not list(evidence.barred(shipped.kind("correction.area"), ["R1"]))


@pytest.mark.parametrize(
    ("kind", "payload", "materials", "total", "permit", "stops"),
    [
        ("plan.quantify", {}, set(), 99, 100, True),
        ("plan.final", {}, set(), 99, 100, True),
        ("plan.quantify", {"explanation": "阳台未计"}, set(), 99, 100, True),
        ("plan.quantify", {"explanation": " "}, {"survey_check"}, 99, 100, True),
        ("plan.quantify", {"explanation": "阳台未计"}, {"survey_check"}, 99, 100, False),
        ("plan.quantify", {}, set(), 100, 100, False),
        ("plan.quantify", {}, set(), 99, None, False),
        ("transfer", {}, set(), 99, 100, False),
    ],
)
def test_floor_areas_short_of_the_permit_are_explained_from_a_check_of_the_survey(
    kind: str, payload: dict[str, Any], materials: set[str], total: int, permit: int | None, stops: bool
) -> None:
    """B7.1"""
    found = evidence.permit(shipped.kind(kind), payload, materials, total_dm2=total, permit_dm2=permit)
    assert [each.code for each in found] == ["permit_short"] * stops
