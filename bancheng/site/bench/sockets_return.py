"""A thousand gateways that come back in the same second, through the doorkeeper of the embedded broker: until all are in and have said where they stand.

The limit is the same thousand straight at the same broker, without a doorkeeper; both on loopback, in turn, by one client of few words.
"""

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bancheng.lib import brokerkeys, loopback
from bancheng.site.bench import Figure, compare
from bancheng.site.bench._sockets import name, program, until

SECRET = "of this bench"
ROUNDS = 3
BARE = """
import pathlib, sys, time
from bancheng.site.broker import inner
there = inner.start(pathlib.Path(sys.argv[1]))
print(there.port, there.user, there.password, flush=True)
time.sleep(600)
"""


def run(scale: float) -> list[Figure]:
    """Measure the return; `scale` 1 is a thousand gateways."""
    count = max(50, int(1000 * scale))
    slowest: list[float] = []

    def ours() -> float:
        with _doorkeeper(count) as (port, passwords):
            return _return(port, count, passwords, slowest)

    def limit() -> float:
        with _bare(count) as (port, passwords):
            return _return(port, count, passwords, [])

    mine, theirs = compare(ours, limit, ROUNDS)
    note = f"{count} in the same instant: connected, listening, birth acknowledged; beside the same broker without its doorkeeper"
    return [
        Figure("gateways that came back", mine, theirs, 0.5, "gateways/s", note),
        Figure(
            "the slowest of them", max(slowest), 30.0, 1.0, "s", "none lost, none twice; 30 s is a will's keepalive"
        ),
    ]


@contextmanager
def _doorkeeper(count: int) -> Iterator[tuple[int, Path]]:
    """Run `bancheng broker` with so many enrolled; give its port and where their passwords are."""
    with tempfile.TemporaryDirectory() as var:
        book = brokerkeys.Book(Path(var) / "broker" / "passwords")
        made = book.enrol([name(n) for n in range(count)])
        passwords = Path(var) / "known.json"
        passwords.write_text(json.dumps({who: (who, password) for who, password in made.items()}), encoding="utf-8")
        port = loopback.spare_port()
        words = ("-m", "bancheng.site.cli", "broker", "--address", f"127.0.0.1:{port}")
        with program(*words, BANCHENG_VAR=var, BANCHENG_MQTT_SECRET=SECRET, BANCHENG_SUPERVISOR=""):
            until(lambda: loopback.answers(port))
            yield port, passwords


@contextmanager
def _bare(count: int) -> Iterator[tuple[int, Path]]:
    """Run the broker as the doorkeeper has it behind itself; give its port and how everybody comes in."""
    with tempfile.TemporaryDirectory() as var, program("-c", BARE, var) as there:
        assert there.stdout
        port, user, password = there.stdout.readline().split()
        known = Path(var) / "known.json"
        known.write_text(json.dumps({name(n): (user, password) for n in range(count)}), encoding="utf-8")
        yield int(port), known


def _return(port: int, count: int, passwords: Path, slowest: list[float]) -> float:
    """Let all come back at once in a process of their own; return how many a second, and note the slowest."""
    with program("-m", "bancheng.site.bench._returning", str(port), str(count), str(passwords)) as all_of_them:
        assert all_of_them.stdout
        said = json.loads(all_of_them.stdout.readline())
    if said["in"] != count:
        raise RuntimeError(f"{count - said['in']} of {count} did not come back: {said}")
    slowest.append(said["slowest"])
    return count / float(said["took"])
