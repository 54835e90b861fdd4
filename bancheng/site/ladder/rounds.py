"""The rounds: a moment of chance, a part of chance, kill -9; whoever looks after the house brings it back; then the books."""

import random
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import psycopg

from bancheng.lib.refusal import Unavailable
from bancheng.sim.meters import control
from bancheng.sim.meters.field import places_of
from bancheng.sim.meters.passersby import Habits
from bancheng.site.ladder import books
from bancheng.site.ladder.houses import PARTS, House
from bancheng.site.ladder.people import QUICK, Visitors
from bancheng.site.ladder.wild import Wild

DOUBLE = 0.25  # so often a second part goes with the first
OVER_SECONDS = 60.0  # a relay that is on for a use that has ended, and nobody away, is off by then
LOOK = 0.25
PARTITIONS = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid = 7562091 AND objid < 1000"
NOW = "SELECT now(), (SELECT coalesce(max(id), 0) FROM procrastinate_workers)"
WORKING = "SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > %s AND id > %s"
HEARD = "SELECT count(*) FROM sockets_gatewaystate WHERE online AND gateway = ANY(%s)"
ENDED = "SELECT id::text, state FROM sockets_session WHERE state IN ('refunding', 'attention', 'closed', 'expired') AND id = ANY(%s::uuid[])"
SHARES = 8


@dataclass(frozen=True)
class Plan:
    """How long, how hard, and from which seed: the same seed kills the same parts after the same moments."""

    rounds: int
    seed: int
    people: int = 4
    pause: tuple[float, float] = (1.0, 8.0)
    well_seconds: float = 180.0  # what is not back by then does not come back
    settle_seconds: float = 900.0
    unpaid_too: bool = True  # wait for reservations that nobody paid
    habits: Habits = QUICK


@dataclass
class Told:
    """What came of it."""

    seed: int
    kills: Counter[str] = field(default_factory=Counter)
    recoveries: list[tuple[float, str]] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    people: Counter[str] = field(default_factory=Counter)
    unanswered: Counter[str] = field(default_factory=Counter)
    sums: books.Sums = field(default_factory=books.Sums)
    settled_seconds: float = 0.0

    @property
    def slowest(self) -> tuple[float, str]:
        """Return the slowest recovery and of what."""
        return max(self.recoveries, default=(0.0, ""))


class Relays:
    """Looks at every relay once a second: one that is on for a use that is over, or beyond its lease, is told of."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.wrong: list[str] = []
        self._since: dict[tuple[str, str], float] = {}
        self.away = threading.Event()  # a part is: then nobody can be told to open
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """Look no more."""
        self._stopping.set()
        self._thread.join(60)

    def _run(self) -> None:
        while not self._stopping.wait(1.0):
            try:
                on = [] if self.away.is_set() else [each for each in books.sockets(self.house) if each["closed"]]
                self.look(on)
            except (OSError, psycopg.Error, Unavailable) as error:
                self.wrong.append(f"nobody looked at the relays any more: {error!r}")
                return

    def look(self, on: Sequence[Mapping[str, object]]) -> None:
        """Look at relays that are on."""
        named = {str(each["session"]): str(each["code"]) for each in on}
        ended = dict(self.house.ask(ENDED, list(named))) if named else {}
        over = {(named[name.replace("-", "")], name) for name in ended}
        over |= {(str(each["code"]), "its lease") for each in on if not each["lease_s"]}
        now = time.monotonic()
        self._since = {each: self._since.get(each, now) for each in over}
        for (code, what), since in self._since.items():
            said = f"socket {code} stays on beyond {what} ({ended.get(what, '')})"
            if now - since > OVER_SECONDS and said not in self.wrong:
                self.wrong.append(said)


class Ladder:
    """One house, killed part by part."""

    def __init__(self, house: House, plan: Plan, say: Callable[[str], None] = lambda _: None) -> None:
        self.house, self.plan, self.say = house, plan, say
        self.gateways = sorted({gateway for gateway, _ in places_of(house.units).values()})
        self.told = Told(plan.seed)
        self._relays = Relays(house)
        self._chance = random.Random(plan.seed)
        self._since: tuple[Any, int] = (None, 0)  # of the kill: when, and which worker was the last to come

    def climb(self) -> Told:
        """Go through all rounds, let everything settle, and look at the books."""
        self._wait_until_well("at the start", 0)
        before = books.registers(self.house)
        visitors = Visitors(self.house, many=self.plan.people, seed=self.plan.seed, habits=self.plan.habits)
        relays, wild = self._relays, Wild(self.house, self.gateways[0])
        for each in (relays, wild):
            each.start()
        visitors.come()
        for number, parts in enumerate(self._order(), 1):
            if not self._round(number, parts):
                break
        wild.stop()
        self._settle(visitors)
        relays.stop()
        self.told.wrong += relays.wrong
        self.told.wrong += books.wrong(self.house, before, unpaid_too=self.plan.unpaid_too)
        self.told.people, self.told.unanswered = visitors.counts, visitors.tally
        self.told.sums = books.sums(self.house)
        return self.told

    def _order(self) -> list[tuple[str, ...]]:
        """Return what is killed in each round: every part comes about as often, in an order of chance, now and then two at once."""
        chance = self._chance
        order: list[str] = []
        while len(order) < self.plan.rounds:
            order += chance.sample(PARTS, len(PARTS))
        firsts = order[: self.plan.rounds]
        return [(part, *([chance.choice(PARTS)] if chance.random() < DOUBLE else [])) for part in firsts]

    def _round(self, number: int, parts: tuple[str, ...]) -> bool:
        time.sleep(self._chance.uniform(*self.plan.pause))
        ((at, latest),) = self.house.ask(NOW)
        self._since = at, latest if "worker" in parts else 0
        began = time.monotonic()
        self._relays.away.set()
        for part in dict.fromkeys(parts):
            self.house.kill(part, self._chance)
            self.told.kills[part] += 1
        well = self._wait_until_well(" and ".join(dict.fromkeys(parts)), began)
        self._relays.away.clear()
        self.say(f"  {number}/{self.plan.rounds} {'+'.join(dict.fromkeys(parts))}: {time.monotonic() - began:.1f} s")
        return well

    # --- is everything back ---

    def _wait_until_well(self, parts: str, began: float) -> bool:
        end = time.monotonic() + self.plan.well_seconds
        while lacks := self._lacks():
            if time.monotonic() > end or self.house.given_up():
                self.told.wrong.append(f"{parts} killed: {lacks} is not back; {self.house.given_up()}")
                return False
            time.sleep(LOOK)
        if began:
            self.told.recoveries.append((time.monotonic() - began, parts))
        return True

    def _lacks(self) -> str:
        """Return what is not back yet."""
        for name, address in (("web", self.house.web), ("sim", self.house.sim)):
            if not answers(f"http://{address}/healthz"):
                return name
        if self.house.ask(PARTITIONS) != [(SHARES,)]:
            return "gateway"
        if self._since[0] and self.house.ask(WORKING, *self._since) == [(0,)]:
            return "worker"
        try:
            told = control.ask(self.house.folder / "sim" / "meters.port")
        except Unavailable:
            return "meters"
        if not all(each["connected"] for each in told["gateways"]):
            return "broker"
        return "" if self.house.ask(HEARD, self.gateways) == [(len(self.gateways),)] else "the gateways' births"

    # --- the end ---

    def _settle(self, visitors: Visitors) -> None:
        """Let everybody end what he does, and every refund arrive."""
        began = time.monotonic()
        if not visitors.go_home(self.plan.settle_seconds):
            self.told.wrong.append("somebody still waits for his bill")
        self.told.wrong += visitors.lost
        while books.unsettled(self.house, unpaid_too=self.plan.unpaid_too):
            if time.monotonic() - began > self.plan.settle_seconds:
                break  # the books say what is left
            time.sleep(1)
        self.told.settled_seconds = time.monotonic() - began


def answers(url: str) -> bool:
    """Return whether somebody answers well."""
    try:
        with urllib.request.urlopen(url, timeout=3) as answer:
            return bool(answer.status == 200)
    except (OSError, urllib.error.HTTPError):
        return False
