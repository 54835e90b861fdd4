"""The test run's plug-in: every test runs on a real PostgreSQL.

DATABASE_URL names one, or an embedded server of the tests' own is started under var/test and stops with the run.
Loaded by `-p` in pyproject.toml, because pytest-django reads the settings before any conftest is found.

Several runs may go on at once in one checkout: they share the server, and each takes a slot, hence a database, of its
own. So do the workers of one run (`-n`).

A test that asks for `loaded_city` runs in a second database, with the reference pack in it; no other test sees it.

Migrating takes as long as fifty tests, loading the pack as long again. So both are done once a day for a state of the code, and
kept on the server beside the runs' own databases, which are copies.
"""

import fcntl
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from hashlib import sha256
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

# tables that were written to, each partition by the name of the whole
WRITTEN = """
SELECT DISTINCT coalesce(pg_partition_root(oid), oid)::regclass::text FROM pg_class
WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND pg_relation_size(oid) > 0
"""
# as migrating left them: no test writes there but those of the calendars, and these take it back
STAYS = {"django_content_type", "auth_permission", "django_migrations", "clocks_calendaryear", "clocks_calendarday"}


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


@pytest.fixture(scope="session", autouse=True)
def _emptied_where_written(django_test_environment: None) -> None:
    """Behind a test with real commits Django would empty all two hundred tables and run what follows a migration, for most of a second."""
    from django.test import TransactionTestCase

    TransactionTestCase._fixture_teardown = lambda case: _empty()  # type: ignore[attr-defined]


@pytest.fixture(scope="session", autouse=True)
def _shape(request: pytest.FixtureRequest, django_test_environment: None, django_db_blocker: Any) -> str:
    """Return the name of the migrated database that this run's own are copied from, "" where no test asks a database."""
    if not any(item.get_closest_marker("database") for item in request.session.items):
        return ""
    from django.core.management import call_command
    from django.db import connection

    with django_db_blocker.unblock():
        name = _kept("shape", _migrations(), "template0", lambda: call_command("migrate", verbosity=0))
        connection.settings_dict["TEST"]["TEMPLATE"] = name
    return name


@pytest.fixture(scope="session")
def _city_database(_shape: str, django_db_setup: None, django_db_blocker: Any) -> Iterator[str]:
    """Make the database with the pack in it, and return its name."""
    from django.db import connection

    with django_db_blocker.unblock():
        city = f"{connection.settings_dict['NAME']}_city"
        full = _kept("city", _everything(), _shape, _load_pack)
        _ask_server(f'drop database if exists "{city}"', f'create database "{city}" template "{full}"')
        yield city
        _ask_server(f'drop database "{city}" with (force)')


@pytest.fixture(scope="module")
def whole_city(_city_database: str, django_db_blocker: Any) -> Iterator[None]:
    """The loaded city for all tests of a file; what the file writes, it takes back."""
    with django_db_blocker.unblock(), _inside(_city_database):
        yield


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


def _empty() -> None:
    """Empty the tables that were written to."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(WRITTEN)
        written = {name for (name,) in cursor.fetchall()} & set(connection.introspection.django_table_names())
        if written - STAYS:
            cursor.execute(f"TRUNCATE {', '.join(sorted(written - STAYS))} CASCADE")


@contextmanager
def _connected(name: str) -> Iterator[None]:
    """Let Django's connection lead to the database `name`."""
    from django.db import connection

    before = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = name
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = before


@contextmanager
def _inside(name: str) -> Iterator[None]:
    """Let Django's connection lead to the database `name`, and the process keep that one's calendar."""
    with _connected(name):
        _look_up_calendar()
        yield
    _look_up_calendar()


def _look_up_calendar() -> None:
    """Read it now, else it is read again in the middle of a request whose statements are counted."""
    from bancheng.kernel.clocks import public as clocks
    from bancheng.kernel.clocks.testing import forget

    forget()
    clocks.calendar()


def _kept(kind: str, made_of: Iterable[Path], template: str, fill: Callable[[], object]) -> str:
    """Return the name of the database that is what `fill` makes of `template`; it is made anew each day, and where `made_of` has changed.

    The one before stays for a run that has begun with it; older ones are dropped.
    """
    from django.conf import settings

    from bancheng.kernel.clocks import public as clocks

    # what is sealed in it opens with these keys; what was laid out ahead of its day, partitions and roles, is a day's
    digest = sha256(f"{settings.FIELD_KEYS} {clocks.real_now().date()}".encode())
    for file in sorted(made_of):
        digest.update(str(file.relative_to(ROOT)).encode() + b"\0" + file.read_bytes() + b"\0")
    name = f"test_bancheng_{kind}_{digest.hexdigest()[:16]}"
    with (ROOT / "var" / "test" / "slots" / f"{kind}.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        before = _databases(f"^test_bancheng_{kind}_")
        if name not in before:
            whole = [other for other in before if not other.endswith("_new")]
            drops = [f'drop database "{other}"' for other in before if other not in whole[-1:]]
            _ask_server(*drops, f'create database "{name}_new" template "{template}"')
            with _connected(f"{name}_new"):
                fill()
            _ask_server(f'alter database "{name}_new" rename to "{name}"')
    return name


def _databases(like: str) -> list[str]:
    """Return the names that are like a regular expression, the oldest first."""
    from django.db import connection

    with connection._nodb_cursor() as cursor:
        cursor.execute("select datname from pg_database where datname ~ %s order by oid", [like])
        return [name for (name,) in cursor.fetchall()]


def _migrations() -> Iterable[Path]:
    return [ROOT / "requirements.lock", *(ROOT / "bancheng").glob("**/migrations/*.py")]


def _everything() -> Iterable[Path]:
    """Return what a loaded city follows from: the code, all that ships with it, and the pack."""
    yield ROOT / "requirements.lock"
    for folder in ("bancheng", "packs"):
        for file in (ROOT / folder).glob("**/*"):
            if file.is_file() and {"__pycache__", "tests", "static"}.isdisjoint(file.relative_to(ROOT).parts):
                yield file


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
