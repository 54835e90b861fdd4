"""HTTP Message Signatures (RFC 9421) with a digest of the body (RFC 9530): how partner systems and we know each other's requests.

A profile, not all of it: one signature a request; algorithms are those of `lib/sigalgs.py`; components are header fields and
`@method @path @query @authority`, without parameters. `created`, `keyid` and `nonce` are needed, `expires` too with a public key.
What must be signed is `REQUIRED`, the digest when there is a body, and `idempotency-key` and `bank-id` when they are sent.
An answer is signed over its status, its digest and the signature of the request it answers.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, unquote, urlsplit

from bancheng.lib.refusal import Garbled
from bancheng.lib.sigalgs import ED25519, HMAC, SM2, USER_ID, VERIFY
from bancheng.lib.sigalgs import sign as _proof

__all__ = [
    "ED25519",
    "HMAC",
    "VERIFY",
    "Given",
    "Message",
    "base",
    "check",
    "check_answer",
    "digest",
    "read",
    "sign",
    "sign_answer",
]

WINDOW_SECONDS = 300
REQUIRED = ("@method", "@path", "@query")
IF_SENT = ("idempotency-key", "bank-id")  # signed whenever they are there
PATH_SAFE = "/:@!$&'()*+,;=~"  # and what is unreserved
LONGEST = 2000  # characters of a signature header

_LABEL = r"[a-z*][a-z0-9_.*-]{0,31}"
_NAME = r'"[a-z@][a-z0-9@_-]{0,63}"'
_PARAMETER = r';[a-z][a-z0-9_]*=(?:\d{1,15}|"[\x20\x21\x23-\x5b\x5d-\x7e]*")'
INPUT = re.compile(rf"({_LABEL})=(\(({_NAME}(?: {_NAME})*)\)((?:{_PARAMETER})*))", re.ASCII)
SIGNATURE = re.compile(rf"({_LABEL})=:([A-Za-z0-9+/]+={{0,2}}):", re.ASCII)
PARAMETER = re.compile(r';([a-z][a-z0-9_]*)=(?:(\d+)|"([^"]*)")', re.ASCII)
DIGEST = re.compile(r"sha-256=:([A-Za-z0-9+/]+={0,2}):", re.ASCII)


@dataclass(frozen=True)
class Message:
    """A request as it is signed: `path` and `query` as they travel, header names in lower case."""

    method: str
    path: str
    query: str = ""
    authority: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @classmethod
    def to(cls, method: str, url: str, *, body: bytes = b"", headers: Mapping[str, str] | None = None) -> "Message":
        """Return the request for `url`."""
        parts = urlsplit(url)
        lower = {name.lower(): value for name, value in (headers or {}).items()}
        return cls(method, parts.path or "/", parts.query, parts.netloc, lower, body)


@dataclass(frozen=True)
class Given:
    """What a request says of its signature, read but not believed yet."""

    components: tuple[str, ...]
    parameters: str  # as they travelled: they are signed themselves
    created: int
    key_id: str
    nonce: str
    algorithm: str
    expires: int
    signature: bytes


def digest(body: bytes) -> str:
    """Return the value of Content-Digest."""
    return f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode()}:"


def read(message: Message) -> Given:
    """Return the one signature of a request. Raises Garbled when there is none or it cannot be read."""
    said, proof = message.headers.get("signature-input", ""), message.headers.get("signature", "")
    if not said or not proof:
        raise Garbled("unsigned request")
    inputs = INPUT.fullmatch(said) if len(said) <= LONGEST else None
    signature = SIGNATURE.fullmatch(proof) if len(proof) <= LONGEST else None
    if inputs is None or signature is None or inputs[1] != signature[1]:
        raise Garbled("signature headers that cannot be read")
    components = tuple(name.strip('"') for name in inputs[3].split(" "))
    values: dict[str, str] = {}
    for name, number, text in PARAMETER.findall(inputs[4]):
        if name in values:
            raise Garbled(f"parameter {name} twice")
        values[name] = number or text
    created, expires = values.get("created", ""), values.get("expires", "0")
    key_id, nonce = values.get("keyid", ""), values.get("nonce", "")
    if not (created.isdigit() and expires.isdigit() and 0 < len(key_id) <= 64 and 8 <= len(nonce) <= 64):
        raise Garbled("a signature needs created, keyid and a nonce of 8 to 64 characters")
    if len(set(components)) != len(components):
        raise Garbled("a component is named twice")
    try:
        proven = base64.b64decode(signature[2], validate=True)
    except ValueError:
        raise Garbled("a signature that is no base64") from None
    return Given(
        components, inputs[2], int(created), key_id, nonce, values.get("alg", ""), int(expires), proven
    )  # fmt: skip


def base(message: Message, given_components: tuple[str, ...], parameters: str) -> bytes:
    """Return what is signed (RFC 9421 section 2.5). Raises Garbled for a component the request does not have."""
    lines = [f'"{name}": {_value(message, name)}' for name in given_components]
    return "\n".join([*lines, f'"@signature-params": {parameters}']).encode()


def canonical(path: str) -> str:
    """Return a path in the one form that both sides sign: percent signs only where RFC 3986 needs them, for servers hand on what is decoded."""
    return quote(unquote(path or "/"), safe=PATH_SAFE)


def _value(message: Message, name: str) -> str:
    derived = {
        "@method": message.method.upper(),
        "@path": canonical(message.path),
        "@query": f"?{message.query}",
        "@authority": message.authority.lower(),
    }
    value = derived.get(name) if name.startswith("@") else message.headers.get(name)
    if value is None:
        raise Garbled(f"{name} is signed and not there")
    return value.strip()


def check(given: Given, message: Message, *, algorithm: str, key: bytes, now: int, user: str = USER_ID) -> None:
    """Accept a request that the holder of `key` signed at most five minutes from `now`; raise Garbled otherwise. `user` is SM2's.

    Whether the nonce was seen before is the caller's to ask, afterwards: a forged request must not use one up.
    """
    needed = {*REQUIRED, *(("content-digest",) if message.body else ())}
    needed |= set(IF_SENT) & set(message.headers)
    if missing := sorted(needed - set(given.components)):
        raise Garbled(f"not signed: {', '.join(missing)}")
    if given.algorithm not in ("", algorithm):
        raise Garbled("the key is of another algorithm")
    if not VERIFY[algorithm](key, base(message, given.components, given.parameters), given.signature, user):
        raise Garbled("wrong signature")
    _check_time(given, now=now, needed=algorithm != HMAC)
    found = DIGEST.search(message.headers.get("content-digest", ""))
    if "content-digest" in given.components and (
        found is None or not hmac.compare_digest(digest(message.body), f"sha-256=:{found[1]}:")
    ):
        raise Garbled("the body is not the one that was signed")


def _check_time(given: Given, *, now: int, needed: bool) -> None:
    if abs(now - given.created) > WINDOW_SECONDS or 0 < given.expires < now:
        raise Garbled("signature out of its time window")
    if (given.expires or needed) and not 0 < given.expires - given.created <= WINDOW_SECONDS:
        raise Garbled("expires must be there, at most 300 seconds after created")


def sign(
    message: Message, *, key_id: str, key: bytes, at: int, nonce: str, algorithm: str = HMAC, user: str = USER_ID
) -> dict[str, str]:
    """Return the headers that prove the request comes from a holder of `key`; `at` is in whole seconds since 1970."""
    more = {"content-digest": digest(message.body)} if message.body else {}
    whole = Message(
        message.method, message.path, message.query, message.authority, {**message.headers, **more}, message.body
    )
    named = [*REQUIRED, *(name for name in ("content-digest", *IF_SENT) if name in whole.headers)]
    components = " ".join(f'"{name}"' for name in named)
    said = f'({components});created={at};expires={at + WINDOW_SECONDS};keyid="{key_id}";nonce="{nonce}"'
    parameters = said if algorithm == SM2 else f'{said};alg="{algorithm}"'  # SM2 has no registered name
    proof = _proof(algorithm, key, base(whole, tuple(named), parameters), user=user)
    headers = {"Content-Digest": more["content-digest"]} if more else {}
    return headers | {
        "Signature-Input": f"sig1={parameters}",
        "Signature": f"sig1=:{base64.b64encode(proof).decode()}:",
    }


# --- answers

ANSWER = '("@status" "content-digest" "signature";req)'
ANSWER_INPUT = re.compile(
    rf'sig1=({re.escape(ANSWER)};created=(\d{{1,15}});keyid="([!-~]{{1,64}})";alg="ed25519")', re.ASCII
)


def sign_answer(*, status: int, body: bytes, asked: str, key_id: str, key: bytes, at: int) -> dict[str, str]:
    """Return the headers that prove an answer ours: over its status, its body and `asked`, the Signature of the request it answers."""
    found = digest(body)
    parameters = f'{ANSWER};created={at};keyid="{key_id}";alg="{ED25519}"'
    proof = _proof(ED25519, key, _answer_base(status, found, asked, parameters))
    return {
        "Content-Digest": found,
        "Signature-Input": f"sig1={parameters}",
        "Signature": f"sig1=:{base64.b64encode(proof).decode()}:",
    }


def check_answer(
    headers: Mapping[str, str], *, status: int, body: bytes, asked: str, keys: Mapping[str, bytes], now: int
) -> None:
    """Accept an answer that one of the house's `keys` (id → Ed25519) signed for the request whose Signature is `asked`; raise Garbled otherwise."""
    lower = {name.lower(): value for name, value in headers.items()}
    given = ANSWER_INPUT.fullmatch(lower.get("signature-input", ""))
    proof = SIGNATURE.fullmatch(lower.get("signature", ""))
    if given is None or proof is None:
        raise Garbled("unsigned answer")
    key, said = keys.get(given[3]), lower.get("content-digest", "")
    if key is None or said != digest(body) or abs(now - int(given[2])) > WINDOW_SECONDS:
        raise Garbled("an answer of an unknown key, another body or another time")
    if not VERIFY[ED25519](key, _answer_base(status, said, asked, given[1]), base64.b64decode(proof[2]), ""):
        raise Garbled("wrong signature of the answer")


def _answer_base(status: int, found: str, asked: str, parameters: str) -> bytes:
    lines = [f'"@status": {status}', f'"content-digest": {found}', f'"signature";req: {asked.strip()}']
    return "\n".join([*lines, f'"@signature-params": {parameters}']).encode()
