"""The parts that are played in processes of their own: `python -m tests.whole.work PART …`.

The worker is the real one with smaller rounds and chunks, so that a kill falls into the middle of something, and with a
shorter lease and heartbeat, so that the tests need not wait a minute after each kill.
"""

import logging
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path

import django

REGION = "411002"
KIND = "whole.reminder"


def worker() -> int:
    """Work as `bancheng worker` does."""
    from bancheng.kernel.jobs import worker
    from bancheng.kernel.notices import gateway
    from bancheng.kernel.notices.operations import sending, taking
    from bancheng.services.expiry.operations import ledger

    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    ledger.CHUNK = 100
    sending.ROUND, sending.BATCH = 60, 20
    taking.LEASE = timedelta(seconds=5)
    gateway.TIMEOUT_SECONDS = 3
    return worker.run(concurrency=4, heartbeat=0.5)


def accept(count: str) -> int:
    """Take in `count` messages whose texts are all different."""
    from django.db import transaction

    from bancheng.kernel.clocks import public as clocks
    from bancheng.kernel.identity import public as identity
    from bancheng.kernel.notices import public as notices
    from bancheng.kernel.notices import testing

    at = clocks.now()
    text = testing.plain_text(who=notices.Variable(notices.Type.TEXT, "编号00000"))
    testing.published_kind(KIND, at=at, ladder=testing.SMS_ONLY, text=text)
    phones = [f"139{n:08d}" for n in range(int(count))]
    sql = """
        SELECT %(region)s AS region, 'whole-' || n AS key, 's' || n AS subject, sealed AS mobile_sealed,
            hash AS mobile_hash, NULL::bytea AS holder_hash,
            jsonb_build_object('due', '2027-03-01', 'who', '编号' || lpad(n::text, 5, '0')) AS values
        FROM unnest(%(sealed)s::bytea[], %(hash)s::bytea[]) WITH ORDINALITY AS phone (sealed, hash, n)
    """
    params = {
        "region": REGION,
        "sealed": [identity.seal(phone, kind="mobile") for phone in phones],
        "hash": [identity.find_hash(phone, kind="mobile") for phone in phones],
    }
    with transaction.atomic():
        print(notices.accept_select(kind=KIND, at=at, sql=sql, params=params))  # noqa: T201
    return 0


def hurry() -> int:
    """Promise the sending twice a second: the schedule's every minute is too slow for a test."""
    from django.db import Error, connection

    from bancheng.kernel.jobs import public as jobs

    while True:
        try:
            jobs.later("notices.dispatch", key="notices.dispatch")
            jobs.later("notices.step", key="notices.step")
        except Error:
            connection.close()
        time.sleep(0.5)


def upload(path: str, when: str) -> int:
    """Take in a ledger as the page does and print the batch's id; reading it is promised."""
    from bancheng.kernel.identity import public as identity
    from bancheng.kernel.identity.models import User
    from bancheng.services.expiry import operations

    at = datetime.fromisoformat(when)
    by = identity.actor_of(User.objects.get(demo_code="unit-admin"))
    batch = operations.upload(unit="market", name="台账.xlsx", data=Path(path).read_bytes(), by=by, at=at)
    print(batch.pk)  # noqa: T201
    return 0


def read(path: str, when: str) -> int:
    """Take in a ledger and read it to its end, here and now."""
    from bancheng.services.expiry import operations
    from bancheng.services.expiry.models import Batch

    upload(path, when)
    operations.read_batch(batch_id=str(Batch.objects.latest("uploaded_at").pk), at=datetime.fromisoformat(when))
    return 0


def inspect(*days: str) -> int:
    """Inspect each of `days` at half past two in the night, one after the other."""
    from bancheng.services.expiry import operations

    for day in days:
        at = datetime.fromisoformat(f"{day}T02:30:00+08:00")
        operations.inspect(today=at.date(), at=at, region="411000")
    return 0


def promise(name: str) -> int:
    """Promise one job."""
    from bancheng.kernel.jobs import public as jobs

    jobs.later(name, key=f"whole-{name}")
    return 0


PARTS = {part.__name__: part for part in (worker, accept, hurry, upload, read, inspect, promise)}

if __name__ == "__main__":
    django.setup()
    part, *words = sys.argv[1:]
    sys.exit(PARTS[part](*words))
