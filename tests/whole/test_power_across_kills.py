"""Shared power while the whole house is killed part by part: the short ladder. The long one is `make faults`."""

import os
import random
import secrets
from collections.abc import Iterator
from typing import Any

import pytest

from bancheng.sim.meters.passersby import Habits
from bancheng.site.ladder.houses import Line, few_units, units_of
from bancheng.site.ladder.people import QUICK
from bancheng.site.ladder.rounds import Ladder, Plan
from tests.whole.city import City

pytestmark = [pytest.mark.fault, pytest.mark.timeout(300)]
STARTED = ("broker", "web", "sim", "meters", "worker", "gateway")
HABITS = Habits(use_s=(4, 10), watts=QUICK.watts, look_s=0.6, fates=QUICK.fates)


class Powered:
    """A city of the tests as the ladder has it: what it kills, it brings back itself a moment later."""

    def __init__(self, city: City) -> None:
        self.city = city
        self.folder, self.web, self.sim, self.mqtt = city.folder, city.web, city.sim, city.mqtt
        pack = city.folder / "pack"
        units_of(pack).parent.mkdir(parents=True)
        units_of(pack).write_text(few_units(units_of(city.pack)), encoding="utf-8")
        units_of(pack).with_name("sites.csv").write_bytes(units_of(city.pack).with_name("sites.csv").read_bytes())
        city.pack = pack
        self.units = units_of(pack)
        self.died: list[str] = []
        self.line = Line(lambda: city.url)
        for name in STARTED:
            city.start(name)

    def kill(self, part: str, chance: random.Random) -> None:
        self.city.kill(part)
        self.city.revive(part)

    def given_up(self) -> str:
        """Start again what has died by itself, as a supervisor does; he never gives up."""
        for name, process in list(self.city.running.items()):
            if self.city.has_died(process):
                self.died.append(name)
                self.city.kill(name)
                self.city.revive(name)
        return ""

    def ask(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        return self.line.ask(sql, *values)

    def verb(self, *words: str) -> int:
        return self.city.code_of("verb", *words)


@pytest.fixture
def powered(city: City) -> Iterator[Powered]:
    made = Powered(city)
    yield made
    made.line.close()


def test_no_fen_and_no_watt_hour_is_lost_or_doubled_whatever_is_killed(powered: Powered) -> None:
    """X4 X5 X6 X14 B1.12: every part of the house is killed while people scan, pay, use, stop and unplug and a gateway runs wild."""
    seed = int(os.environ.get("BANCHENG_FAULTS_SEED") or secrets.randbelow(1_000_000))
    plan = Plan(7, seed, pause=(0.5, 3.0), well_seconds=60, settle_seconds=90, unpaid_too=False, habits=HABITS)
    told = Ladder(powered, plan).climb()
    assert told.wrong == [], f"BANCHENG_FAULTS_SEED={seed}: {told}\n{powered.city.logs()}"
    assert set(told.kills) >= {"web", "worker", "gateway", "broker", "meters", "sim", "postgres"}
    assert told.sums.started > 4, f"too few used anything for this to prove anything (seed {seed}): {told}"
