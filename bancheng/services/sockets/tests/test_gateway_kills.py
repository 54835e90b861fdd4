"""Gateway processes killed with -9 while devices talk: nothing is lost, nothing stands twice, another process takes over."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.db import connection

from bancheng.kernel.clocks import public as clocks
from bancheng.services.sockets.gateway.line import Broker
from bancheng.services.sockets.models import Reading, SocketState
from bancheng.services.sockets.rules import sharing
from bancheng.services.sockets.tests.broking import Gateway, broker, wait
from bancheng.services.sockets.tests.walking import Device, socket

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.fault]
ROOT = Path(__file__).resolve().parents[4]
GATEWAYS, EACH = 6, 250


@pytest.fixture
def where() -> Iterator[Broker]:
    with broker() as one:
        yield one


@pytest.fixture
def start(where: Broker, tmp_path: Path) -> Iterator[Callable[[], "subprocess.Popen[bytes]"]]:
    """Return a function that starts a gateway process; all are gone when the test ends."""
    begun: list[subprocess.Popen[bytes]] = []
    url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}").geturl()

    def begin() -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", "bancheng.site.cli", "gateway", "--url", f"mqtt://{where.host}:{where.port}"]
        log = (tmp_path / f"gateway-{len(begun)}.log").open("wb")
        env = {**os.environ, "DATABASE_URL": url, "PYTHONPATH": str(ROOT)}
        begun.append(subprocess.Popen(command, env=env, stdout=log, stderr=log, cwd=ROOT))
        log.close()
        return begun[-1]

    yield begin
    for each in begun:
        each.kill()
        each.wait()


def lines() -> int:
    """Return how many partitions are held."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid = %s AND objid < 1000", [0x73636B]
        )
        return int(cursor.fetchone()[0])


def talk(gateway: Gateway) -> None:
    """Say readings as a device does: kept until they may be erased, said again when nobody stores them."""
    device = gateway.device
    for _ in range(EACH):
        gateway.say(device.reading(clocks.real_now()).message)
        time.sleep(0.01)
    end = time.monotonic() + 60
    while gateway.stored < EACH and time.monotonic() < end:
        before = gateway.stored
        time.sleep(2)
        if gateway.stored == before:
            for heard in device.said[before : before + 50]:
                gateway.say(heard.message)


def test_two_processes_share_and_one_is_killed(where: Broker, start: Callable[[], "subprocess.Popen[bytes]"]) -> None:
    """X5, X6, X14: 1,500 readings of six gateways across two kills are stored once each, and every device may erase all of them."""
    for n in range(GATEWAYS):
        socket(f"XC{n}", "1", f"gw-{n}")
    first, second = start(), start()
    wait(lambda: lines() == sharing.PARTITIONS, 30)
    time.sleep(2.5)
    began = clocks.real_now() - timedelta(hours=1)
    talking = [Gateway(where, Device(gateway=f"gw-{n}", began=began)) for n in range(GATEWAYS)]
    threads = [threading.Thread(target=talk, args=[each]) for each in talking]
    for each in threads:
        each.start()
    time.sleep(1)
    first.send_signal(signal.SIGKILL)
    first.wait()
    third = start()
    time.sleep(4)
    second.send_signal(signal.SIGKILL)
    second.wait()
    for each in threads:
        each.join()
    wait(lambda: all(each.stored == EACH for each in talking), 30)
    assert third.poll() is None
    assert Reading.objects.count() == GATEWAYS * EACH
    assert all((row.stored, row.ahead) == (EACH, []) for row in SocketState.objects.all())
