"""django-hordak's transfer, the peer that land's is held against: two accounts of many, one transaction with two legs, durable.

A program of its own with settings of its own, as hordak is a Django application: `_hordak SECONDS` prints how many transfers a second one process made
in the database that HORDAK_URL names, `_hordak prepare ACCOUNTS` lays the accounts out. django-hordak is no part of the project: `pip install
django-hordak==2.0.0` beside it to see the figure.
"""

import importlib.util
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from random import Random
from time import perf_counter
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

ACCOUNTS, NAME = 1_000, "hordak_peer"
CURRENCY, FEN = "CNY", 1


def is_there() -> bool:
    """Return whether django-hordak is installed."""
    return importlib.util.find_spec("hordak") is not None


@contextmanager
def peer() -> Iterator[None]:
    """Keep a database of hordak's own beside the bench's while the block runs."""
    ours = os.environ["DATABASE_URL"]
    with psycopg.connect(ours, autocommit=True) as line:
        line.execute(f"drop database if exists {NAME}")
        line.execute(f"create database {NAME}")
    os.environ["HORDAK_URL"] = make_conninfo(ours, dbname=NAME)
    subprocess.run([sys.executable, "-m", __name__, "prepare", str(ACCOUNTS)], check=True, stdout=subprocess.DEVNULL)
    try:
        yield
    finally:
        with psycopg.connect(ours, autocommit=True) as line:
            line.execute(f"drop database {NAME} with (force)")


def transfers(clients: int, seconds: int) -> float:
    """Return the transfers a second of so many processes together."""
    asked = [sys.executable, "-m", __name__, str(seconds)]
    running = [subprocess.Popen(asked, stdout=subprocess.PIPE, text=True) for _ in range(clients)]
    return sum(float(one.communicate()[0]) for one in running)


# --- the program


def _set_up() -> None:
    import django
    from django.conf import settings

    told = conninfo_to_dict(os.environ["HORDAK_URL"])
    names = {"NAME": "dbname", "USER": "user", "PASSWORD": "password", "HOST": "host", "PORT": "port"}
    database: dict[str, Any] = {key: str(told[name]) for key, name in names.items() if told.get(name)}
    settings.configure(
        DATABASES={"default": {"ENGINE": "django.db.backends.postgresql", "CONN_MAX_AGE": None, **database}},
        INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "djmoney", "mptt", "hordak"],
        DEFAULT_AUTO_FIELD="django.db.models.AutoField",
        HORDAK_CURRENCIES=[CURRENCY],
        HORDAK_DEFAULT_CURRENCY=CURRENCY,
        USE_TZ=True,
    )
    django.setup()


def _prepare(accounts: int) -> None:
    from django.core.management import call_command
    from hordak.models import Account  # type: ignore[import-not-found]  # no part of the project

    call_command("migrate", verbosity=0)
    for number in range(accounts):
        Account.objects.create(name=f"a{number}", code=f"{number}", type="AS", currencies=[CURRENCY])


def _transfer(seconds: int) -> float:
    from django.db import transaction
    from hordak.models import Account
    from moneyed import Money  # type: ignore[import-not-found]  # comes with it

    draw, done = Random(os.getpid()), 0
    accounts = list(Account.objects.all())
    start = perf_counter()
    while perf_counter() - start < seconds:
        one, other = draw.sample(accounts, 2)
        with transaction.atomic():
            one.transfer_to(other, Money(FEN, CURRENCY))
        done += 1
    return done / (perf_counter() - start)


if __name__ == "__main__":
    _set_up()
    if sys.argv[1] == "prepare":
        _prepare(int(sys.argv[2]))
    else:
        sys.stdout.write(f"{_transfer(int(sys.argv[1]))}\n")
