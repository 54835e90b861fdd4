"""The city's exchange of registers, simulated: what courts, the market regulator, the tax office and the housing office know of firms.

`POST /registers/v1/questions` takes one signed question about one firm and gives one answer, signed over the question's nonce and
dated by the instant the question carries (without it, by the wall clock). `/registers/` shows who was asked about and has the fault
panel; `GET` and `POST /registers.json` are the same for programs, `PUT /registers/<credit code>` writes what is known of a firm.
A lease is told to who names its number and is its tenant. What it knows at first stands in `data/registers.toml`: firms of the
demonstration. It keeps nothing on disk.
"""

import asyncio
import json
import os
import random
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bancheng.lib import signing
from bancheng.lib.days import SHANGHAI
from bancheng.lib.refusal import Garbled
from bancheng.sim import switches
from bancheng.sim.html import h, moment, page, words
from bancheng.sim.people import DEMO_PEOPLE
from bancheng.sim.state import now

SOURCE = "许昌市经营主体登记信息交换平台（模拟）"
LARGEST_BODY, SHOWN = 100_000, 100
WORDS = ("register", "number", "authority", "since")
LEASE = "lease"

Entry = dict[str, Any]  # WORDS, and of a lease `area_dm2`


@dataclass
class Faults:
    """What is switched to go wrong; rates are 0 to 1."""

    down: bool = False  # 503 for everything
    error_rate: float = 0.0  # 500
    slow_ms: int = 0
    wrong_signature: bool = False  # of the answer
    days_off: int = 0  # the answer's date is so many days from the truth
    other_firm: bool = False  # it answers about somebody else
    other_lease: bool = False  # it answers with another lease than the one asked for
    lease_m2_off: int = 0  # the register has the area wrong by so much


LABELS = {
    "down": ("停机（一律503）", "Down (503 for everything)"),
    "error_rate": ("内部错误比例（500）", "Rate of internal errors (500)"),
    "slow_ms": ("变慢（毫秒）", "Slow by (ms)"),
    "wrong_signature": ("答复签名不对", "Answers with a wrong signature"),
    "days_off": ("数据时间不实（差几天，可为负）", "A false date of the data (days off, may be negative)"),
    "other_firm": ("答非所问（另一家企业）", "Answers about another firm"),
    "other_lease": ("答非所问（另一份租赁）", "Answers with another lease"),
    "lease_m2_off": ("租赁备案的面积有误（差几平方米，可为负）", "A lease's area is wrong (by m², may be negative)"),
}
BOUNDS = {"slow_ms": (0, 60_000), "days_off": (-4000, 4000), "error_rate": (0, 1), "lease_m2_off": (-1000, 1000)}


@dataclass(frozen=True)
class Taken:
    """One question: about whom, for which application, by whom, and why."""

    uscc: str
    about: str
    by: str
    purpose: str
    at: float


def seeded() -> dict[str, list[Entry]]:
    """Return what is known at first, by credit code."""
    firms = {one.code: one.organisation.uscc for one in DEMO_PEOPLE if one.organisation}
    rows = tomllib.loads((Path(__file__).parent / "data" / "registers.toml").read_text(encoding="utf-8"))["entry"]
    known: dict[str, list[Entry]] = {}
    for row in rows:
        known.setdefault(firms[row["firm_of"]], []).append(_entry(row))
    return known


def _entry(row: dict[str, Any]) -> Entry:
    made: Entry = {name: str(row[name]) for name in WORDS}
    return made | {"area_dm2": int(row["area_dm2"])} if row["register"] == LEASE else made


@dataclass
class Office:
    """The exchange's whole state."""

    secret: Callable[[], bytes]  # asked when it is needed
    known: dict[str, list[Entry]] = field(default_factory=seeded)
    faults: Faults = field(default_factory=Faults)
    taken: list[Taken] = field(default_factory=list)
    seen: signing.Nonces = field(default_factory=lambda: signing.Nonces(now))

    def change(self, values: dict[str, Any]) -> None:
        """Set the named faults; raise ValueError and change nothing when one is unknown or out of its kind."""
        known = {each.name: getattr(self.faults, each.name) for each in fields(Faults)}
        for name, value in values.items():
            flag = isinstance(known.get(name), bool)
            least, most = BOUNDS.get(name, (0, 1))
            if name not in known or isinstance(value, bool) != flag or not isinstance(value, int | float):
                raise ValueError(f"no such fault or value: {name}")
            if not least <= value <= most:
                raise ValueError(f"no such fault or value: {name}")
        self.faults = Faults(**{**known, **values})

    async def question(self, request: Request) -> Response:
        """Answer one question, or fail as the panel says."""
        faults, body = self.faults, await request.body()
        if faults.slow_ms:
            await asyncio.sleep(faults.slow_ms / 1000)
        if faults.down:
            return switches.no(503, "down")
        if random.random() < faults.error_rate:
            return switches.no(500, "internal")
        path = request.url.path
        try:
            self._check(request, path, body)
            asked = json.loads(body)
            answer = self._answer(asked)
        except Garbled as no:
            return switches.no(401, str(no))
        except (ValueError, KeyError, TypeError, AttributeError):
            return switches.no(422, "bad_question")
        said = json.dumps(answer, ensure_ascii=False).encode()
        head = signing.sign(
            secret=b"not ours" if faults.wrong_signature else self.secret(),
            method="ANSWER",
            path=path,
            body=said,
            at=int(now()),
            nonce=request.headers[signing.NONCE],
        )
        return Response(said, headers=head, media_type="application/json")

    def _check(self, request: Request, path: str, body: bytes) -> None:
        if len(body) > LARGEST_BODY:
            raise Garbled("too large")
        signing.verify(
            secret=self.secret(),
            method="POST",
            path=path,
            body=body,
            headers=request.headers,
            now=int(now()),
            seen=self.seen,
        )

    def _answer(self, asked: dict[str, Any]) -> dict[str, Any]:
        uscc, wanted = str(asked["uscc"]), [str(one) for one in asked["registers"]]
        self.taken.append(Taken(uscc, str(asked["about"]), str(asked["by"]), str(asked["purpose"]), now()))
        at = datetime.fromisoformat(asked["at"]) if asked.get("at") else datetime.fromtimestamp(now(), SHANGHAI)
        entries = [self._told(one) for one in self.known.get(uscc, []) if _is_asked(one, wanted, asked.get("lease"))]
        return {
            "uscc": uscc[::-1] if self.faults.other_firm else uscc,
            "registers": wanted,
            "entries": entries,
            "as_of": (at + timedelta(days=self.faults.days_off)).isoformat(),
            "source": SOURCE,
        }

    def _told(self, one: Entry) -> Entry:
        """Return an entry as it is told, with the faults of the panel."""
        if one["register"] != LEASE:
            return one
        number = f"{one['number']}副" if self.faults.other_lease else one["number"]
        return one | {"number": number, "area_dm2": max(one["area_dm2"] + self.faults.lease_m2_off * 100, 1)}

    def write(self, uscc: str, entries: Sequence[Any]) -> None:
        """Write what is known of a firm from now on; raise ValueError for what is no entry."""
        if not isinstance(entries, list) or not all(isinstance(one, dict) and _is_whole(one) for one in entries):
            raise ValueError("an entry has register, number, authority, since, and a lease area_dm2")
        self.known[uscc] = [_entry(one) for one in entries]

    def told(self) -> dict[str, Any]:
        """Return all of it but the secret."""
        return {"faults": asdict(self.faults), "known": self.known, "taken": [asdict(one) for one in self.taken]}


def _is_whole(one: dict[str, Any]) -> bool:
    of_lease = {"area_dm2"} if one.get("register") == LEASE else set()
    return set(one) == {*WORDS, *of_lease} and all(type(one[name]) is int and one[name] > 0 for name in of_lease)


def _is_asked(one: Entry, wanted: Sequence[str], lease: Any) -> bool:
    return one["register"] in wanted and (one["register"] != LEASE or one["number"] == lease)


def secret() -> bytes:
    """Return the secret shared with the site: from the environment, from its file, or the demo's own in `var/keys`."""
    if value := os.environ.get("BANCHENG_REGISTERS_SECRET"):
        return value.encode()
    var = Path(os.environ.get("BANCHENG_VAR", Path(__file__).resolve().parent.parent.parent / "var"))
    path = os.environ.get("BANCHENG_REGISTERS_SECRET_FILE", var / "keys" / "bancheng_registers_secret")
    return Path(path).read_text().strip().encode()


def routes(office: Office) -> list[Route]:
    """Return the exchange's doors."""

    async def write(request: Request) -> Response:
        try:
            office.write(request.path_params["uscc"], await request.json())
        except ValueError as wrong:
            return JSONResponse({"code": "bad_entry", "says": str(wrong)}, status_code=422)
        return JSONResponse({"known": office.known[request.path_params["uscc"]]})

    return [
        Route("/registers/v1/questions", office.question, methods=["POST"]),
        *switches.doors(
            "registers", Faults(), page=lambda request: _page(request, office), change=office.change, told=office.told
        ),
        Route("/registers/{uscc}", write, methods=["PUT"]),
    ]


def _page(request: Request, office: Office) -> Response:
    title = words(request, "登记信息交换", "Exchange of registers")
    facts = words(
        request,
        f"有记录的企业{len(office.known)}家，已答{len(office.taken)}问",
        f"{len(office.known)} firms with entries, {len(office.taken)} questions answered",
    )
    names = {one.organisation.uscc: one.organisation.name for one in DEMO_PEOPLE if one.organisation}
    known = [
        h("li", f"{names.get(uscc, uscc)}：{one['register']} {one['number']}，{one['authority']}{_area(one)}")
        for uscc, entries in office.known.items()
        for one in entries
    ]
    asked = [
        h("li", f"{moment(one.at)} {names.get(one.uscc, one.uscc)}：{one.purpose}")
        for one in office.taken[-SHOWN:][::-1]
    ]
    body = h(
        "main",
        h("header", h("h1", title), class_="bar"),
        h("p", facts, class_="facts"),
        switches.form(request, "registers", office.faults, LABELS),
        h("h2", words(request, "登记的情况", "What is registered")),
        h("ul", *known),
        h("h2", words(request, "被问到的", "Who was asked about")),
        h("ul", *asked),
        class_="panel",
    )
    return page(request, title=title, body=body)


def _area(one: Entry) -> str:
    return f"，{one['area_dm2'] / 100:g} m²" if one["register"] == LEASE else ""
