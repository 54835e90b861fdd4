"""Roles and scopes, without a database."""

from datetime import date

import pytest

from bancheng.kernel.identity import rules
from bancheng.kernel.identity.rules import Actor, Grant


def holder(*grants: Grant) -> Actor:
    return Actor("staff:1", user_id=1, is_staff=True, grants=grants)


def test_every_role_is_worded_in_both_languages():
    for code, role in rules.ROLES.items():
        assert role.code == code
        assert role.name.zh != role.name.en
        assert role.may.zh
        assert role.may.en.isascii()
        assert set(role.granted_by) <= set(rules.ROLES)


def test_roles_that_move_clocks_fees_or_accounts_need_a_second_person():
    """P-2: who configures money or clocks needs a second person."""
    assert {code for code, role in rules.ROLES.items() if role.needs_second} == {
        "operator",
        "calendar_admin",
        "catalogue_admin",
    }


def test_no_administrator_may_open_sealed_values():
    """P-10: only those who work cases."""
    those = [code for code in rules.ROLES if rules.may_open(holder(Grant(code)))]
    of_the_land = [
        "registry_acceptor",
        "registry_reviewer",
        "registry_booker",
        "court_clerk",
        "bank_clerk",
        "bank_approver",
    ]
    assert those == ["section_officer", "case_officer", "approver", *of_the_land]


@pytest.mark.parametrize(
    ("held", "role", "unit", "may"),
    [
        (Grant("operator"), "unit_admin", "A", True),
        (Grant("unit_admin", unit="A"), "section_officer", "A", True),
        (Grant("unit_admin", unit="A"), "section_officer", "B", False),
        (Grant("unit_admin", unit="A"), "section_officer", "", False),
        (Grant("unit_admin", unit="A"), "unit_admin", "A", False),
        (Grant("auditor"), "auditor", "", False),
    ],
)
def test_who_may_grant_what(held, role, unit, may):
    """P-1: an administrator of a unit appoints only in that unit."""
    assert rules.may_grant(holder(held), role, unit=unit) is may


def test_a_grant_covers_its_own_unit_and_service_only():
    """P-1: never a bare role name."""
    actor = holder(Grant("section_officer", unit="A", service="expiry"), Grant("supervisor"))
    assert actor.has("section_officer")
    assert actor.has("section_officer", unit="A", service="expiry")
    assert not actor.has("section_officer", unit="B")
    assert not actor.has("section_officer", service="sockets")
    assert actor.has("supervisor", unit="B", service="sockets")
    assert actor.units("section_officer") == ("A",)
    assert not rules.NOBODY.has("section_officer")


def test_spans_include_both_ends():
    first, last = date(2026, 1, 1), date(2026, 1, 31)
    assert rules.in_force(first, last, first)
    assert rules.in_force(first, last, last)
    assert rules.in_force(first, None, date(2099, 1, 1))
    assert not rules.in_force(first, last, date(2026, 2, 1))
    assert not rules.in_force(first, last, date(2025, 12, 31))
