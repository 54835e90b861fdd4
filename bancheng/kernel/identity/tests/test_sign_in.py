"""Staff sign in by password and, once they switched it on, a second factor; the doors that allauth has and we do not want are shut."""

import re

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.urls import NoReverseMatch, reverse

from bancheng.kernel.identity import public as identity
from bancheng.kernel.identity import testing
from bancheng.kernel.identity.models import User

pytestmark = pytest.mark.django_db
PASSWORD = "correct-horse-battery"
LOGIN = "/accounts/login/"


@pytest.fixture(autouse=True)
def quick_passwords(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def chen():
    return testing.staff("unit_admin", unit="A", password=PASSWORD)


def enter(client: Client, user: User, password: str = PASSWORD, **query):
    return client.post(LOGIN, {"login": user.username, "password": password}, query_params=query)


def actions(about: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT action FROM audit_event WHERE about = %s ORDER BY id", [about])
        return [action for (action,) in cursor.fetchall()]


def test_a_right_password_signs_in_and_is_recorded(client, chen):
    answer = enter(client, chen, next="/?a=1")
    assert (answer.status_code, answer["location"]) == (302, "/?a=1")
    assert testing.signed_in(client) == f"staff:{chen.pk}"
    client.post("/accounts/logout/")
    assert testing.signed_in(client) == "nobody"
    assert actions(f"staff:{chen.pk}") == ["identity.signed_in", "identity.signed_out"]


@pytest.mark.parametrize(
    ("language", "sentence"), [("zh-hans", "用户名或密码不对"), ("en", "user name or password is wrong")]
)
def test_a_wrong_password_is_told_in_the_readers_language_without_telling_who_exists(client, chen, language, sentence):
    client.cookies["django_language"] = language
    wrong = enter(client, chen, "wrong").content.decode()
    assert sentence in wrong
    unknown = client.post(LOGIN, {"login": "nobody-here", "password": "wrong"}).content.decode()
    assert sentence in unknown
    assert testing.signed_in(client) == "nobody"


def test_the_sixth_wrong_password_locks_the_name_for_everyone_even_with_the_right_one(client, chen):
    """Throttled: the count lives in the database, so another browser (and another worker) meets it too."""
    for _ in range(5):
        enter(client, chen, "wrong")
    other = Client()
    said = enter(other, chen).content.decode()
    assert "登录失败次数过多" in said
    assert "5分钟后" in said
    assert testing.signed_in(other) == "nobody"
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM identity_cache")
        assert cursor.fetchone()[0] > 0
    cache.clear()  # five minutes later
    assert enter(other, chen).status_code == 302


def test_another_name_is_not_locked_by_it(client, chen):
    for _ in range(5):
        enter(client, chen, "wrong")
    other = testing.staff(password=PASSWORD)
    assert enter(Client(), other).status_code == 302


def test_a_citizens_account_has_no_password_to_guess(client):
    """P-7."""
    user = testing.citizen()
    for guess in ("", "x", user.username):
        assert enter(client, user, guess).status_code == 200
    assert not user.has_usable_password()
    assert testing.signed_in(client) == "nobody"


def test_a_closed_account_does_not_enter_and_its_open_session_ends(client, chen):
    enter(client, chen)
    operator = testing.actor(testing.staff("operator"))
    identity.set_account_active(user_id=chen.pk, active=False, region=testing.REGION, by=operator, at=testing.AT)
    assert testing.signed_in(client) == "nobody"
    assert enter(Client(), chen).status_code != 500
    assert testing.signed_in(client) == "nobody"


@pytest.mark.parametrize(
    "name",
    [
        "account_signup",
        "account_email",
        "account_reset_password",
        "account_set_password",
        "socialaccount_signup",
        "socialaccount_connections",
    ],
)
def test_nobody_signs_himself_up_or_adds_an_address(client, name):
    answer = client.post(reverse(name), {"username": "me", "password1": PASSWORD, "password2": PASSWORD})
    assert (answer.status_code, answer["location"]) == (302, "/sign-in/")
    assert not User.objects.exists()
    with pytest.raises(NoReverseMatch):
        reverse("account_confirm_email", args=["x"])


def test_a_password_change_needs_the_old_one_and_a_strong_new_one(client, chen):
    enter(client, chen)
    change = "/accounts/password/change/"
    fields = {"oldpassword": PASSWORD, "password1": "short", "password2": "short"}
    assert client.post(change, fields).status_code == 200
    strong = {"password1": "another-long-password", "password2": "another-long-password"}
    assert client.post(change, {"oldpassword": "wrong"} | strong).status_code == 200
    chen.refresh_from_db()
    assert chen.check_password(PASSWORD)
    assert client.post(change, {"oldpassword": PASSWORD} | strong).status_code == 302
    chen.refresh_from_db()
    assert chen.check_password("another-long-password")


def code(secret: str) -> str:
    """What the officer's phone shows now: the step before is taken too, but it may be out of date before it comes."""
    _before, now, _after = yield_hotp_counters_from_time()
    return format_hotp_value(hotp_value(secret, now))


def switch_on(client: Client) -> str:
    """Switch the second factor on, which asks for the password once more; return its secret."""
    again = client.get("/accounts/2fa/totp/activate/")["location"]
    assert again.startswith("/accounts/reauthenticate/")
    assert client.post(again, {"password": "wrong"}).status_code == 200
    client.post(again, {"password": PASSWORD})
    page = client.get("/accounts/2fa/totp/activate/")
    secret = page.context["form"].secret
    assert client.post("/accounts/2fa/totp/activate/", {"code": code(secret)}).status_code == 302
    return secret


def test_a_second_factor_is_asked_once_it_is_switched_on(client, chen):
    """Staff sign-in: second factor available; a password alone is not enough then."""
    enter(client, chen)
    secret = switch_on(client)
    cache.clear()
    fresh = Client()
    answer = enter(fresh, chen)
    assert answer["location"] == "/accounts/2fa/authenticate/"
    assert testing.signed_in(fresh) == "nobody"
    assert "验证码不对" in fresh.post(answer["location"], {"code": "000000"}).content.decode()
    assert testing.signed_in(fresh) == "nobody"
    assert fresh.post(answer["location"], {"code": code(secret)}).status_code == 302
    assert testing.signed_in(fresh) == f"staff:{chen.pk}"


def test_a_recovery_code_enters_once(client, chen):
    enter(client, chen)
    switch_on(client)
    client.post("/accounts/2fa/recovery-codes/generate/")
    shown = client.get("/accounts/2fa/recovery-codes/").content.decode()
    spare = re.findall(r"\b\d{8}\b", shown)[0]
    for expected in (f"staff:{chen.pk}", "nobody"):
        fresh = Client()
        answer = enter(fresh, chen)
        fresh.post(answer["location"], {"code": spare})
        assert testing.signed_in(fresh) == expected


def test_the_secret_of_the_second_factor_is_sealed(client, chen):
    """P-9 P-10: nobody who reads the database can make codes."""
    enter(client, chen)
    secret = switch_on(client)
    rows = [str(data) for data in Authenticator.objects.values_list("data", flat=True)]
    assert rows
    assert not any(secret in row for row in rows)


def test_failed_sign_ins_are_logged_without_the_name(client, chen, caplog):
    """P-9: a person may type his number into the wrong field."""
    number = testing.citizen_id()
    client.post(LOGIN, {"login": number, "password": "x"})
    assert "sign-in failed" in caplog.text
    assert number not in caplog.text
