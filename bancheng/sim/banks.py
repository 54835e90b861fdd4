"""Six banks' systems, simulated: they quote, file, follow, read their events and answer each day's file, over the real signed interface.

Each signs with a key of its own kind. Most behave; some do what banks' systems do: send the same request again and again, in another
order, with a signature that is not theirs, or stay away from their events and catch up. What comes back must be signed by the site.
A bank knows nothing of the city but what the interface tells it, and the lots and owners it is given.
"""

import base64
import hashlib
import json
import random
import secrets
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx

from bancheng.lib import bankkeys, httpsig
from bancheng.lib.identifiers import make_citizen_id
from bancheng.lib.refusal import Garbled
from bancheng.sim.people import AREA
from bancheng.sim.state import now

API = "/api/v1/mortgages"
POWER = "授权书（演示）：查询并申报抵押"
PAPERS = ("loan_contract", "mortgage_contract")


@dataclass(frozen=True)
class Manners:
    """How a bank's system behaves; rates are 0 to 1."""

    repeats: float = 0.0  # the same change twice, under the same key
    again: float = 0.0  # the same loan under another key
    forged: float = 0.0  # a signature that is not its own
    forgets: float = 0.0  # its events, for a round
    backwards: bool = False  # it reads its list from behind and acknowledges out of order


MANNERS = {
    "boc": Manners(),
    "abc": Manners(repeats=0.5),
    "icbc": Manners(again=0.5, backwards=True),
    "ccb": Manners(forged=0.3),
    "psbc": Manners(forgets=0.7),
    "rcb": Manners(repeats=0.3, again=0.3, forged=0.1, forgets=0.3, backwards=True),
}


@dataclass(frozen=True)
class Home:
    """A home whose owner asks for a loan: what he shows at the counter."""

    lot: str
    owner: str
    identifier: str
    floor_dm2: int


def homes(estates: Path) -> list[Home]:
    """Return the homes of the sample estates that one person holds: those who may walk into a bank."""
    whole = tomllib.loads(estates.read_text(encoding="utf-8"))
    people = {one["code"]: one for one in whole.get("person", ())}
    return [home for estate in whole.get("estate", ()) for home in _of_estate(estate, people)]


def _of_estate(estate: Mapping[str, Any], people: Mapping[str, Any]) -> Iterator[Home]:
    acts = estate.get("act", ())
    handed = {unit for act in acts if act["do"] == "transfer" for unit in act["units"]}
    floors = {one["code"]: one.get("measured", ()) for one in estate.get("building", ())}
    for act in acts:
        if act["do"] != "sell" or act["unit"] not in handed or len(act["buyers"]) != 1:
            continue
        who, unit = people[act["buyers"][0]], act["unit"]
        measured = floors[unit[:4]]
        square = measured[(int(unit[4:]) - 1) % len(measured)]
        identifier = make_citizen_id(AREA, who["born"], who["serial"])
        yield Home(f"{estate['parcel']}F{unit}", who["name"], identifier, int(square.replace(".", "")))


@dataclass
class Tally:
    """What came of a bank's calls."""

    answered: dict[int, int] = field(default_factory=dict)  # by status
    unsigned: int = 0  # answers that were not the site's, or did not fit
    lost: int = 0  # events whose number never came
    filed: set[str] = field(default_factory=set)


class Wire:
    """How a bank asks: signs what it sends, believes only what the site signed."""

    def __init__(self, client: httpx.Client, held: bankkeys.Held, key_id: str) -> None:
        self.client, self.held, self.key_id = client, held, key_id
        self.tally = Tally()
        self._keys: Mapping[str, bytes] = {}

    def ask(self, method: str, path: str, body: Any = None, *, key: str = "", forged: bool = False) -> httpx.Response:
        """Send one signed request; `key` is the Idempotency-Key of a change."""
        data = b"" if body is None else json.dumps(body, ensure_ascii=False).encode()
        headers = {"Bank-Id": self.held.bank.unit}
        if method != "GET":
            headers["Idempotency-Key"] = key or secrets.token_hex(8)
        url = f"{str(self.client.base_url).rstrip('/')}{API}/{path}"
        signed = httpsig.sign(
            httpsig.Message.to(method, url, body=data, headers=headers),
            key_id=self.key_id,
            key=self.held.private,
            at=int(now()),
            nonce=secrets.token_hex(12),
            algorithm=self.held.algorithm,
            user=self.held.bank.user,
        )
        if forged:
            signed["Signature"] = f"sig1=:{base64.b64encode(secrets.token_bytes(64)).decode()}:"
        answer = self.client.request(
            method, url, content=data, headers={**headers, **signed, "Content-Type": "application/json"}
        )
        self.tally.answered[answer.status_code] = self.tally.answered.get(answer.status_code, 0) + 1
        self._believe(answer, signed["Signature"])
        return answer

    def _believe(self, answer: httpx.Response, asked: str) -> None:
        try:
            httpsig.check_answer(
                answer.headers,
                status=answer.status_code,
                body=answer.content,
                asked=asked,
                keys=self.keys(),
                now=int(now()),
            )
        except Garbled:
            self.tally.unsigned += 1

    def keys(self) -> Mapping[str, bytes]:
        """Return the site's public keys."""
        if not self._keys:
            found = self.client.get("/.well-known/bancheng-keys").json()["keys"]
            self._keys = {key["kid"]: base64.urlsafe_b64decode(key["x"] + "=") for key in found}
        return self._keys


class Bank:
    """One bank's system: a round of its day each time it is asked."""

    def __init__(self, wire: Wire, *, homes: Sequence[Home], seed: int = 0, hook: str = "") -> None:
        self.wire, self.homes, self.hook = wire, homes, hook
        self.manners = MANNERS[wire.held.bank.unit]
        self.dice = random.Random(f"{wire.held.bank.unit}{seed}")
        self.seen: set[int] = set()
        self.acked = 0
        self.answered: set[date] = set()

    def round(self, today: date) -> None:
        """Do what a bank does in a while: file for somebody, look after its events, answer yesterday's file."""
        if self.hook:
            subscribe(self.wire, self.hook, up=self.manners.forgets <= 0.5)
        if self.homes:
            self.file(self.dice.choice(self.homes), today)
        if self.dice.random() >= self.manners.forgets:
            self.read_events()
        self.reconcile(today - timedelta(days=1))

    def file(self, home: Home, today: date) -> httpx.Response:
        """Quote a home and file its mortgage; badly, where the bank's manners say so."""
        quoted = self.wire.ask("POST", "quotes", {"lots": [home.lot], "authorisation": POWER})
        version = quoted.json().get("register_version") if quoted.is_success else None
        body, key = (
            application(home, f"{self.wire.held.bank.unit}-{home.lot[-8:]}", today, version),
            secrets.token_hex(8),
        )
        if self.dice.random() < self.manners.forged:
            self.wire.ask("POST", "applications", body, key=key, forged=True)
        answer = self.wire.ask("POST", "applications", body, key=key)
        if self.dice.random() < self.manners.repeats:
            self.wire.ask("POST", "applications", body, key=key)
        if self.dice.random() < self.manners.again:
            self.wire.ask("POST", "applications", {**body, "expected_version": None})
        if answer.is_success:
            self.wire.tally.filed.add(answer.json()["id"])
        return answer

    def read_events(self) -> list[dict[str, Any]]:
        """Read on from where everything is known, and acknowledge; return what was new."""
        new: list[dict[str, Any]] = []
        while True:
            page = self.wire.ask("GET", f"events?after={self.acked}&limit=200").json()
            items = page.get("items", [])
            for one in items[::-1] if self.manners.backwards else items:
                if one["seq"] not in self.seen:
                    self.seen.add(one["seq"])
                    new.append(one)
            last = max(self.seen, default=0)
            self.wire.tally.lost = last - len(self.seen)
            if not items:
                return new
            self.acked = int(page["next"])
            self.wire.ask("POST", "events/ack", {"seq": self.acked})
            if self.manners.backwards:
                self.wire.ask("POST", "events/ack", {"seq": self.acked // 2})  # out of order: it must not go back

    def reconcile(self, day: date) -> None:
        """Answer a day's file, once it is there: all of it agrees, for the bank has no book but ours."""
        if day in self.answered:
            return
        file = self.wire.ask("GET", f"reconciliations/{day}/file")
        if file.is_success:
            lines = [line.split("|")[0] for line in file.text.splitlines()[1:]]
            body = {"lines": [{"number": number, "answer": "MATCH"} for number in lines]}
            self.wire.ask("POST", f"reconciliations/{day}/responses", body)
            self.answered.add(day)

    def fetch(self, number: str) -> httpx.Response:
        """Fetch a proof's sealed file."""
        return self.wire.ask("GET", f"certificates/{quote(number)}/file")


def subscribe(wire: Wire, hook: str, *, up: bool = True) -> None:
    """Have events brought to a webhook, unless they are; its receiver hears of it, or is not `up` and takes nothing."""
    held = wire.ask("GET", "webhooks").json()
    made = next((one for one in held if one["url"] == hook), None) or wire.ask("POST", "webhooks", {"url": hook}).json()
    if up:
        httpx.put(hook, json={"id": made["id"]}, trust_env=False).raise_for_status()


def application(home: Home, loan: str, today: date, version: int | None) -> dict[str, Any]:
    """Return a mortgage of a home as the interface wants it."""
    last = today.replace(year=today.year + 20, day=min(today.day, 28))
    return {
        "kind": "mortgage.set",
        "lots": [home.lot],
        "loan_no": loan,
        "expected_version": version,
        "parties": [{"role": "mortgagor", "kind": "person", "name": home.owner, "identifier": home.identifier}],
        "payload": {
            "principal_fen": 48_000_000,
            "first": str(today),
            "last": str(last),
            "contract_no": f"抵{loan}",
            "areas": {home.lot: home.floor_dm2},
        },
        "papers": [
            {"material": name, "name": f"{name}.pdf", "digest": hashlib.sha256(f"{loan}{name}".encode()).hexdigest()}
            for name in PAPERS
        ],
    }
