"""What the benches of shared power share: a broker, gateways that talk by MQTT, the bare consumer they are measured against.

Run as a program it is a talker or the bare consumer: `python -m bancheng.site.bench._sockets talk|bare …`.
"""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from bancheng.lib import loopback
from bancheng.lib import socketwire as wire

BROKER = "import sys, iotcore; iotcore.IotCoreBroker(listen='127.0.0.1', port=int(sys.argv[1])).run_forever()"
METER = "202411070046"
BATCH = 100
EARS_SECONDS = 300


@contextmanager
def broker() -> Iterator[int]:
    """Run the embedded broker on a spare port of loopback."""
    port = loopback.spare_port()
    process = subprocess.Popen(
        [sys.executable, "-c", BROKER, str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        until(lambda: loopback.answers(port))
        yield port
    finally:
        process.kill()
        process.wait()


@contextmanager
def program(*words: str, **more: str) -> "Iterator[subprocess.Popen[str]]":
    """Run a part of the bench, or of the house, as a process of its own."""
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), **more}
    process = subprocess.Popen([sys.executable, *words], env=env, stdout=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.terminate()
        process.wait()


@contextmanager
def house() -> Iterator[int]:
    """Run broker and gateway process until all partitions are held; give the broker's port."""
    from bancheng.site.bench.jobs import _url

    with broker() as port:
        url = f"mqtt://127.0.0.1:{port}"
        with program("-m", "bancheng.site.cli", "gateway", "--url", url, DATABASE_URL=_url()):
            until(lambda: rows("pg_locks WHERE locktype = 'advisory' AND classid = 7562091 AND objid < 1000") == 8)
            time.sleep(3)
            yield port


def until(done: Callable[[], bool], seconds: float = 60) -> None:
    """Wait for it."""
    end = time.monotonic() + seconds
    while not done():
        if time.monotonic() > end:
            raise RuntimeError("it did not come to that")
        time.sleep(0.02)


def rows(what: str) -> int:
    """Return how many rows there are."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {what}")
        return int(cursor.fetchone()[0])


def name(n: int) -> str:
    """Return the gateway `n` of the bench."""
    return f"bench-{n:04d}"


def reading(gateway: int, wire_name: str, boot: int, seq: int, session: str = "") -> wire.Parcel:
    """Return one reading, a second after the one before."""
    now_ms = time.time_ns() // 1_000_000
    return wire.write(
        wire.Reading(
            name(gateway),
            wire_name,
            boot,
            seq,
            seq * 1000,
            now_ms,
            METER,
            session,
            123_456 + seq // 40,
            2231,
            4512,
            1006,
            310,
            0,
        )
    )


def wait_for_ears(port: int, gateways: int, boot: int) -> None:
    """Ask in every gateway's name what time it is until each is answered: a broker takes its time over thousands of filters."""
    waiting = {name(n) for n in range(gateways)}

    def heard(client: Any, _: Any, message: Any) -> None:
        said = wire.read(message.topic, message.payload)
        if isinstance(said, wire.TimeTold):
            waiting.discard(said.gateway)

    client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id=f"ears-{os.getpid()}")
    client.on_message = heard
    client.connect("127.0.0.1", port)
    client.subscribe(f"{wire.ROOT}/+/time", 0)
    client.loop_start()
    end = time.monotonic() + EARS_SECONDS
    while waiting:
        if time.monotonic() > end:
            raise RuntimeError(f"{len(waiting)} gateways are not listened to")
        for each in sorted(waiting):
            now_ms = time.time_ns() // 1_000_000
            asked = wire.write(wire.TimeAsked(each, boot, 1, now_ms))
            client.publish(asked.topic, asked.payload, qos=1)
            time.sleep(0.005)
        time.sleep(1)
    client.disconnect()
    client.loop_stop()


def talk(
    port: int, gateways: int, sockets: int, count: int, rate: float, boot: int, before: int, sessions: str
) -> None:
    """Say `count` readings, `rate` a second (0: as fast as they are taken), and print how long each took to be stored, as told by `ack`.

    `before`: so many each socket has said in this boot already.
    """
    named: dict[str, str] = json.loads(sessions or "{}")
    waits: dict[tuple[str, str], list[float]] = {}
    done: list[float] = []
    lock = threading.Lock()

    def heard(client: Any, _: Any, message: Any) -> None:
        said, now = wire.read(message.topic, message.payload), time.monotonic()
        assert isinstance(said, wire.Stored)
        with lock:
            for each, through in said.seqs.items():
                sent = waits.get((said.gateway, each), [])
                while sent and sent[0] >= 0 and len(done) < count and told.get((said.gateway, each), before) < through:
                    told[said.gateway, each] = told.get((said.gateway, each), before) + 1
                    done.append(now - sent.pop(0))

    if rate:
        wait_for_ears(port, gateways, boot)
    told: dict[tuple[str, str], int] = {}
    client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id=f"talk-{os.getpid()}")
    client.max_inflight_messages_set(BATCH)
    client.on_message = heard
    client.connect("127.0.0.1", port)
    client.subscribe(f"{wire.ROOT}/+/ack", 0)
    client.loop_start()
    time.sleep(0.5)
    seqs: dict[tuple[int, int], int] = {}
    began = time.monotonic()
    for n in range(count):
        gateway, each = n % gateways, n // gateways % sockets
        seq = seqs[gateway, each] = seqs.get((gateway, each), before) + 1
        parcel = reading(gateway, str(each + 1), boot, seq, named.get(f"{gateway}/{each + 1}", ""))
        if rate:
            time.sleep(max(0.0, began + n / rate - time.monotonic()))
        with lock:
            waits.setdefault((name(gateway), str(each + 1)), []).append(time.monotonic())
        said = client.publish(parcel.topic, parcel.payload, qos=1)
        if not rate and n % BATCH == BATCH - 1:
            said.wait_for_publish(30)
    end = time.monotonic() + 30
    while len(done) < count and time.monotonic() < end and rate:
        time.sleep(0.05)
    client.disconnect()
    print(json.dumps({"took": time.monotonic() - began, "waits": sorted(done)}), flush=True)  # noqa: T201  a program's answer


def bare(port: int, url: str) -> None:
    """Consume with nothing but paho, JSON and COPY: acknowledged behind the commit, a hundred at a time."""
    import queue

    import psycopg

    waiting: queue.SimpleQueue[mqtt.MQTTMessage] = queue.SimpleQueue()
    client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id="bare", clean_session=False, manual_ack=True)
    client.on_message = lambda c, _, message: waiting.put(message)
    client.connect("127.0.0.1", port)
    client.subscribe(wire.every("reading"), 1)
    client.loop_start()
    print("ready", flush=True)  # noqa: T201
    words = ("boot", "seq", "up_ms", "ts", "meter", "e_10wh", "u_dv", "i_ma", "p_w", "t_dc", "f")
    with psycopg.connect(url, autocommit=True) as own:
        while True:
            batch = [waiting.get()]
            end = time.monotonic() + 0.03
            while len(batch) < BATCH:
                try:
                    batch.append(waiting.get(timeout=max(0, end - time.monotonic())))
                except queue.Empty:
                    break
            with own.transaction(), own.cursor().copy("COPY bench_bare FROM STDIN") as copy:
                for message in batch:
                    _, _, gateway, each, _ = message.topic.split("/")
                    said = json.loads(message.payload)
                    copy.write_row((gateway, each, *(said.get(word, 0) for word in words)))
            for message in batch:
                client.ack(message.mid, message.qos)


if __name__ == "__main__":
    if sys.argv[1] == "talk":
        talk(
            int(sys.argv[2]),
            int(sys.argv[3]),
            int(sys.argv[4]),
            int(sys.argv[5]),
            float(sys.argv[6]),
            int(sys.argv[7]),
            int(sys.argv[8]),
            "".join(sys.argv[9:]),
        )
    else:
        bare(int(sys.argv[2]), sys.argv[3])
