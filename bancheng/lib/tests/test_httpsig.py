"""The published examples of RFC 9421 first: what we agree on with strangers is not our own idea."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as some

from bancheng.lib import httpsig
from bancheng.lib.httpsig import ED25519, HMAC, Message
from bancheng.lib.refusal import Garbled

KEY, NOW = b"k" * 32, 1_800_000_000
SHARED = base64.b64decode("uzvJfB4u3N0Jy4T7NZ75MDVcr8zSTInedJtkgcu46YW4XByzNJjxBdtjUkdJPBtbmHhIDi6pcl8jsasjlTMtDQ==")
PUBLIC = base64.b64decode("JrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=")
DATED = {"date": "Tue, 20 Apr 2021 02:07:55 GMT", "content-type": "application/json", "content-length": "18"}
EXAMPLE = Message("POST", "/foo", "param=Value&Pet=dog", "example.com", DATED)


def test_the_published_hmac_example_verifies() -> None:
    """RFC 9421 B.2.5"""
    names = ("date", "@authority", "content-type")
    parameters = '("date" "@authority" "content-type");created=1618884473;keyid="test-shared-secret"'
    proof = base64.b64decode("pxcQw6G3AjtMBQjwo8XzkZf/bws5LelbaMk5rGIGtE8=")
    said = httpsig.base(EXAMPLE, names, parameters)
    assert httpsig.VERIFY[HMAC](SHARED, said, proof, "")
    assert not httpsig.VERIFY[HMAC](KEY, said, proof, "")


def test_the_published_ed25519_example_verifies() -> None:
    """RFC 9421 B.2.6"""
    names = ("date", "@method", "@path", "@authority", "content-type", "content-length")
    listed = " ".join(f'"{name}"' for name in names)
    parameters = f'({listed});created=1618884473;keyid="test-key-ed25519"'
    proof = base64.b64decode("wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==")
    said = httpsig.base(EXAMPLE, names, parameters)
    assert httpsig.VERIFY[ED25519](PUBLIC, said, proof, "")
    assert not httpsig.VERIFY[ED25519](PUBLIC, said + b" ", proof, "")


def signed(body: bytes = b'{"a": 1}', **over: object) -> Message:
    url = str(over.pop("url", "https://city.example/api/v1/x?y=1"))
    asked = Message.to("POST", url, body=body, headers={"Idempotency-Key": "abc12345"})
    head = httpsig.sign(asked, key_id="k1", key=KEY, at=int(str(over.pop("at", NOW))), nonce="n" * 12)
    return Message.to("POST", url, body=body, headers={"Idempotency-Key": "abc12345", **head})


def checked(message: Message) -> None:
    httpsig.check(httpsig.read(message), message, algorithm=HMAC, key=KEY, now=NOW)


def changed(message: Message, **over: object) -> Message:
    return Message(**{**vars(message), **over})  # type: ignore[arg-type]


def test_what_was_signed_verifies_and_no_part_of_it_may_change() -> None:
    message = signed()
    checked(message)
    for other in (
        changed(message, method="PUT"),
        changed(message, path="/api/v1/y"),
        changed(message, query="y=2"),
        changed(message, body=b'{"a": 2}'),
        changed(message, headers={**message.headers, "idempotency-key": "another1"}),
        changed(message, headers={**message.headers, "content-digest": httpsig.digest(b"x")}),
    ):
        with pytest.raises(Garbled):
            checked(other)


@pytest.mark.parametrize("at", [NOW - 301, NOW + 301])
def test_a_signature_is_good_for_five_minutes(at: int) -> None:
    with pytest.raises(Garbled, match="time window"):
        checked(signed(at=at))
    checked(signed(at=NOW - 300))


def test_what_must_be_signed_cannot_be_left_out() -> None:
    message = signed()
    short = message.headers["signature-input"].replace(' "content-digest"', "")
    with pytest.raises(Garbled, match="not signed: content-digest"):
        checked(changed(message, headers={**message.headers, "signature-input": short}))


@given(said=some.text(max_size=60), proof=some.text(max_size=60))
def test_anything_else_is_garbled_and_never_a_crash(said: str, proof: str) -> None:
    message = changed(signed(), headers={"signature-input": said, "signature": proof})
    with pytest.raises(Garbled):
        httpsig.read(message)
