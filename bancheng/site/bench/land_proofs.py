"""The hard proofs of the book of the land: ten thousand random lives beside a second book by exact fractions, and ten thousand races of
eight on one parcel. It takes an hour and more: run when it is asked for by name.

A figure is a count of what went wrong, and each would be one too many. BANCHENG_LAND_SEED walks the same lives again.
"""

import json
import os
import secrets
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from random import Random
from time import perf_counter

from django.db import transaction

from bancheng.kernel.ledger import testing as ledger
from bancheng.kernel.titles import public as titles
from bancheng.kernel.titles import testing
from bancheng.kernel.titles.tests.lives import STEPS, Life
from bancheng.lib.refusal import Refused
from bancheng.site.bench import Figure

LIVES, LEAST_STEPS, MOST_STEPS, LOOKS = 10_000, 50, 60, 10
RACES, WORKERS = 10_000, 8
RACED = "411025001001GB90000"
PRESOLD, HANDED = 20, 40  # units of its first building, which is planned, and of its second, which stands
PART = """
import sys
import django
django.setup()
from bancheng.site.bench import land_proofs
getattr(land_proofs, sys.argv[1])(*map(int, sys.argv[2:]))
"""


def run(scale: float) -> list[Figure]:
    """Walk the lives, run the races, and count what is not as it must be."""
    testing.wipe()
    ledger.wipe()
    seed = int(os.environ.get("BANCHENG_LAND_SEED") or secrets.randbelow(1_000_000))
    walked = _walked(max(2, round(LIVES * scale)), seed)
    raced = _raced(max(3, round(RACES * scale)))
    lives = f"{walked['lives']:,} lives, seed {seed}, {walked['steps']:,} steps, {walked['recorded']:,} of them recorded, in {walked['seconds']:.0f} s"
    races = f"{raced['races']:,} races of {WORKERS} processes on one parcel, in {raced['seconds']:.0f} s"
    return [
        Figure("lives that went another way than by exact fractions", walked["faults"], 1, 0.0, "lives", f"{lives}; the goal is none"),
        Figure("races with another outcome than one winner", raced["doubles"], 1, 0.0, "races", f"{races}; the goal is none"),
        Figure("errors in the races", raced["errors"], 1, 0.0, "errors", "deadlocks and whatever else is no clear refusal; the goal is none"),
        Figure("faults of the book after them", len(list(titles.verify())), 1, 0.0, "faults", "every share, chain, entry and right recomputed"),
    ]  # fmt: skip


def _part(name: str, *numbers: int) -> "subprocess.Popen[str]":
    asked = [sys.executable, "-c", PART, name, *map(str, numbers)]
    return subprocess.Popen(asked, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


# --- lives ---


def _walked(lives: int, seed: int) -> Counter[str]:
    """Walk so many lives, on each core its part of them; return what came of them all."""
    _known()
    began, walkers = perf_counter(), os.cpu_count() or 1
    parts = [_part("walk", n, lives // walkers + (n < lives % walkers), seed) for n in range(walkers)]
    total: Counter[str] = Counter()
    for part in parts:
        total.update(json.loads(part.communicate()[0]))
    total["seconds"] = round(perf_counter() - began)
    return total


def _known() -> None:
    """Enter everybody who takes part, so that no walker waits for another's uncommitted party."""
    life = Life([[10_000, 10_000]], "411025001001GB90001", "K")
    for what, lot in (("claim", 0), ("mortgage", 1), ("seize", 1)):
        life.step(what, lot, lot)
    assert life.recorded == 3


def walk(number: int, lives: int, seed: int) -> None:
    """Walk lives in a process of its own, none of which stays; print what came of them."""
    draw, came = Random(f"{seed}-{number}"), Counter[str]()
    for n in range(lives):
        with transaction.atomic():
            came += _life(draw, f"411025001001GB{91_000 + number}", f"L{number}-{n}-")
            transaction.set_rollback(True)
    sys.stdout.write(json.dumps(came))


def _life(draw: Random, code: str, name: str) -> Counter[str]:
    """Return the count of one life's steps, and of faults, when the books ever say different things."""
    buildings = [[draw.randint(5_000, 20_000) for _ in range(draw.randint(1, 4))] for _ in range(draw.randint(1, 3))]
    life, steps = Life(buildings, code, name), draw.randint(LEAST_STEPS, MOST_STEPS)
    try:
        for n in range(1, steps + 1):
            life.step(draw.choice(STEPS), draw.randrange(12), draw.randrange(12))
            if n % LOOKS == 0 or n == steps:
                life.both_say_the_same()
    except AssertionError as fault:
        sys.stderr.write(f"{name} after {life.day} steps: {fault}\n")
        return Counter(lives=1, faults=1)
    return Counter(lives=1, steps=steps, recorded=life.recorded)


# --- races ---


def _raced(races: int) -> Counter[str]:
    """Let eight processes race so often, each round begun together; return doubles and errors."""
    _open_raced()
    began, runners = perf_counter(), [_part("race", n) for n in range(WORKERS)]
    total: Counter[str] = Counter(races=races)
    for number in range(races):
        came = _round(runners, number)
        total["errors"] += came["error"]
        total["doubles"] += came != _wanted(number)
    for runner in runners:
        runner.communicate()
    total["seconds"] = round(perf_counter() - began)
    return total


def _open_raced() -> None:
    """Open the parcel of the races: one building to be presold, one to be handed over."""
    floors = [[10_000 + n for n in range(units)] for units in (PRESOLD, HANDED)]
    testing.parcel(RACED, area_dm2=1_000_000, buildings=floors)
    testing.survey(RACED, 2, dict(enumerate(floors[1], 1)), titles.SurveyStage.MEASURED)
    titles.first_register(building=f"{RACED}F0002", acceptance="样例", **_said("first"))


def _round(runners: "list[subprocess.Popen[str]]", number: int) -> Counter[str]:
    """Start all at once, wait for all, and let whoever presold a unit give it up again."""
    for runner in runners:
        assert runner.stdin
        runner.stdin.write(f"{number}\n")
        runner.stdin.flush()
    came = Counter(runner.stdout.readline().strip() for runner in runners if runner.stdout)
    for contract in (_contract(number, n) for n in range(WORKERS)) if number % len(KINDS) == 0 else ():
        with suppress(Refused):  # of the others there is nothing to cancel
            titles.cancel_claim(number=contract, **_said(f"give-up-{contract}"))
    return came


def _wanted(number: int) -> Counter[str]:
    return Counter(
        [
            {"recorded": 1, "lot_blocked": WORKERS - 1},
            {"recorded": 1, "again": WORKERS - 1},
            {"recorded": WORKERS},
        ][number % len(KINDS)]
    )


def race(worker: int) -> None:
    """Take part in each round whose number comes in, in a process of its own; answer with what came of it."""
    for line in sys.stdin:
        try:
            came = "again" if KINDS[int(line) % len(KINDS)](int(line), worker).again else "recorded"
        except Refused as no:
            came = no.code
        except Exception as error:
            sys.stderr.write(f"race {line.strip()}, worker {worker}: {error}\n")
            came = "error"
        sys.stdout.write(f"{came}\n")
        sys.stdout.flush()


def _presell(number: int, worker: int) -> titles.Recorded:
    """Presell one unit, each to a buyer of his own."""
    lot, contract = testing.unit(RACED, 1, number % PRESOLD + 1), _contract(number, worker)
    return titles.open_claim(lot=lot, buyer=titles.sole(testing.LI), number=contract, permit="P", **_said(contract))


def _send_again(number: int, worker: int) -> titles.Recorded:
    """Send one transfer under one key."""
    lot = testing.unit(RACED, 2, number % (HANDED // 2) + 1)
    return titles.transfer(lot=lot, to=titles.jointly(testing.LI, testing.WANG), **_said(f"once-{number}"))


def _each_his_own(number: int, worker: int) -> titles.Recorded:
    """Transfer units of one parcel, each another."""
    lot = testing.unit(RACED, 2, HANDED // 2 + (number * WORKERS + worker) % (HANDED // 2) + 1)
    return titles.transfer(
        lot=lot, to=titles.sole((testing.LI, testing.WANG)[worker % 2]), **_said(f"own-{number}-{worker}")
    )


KINDS: list[Callable[[int, int], titles.Recorded]] = [_presell, _send_again, _each_his_own]


def _contract(number: int, worker: int) -> str:
    return f"HT-{number}-{worker}"


def _said(key: str) -> titles.Said:
    return testing.said(key=f"race-{key}")
