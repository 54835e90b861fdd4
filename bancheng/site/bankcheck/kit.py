"""What all checks stand on: a bank's key, requests signed with it, answers believed by their signature, and the list of checks."""

import json
import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from bancheng.lib import httpsig, sigalgs, signing
from bancheng.lib.httpsig import Message
from bancheng.lib.refusal import Garbled
from bancheng.lib.text import Text

API = "/api/v1/mortgages"
NOBODY = "00000000-0000-7000-8000-000000000000"
KEYS = {"type", "title", "status", "code", "says", "en", "law", "trace"}
Change = Callable[[dict[str, str]], dict[str, str]]


class Failed(Exception):
    """A check that the house did not pass, with what was seen."""


@dataclass(frozen=True)
class Result:
    """One check and how it went; `seen` is empty when it passed."""

    what: Text
    seen: str = ""


@dataclass
class Kit:
    """A bank's key and the house it is for."""

    client: httpx.Client
    key_id: str
    key: bytes = field(repr=False)
    algorithm: str
    user: str = sigalgs.USER_ID
    house: Mapping[str, bytes] = field(default_factory=dict)
    own: list[dict[str, Any]] | None = None  # the bank's last applications, read once

    def signed(
        self, method: str, path: str, body: bytes = b"", *, at: int = 0, **how: Any
    ) -> tuple[str, dict[str, str]]:
        """Return address and headers of a signed request."""
        url = f"{str(self.client.base_url).rstrip('/')}{API}/{path}"
        headers = {} if method == "GET" else {"Idempotency-Key": how.pop("key", "") or secrets.token_hex(8)}
        headers |= how.pop("more", {})
        said = {
            "key_id": self.key_id,
            "key": self.key,
            "algorithm": self.algorithm,
            "nonce": secrets.token_hex(12),
            **how,
        }
        message = Message.to(method, url, body=body, headers=headers)
        head = httpsig.sign(message, at=at or signing.seconds(), user=self.user, **said)
        return url, {**headers, **head, "Content-Type": "application/json"}

    def ask(
        self, method: str, path: str, body: Any = None, *, change: Change | None = None, **how: Any
    ) -> httpx.Response:
        """Send a request, bytes as they are, with its headers changed behind the signature when asked; the answer must be signed."""
        data = (
            body if isinstance(body, bytes) else b"" if body is None else json.dumps(body, ensure_ascii=False).encode()
        )
        url, headers = self.signed(method, path, data, **how)
        headers = change(headers) if change else headers
        answer = self.client.request(method, url, content=data, headers=headers)
        if "Signature" in headers and self.house:
            self._believe(answer, headers["Signature"])
        return answer

    def _believe(self, answer: httpx.Response, asked: str) -> None:
        try:
            httpsig.check_answer(
                answer.headers,
                status=answer.status_code,
                body=answer.content,
                asked=asked,
                keys=self.house,
                now=signing.seconds(),
            )
        except Garbled as no:
            raise Failed(f"{answer.status_code}: {no}") from None


Check = Callable[[Kit], None]
CHECKS: list[tuple[Text, Check]] = []


def check(zh: str, en: str) -> Callable[[Check], Check]:
    """Add a check under its sentence."""

    def add(run: Check) -> Check:
        CHECKS.append((Text(zh, en), run))
        return run

    return add


def run(kit: Kit) -> Iterator[Result]:
    """Run every check, one after the other."""
    for what, one in CHECKS:
        try:
            one(kit)
        except Failed as no:
            yield Result(what, str(no) or "?")
        except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
            yield Result(what, f"{type(error).__name__}: {error}"[:200])
        else:
            yield Result(what)


def expect(answer: httpx.Response, status: int | tuple[int, ...], code: str = "") -> Any:
    """Return the answer's document when it has that status and code; raise Failed otherwise."""
    allowed = (status,) if isinstance(status, int) else status
    document = answer.json() if "json" in answer.headers.get("content-type", "") and answer.content else {}
    said = document.get("code", "") if isinstance(document, dict) else ""
    if answer.status_code not in allowed or (code and said != code):
        raise Failed(f"{answer.status_code} {said}".strip())
    if answer.status_code >= 400 and (
        answer.headers["content-type"] != "application/problem+json" or not set(document) >= KEYS
    ):
        raise Failed("a refusal that is no problem document")
    return document


def head(**over: str) -> Change:
    """Return what puts other headers in."""
    return lambda headers: {**headers, **{name.replace("_", "-"): value for name, value in over.items()}}
