"""The parts that are played in processes of their own, forked from this one: `python -m tests.whole.work PARENT`.

It reads one JSON object a line: {"part", "words", "database", "log"} forks a part and answers with its process number,
{"wait"} answers with the exit code of one. Until it forks it opens no connection and starts no thread.

The worker is the real one with smaller rounds and chunks, so that a kill falls into the middle of something, with a place to
stop between two chunks, and with a shorter lease and heartbeat, so that the tests need not wait a minute after each kill.

Nothing here outlives the test run: this process ends with it, however it ends, and every part with this process.
"""

import importlib
import json
import logging
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import django

from bancheng.site import lifeline

CHUNK_OF_ROWS = 100
BEFORE_CHUNK = 4110  # the advisory lock (this, n) must be passed by a reader before the ledger's chunk n, from 0
REGION = "411002"
ESTATE = "411025009009GB00009"  # a parcel beside those of the pack
KIND = "whole.reminder"


def worker() -> int:
    """Work as `bancheng worker` does."""
    from bancheng.kernel.jobs import worker
    from bancheng.kernel.notices import gateway
    from bancheng.kernel.notices.operations import sending, taking
    from bancheng.services.expiry.operations import ledger

    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    ledger.CHUNK = CHUNK_OF_ROWS
    ledger._one_ahead = stoppable(ledger._one_ahead)
    sending.ROUND, sending.BATCH = 60, 20
    taking.LEASE = timedelta(seconds=5)
    gateway.TIMEOUT_SECONDS = 3
    _pay_soon()
    return worker.run(concurrency=4, heartbeat=0.25)


def gateway() -> int:
    """Hear the devices as `bancheng gateway` does."""
    from django.conf import settings

    from bancheng.services.sockets.gateway.line import Broker
    from bancheng.services.sockets.gateway.process import Process

    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    return Process(Broker.of(settings.MQTT_URL)).run()


def verb(*words: str) -> int:
    """Run a verb of the command."""
    from bancheng.site import cli

    return cli.main(list(words))


def _pay_soon() -> None:
    """Look at payments and refunds again after seconds instead of minutes."""
    from bancheng.kernel.payments import channels, rules
    from bancheng.kernel.payments.operations import refunds

    refunds.LEASE, rules.PATIENCE, rules.GAP = timedelta(seconds=5), timedelta(seconds=2), timedelta(0)
    rules.next_look = lambda _asked, _state: timedelta(seconds=1)
    channels.TIMEOUT_SECONDS = 8


def stoppable(chunks_of: Callable[..., Iterator[Any]]) -> Callable[..., Iterator[Any]]:
    """Return `chunks_of` with a place to stop before every chunk, outside all transactions."""

    def wrapped(*args: Any) -> Iterator[Any]:
        from django.db import connection

        for chunk in chunks_of(*args):
            first = min(row.line for row in [*chunk.good, *chunk.bad]) - 3  # a title and the header stand above
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock_shared(%s, %s)", (BEFORE_CHUNK, first // CHUNK_OF_ROWS))
            yield chunk

    return wrapped


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
        accepted = notices.accept_select(kind=KIND, at=at, sql=sql, params=params)
    return 0 if accepted == int(count) else 1


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


def order(count: str) -> int:
    """Order `count` payments, at each channel in turn."""
    from bancheng.kernel.clocks import public as clocks
    from bancheng.kernel.payments import public as payments

    at = clocks.now()
    for n in range(int(count)):
        payments.order(
            region=REGION,
            key=f"whole-{n}",
            channel=list(payments.Channel)[n % 2].value,
            amount_fen=500 + n,
            description="共享电源预付电费",
            about=f"whole:{n}",
            pay_before=at + timedelta(hours=1),
            at=at,
        )
    return 0


def repay() -> int:
    """Plan what came in to go back, once each, and promise the work twice a second: who takes money does so in his own time."""
    from django.db import Error, connection

    from bancheng.kernel.clocks import public as clocks
    from bancheng.kernel.jobs import public as jobs
    from bancheng.kernel.payments import public as payments
    from bancheng.kernel.payments.models import Order

    while True:
        try:
            for row in Order.objects.filter(state__in=["paid", "late"], refunded_fen=0):
                payments.refund(
                    region=row.region,
                    key=f"back-{row.key}",
                    order_id=row.pk,
                    amount_fen=row.amount_fen,
                    reason="余额",
                    at=clocks.now(),
                )
            jobs.later("payments.work", key="payments.work")
        except Error:
            connection.close()
        time.sleep(0.5)


def upload(path: str, when: str) -> int:
    """Take in a ledger as the page does; reading it is promised."""
    from bancheng.kernel.identity import public as identity
    from bancheng.kernel.identity.models import User
    from bancheng.services.expiry import operations

    at = datetime.fromisoformat(when)
    by = identity.actor_of(User.objects.get(demo_code="unit-admin"))
    operations.upload(unit="market", name="台账.xlsx", data=Path(path).read_bytes(), by=by, at=at)
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


def clock(when: str) -> int:
    """Show an instant from now on."""
    from bancheng.kernel.clocks import public as clocks

    clocks.set_sandbox(to=datetime.fromisoformat(when), rate=1, by="test", reason="test")
    return 0


def send(*instants: str) -> int:
    """At each of `instants` send what is due by the real gateways, and move on what had no receipt."""
    from bancheng.kernel.notices import gateway
    from bancheng.kernel.notices.operations import sending, stepping

    gateways = gateway.configured()
    for at in map(datetime.fromisoformat, instants):
        while not sending.dispatch(at=at, gateways=gateways).idle:
            pass
        sending.reconcile(at=at, gateways=gateways)
        while stepping.step(at=at):
            pass
    return 0


def renew(first: str, count: str, until: str, when: str) -> int:
    """Renew `count` licences from the number `first` on, as their unit's own system does."""
    from bancheng.kernel.licences import public as licences

    source = licences.Source("market", licences.Channel.SYSTEM, "test")
    at = datetime.fromisoformat(when)
    for licence_id in licences.ids_of(region="411000", unit="market", licence_type="food-business")[int(first) :][
        : int(count)
    ]:
        licences.change(
            licence_id=licence_id, source=source, by="unit", at=at, valid_to=datetime.fromisoformat(until).date()
        )
    return 0


def apply(count: str, path: str) -> int:
    """Fill in `count` applications for a restaurant, all papers with them, and write down how each is sent."""
    from bancheng.site.bench import _town

    ready = [_town.ready(number) for number in range(int(count))]
    token = "t" * 32
    told = [[one.path, one.seen, _town.cookie_of(one.client, token), token] for one in ready]
    Path(path).write_text(json.dumps(told), encoding="utf-8")
    return 0


def partner(path: str) -> int:
    """Open a partner that may hand in for others, and write its key to `path`."""
    from bancheng.kernel.clocks import public as clocks
    from bancheng.kernel.exchange import testing
    from bancheng.kernel.exchange.operations import partners
    from bancheng.kernel.identity import public as identity

    made = testing.partner(*((act, "onething", "") for act in ("submit", "read", "events")))
    key = partners.make_key(partner_id=made.pk, by=identity.MACHINE, at=clocks.now())
    Path(path).write_text(json.dumps({"key_id": key.key_id, "secret": key.secret}))
    return 0


def estate() -> int:
    """Enter a parcel with one building of sixty units, measured and first-registered."""
    from bancheng.kernel.titles import testing

    testing.parcel(ESTATE, area_dm2=1_000_000, buildings=[range(6_000, 6_060)], registered=True)
    return 0


def hand_over() -> int:
    """Hand all units of that building to their buyers by one act, always the same."""
    from bancheng.kernel.titles import public as titles
    from bancheng.kernel.titles import testing

    buyers = [titles.person(f"买受人{n}", f"41100219900101{n:04}") for n in range(60)]
    items = [titles.Transfer(testing.unit(ESTATE, 1, n), titles.sole(buyer)) for n, buyer in enumerate(buyers, 1)]
    titles.transfer_many(parcel=ESTATE, items=items, **testing.said(key="hand-over"))
    return 0


def compare() -> int:
    """Compare what is stored of cases with what their logs say."""
    from bancheng.kernel.cases import public as cases

    found = list(cases.verify())
    for mismatch in found:
        logging.getLogger("bancheng").error("%s", mismatch)
    return 1 if found else 0


def audit() -> int:
    """Seal what waits and recompute every seal."""
    from bancheng.site import cli

    return cli.main(["audit", "seal"]) or cli.main(["audit", "verify"])


PARTS = {
    part.__name__: part
    for part in (
        worker,
        gateway,
        verb,
        accept,
        hurry,
        order,
        repay,
        upload,
        read,
        inspect,
        promise,
        clock,
        send,
        renew,
        apply,
        partner,
        estate,
        hand_over,
        compare,
        audit,
    )
}


def play(parent: int, part: str, words: Sequence[str], database: str, log: str) -> None:
    """Be the part until it ends, in the city's database."""
    from django.db import connections

    lifeline.end_with_parent(parent)
    out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((nothing, 0), (out, 1), (out, 2)):
        os.dup2(source, target)
    connections.databases["default"]["NAME"] = database
    code = 1
    try:
        code = PARTS[part](*words)
    except BaseException:
        logging.getLogger("bancheng").exception("the part has failed")
    finally:
        sys.stdout.flush()
        os._exit(code)


def serve() -> None:
    """Fork parts and wait for them, as told."""
    parent = os.getpid()
    for line in sys.stdin:
        told = json.loads(line)
        if "wait" in told:
            answer = os.waitstatus_to_exitcode(os.waitpid(told["wait"], 0)[1])
        elif answer := os.fork():
            os.setpgid(answer, answer)  # before anybody knows its number: who is told it may kill the group at once
        else:
            play(parent, **told)
        sys.stdout.write(f"{answer}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    lifeline.end_with_parent(int(sys.argv[1]))
    django.setup()
    for needed in ("bancheng.kernel.jobs.worker", "bancheng.services.expiry.service"):
        importlib.import_module(needed)  # once, for every part
    serve()
