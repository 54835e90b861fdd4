"""The message gateways: one protocol, spoken by the real SMS and push platforms and by the simulator alike.

A gateway takes an id once: sending the same id again gives the same reference and no second message. That is what
lets a worker die between sending and writing down that it sent (decision 0008).
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from math import ceil
from typing import Any, Protocol
from urllib.parse import urlsplit

import httpx
from django.conf import settings

from bancheng.lib import signing
from bancheng.lib.refusal import Garbled, Unavailable

BATCH = 200  # messages the gateways take in one request
TIMEOUT_SECONDS = 15
STATES = ("sent", "delivered", "read", "failed")


@dataclass(frozen=True)
class Outgoing:
    """One message as it leaves: `to` is a number or an account token, `content` what the channel shows."""

    id: str
    to: str
    content: Mapping[str, Any]


@dataclass(frozen=True)
class Answer:
    """What the gateway said of one message: a reference, or the code for which it refused."""

    id: str
    ref: str = ""
    code: str = ""


@dataclass(frozen=True)
class Receipt:
    """What became of one message."""

    id: str
    state: str  # one of STATES
    at: datetime
    reason: str = ""


class Gateway(Protocol):
    """One outside party that brings messages to people."""

    channel: str

    def send(self, items: Sequence[Outgoing], *, at: datetime) -> list[Answer]:
        """Hand over at most BATCH messages that leave at `at`; raise Unavailable when it is not known what became of them."""

    def status(self, ids: Sequence[str]) -> list[Receipt]:
        """Return what became of those `ids` that the gateway knows; raise Unavailable when it does not answer."""


def push_token(mobile: str) -> str:
    """Return the name the push platform has for the account bound to `mobile`: the number itself is not sent."""
    return signing.token(secret=settings.GATEWAY_SECRET.encode(), text=f"push:{mobile}")


@dataclass
class Http:
    """A gateway over HTTP: signed requests, kept connections; one client, which threads may share."""

    channel: str
    url: str
    secret: bytes

    def send(self, items: Sequence[Outgoing], *, at: datetime) -> list[Answer]:
        messages = [{"id": item.id, "to": item.to, **item.content} for item in items]
        # milliseconds, rounded up: no receipt comes before its message left
        sent = {"at": ceil(at.timestamp() * 1000), "messages": messages}
        body = json.dumps(sent, ensure_ascii=False, separators=(",", ":")).encode()
        answer = self._ask("POST", f"{self.url}/messages", body)
        try:
            answers = [
                Answer(id=each["id"], ref=each.get("ref", ""), code=each.get("code", "")) for each in answer["results"]
            ]
        except (KeyError, TypeError, AttributeError):
            raise Unavailable(f"{self.channel}: the answer cannot be read") from None
        if [each.id for each in answers] != [item.id for item in items]:
            raise Unavailable(f"{self.channel}: the answer is for other messages")
        return answers

    def status(self, ids: Sequence[str]) -> list[Receipt]:
        answer = self._ask("GET", f"{self.url}/status?ids={','.join(ids)}", b"")
        return read_receipts({"receipts": answer.get("results")})

    def _ask(self, method: str, url: str, body: bytes) -> dict[str, Any]:
        parts = urlsplit(url)
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        head = signing.signed(secret=self.secret, method=method, path=path, body=body)
        try:
            answer = self._client.request(
                method, url, content=body, headers={**head, "Content-Type": "application/json"}
            )
            if answer.status_code != 200:
                raise Unavailable(f"{self.channel}: answered {answer.status_code}")
            parsed: dict[str, Any] = answer.json()
        except (httpx.HTTPError, ValueError) as error:
            raise Unavailable(f"{self.channel}: {type(error).__name__}") from None  # the text may hold an address
        return parsed

    @cached_property
    def _client(self) -> httpx.Client:
        return httpx.Client(timeout=TIMEOUT_SECONDS, trust_env=False)


def configured() -> dict[str, Gateway]:
    """Return the gateways of the settings by channel."""
    secret = settings.GATEWAY_SECRET.encode()
    return {
        "sms": Http(channel="sms", url=settings.SMS_URL, secret=secret),
        "push": Http(channel="push", url=settings.PUSH_URL, secret=secret),
    }


def read_receipts(payload: Any) -> list[Receipt]:
    """Parse a batch of receipts once, at the edge; raise Garbled when any of it cannot be read."""
    try:
        return [_receipt(each) for each in payload["receipts"]]
    except (KeyError, TypeError, ValueError, OverflowError):
        raise Garbled("a receipt cannot be read") from None


def _receipt(each: Mapping[str, Any]) -> Receipt:
    if each["state"] not in STATES or not isinstance(each["id"], str):
        raise ValueError(each["state"])
    at = datetime.fromtimestamp(each["at"] / 1000, UTC)
    return Receipt(id=each["id"], state=each["state"], at=at, reason=str(each.get("reason", ""))[:60])
