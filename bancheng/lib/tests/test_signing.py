"""What a signature protects, field by field."""

import pytest

from bancheng.lib import signing
from bancheng.lib.refusal import Garbled

SECRET = b"a secret of two machines"
REQUEST = {"method": "POST", "path": "/sms/v1/messages?a=1", "body": b'{"id":1}'}
AT = 1_764_000_000


def never(nonce: str) -> bool:
    return False


def headers(**change):
    return signing.sign(**{"secret": SECRET, **REQUEST, "at": AT, "nonce": "n1", **change})


def check(head, *, now=AT, seen=never, **change):
    signing.verify(**{"secret": SECRET, **REQUEST, "headers": head, "now": now, "seen": seen, **change})


def test_what_was_signed_is_accepted_whatever_the_case_of_the_header_names():
    check(headers())
    check({name.upper(): value for name, value in headers().items()})


@pytest.mark.parametrize(
    "change", [{"method": "PUT"}, {"path": "/sms/v1/messages?a=2"}, {"body": b'{"id":2}'}, {"secret": b"another"}]
)
def test_any_change_to_the_request_breaks_the_signature(change):
    with pytest.raises(Garbled, match="wrong signature"):
        check(headers(), **change)


@pytest.mark.parametrize(("name", "value"), [(signing.TIME, str(AT + 1)), (signing.NONCE, "n2")])
def test_time_and_nonce_are_under_the_signature(name, value):
    with pytest.raises(Garbled, match="wrong signature"):
        check({**headers(), name: value})


@pytest.mark.parametrize("apart", [-301, 301])
def test_a_request_older_or_newer_than_five_minutes_is_refused(apart):
    check(headers(), now=AT + apart - apart // 301)
    with pytest.raises(Garbled, match="window"):
        check(headers(), now=AT + apart)


def test_a_request_sent_again_is_refused_and_a_forged_one_uses_up_no_nonce():
    seen = signing.Nonces(lambda: AT)
    with pytest.raises(Garbled, match="wrong"):
        check({**headers(), signing.SIGNATURE: "0" * 64}, seen=seen)
    check(headers(), seen=seen)
    with pytest.raises(Garbled, match="replayed"):
        check(headers(), seen=seen)


@pytest.mark.parametrize("name", [signing.TIME, signing.NONCE, signing.SIGNATURE])
def test_a_missing_header_is_refused(name):
    head = headers()
    del head[name]
    with pytest.raises(Garbled, match="unsigned"):
        check(head)


@pytest.mark.parametrize("at", ["-5", "１２", "9" * 13, "1.5", "soon"])
def test_a_time_that_is_no_whole_number_is_refused(at):
    with pytest.raises(Garbled):
        check({**headers(), signing.TIME: at})


def test_a_signature_in_foreign_letters_is_refused_not_crashed_on():
    with pytest.raises(Garbled, match="wrong"):
        check({**headers(), signing.SIGNATURE: "签名"})


def test_nonces_are_forgotten_when_they_can_no_longer_pass():
    clock = [0.0]
    seen = signing.Nonces(lambda: clock[0])
    assert not seen("a")
    clock[0] = 601
    assert not seen("b")
    assert not seen("a")


def test_a_token_is_steady_and_needs_the_secret():
    ours = signing.token(secret=SECRET, text="13800000000")
    assert ours == signing.token(secret=SECRET, text="13800000000")
    assert ours != signing.token(secret=b"x", text="13800000000")
