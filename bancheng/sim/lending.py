"""A bank's own system as it works through a season of filings (`filings`): it quotes, files, hears what came of it, and answers each day's file.

It believes nobody's book but its own. What it filed and what it was told are kept in `Book`; a line of the registry's file is held against that,
and what it has itself and the file has not is told too. Its memory is a file, written when a day is over.
"""

import base64
import hashlib
import json
import secrets
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx

from bancheng.lib import sigalgs
from bancheng.sim import banks
from bancheng.sim.banks import Wire
from bancheng.sim.filings import Filing, Kind, Slip
from bancheng.sim.html import SHANGHAI

LONGEST_PAUSE = 60.0  # seconds a bank waits when it is told to come later
QUOTES = 20  # how often it asks again for a parcel where others are quicker
PAPERS = {
    Kind.SET_UP: ("loan_contract", "mortgage_contract"),
    Kind.PRE: ("loan_contract", "mortgage_contract", "presale_contract"),
    Kind.CANCEL: ("release_statement",),
}


@dataclass
class Entry:
    """One case in a bank's own book."""

    application: str  # its id
    number: str
    kind: str
    loan: str
    lot: str
    dm2: int
    fen: int
    proof: str = ""
    digest: str = ""
    recorded_on: str = ""
    revoked: bool = False
    away: bool = False  # its papers are in the bank's archive, by a catalogue that the registry took

    def line(self) -> tuple[str, ...]:
        """Return what the registry's file should say of it."""
        fen = str(self.fen if self.kind != Kind.CANCEL else 0)
        return (self.proof or self.number, self.number, f"{self.lot}:{self.dm2}", fen, self.kind, "recorded")


@dataclass
class Book:
    """What a bank knows by itself: its cases by id, the numbers of the events it has, and how often something was odd."""

    entries: dict[str, Entry] = field(default_factory=dict)
    seen: set[int] = field(default_factory=set)
    acked: int = 0
    brought: int = 0  # events that its webhook has been asked for
    again: int = 0  # repeats that were the same case
    doubled: int = 0  # repeats that were another
    forged: int = 0  # forgeries that were refused
    refused: list[str] = field(default_factory=list)
    differ: int = 0  # lines of the registry's files that are not as here
    previous: str = ""  # digest of the last file
    answered: str = ""  # and its day

    def of_loan(self, loan: str, *kinds: Kind) -> Entry | None:
        """Return the newest case of a loan."""
        return next((one for one in reversed(self.entries.values()) if one.loan == loan and one.kind in kinds), None)

    def take(self, events: Iterable[Mapping[str, Any]]) -> int:
        """Write down what is told; return how much of it was new. In whatever order it comes, and however often."""
        new = 0
        for event in events:
            if event["seq"] not in self.seen:
                self.seen.add(event["seq"])
                self._note(event)
                new += 1
        return new

    def _note(self, event: Mapping[str, Any]) -> None:
        data = event["data"]
        entry = self.entries.get(str(data.get("application", "")))
        if entry is None:
            return
        if event["kind"] == "application.recorded":
            entry.recorded_on = datetime.fromisoformat(event["at"]).astimezone(SHANGHAI).date().isoformat()
        elif event["kind"] == "certificate.issued":
            entry.proof, entry.digest = data["certificate"], data["digest"]
        elif event["kind"] == "certificate.revoked":
            entry.revoked = True

    @property
    def lost(self) -> int:
        """Return how many events never came: numbers below the highest that are not here."""
        return max(self.seen, default=0) - len(self.seen)

    def answers(self, file: str, day: date) -> list[dict[str, Any]]:
        """Return what the bank says of a day's file: of each of its lines, and of what it has and the file has not."""
        mine = {entry.line()[0]: entry.line() for entry in self.entries.values() if entry.recorded_on == str(day)}
        told = {line.split("|")[0]: tuple(line.split("|")[:6]) for line in file.splitlines()[1:]}
        said = []
        for number, line in told.items():
            answer = "MATCH" if mine.get(number) == line else "DIFF" if number in mine else "MISSING"
            theirs = {"line": "|".join(mine[number])[:200]} if answer == "DIFF" else None
            said.append({"number": number, "answer": answer, "theirs": theirs})
        said += [{"number": number, "answer": "MATCH", "theirs": None} for number in mine if number not in told]
        self.differ += sum(one["answer"] != "MATCH" for one in said) + len(mine.keys() - told.keys())
        return said

    def save(self, path: Path) -> None:
        """Write it to a file, whole or not at all."""
        values = {**asdict(self), "seen": sorted(self.seen)}
        fresh = path.with_suffix(".new")
        fresh.write_text(json.dumps(values, ensure_ascii=False), encoding="utf-8")
        fresh.replace(path)

    @classmethod
    def read(cls, path: Path) -> "Book":
        """Return what was saved, or an empty book."""
        if not path.exists():
            return cls()
        values = json.loads(path.read_text(encoding="utf-8"))
        entries = {key: Entry(**one) for key, one in values.pop("entries").items()}
        return cls(entries=entries, seen=set(values.pop("seen")), **values)


class Lender:
    """One bank's system through a season."""

    def __init__(self, wire: Wire, book: Book, *, hook: str) -> None:
        self.wire, self.book, self.hook = wire, book, hook

    # --- filing ---

    def live(self, filings: Sequence[Filing], today: date) -> Iterator[tuple[Filing, str]]:
        """File what comes on a day; yield each with the case's id as soon as it is taken in, those that were overtaken at the end."""
        late = []
        for one in filings:
            if one.slip is Slip.OVERTAKEN:
                late.append((one, self._quoted(one)))
            elif case := self._file(one, today, self._quoted(one)):
                yield one, case
        for one, quoted in late:
            if case := self._file(one, today, quoted):
                yield one, case

    def repeat(self, filings: Sequence[Filing], today: date) -> None:
        """File once more, under another key, what was filed on the day before."""
        for one in filings:
            if one.slip is Slip.NEXT_DAY and (entry := self.book.of_loan(one.loan, one.kind)):
                self._again(one, today, self._quoted(one), entry.application)

    def _quoted(self, one: Filing) -> Mapping[str, Any]:
        kind = one.kind if one.kind is not Kind.CANCEL else Kind.SET_UP
        body = {"lots": [one.home.lot], "kind": kind, "authorisation": banks.POWER}
        return dict(self._ask("quotes", body).json())

    def _file(self, one: Filing, today: date, quoted: Mapping[str, Any]) -> str:
        """File one thing, again with a new quote as often as the book has moved on; return the case's id, "" when it was refused."""
        if one.slip is Slip.FORGED:
            answer = self.wire.ask("POST", *self._said(one, today, quoted), forged=True)
            self.book.forged += answer.status_code == 401
        key = secrets.token_hex(8)
        answer = self._ask(*self._said(one, today, quoted), key=key)
        for _ in range(QUOTES):
            if not _has_moved(answer):
                break
            quoted, key = self._quoted(one), secrets.token_hex(8)
            answer = self._ask(*self._said(one, today, quoted), key=key)
        made = answer.json() if answer.is_success else self._listed(one)
        if not made:
            self.book.refused.append(f"{one.loan} {one.kind} {answer.status_code} {answer.text[:200]}")
            return ""
        dm2 = next((lot["dm2"] for lot in quoted.get("lots", ())), 0)
        entry = Entry(made["id"], made["number"], one.kind, one.loan, one.home.lot, dm2, one.principal_fen)
        self.book.entries.setdefault(entry.application, entry)
        if one.slip is Slip.SAME_KEY:
            self._again(one, today, quoted, entry.application, key=key)
        if one.slip is Slip.OTHER_KEY:
            self._again(one, today, quoted, entry.application)
        return entry.application

    def _listed(self, one: Filing) -> dict[str, Any]:
        """Return what the registry has of a filing already: a bank whose machine died does not know that it had sent it."""
        after = 0
        while page := self.wire.ask("GET", f"applications?after={after}&limit=500").json()["items"]:
            for each in page:
                if (each["loan_no"], each["kind"]) == (one.loan, one.kind) and each["recorded_at"]:
                    return dict(each)
            after = page[-1]["cursor"]
        return {}

    def _again(self, one: Filing, today: date, quoted: Mapping[str, Any], case: str, key: str = "") -> None:
        answer = self._ask(*self._said(one, today, quoted), key=key)
        same = answer.is_success and answer.json()["id"] == case
        self.book.again += same
        self.book.doubled += answer.is_success and not same

    def _said(self, one: Filing, today: date, quoted: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
        """Return where a filing goes, and what it says."""
        version = quoted.get("register_version")
        papers = [_paper(one, material) for material in PAPERS[one.kind]]
        if one.kind is Kind.CANCEL:
            entry = self.book.of_loan(one.loan, Kind.SET_UP, Kind.PRE)
            proof = quote(entry.proof if entry else one.loan, safe="")
            return f"mortgages/{proof}/cancellations", {"loan_no": one.loan, "reason": "结清", "papers": papers}
        body = banks.application(one.home, one.loan, today, version)
        body["kind"], body["papers"] = str(one.kind), papers
        body["payload"] |= {"principal_fen": one.principal_fen} | ({"claim": one.contract} if one.contract else {})
        return "applications", body

    def _ask(self, path: str, body: Any, *, key: str = "") -> httpx.Response:
        """Ask, and ask again when told to come later."""
        while True:
            answer = self.wire.ask("POST", path, body, key=key)
            if answer.status_code not in (429, 503):
                return answer
            time.sleep(min(float(answer.headers.get("Retry-After", 1)), LONGEST_PAUSE))

    # --- what it hears ---

    def hear(self) -> tuple[int, int]:
        """Take what the webhook brought, then read on in the list behind what is acknowledged; return how much of each was new."""
        came = httpx.get(self.hook, params={"after": self.book.brought}, trust_env=False, timeout=30).json()
        self.book.brought += len(came)
        brought, read = self.book.take(came), 0
        while True:
            page = self.wire.ask("GET", f"events?after={self.book.acked}&limit=500").json()
            if not page["items"]:
                return brought, read
            read += self.book.take(page["items"])
            self.book.acked = int(page["next"])
            self.wire.ask("POST", "events/ack", {"seq": self.book.acked})

    def file_away(self, keeper: str) -> None:
        """File the catalogue of each case that was recorded, with an archivist of the bank's as its keeper."""
        for number, entry in enumerate(self.book.entries.values()):
            if entry.recorded_on and not entry.away:
                body = {
                    "application": entry.application,
                    "documents": [
                        {"material": material, "pages": 1, "sha256": _digest(entry.loan, entry.kind, material)}
                        for material in PAPERS[Kind(entry.kind)]
                    ],
                    "box": f"B{number // 100 + 1}",
                    "shelf": str(number % 100 + 1),
                    "keeper": keeper,
                }
                answer = self._ask("archives", body)
                entry.away = answer.is_success or answer.json().get("code") == "bundle_cannot"  # it is there already

    def reconcile(self, day: date) -> None:
        """Answer the files up to a day, those of a weekend too."""
        first = date.fromisoformat(self.book.answered) + timedelta(days=1) if self.book.answered else day
        for n in range((day - first).days + 1):
            self._answer(first + timedelta(days=n))

    def _answer(self, day: date) -> None:
        """Check a day's file by its signature and its chain, and answer it line by line from the bank's own book."""
        file = self.wire.ask("GET", f"reconciliations/{day}/file")
        file.raise_for_status()
        key_id, _, proof = file.headers["Bancheng-File-Signature"].partition(":")
        verify = sigalgs.VERIFY[sigalgs.ED25519]
        held = verify(self.wire.keys()[key_id], file.content, base64.b64decode(proof), "")
        chained = file.text.split("\n", 1)[0].split("|")[5] == (self.book.previous or "-")
        self.book.differ += (not held) + (not chained)
        self.book.answered = str(day)
        self.book.previous = hashlib.sha256(file.content).hexdigest()
        lines = self.book.answers(file.text, day)
        self.wire.ask("POST", f"reconciliations/{day}/responses", {"lines": lines}).raise_for_status()


def _has_moved(answer: httpx.Response) -> bool:
    """Return whether a filing was turned down because the book is not as it was quoted."""
    return answer.status_code == 409 and answer.json().get("code") == "REGISTER_CHANGED"


def _paper(one: Filing, material: str) -> dict[str, str]:
    return {"material": material, "name": f"{material}.pdf", "digest": _digest(one.loan, one.kind, material)}


def _digest(loan: str, kind: str, material: str) -> str:
    return hashlib.sha256(f"{loan}{kind}{material}".encode()).hexdigest()
