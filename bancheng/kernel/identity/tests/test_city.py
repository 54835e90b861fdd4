"""Citizens sign in through the real client, against the simulated provider served on loopback."""

import copy
import re
from datetime import date
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
from allauth.socialaccount.models import SocialAccount, SocialToken
from django.conf import settings as live
from django.db import connection
from django.test import Client

from bancheng.kernel.identity import public as identity
from bancheng.kernel.identity import testing
from bancheng.kernel.identity.city import read
from bancheng.kernel.identity.models import Person, User
from bancheng.lib.identifiers import make_citizen_id
from bancheng.site import outside

pytestmark = pytest.mark.django_db
ZHAO = make_citizen_id("411002", date(1978, 5, 12), 901)
LOGIN = "/accounts/oidc/city/login/"


@pytest.fixture(scope="module")
def address():
    """The provider, really served: its address."""
    known = {"BANCHENG_OIDC_SECRET": live.OIDC_SECRET, "BANCHENG_SITE_URL": "http://testserver"}
    with outside.served("bancheng.sim.tests.idp_app:app", **known) as origin:
        yield f"{origin}/idp"


@pytest.fixture
def city(address, settings):
    providers = copy.deepcopy(live.SOCIALACCOUNT_PROVIDERS)
    providers["openid_connect"]["APPS"][0]["settings"]["server_url"] = address
    settings.SOCIALACCOUNT_PROVIDERS = providers
    settings.SOCIALACCOUNT_REQUESTS_TIMEOUT = 0.6
    faults(address)
    return address


def faults(address, **switched) -> None:
    none = {
        "down": False,
        "deny": False,
        "slow_ms": 0,
        "wrong_nonce": False,
        "wrong_signature": False,
        "wrong_audience": False,
    }
    httpx.post(f"{address}/faults/", json=none | switched).raise_for_status()


def ask(client: Client, **query) -> str:
    """Press the city's door; return where the browser is sent."""
    answer = client.post(LOGIN, query_params=query)
    assert answer.status_code == 302
    return answer["location"]


def press(authorize: str, person="zhao-jianjun") -> str:
    """Press a person on the provider's page; return the way back."""
    asked = dict(parse_qsl(urlsplit(authorize).query))
    answer = httpx.post(authorize.partition("?")[0], data=asked | {"person": person})
    assert answer.status_code == 303
    back = urlsplit(answer.headers["location"])
    return f"{back.path}?{back.query}"


def sign_in(client: Client, person="zhao-jianjun", **query):
    return client.get(press(ask(client, **query), person))


def test_a_citizen_signs_in_once_and_again_as_the_same_person(city, client):
    """R-ID-1: identity by the city; one person, one account, however often."""
    answer = sign_in(client, next="/?wanted=1")
    assert (answer.status_code, answer["location"]) == (302, "/?wanted=1")
    person = Person.objects.get()
    assert testing.signed_in(client) == f"person:{person.pk}"
    assert identity.open_sealed(person.citizen_id_sealed, kind="citizen_id") == ZHAO
    sign_in(Client())
    assert (Person.objects.count(), User.objects.count(), SocialAccount.objects.count()) == (1, 1, 1)
    sign_in(client, "li-xiulan")
    assert Person.objects.count() == 2
    assert testing.signed_in(client) != f"person:{person.pk}"


def test_nothing_the_provider_said_is_kept_in_plain_text(city, client):
    """P-9: extra_data, session, tokens, audit and every other table."""
    sign_in(client)
    sign_in(client)  # allauth writes the account anew each time
    assert SocialAccount.objects.get().extra_data == {}
    assert not SocialToken.objects.exists()
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        for (table,) in cursor.fetchall():
            cursor.execute(
                f'SELECT count(*) FROM "{table}" t WHERE t::text LIKE ANY(%s)', [[f"%{ZHAO}%", "%15490000001%"]]
            )
            assert cursor.fetchone() == (0,), table
    assert ZHAO not in str(dict(client.session))


def test_a_person_known_from_elsewhere_is_found_by_his_number(city, client):
    known = identity.register_person(region=testing.REGION, name="赵建军", citizen_id=ZHAO, by="staff:1", at=testing.AT)
    sign_in(client)
    assert testing.signed_in(client) == f"person:{known.pk}"


def refused(answer) -> None:
    assert answer.status_code in {302, 401}
    assert not User.objects.exists()
    assert not SocialAccount.objects.exists()


@pytest.mark.parametrize("fault", ["wrong_nonce", "wrong_signature", "wrong_audience"])
def test_a_token_that_is_not_for_this_browser_signs_nobody_in(city, client, fault):
    """R-ID-1: nonce, signature and audience are all checked."""
    faults(city, **{fault: True})
    refused(sign_in(client))
    assert testing.signed_in(client) == "nobody"


def test_a_refusal_at_the_provider_comes_back_quietly(city, client):
    answer = sign_in(client, person="")
    assert answer["location"] == "/accounts/oidc/cancelled/"
    refused(answer)


def test_a_slow_or_absent_provider_signs_nobody_in_and_breaks_nothing(city, client):
    faults(city, slow_ms=1500)
    refused(sign_in(client))
    faults(city)
    sign_in(client)
    assert testing.signed_in(client).startswith("person:")


def test_a_provider_that_is_down_is_said_so(city, client):
    faults(city, down=True)
    answer = client.post(LOGIN)
    assert answer.status_code == 503
    assert "统一身份认证暂时连接不上" in answer.content.decode()


def test_an_answer_with_a_foreign_or_used_state_is_refused(city, client):
    back = press(ask(client))
    refused(Client().get(back))  # another browser
    client.get(back)
    assert testing.signed_in(client).startswith("person:")
    assert client.get(back).status_code == 401  # a second time


def test_the_visitor_cannot_choose_scope_process_or_parameters(city, client):
    asked = dict(
        parse_qsl(urlsplit(ask(client, scope="admin", process="connect", auth_params="nonce=mine&prompt=none")).query)
    )
    assert set(asked["scope"].split()) == {"openid", "profile", "citizen_id", "mobile", "organisations"}
    assert asked["nonce"] != "mine"
    assert "prompt" not in asked
    assert asked["code_challenge_method"] == "S256"


def test_a_city_identity_is_never_tied_to_a_staff_account(city):
    """P-7: signing in as a citizen leaves the staff account alone."""
    staff = testing.staff("auditor")
    client = testing.client_for(staff)
    sign_in(client)
    assert testing.signed_in(client).startswith("person:")
    assert not SocialAccount.objects.filter(user=staff).exists()


def test_a_subject_that_turns_into_another_person_signs_nobody_in(city, client):
    sign_in(client)
    other = testing.citizen("别人", serial=3)
    SocialAccount.objects.update(user=other)
    fresh = Client()
    assert sign_in(fresh)["location"] == "/accounts/oidc/error/?code=other_person"
    assert testing.signed_in(fresh) == "nobody"


def test_next_never_leads_away_from_the_site(city, client):
    assert sign_in(client, next="https://evil.example/")["location"] == "/"


def test_claims_show_nothing_when_printed():
    claims = read({"id_token": {"sub": "a", "nonce": "n"}, "userinfo": {"sub": "a", "name": "赵", "citizen_id": ZHAO}})
    assert ZHAO not in repr(claims)


def test_two_first_sign_ins_at_once_make_one_person(city, client):
    """Answers of two tabs arrive together: idempotent in sequence, and the constraint holds in a race (test_races)."""
    first, second = press(ask(client)), press(ask(client))
    client.get(first)
    client.get(second)
    assert (Person.objects.count(), User.objects.count()) == (1, 1)
    assert re.fullmatch("person:[0-9a-f-]{36}", testing.signed_in(client))
