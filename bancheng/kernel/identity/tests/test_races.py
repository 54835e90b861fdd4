"""Eight at once: one person, one account, one grant."""

import pytest

from bancheng.kernel.identity import operations, testing
from bancheng.kernel.identity import public as identity
from bancheng.kernel.identity.models import Person, RoleGrant, User
from bancheng.kernel.jobs import testing as jobs

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
EIGHT = 8


def test_eight_first_sign_ins_of_one_person_make_one_person_and_one_account():
    def first_sign_in():
        person = identity.register_person(
            region=testing.REGION, name="赵建军", citizen_id=testing.citizen_id(), by="platform", at=testing.AT
        )
        return operations.citizen_account(person=person, at=testing.AT).pk

    assert len(set(jobs.together(*[first_sign_in] * EIGHT))) == 1
    assert (Person.objects.count(), User.objects.count()) == (1, 1)


def test_eight_presses_of_the_same_grant_give_it_once():
    someone, operator = testing.staff(), testing.actor(testing.staff("operator"))

    def grant():
        return identity.grant(user_id=someone.pk, role="auditor", region=testing.REGION, by=operator, at=testing.AT).pk

    given = jobs.together(*[grant] * EIGHT)
    assert len(set(given)) == 1
    assert RoleGrant.objects.filter(user=someone).count() == 1
