"""The processes of the message tests: `python -m tests.whole.message_work worker | accept COUNT | hurry | stages`.

The worker is the real one with smaller rounds, so that a kill falls into the middle of something, and with a shorter
lease and heartbeat, so that the test need not wait a minute after each kill.
"""

import json
import logging
import sys
import time
from datetime import timedelta

import django

REGION = "411002"
KIND = "whole.reminder"


def work() -> int:
    """Work as `bancheng worker` does."""
    from bancheng.kernel.jobs import worker
    from bancheng.kernel.notices import gateway
    from bancheng.kernel.notices.operations import sending, taking

    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    sending.ROUND, sending.BATCH = 60, 20
    taking.LEASE = timedelta(seconds=5)
    gateway.TIMEOUT_SECONDS = 3
    return worker.run(concurrency=4, heartbeat=0.5)


def accept(count: int) -> int:
    """Take in `count` messages whose texts are all different."""
    from django.db import transaction

    from bancheng.kernel.clocks import public as clocks
    from bancheng.kernel.identity import public as identity
    from bancheng.kernel.notices import public as notices
    from bancheng.kernel.notices import testing

    at = clocks.now()
    text = testing.plain_text(who=notices.Variable(notices.Type.TEXT, "编号00000"))
    testing.published_kind(KIND, at=at, ladder=testing.SMS_ONLY, text=text)
    phones = [f"139{n:08d}" for n in range(count)]
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
    """Promise the sending every second: the schedule's every minute is too slow for a test."""
    from django.db import Error, connection

    from bancheng.kernel.jobs import public as jobs

    while True:
        try:
            jobs.later("notices.dispatch", key="notices.dispatch")
            jobs.later("notices.step", key="notices.step")
        except Error:
            connection.close()
        time.sleep(1)


def stages() -> int:
    """Say how many messages stand at each stage."""
    from django.db.models import Count

    from bancheng.kernel.notices.models import Delivery, Message

    counted = dict(Message.objects.values_list("stage").annotate(n=Count("id")).order_by())
    print(json.dumps({"stages": counted, "deliveries": Delivery.objects.count()}))  # noqa: T201
    return 0


if __name__ == "__main__":
    django.setup()
    role, *rest = sys.argv[1:]
    sys.exit({"worker": work, "accept": accept, "hurry": hurry, "stages": stages}[role](*map(int, rest)))
