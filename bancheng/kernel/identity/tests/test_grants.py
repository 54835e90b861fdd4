"""Roles are given, confirmed, taken back and run out; the actor holds what is in force at the instant."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from bancheng.kernel.identity import public as identity
from bancheng.kernel.identity import testing
from bancheng.kernel.identity.models import RoleGrant, User
from bancheng.lib.refusal import Refused

pytestmark = pytest.mark.django_db
AT = testing.AT
HOUR = timedelta(hours=1)


@pytest.fixture
def operators():
    return [testing.actor(testing.staff("operator")) for _ in range(2)]


@pytest.fixture
def someone():
    return testing.staff()


def give(someone, by, role="auditor", **over):
    return identity.grant(user_id=someone.pk, role=role, region=testing.REGION, by=by, at=AT, **over)


def refused(code, act, **args):
    with pytest.raises(Refused) as no:
        act(**args)
    assert no.value.code == code


def roles(user, at=AT):
    return [held.role for held in testing.actor(user, at=at).grants]


def test_a_grant_is_in_force_from_since_until_before(someone, operators, django_assert_num_queries):
    """P-1: (role, unit, area, service, time)."""
    give(someone, operators[0], since=AT + HOUR, before=AT + 2 * HOUR, service="expiry", area="411002")
    assert roles(someone, AT) == []
    with django_assert_num_queries(1):
        actor = testing.actor(someone, at=AT + HOUR)
    assert actor.grants[0].service == "expiry"
    assert actor.grants[0].area == "411002"
    assert actor.has("auditor", service="expiry")
    assert roles(someone, AT + 2 * HOUR - timedelta(microseconds=1)) == ["auditor"]
    assert roles(someone, AT + 2 * HOUR) == []


def test_a_role_that_moves_clocks_waits_for_a_second_person(someone, operators):
    """P-2: who configures money or clocks needs a second person."""
    given = give(someone, operators[0], "calendar_admin")
    assert roles(someone) == []
    refused("second_person_needed", identity.approve_grant, grant_id=given.pk, by=operators[0], at=AT)
    assert [line.waiting for line in identity.grants(waiting=True)] == [True]
    identity.approve_grant(grant_id=given.pk, by=operators[1], at=AT)
    identity.approve_grant(grant_id=given.pk, by=operators[1], at=AT)
    assert roles(someone) == ["calendar_admin"]
    line = identity.grants(user_id=someone.pk)[0]
    assert (line.granted_by, line.second_by) == (operators[0].ref, operators[1].ref)
    with connection.cursor() as cursor:
        cursor.execute("SELECT action, who FROM audit_event WHERE about = %s ORDER BY id", [f"staff:{someone.pk}"])
        assert cursor.fetchall() == [
            ("identity.role_asked", operators[0].ref),
            ("identity.role_granted", operators[1].ref),
        ]


def test_nobody_grants_to_himself_or_confirms_his_own(operators):
    """P-2."""
    me = User.objects.get(pk=operators[0].user_id)
    refused("own_grant", give, someone=me, by=operators[0])
    asked = give(me, operators[1], "calendar_admin")
    refused("own_grant", identity.approve_grant, grant_id=asked.pk, by=operators[0], at=AT)


def test_the_database_refuses_a_weighty_grant_without_a_second_person(someone):
    values = {"region": testing.REGION, "user": someone, "since": AT, "granted_by": "staff:1", "granted_at": AT}
    for wrong in (
        {"role": "calendar_admin", "in_force": True},
        {"role": "auditor", "in_force": True, "second_by": "staff:1"},
        {"role": "king", "in_force": False},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            RoleGrant.objects.create(**values, **wrong)


def test_a_unit_administrator_appoints_officers_of_his_unit_only(someone):
    admin = testing.actor(testing.staff("unit_admin", unit="A"))
    give(someone, admin, "section_officer", unit="A")
    assert testing.actor(someone).units("section_officer") == ("A",)
    assert identity.officers(unit="A", role="section_officer", at=AT) == [someone.pk]
    refused("may_not_grant", give, someone=someone, by=admin, role="section_officer", unit="B")
    refused("may_not_grant", give, someone=someone, by=admin, role="unit_admin", unit="A")


@pytest.mark.parametrize(
    ("over", "code"),
    [
        ({"role": "unit_admin"}, "grant_without_unit"),
        ({"role": "king"}, "no_such_role"),
        ({"before": AT}, "grant_already_over"),
        ({"since": AT + HOUR, "before": AT + HOUR}, "grant_already_over"),
    ],
)
def test_a_senseless_grant_is_refused_and_nothing_is_written(someone, operators, over, code):
    refused(code, give, someone=someone, by=operators[0], **over)
    assert roles(someone) == []


def test_a_citizen_holds_no_role(operators):
    """P-7: accounts of their own kind."""
    refused("citizen_account", give, someone=testing.citizen(), by=operators[0])


def test_a_revoked_grant_is_gone_at_once_and_may_be_given_again(someone, operators):
    given = give(someone, operators[0])
    assert give(someone, operators[1]).pk == given.pk  # giving twice is once
    identity.revoke(grant_id=given.pk, by=operators[1], at=AT)
    identity.revoke(grant_id=given.pk, by=operators[1], at=AT + HOUR)
    assert roles(someone) == []
    assert RoleGrant.objects.get(pk=given.pk).closed_at == AT
    assert give(someone, operators[0]).pk != given.pk
    refused("grant_closed", identity.approve_grant, grant_id=given.pk, by=operators[1], at=AT)


def test_expired_grants_are_closed_and_audited_once(someone, operators):
    give(someone, operators[0], before=AT + HOUR)
    assert identity.expire_grants(at=AT) == 0
    assert identity.expire_grants(at=AT + HOUR) == 1
    assert identity.expire_grants(at=AT + HOUR) == 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM audit_event WHERE action = 'identity.role_expired'")
        assert cursor.fetchone() == (1,)


def test_the_first_two_operators_are_appointed_together_and_only_once(someone):
    other = testing.staff()
    refused(
        "second_person_needed",
        identity.appoint_first_operators,
        first_id=other.pk,
        second_id=other.pk,
        region=testing.REGION,
        at=AT,
    )
    identity.appoint_first_operators(first_id=someone.pk, second_id=other.pk, region=testing.REGION, at=AT)
    assert roles(someone) == roles(other) == ["operator"]
    refused(
        "operators_exist",
        identity.appoint_first_operators,
        first_id=someone.pk,
        second_id=other.pk,
        region=testing.REGION,
        at=AT,
    )


def test_a_closed_account_acts_as_nobody(someone, operators):
    give(someone, operators[0])
    refused(
        "may_not_keep_accounts",
        identity.set_account_active,
        user_id=someone.pk,
        active=False,
        region=testing.REGION,
        by=testing.actor(someone),
        at=AT,
    )
    identity.set_account_active(user_id=someone.pk, active=False, region=testing.REGION, by=operators[0], at=AT)
    assert testing.actor(someone) == identity.NOBODY
    refused(
        "own_account",
        identity.set_account_active,
        user_id=operators[0].user_id,
        active=False,
        region=testing.REGION,
        by=operators[0],
        at=AT,
    )


def test_a_staff_account_is_opened_by_an_operator(operators):
    made = identity.open_staff_account(
        username="chenmin",
        name="陈 敏",
        region=testing.REGION,
        unit="A",
        title="科员",
        password="很长的一个密码Aa1-",
        by=operators[0],
        at=AT,
    )
    actor = testing.actor(made)
    assert (actor.ref, actor.name, actor.unit, actor.is_staff) == (f"staff:{made.pk}", "陈敏", "A", True)
    again = {"username": "chenmin", "name": "x", "region": testing.REGION, "by": operators[0], "at": AT}
    refused("username_taken", identity.open_staff_account, **again)
    refused("weak_password", identity.open_staff_account, **{**again, "username": "y", "password": "password12"})
    refused("may_not_keep_accounts", identity.open_staff_account, **{**again, "username": "y", "by": actor})
    assert [line.username for line in identity.staff(unit="A")] == ["chenmin"]


def test_a_citizen_acts_as_his_person(django_assert_num_queries):
    user = testing.citizen()
    with django_assert_num_queries(1):
        actor = identity.actor_of(user, at=AT)
    assert (actor.ref, actor.person_id, actor.name, actor.is_staff) == (
        f"person:{user.person.pk}",
        str(user.person.pk),
        "赵建军",
        False,
    )
    assert identity.names_of([actor.ref, "staff:0", "organisation:0195a1b2-0000-7000-8000-000000000000"]) == {
        actor.ref: "赵建军"
    }
    assert identity.actor_of(None) == identity.NOBODY


def test_staff_are_no_persons_and_citizens_always_are():
    """P-7: held by the database."""
    person = testing.citizen().person
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create(username="x", kind="staff", person=person)
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create(username="y", kind="citizen")
