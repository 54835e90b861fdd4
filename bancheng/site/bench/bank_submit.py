"""A bank's signed filing, from the moment it was due to its 202: twenty a second by three banks, one of them by SM2 and one by P-256.

An open-loop generator (`_openloop`) signs and sends on loopback, on the two cores that web and database have too; each filing is of another home and
another loan, with all its checks of the book. No worker runs: what is promised waits.
"""

import json
import secrets
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from typing import Any

from django.db import connection

from bancheng.kernel.exchange import testing as exchange
from bancheng.kernel.exchange.models import Partner
from bancheng.kernel.ledger import testing as ledger
from bancheng.kernel.titles import testing
from bancheng.lib import sigalgs
from bancheng.lib.identifiers import make_uscc
from bancheng.site import house
from bancheng.site.bench import Figure, _openloop, _town, land
from bancheng.site.bench.http import web

RATE, SECONDS, WORKERS, P95_SECONDS = 20, 60, 2, 0.150
BANKS = {"boc": sigalgs.SM2, "abc": sigalgs.ED25519, "icbc": sigalgs.P256}
WARM_SECONDS = 5
HOMES = 0.04  # of the city: some parcels with enough units
TERMS = {"principal_fen": 60_000_000, "first": str(date(2026, 3, 2)), "last": str(date(2046, 3, 1))}
PAPERS = [{"material": name, "name": f"{name}.pdf", "digest": f"{n:064x}"} for n, name in enumerate(("loan_contract", "mortgage_contract"))]  # fmt: skip


def run(scale: float) -> list[Figure]:
    """Lay out the homes, let the banks in, send, and look whether every filing was taken in once."""
    seconds = max(5, round(SECONDS * scale))
    testing.wipe()  # homes of an earlier run
    ledger.wipe()
    with web(workers=WORKERS) as (address, _):
        _town.founded()
        land.build(HOMES)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        plan = _plan(address)
        _sent(plan | {"seconds": WARM_SECONDS})  # what a process reads once
        before = _filed()
        said = _sent(_left(plan) | {"seconds": seconds})
        taken = _filed() - before
    if said["bad"] or taken != RATE * seconds:
        raise RuntimeError(f"{taken} of {RATE * seconds} were taken in; {said['wrong']}")
    note = f"{RATE} a second for {seconds} s by {', '.join(BANKS.values())}; p50 {said['p50']:.0f} ms, p99 {said['p99']:.0f} ms"
    return [Figure("bank.submit", said["p95"] / 1000, P95_SECONDS, 1, "s", f"p95 of {note}")]


def _left(plan: dict[str, Any]) -> dict[str, Any]:
    """Return the plan without what may have been sent to warm up."""
    kinds = {name: kind | {"asks": kind["asks"][RATE * WARM_SECONDS :]} for name, kind in plan["kinds"].items()}
    return plan | {"kinds": kinds}


def _plan(address: str) -> dict[str, Any]:
    programs = {unit: _program(unit, algorithm) for unit, algorithm in BANKS.items()}
    asks: dict[str, list[Any]] = {unit: [] for unit in BANKS}
    for number, lot in enumerate(_homes()):
        unit = list(BANKS)[number % len(BANKS)]
        body = json.dumps(_filing(lot, number), ensure_ascii=False)
        asks[unit].append(["POST", "/api/v1/mortgages/applications", "", body, unit])
    return {
        "address": address,
        "rate": RATE,
        "connections": 16,
        "kinds": {unit: {"share": 1, "asks": found, "once": True} for unit, found in asks.items()},
        "keys": {unit: [one.key_id, one.key.hex(), one.algorithm] for unit, one in programs.items()},
    }


def _program(unit: str, algorithm: str) -> exchange.Signing:
    """Return a bank's program with a new key; its partner may be of an earlier run."""
    known = Partner.objects.filter(unit=unit, closed_at=None).first()
    return exchange.program(known, algorithm=algorithm) if known else exchange.bank(unit=unit, algorithm=algorithm)[1]


def _homes() -> Iterator[str]:
    for parcel, buildings in land.plan(HOMES):
        for building in buildings:
            yield from (f"{parcel}F{building:04}{unit + 1:04}" for unit in range(land.UNITS))


def _filing(lot: str, number: int) -> dict[str, Any]:
    """Return the mortgage of a unit that its developer has, for a loan of this run."""
    developer = {"role": "mortgagor", "kind": "organisation", "name": "样例置业", "identifier": _developer(lot)}
    return {
        "kind": "mortgage.set",
        "lots": [lot],
        "loan_no": f"{secrets.token_hex(6)}-{number}",
        "parties": [developer],
        "payload": TERMS,
        "papers": PAPERS,
    }


def _developer(lot: str) -> str:
    parcels = [code for code, _ in land.plan(HOMES)]
    return make_uscc("411099", 700_000 + parcels.index(lot[:19]))


def _filed() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM registrations_application")
        return int(cursor.fetchone()[0])


def _sent(plan: dict[str, Any]) -> dict[str, Any]:
    path = house.var() / "bank_submit.json"
    path.write_text(json.dumps(plan), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", _openloop.__name__, str(path)], capture_output=True, text=True, check=True
    )
    return dict(json.loads(done.stdout))
