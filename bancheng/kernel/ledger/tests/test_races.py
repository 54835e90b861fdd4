"""Many post to the same accounts at once, and one is killed: no unit is lost or made."""

import os
import random
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from django.db import connection

from bancheng.kernel.jobs import testing as jobs
from bancheng.kernel.ledger import public as ledger
from bancheng.kernel.ledger import testing
from bancheng.kernel.ledger.public import Line, Unit
from bancheng.lib.refusal import Refused

pytestmark = pytest.mark.django_db(transaction=True)
AT = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
REGION = "411000"
WORKERS, EACH = 8, 60
ACCOUNTS = ["test/customer/a", "test/customer/b", "test/income", "test/till/1", "test/till/2"]
testing.declared()


@pytest.fixture(autouse=True)
def _clean(transactional_db: None) -> Iterator[None]:
    yield
    testing.wipe()


def post(key: str, into: str, out: str, amount: int) -> bool:
    lines = [Line(into, amount), Line(out, -amount)]
    try:
        ledger.post(region=REGION, key=key, unit=Unit.FEN, lines=lines, kind="test", about="race", at=AT, by="staff:1")
    except Refused as no:
        return no.code != "ledger_short"
    return True


@pytest.mark.race
def test_eight_posters_on_five_accounts_neither_lock_up_nor_lose_anything() -> None:
    """Any two accounts in any order, floors crossed now and then: what stands is the sum of what was not refused."""
    stood: list[tuple[str, str, int]] = []

    def poster(number: int) -> None:
        draw = random.Random(number)
        for n in range(EACH):
            into, out = draw.sample(ACCOUNTS, 2)
            amount = draw.randint(1, 50)
            if post(f"{number}-{n}", into, out, amount):
                stood.append((into, out, amount))

    jobs.together(*[lambda number=number: poster(number) for number in range(WORKERS)])
    sums: Counter[str] = Counter()
    for into, out, amount in stood:
        sums[into] += amount
        sums[out] -= amount
    assert len(stood) > EACH
    assert {path: value for path, value in ledger.balances(REGION, "test/").items() if value} == {
        path: value for path, value in sums.items() if value
    }
    assert list(ledger.verify()) == []


@pytest.mark.race
def test_one_key_from_eight_at_once_stands_once() -> None:
    jobs.together(*[lambda: post("same", "test/till/1", "test/income", 7)] * WORKERS)
    assert ledger.balance(REGION, "test/till/1") == 7
    assert list(ledger.verify()) == []


@pytest.mark.race
def test_the_last_unit_is_spent_once() -> None:
    post("in", "test/till/1", "test/income", 5)
    spent: list[bool] = []
    jobs.together(
        *[lambda n=n: spent.append(post(f"out-{n}", "test/income", "test/till/1", 5)) for n in range(WORKERS)]
    )
    assert (spent.count(True), ledger.balance(REGION, "test/till/1")) == (1, 0)


# set up once, and a fork for each round: to set up takes longer than a round
POSTER = """
import os
import sys
import django
django.setup()
from bancheng.kernel.ledger.tests.test_races import post
for _ in sys.stdin:
    if os.fork():
        os.wait()
        print("ended", flush=True)
        continue
    n = 0
    while True:
        post(f"killed-{n}", "test/till/1", "test/income", 3)
        n += 1
        print(os.getpid(), n, flush=True)
"""


def posted_until_killed(poster: "subprocess.Popen[str]", after: int) -> int:
    """Have a fork post until it is killed behind its `after`-th entry; return the last one it told of."""
    assert poster.stdin
    assert poster.stdout
    poster.stdin.write("post\n")
    poster.stdin.flush()
    said = 0
    while (line := poster.stdout.readline()) != "ended\n":
        process, said = map(int, line.split())
        if said == after:
            os.kill(process, signal.SIGKILL)
    return said


@pytest.mark.fault
def test_a_killed_poster_leaves_whole_entries_and_all_it_had_said() -> None:
    """Killed with -9 wherever it is: what it had reported stands, at most one entry more, none in part."""
    how = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "env": os.environ | {"DATABASE_URL": _url()}}
    with subprocess.Popen([sys.executable, "-c", POSTER], text=True, **how) as poster:
        for round_ in range(5):
            testing.wipe()
            said = posted_until_killed(poster, after=20 + 7 * round_)
            stands = ledger.balance(REGION, "test/till/1") // 3
            assert said <= stands <= said + 1
            assert list(ledger.verify()) == []


def _url() -> str:
    """Return the address of the tests' own database, for a process apart."""
    settings = connection.settings_dict
    return f"postgresql://{settings['USER']}:{settings['PASSWORD']}@/{settings['NAME']}?host={settings['HOST']}&port={settings['PORT']}"
