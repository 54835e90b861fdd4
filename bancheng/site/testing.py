"""The test run's plug-in: every test runs on a real PostgreSQL.

DATABASE_URL names one, or an embedded server of the tests' own is started under var/test and stops with the run.
Loaded by `-p` in pyproject.toml, because pytest-django reads the settings before any conftest is found.

Several runs may go on at once in one checkout: they share the server, and each takes a slot, hence a database, of its
own.
"""

import fcntl
import os
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit, urlunsplit

import pytest

from bancheng.site.postgres import EmbeddedPg

ROOT = Path(__file__).resolve().parent.parent.parent
SERVERS: list[EmbeddedPg] = []  # held: its open lock is what keeps the server running
SLOTS: list[IO[str]] = []  # held likewise

# no fsync: these rows outlive nothing; the fault tests start servers of their own with the real settings
FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "shared_buffers": "256MB"}


def take_slot(folder: Path) -> int:
    """Return the lowest number no other run holds; it is free again when this process ends, however it ends."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in count():
        file = (folder / f"slot-{number}.lock").open("a")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
        else:
            SLOTS.append(file)
            return number
    raise AssertionError("counting ends nowhere")


def of_slot(url: str, slot: int) -> str:
    """Return `url` with the slot's own database name; the first slot keeps the name as it is."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=f"{parts.path}_{slot}")) if slot else url


def prepare() -> None:
    """Name a database of this run's own in the environment, before anybody reads the settings."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bancheng.site.settings")
    os.environ.setdefault("BANCHENG_VAR", str(ROOT / "var" / "test"))
    os.environ.setdefault("BANCHENG_SANDBOX_CLOCK", "0")  # a test that sets the clock switches it on itself
    os.environ.setdefault("DB_POOLING", "0")  # a test's transaction lives on one plain connection
    if "DATABASE_URL" not in os.environ:
        SERVERS.append(EmbeddedPg(ROOT / "var" / "test" / "pg", settings=FAST))
        os.environ["DATABASE_URL"] = SERVERS[0].start()
    os.environ["DATABASE_URL"] = of_slot(os.environ["DATABASE_URL"], take_slot(ROOT / "var" / "test" / "slots"))


@pytest.fixture(autouse=True)
def _own_language() -> Iterator[None]:
    """Start and leave every test in the site's own language: a page asked in English leaves it on in the thread."""
    from django.utils import translation  # only now are the settings named

    translation.deactivate()
    yield
    translation.deactivate()


def pytest_unconfigure() -> None:
    while SERVERS:
        SERVERS.pop().release()
    while SLOTS:
        SLOTS.pop().close()


prepare()
