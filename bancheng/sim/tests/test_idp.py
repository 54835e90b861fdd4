"""The simulated identity provider is as strict as a real one."""

import asyncio
import base64
import hashlib
import re
from urllib.parse import parse_qs, urlsplit

import httpx
import jwt
import pytest

from bancheng.lib import identifiers
from bancheng.sim import idp
from bancheng.sim.people import DEMO_PEOPLE
from bancheng.sim.tests.idp_app import app

SITE = "http://127.0.0.1:8000"
CALLBACK = f"{SITE}{idp.CALLBACK}"
VERIFIER = "v" * 50
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
ASKED = {
    "client_id": "bancheng",
    "redirect_uri": CALLBACK,
    "response_type": "code",
    "scope": "openid profile citizen_id mobile",
    "state": "st",
    "nonce": "no",
    "code_challenge": CHALLENGE,
    "code_challenge_method": "S256",
}


class Browser:
    """A browser that asks the application without a network, one request at a time."""

    def get(self, path: str, **kw) -> httpx.Response:
        return asyncio.run(self._ask("GET", path, **kw))

    def post(self, path: str, **kw) -> httpx.Response:
        return asyncio.run(self._ask("POST", path, **kw))

    async def _ask(self, method: str, path: str, **kw) -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1:8001") as client:
            return await client.request(method, path, **kw)


@pytest.fixture
def browser(monkeypatch):
    monkeypatch.setenv("BANCHENG_OIDC_SECRET", "s3cret")
    monkeypatch.setenv("BANCHENG_SITE_URL", SITE)
    idp.provider.cache_clear()
    yield Browser()
    idp.provider.cache_clear()


def press(browser, person="zhao-jianjun", **over) -> dict[str, str]:
    answer = browser.post("/idp/authorize", data=ASKED | {"person": person} | over)
    assert answer.status_code == 303
    back = urlsplit(answer.headers["location"])
    assert f"{back.scheme}://{back.netloc}{back.path}" == CALLBACK
    return {name: values[0] for name, values in parse_qs(back.query).items()}


def exchange(browser, code, *, secret="s3cret", **over):
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK, "code_verifier": VERIFIER}
    return browser.post("/idp/token", data=form | over, auth=("bancheng", secret))


def userinfo(browser, token):
    return browser.get("/idp/userinfo", headers={"Authorization": f"Bearer {token}"})


def test_a_press_leads_to_a_signed_token_and_the_claims(browser):
    answer = press(browser)
    assert answer["state"] == "st"
    tokens = exchange(browser, answer["code"]).json()
    config = browser.get("/idp/.well-known/openid-configuration").json()
    assert config["issuer"] == "http://127.0.0.1:8001/idp"
    key = jwt.PyJWK(browser.get(urlsplit(config["jwks_uri"]).path).json()["keys"][0])
    claims = jwt.decode(tokens["id_token"], key, algorithms=["RS256"], audience="bancheng", issuer=config["issuer"])
    assert claims["nonce"] == "no"
    person = userinfo(browser, tokens["access_token"]).json()
    assert person["sub"] == claims["sub"]
    assert (person["name"], person["citizen_id"]) == ("赵建军", DEMO_PEOPLE[0].citizen_id)


def test_a_code_is_good_once_and_its_second_use_takes_the_token_back(browser):
    code = press(browser)["code"]
    token = exchange(browser, code).json()["access_token"]
    assert exchange(browser, code).json() == {"error": "invalid_grant"}
    assert userinfo(browser, token).status_code == 401


def test_a_code_is_good_for_a_minute(browser, monkeypatch):
    code = press(browser)["code"]
    moment = idp.now()
    monkeypatch.setattr(idp, "now", lambda: moment + idp.CODE_LASTS + 1)
    assert exchange(browser, code).json() == {"error": "invalid_grant"}


@pytest.mark.parametrize(
    ("over", "error"),
    [
        ({"secret": "wrong"}, "invalid_client"),
        ({"code_verifier": "x" * 50}, "invalid_grant"),
        ({"redirect_uri": CALLBACK + "x"}, "invalid_grant"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
    ],
)
def test_a_wrong_exchange_gives_nothing(browser, over, error):
    assert exchange(browser, press(browser)["code"], **over).json() == {"error": error}


@pytest.mark.parametrize(
    "over",
    [
        {"redirect_uri": "https://evil.example/accounts/oidc/city/login/callback/"},
        {"redirect_uri": f"{SITE}/elsewhere/"},
        {"redirect_uri": "http://127.0.0.1:9999" + idp.CALLBACK},
        {"client_id": "x"},
    ],
)
def test_a_stranger_is_never_redirected(browser, over):
    answer = browser.get("/idp/authorize", params=ASKED | over)
    assert answer.status_code == 400
    assert "location" not in answer.headers


@pytest.mark.parametrize(
    "over",
    [{"code_challenge": ""}, {"code_challenge_method": "plain"}, {"scope": "profile"}, {"response_type": "token"}],
)
def test_a_request_without_pkce_or_openid_goes_back_with_an_error(browser, over):
    assert press(browser, **over)["error"] == "invalid_request"


def test_localhost_and_its_number_are_the_same_site(browser):
    answer = browser.get("/idp/authorize", params=ASKED | {"redirect_uri": CALLBACK.replace("127.0.0.1", "localhost")})
    assert answer.status_code == 200


def test_the_page_names_everyone_and_shows_no_whole_number(browser):
    """P-9: even the simulator masks."""
    page = browser.get("/idp/authorize", params=ASKED | {"state": '"><script>'}).text
    assert all(person.name in page for person in DEMO_PEOPLE)
    assert not any(person.citizen_id in page or person.mobile in page for person in DEMO_PEOPLE)
    assert "<script>" not in page
    english = browser.get("/idp/authorize", params=ASKED, headers={"Accept-Language": "en"}).text
    assert "Zhao Jianjun" in english


def test_refusing_and_the_deny_fault_go_back_as_access_denied(browser):
    assert press(browser, person="")["error"] == "access_denied"
    browser.post("/idp/faults/", json={"deny": True})
    assert press(browser)["error"] == "access_denied"


def test_faults_are_switched_by_the_panel_and_by_json(browser):
    browser.post("/idp/faults/", data={"slow_ms": "5", "wrong_nonce": "on"})
    state = browser.post("/idp/faults/", json={}).json()
    assert (state["slow_ms"], state["wrong_nonce"], state["deny"]) == (5, True, False)
    tokens = exchange(browser, press(browser)["code"]).json()
    assert jwt.decode(tokens["id_token"], options={"verify_signature": False})["nonce"] != "no"
    assert re.search('name="slow_ms"[^>]*value="5"', browser.get("/idp/faults/").text)
    browser.post("/idp/faults/", json={"down": True})
    assert browser.get("/idp/jwks").status_code == 503


def test_only_the_claims_of_the_scope_are_told(browser):
    code = press(browser, scope="openid")["code"]
    token = exchange(browser, code).json()["access_token"]
    assert list(userinfo(browser, token).json()) == ["sub"]


def test_the_named_people_are_lawful_and_unlike():
    for person in DEMO_PEOPLE:
        assert (
            identifiers.check_citizen_id(person.citizen_id, today=person.born.replace(year=2026)) == person.citizen_id
        )
        assert identifiers.check_mobile(person.mobile) == person.mobile
        if person.organisation:
            assert identifiers.check_uscc(person.organisation.uscc) == person.organisation.uscc
    assert len({person.citizen_id for person in DEMO_PEOPLE} | {person.mobile for person in DEMO_PEOPLE}) == 2 * len(
        DEMO_PEOPLE
    )
