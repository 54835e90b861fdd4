"""The test run's plug-in: every test runs on a real PostgreSQL.

DATABASE_URL names one, or an embedded server of the tests' own is started under var/test and stops with the run.
Loaded by `-p` in pyproject.toml, because pytest-django reads the settings before any conftest is found.

Several runs may go on at once in one checkout: they share the server, and each takes a slot, hence a database, of its
own. So do the workers of one run (`-n`).

A test that asks for `loaded_city` runs in a second database, copied from the first and with the reference pack in it;
loading it takes as long as fifty tests, so it is done once a run. No other test sees it.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import IO, Any
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
    os.environ.setdefault("BANCHENG_REGISTERS_URL", "http://127.0.0.1:9/registers/v1")  # where nobody answers
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


@pytest.fixture(autouse=True)
def _nothing_left(request: pytest.FixtureRequest) -> Iterator[None]:
    """Leave no job and no event of the record behind a test with real commits: those tables are not Django's to flush."""
    marked = request.node.get_closest_marker("django_db")
    if not (marked and marked.kwargs.get("transaction")) and "transactional_db" not in request.fixturenames:
        yield
        return
    request.getfixturevalue("transactional_db")  # so that this ends before the database is closed again
    yield
    from bancheng.kernel.audit import testing as audit
    from bancheng.kernel.jobs import testing as jobs

    jobs.wipe()
    audit.wipe()


@pytest.fixture(scope="session")
def _city_database(django_db_setup: None, django_db_blocker: Any) -> Iterator[str]:
    """Make the database with the pack in it, and return its name."""
    from django.db import connection

    with django_db_blocker.unblock():
        plain = connection.settings_dict["NAME"]
        city = f"{plain}_city"
        _ask_server(f'drop database if exists "{city}"', f'create database "{city}" template "{plain}"')
        with _inside(city):
            _load_pack()
        yield city
        _ask_server(f'drop database "{city}" with (force)')


@pytest.fixture
def _in_city(_city_database: str, django_db_blocker: Any) -> Iterator[None]:
    with django_db_blocker.unblock(), _inside(_city_database):
        yield


@pytest.fixture
def loaded_city(_in_city: None, db: None) -> None:
    """The reference pack, loaded; what the test writes is rolled back."""


DATABASE = {"_django_db_helper", "django_db_setup"}  # whoever has one of them asks a database


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let a test enter the city before anything else of it opens a transaction; mark those that ask a database."""
    for item in items:
        names = getattr(item, "fixturenames", [])
        if item.get_closest_marker("django_db") or not DATABASE.isdisjoint(names):
            item.add_marker("database")
        if "loaded_city" in names and names[0] != "_in_city":
            names.insert(0, "_in_city")


@contextmanager
def _inside(name: str) -> Iterator[None]:
    """Let Django's connection lead to the database `name`, and the process keep that one's calendar."""
    from django.db import connection

    before = connection.settings_dict["NAME"]
    _enter(name)
    yield
    _enter(before)


def _enter(name: str) -> None:
    from django.db import connection

    from bancheng.kernel.clocks import public as clocks
    from bancheng.kernel.clocks.testing import forget

    connection.close()
    connection.settings_dict["NAME"] = name
    forget()
    clocks.calendar()  # else it is read again in the middle of a request whose statements are counted


def _ask_server(*statements: str) -> None:
    """Run statements that concern whole databases; nobody may be connected to the one that is copied."""
    from django.db import connection

    connection.close()
    with connection._nodb_cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def _load_pack() -> None:
    from django.conf import settings
    from django.db import connection

    from bancheng.pack.loader import load_city
    from bancheng.site.verbs.load import sections

    with connection.cursor() as cursor:
        # a number means one row in both databases: what a process remembers by number stays true
        cursor.execute(
            "select setval(format('%I.%I', schemaname, sequencename)::regclass, 1000000000)"
            " from pg_sequences where data_type = 'bigint'::regtype"
        )
    load_city(Path(settings.PACK), by="staff:test", at=datetime(2026, 1, 2, 9, tzinfo=UTC), sections=sections())


def pytest_unconfigure() -> None:
    while SERVERS:
        SERVERS.pop().release()
    while SLOTS:
        SLOTS.pop().close()


prepare()
