"""A session brings its account and what that may do by one statement; everything else about it is Django's, and stays so."""

from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings
from django.contrib import auth
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import localdate

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.identity import operations, sessions, testing
from bancheng.kernel.identity import public as identity
from bancheng.kernel.identity.models import Session, User
from bancheng.kernel.jobs import public as jobs
from bancheng.kernel.jobs import testing as jobs_testing
from bancheng.lib.identifiers import make_uscc

pytestmark = pytest.mark.django_db


def key_of(client: Client) -> str:
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def account(key: str) -> Any:
    return sessions.account_of(SimpleNamespace(session=sessions.SessionStore(key)))  # type: ignore[arg-type]  # all it asks


def signed_in(user: User) -> str:
    return key_of(testing.client_for(user))


def test_session_account_grants_and_agencies_are_one_statement() -> None:
    person, shop = testing.citizen(), operations.register_organisation(
        region=testing.REGION, name="甲饭店", uscc=make_uscc("411002", 1), by="test", at=clocks.now()
    )  # fmt: skip
    identity.link_agent(
        principal=shop,
        agent=person.person,
        document="1",
        first=date(2020, 1, 1),
        services=["onething"],
        by="t",
        at=clocks.now(),
    )
    key, at = signed_in(person), clocks.now()
    with CaptureQueriesContext(connection) as asked:
        actor = identity.actor_of(account(key))
        within, elsewhere = (identity.person_hashes(actor, at, service=one) for one in ("onething", "expiry"))
    assert len(asked) == 1
    own = bytes(person.person.citizen_id_hash)
    assert (within, elsewhere) == ([own, bytes(shop.uscc_hash)], [own])
    assert actor == identity.actor_of(User.objects.get(pk=person.pk))
    assert actor.hashes
    other_day = at + timedelta(days=1)
    assert identity.person_hashes(actor, other_day) == identity.person_hashes(testing.actor(person), other_day)


def test_what_the_session_says_of_staff_is_what_the_database_says() -> None:
    staff = testing.staff("case_officer", unit="market")
    testing.grant(staff, "approver", unit="health")
    assert identity.actor_of(account(signed_in(staff))) == identity.actor_of(User.objects.get(pk=staff.pk))
    assert identity.actor_of(account(signed_in(testing.staff()))).grants == ()


def test_a_grant_taken_back_is_gone_with_the_next_request() -> None:
    staff = testing.staff("auditor")
    key = signed_in(staff)
    assert identity.actor_of(account(key)).has("auditor")
    staff.role_grants.update(closed_at=clocks.now(), closed_by="test")
    assert not identity.actor_of(account(key)).has("auditor")


@pytest.mark.parametrize(
    "change",
    [
        lambda user, key: User.objects.filter(pk=user.pk).update(is_active=False),
        lambda user, key: User.objects.filter(pk=user.pk).update(password="another"),
        lambda user, key: Session.objects.filter(pk=key).update(expire_date=clocks.real_now() - timedelta(seconds=1)),
        lambda user, key: Session.objects.filter(pk=key).update(session_data="not:ours"),
        lambda user, key: Session.objects.filter(pk=key).delete(),
        lambda user, key: sessions.SessionStore(key).flush(),
        lambda user, key: sessions.SessionStore(key).cycle_key(),
    ],
    ids=["closed account", "new password", "run out", "forged", "gone", "ended", "another key"],
)
def test_a_session_that_is_not_good_any_more_signs_nobody_in(change: Any) -> None:
    user = testing.staff("auditor")
    key = signed_in(user)
    assert account(key).pk == user.pk
    change(user, key)
    assert not account(key).is_authenticated


def test_the_account_a_row_names_does_not_count_against_what_its_data_say() -> None:
    """The column is for reading along: who is signed in, the signed data say."""
    victim, thief = testing.staff("operator"), testing.staff()
    key = signed_in(thief)
    Session.objects.filter(pk=key).update(account=victim)
    assert account(key).pk == thief.pk
    Session.objects.filter(pk=key).update(account=None)
    assert account(key).pk == thief.pk


def test_a_former_secret_still_signs_in_and_renews_the_session(settings: Any) -> None:
    user = testing.staff()
    key = signed_in(user)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another-secret-of-the-house"
    store = sessions.SessionStore(key)
    assert sessions.account_of(SimpleNamespace(session=store)).pk == user.pk  # type: ignore[arg-type]
    assert store.session_key != key


def test_signing_in_gives_another_key_and_signing_out_ends_it(client: Client) -> None:
    client.session.save()
    user = testing.staff()
    client.force_login(user)
    first = key_of(client)
    client.force_login(user)
    assert Session.objects.get(pk=first).account_id == user.pk
    client.logout()
    assert not Session.objects.filter(pk=first).exists()


def test_who_is_not_signed_in_costs_no_statement_and_a_session_without_account_one() -> None:
    with CaptureQueriesContext(connection) as asked:
        assert not account("").is_authenticated
    assert len(asked) == 0
    store = sessions.SessionStore()
    store["letter"] = "size"
    store.save()
    with CaptureQueriesContext(connection) as asked:
        found = account(store.session_key)
    assert (found.is_authenticated, len(asked)) == (False, 1)
    assert store.get(auth.SESSION_KEY) is None


def test_sessions_that_ran_out_are_forgotten_at_night_and_go_with_their_account() -> None:
    stays, goes, closed = (signed_in(testing.staff()) for _ in range(3))
    Session.objects.filter(pk=goes).update(expire_date=clocks.real_now() - timedelta(days=1))
    Session.objects.get(pk=closed).account.delete()
    jobs.later("identity.forget_sessions")
    jobs_testing.run_all()
    assert [row.pk for row in Session.objects.all()] == [stays]
    assert localdate(Session.objects.get().expire_date) >= clocks.today()
