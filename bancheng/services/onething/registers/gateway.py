"""The city's exchange of registers: one signed question about one firm, one signed answer.

The answer is signed over the nonce of the question, so it answers this one; it must be about the firm, hold every register that was
asked and be of a day that can be true. Anything else is no answer. A question changes nothing, so it is asked twice before it
is given up; after some in vain nothing is asked for a while, and nobody waits for an exchange that is down.
"""

import json
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache, cached_property
from typing import Any, Protocol
from urllib.parse import urlsplit

import httpx
from django.conf import settings

from bancheng.lib import signing
from bancheng.lib.refusal import Garbled, Unavailable
from bancheng.services.onething.registers import rules
from bancheng.services.onething.registers.rules import Entry, Register

TRIES = 2
IN_VAIN, REST_SECONDS = 3, 30.0  # so many questions in a row without an answer, and nothing is asked for so long
MOST_DM2 = 10**9
LARGEST, MOST, LONGEST = 200_000, 200, 200  # bytes of an answer, its entries, characters of a word in it
ANSWER = "ANSWER"  # stands for the method in the signature of an answer


@dataclass(frozen=True)
class Question:
    """What is asked about a firm, and why."""

    uscc: str = field(repr=False)
    registers: tuple[Register, ...]
    purpose: str
    about: str
    by: str
    lease: str = ""  # the number of the lease, where that register is asked


@dataclass(frozen=True)
class Answer:
    """What the exchange says, as of when, and who it is."""

    entries: tuple[Entry, ...]
    source: str
    as_of: datetime


class Exchange(Protocol):
    """Whoever answers for the registers."""

    @property
    def rests(self) -> bool:
        """Whether it did not answer lately, so that it is not asked for the moment."""

    def ask(self, question: Question, *, at: datetime) -> Answer:
        """Return the answer; raise Unavailable, with the reason in a few words, when there is none that can be believed."""


@dataclass
class Http:
    """The real thing: kept connections; one client, which threads may share."""

    url: str
    secret: bytes
    seconds: float
    in_vain: int = 0
    rests_until: float = 0.0

    @property
    def rests(self) -> bool:
        return time.monotonic() < self.rests_until

    def ask(self, question: Question, *, at: datetime) -> Answer:
        if self.rests:
            raise Unavailable("registers: not asked, they did not answer lately")
        for left in reversed(range(TRIES)):
            try:
                found = read(self._post(question, at), question, at)
            except Unavailable:
                if left == 0:
                    self._count()
                    raise
            else:
                self.in_vain = 0
                return found
        raise AssertionError("there is a last try")

    def _count(self) -> None:
        self.in_vain += 1
        if self.in_vain >= IN_VAIN:
            self.in_vain, self.rests_until = 0, time.monotonic() + REST_SECONDS

    def _post(self, question: Question, at: datetime) -> bytes:
        url = f"{self.url}/questions"
        path, nonce = urlsplit(url).path, secrets.token_hex(12)
        said = {
            "uscc": question.uscc,
            "registers": list(question.registers),
            "purpose": question.purpose,
            "about": question.about,
            "by": question.by,
            "at": at.isoformat(),
            **({"lease": question.lease} if question.lease else {}),
        }
        body = json.dumps(said, ensure_ascii=False).encode()
        head = signing.sign(secret=self.secret, method="POST", path=path, body=body, at=signing.seconds(), nonce=nonce)
        try:
            answer = self._client.post(url, content=body, headers={**head, "Content-Type": "application/json"})
        except (httpx.HTTPError, ValueError) as error:
            raise Unavailable(f"registers: {type(error).__name__}") from None  # the text may hold an address
        if answer.status_code != 200:
            raise Unavailable(f"registers: answered {answer.status_code}")
        self._check_signed(answer, path, nonce)
        return answer.content

    def _check_signed(self, answer: httpx.Response, path: str, nonce: str) -> None:
        if len(answer.content) > LARGEST:
            raise Unavailable("registers: the answer is too large")
        try:
            signing.verify(
                secret=self.secret,
                method=ANSWER,
                path=path,
                body=answer.content,
                headers=answer.headers,
                now=signing.seconds(),
                seen=lambda given: given != nonce,
            )
        except Garbled:
            raise Unavailable("registers: the answer is not signed by the exchange, or for another question") from None

    @cached_property
    def _client(self) -> httpx.Client:
        return httpx.Client(timeout=httpx.Timeout(self.seconds, connect=min(self.seconds, 2.0)), trust_env=False)


@cache
def configured() -> Exchange:
    """Return the exchange of the settings: one for the life of the process, which remembers that it was silent."""
    return Http(settings.REGISTERS_URL, settings.REGISTERS_SECRET.encode(), settings.REGISTERS_SECONDS)


def read(body: bytes, question: Question, at: datetime) -> Answer:
    """Return what an answer says. Raises Unavailable for one that cannot be read or believed."""
    try:
        said = json.loads(body)
        as_of = datetime.fromisoformat(said["as_of"])
        answered = {Register(one) for one in said["registers"]}
        entries = _entries(said["entries"])
        if said["uscc"] != question.uscc or not answered.issuperset(question.registers) or as_of.tzinfo is None:
            raise ValueError("another question's answer")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise Unavailable("registers: the answer cannot be read") from None
    if not rules.can_be_of(as_of, at):
        raise Unavailable(f"registers: the answer is as of {as_of.date()}, which cannot be true")
    wanted = tuple(one for one in entries if one.register in question.registers and _is_asked(one, question))
    return Answer(wanted, _word(said.get("source", "")), as_of)


def _is_asked(entry: Entry, question: Question) -> bool:
    """A lease is asked for by its number: another of the same tenant is nobody's business here."""
    return entry.register is not Register.LEASE or entry.number == question.lease


def _entries(said: Sequence[Any]) -> tuple[Entry, ...]:
    if not isinstance(said, list) or len(said) > MOST:
        raise ValueError("entries")
    return tuple(
        Entry(
            Register(each["register"]),
            _word(each["number"]),
            _word(each["authority"]),
            date.fromisoformat(each["since"]) if each.get("since") else None,
            _area(each.get("area_dm2")),
        )
        for each in said
    )


def _area(said: Any) -> int | None:
    if said is not None and (type(said) is not int or not 0 < said < MOST_DM2):
        raise ValueError("an area")
    return said


def _word(said: Any) -> str:
    if not isinstance(said, str) or len(said) > LONGEST or "\0" in said:
        raise ValueError("a word")
    return said
