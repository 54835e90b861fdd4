"""The demonstration's doors: one press on a named role, and none of it in production."""

import pytest
from django.http import HttpRequest

from bancheng.kernel.identity import public as identity
from bancheng.kernel.identity import testing
from bancheng.kernel.identity.models import RoleGrant, User
from bancheng.lib.refusal import Refused

pytestmark = pytest.mark.django_db


PRESS = "/sign-in/demo/"


@pytest.fixture(autouse=True)
def demo(settings):
    settings.DEMO = True


def test_loading_twice_opens_each_account_once_and_every_role_is_held(client):
    people = identity.demo_people()
    assert identity.load_demo(at=testing.AT) == len(people)
    grants = RoleGrant.objects.count()
    assert identity.load_demo(at=testing.AT, units={}) == 0
    assert RoleGrant.objects.count() == grants
    assert {role for person in people for role in person.roles} == set(identity.ROLES)
    for person in people:
        client.post(PRESS, {"code": person.code})
        user = User.objects.get(demo_code=person.code)
        assert testing.signed_in(client) == f"staff:{user.pk}"
        actor = testing.actor(user)
        assert actor.name == person.name
        assert all(actor.has(role) for role in person.roles)


def test_the_weighty_roles_came_through_two_operators():
    """P-2: the demonstration bends no rule."""
    identity.load_demo(at=testing.AT)
    weighty = [line for line in identity.grants() if line.role.needs_second]
    assert len(weighty) == 5
    assert all(line.second_by and line.second_by != line.granted_by for line in weighty)


def test_the_pack_names_the_units():
    identity.load_demo(at=testing.AT, units={"market": "XC-SCJG"})
    admin = testing.actor(User.objects.get(demo_code="unit-admin"))
    assert admin.units("unit_admin") == ("XC-SCJG",)
    assert admin.unit == "XC-SCJG"


def test_demo_accounts_have_no_password():
    identity.load_demo(at=testing.AT)
    assert not any(user.has_usable_password() for user in User.objects.all())


@pytest.mark.parametrize("code", ["", "nobody-like-this"])
def test_an_unknown_door_is_refused(client, code):
    identity.load_demo(at=testing.AT)
    assert client.post(PRESS, {"code": code}).status_code == 404
    assert testing.signed_in(client) == "nobody"


def test_production_has_no_such_door(client, settings):
    """Production has no such press."""
    identity.load_demo(at=testing.AT)
    settings.DEMO = False
    assert identity.demo_people() == ()
    assert client.post(PRESS, {"code": "operator"}).status_code == 404
    for act in (lambda: identity.demo_sign_in(HttpRequest(), "operator"), lambda: identity.load_demo(at=testing.AT)):
        with pytest.raises(Refused, match="no_demo"):
            act()
    assert testing.signed_in(client) == "nobody"
