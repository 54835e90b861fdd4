"""The processes a replay speaks with: the running house, or web and simulators started for as long as it takes."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from bancheng.kernel.jobs import public as jobs
from bancheng.kernel.notices import gateway
from bancheng.lib.refusal import Refused, Unavailable
from bancheng.site import serving, up

START_SECONDS = 60.0
WORKER_SILENT = 30.0  # seconds after which a worker is taken for gone
STOP_SECONDS = 10.0
CLOCK_READ = 1.1  # seconds until every process has seen a clock that was set


def worker_is_there() -> bool:
    """Return whether a worker is at work on this database."""
    return any(each.silent_seconds < WORKER_SILENT for each in jobs.status().workers)


def check_alone() -> None:
    """Raise Refused("house_runs") while a worker is at work on this database: it would do what the replay does."""
    if worker_is_there():
        raise Refused(
            "house_runs",
            "整套系统正在这个数据库上运行，它会处理回放中的业务，所以没有开始，什么都没有改动。请先停下 make run，半分钟后再回放。",
            en="The house is running on this database and would work on what is replayed; nothing was changed. "
            "Stop make run first, and replay half a minute later.",
        )


@contextmanager
def peers(logs: Path) -> Iterator[None]:
    """Keep web (it takes the receipts) and simulators (they send them) answering while the block runs.

    Raises Refused when an address is taken by somebody else, or when what answers there is another house's.
    """
    addresses = {"sim": serving.address(settings.SIM_ADDRESS), "web": serving.address(settings.WEB_ADDRESS)}
    missing = {verb: address for verb, address in addresses.items() if not up.answers(address)}
    for verb, address in missing.items():
        if not serving.is_free(address):
            said = serving.busy(address, f"BANCHENG_{verb.upper()}").split("\n")
            raise Refused("port_taken", said[0], en=said[-1])
    started: dict[str, subprocess.Popen[bytes]] = {}
    try:
        for verb in missing:
            started[verb] = _start(verb, logs / f"{verb}.log")
        for verb, process in started.items():
            _wait(addresses[verb], process, logs / f"{verb}.log")
        _check_ours()
        yield
    finally:
        for process in started.values():
            _stop(process)


def _start(verb: str, log: Path) -> subprocess.Popen[bytes]:
    with log.open("ab") as out:
        return subprocess.Popen(
            [sys.executable, "-m", "bancheng.site.cli", verb],
            env=up.environment(),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            process_group=0,  # Ctrl-C is ours to hear
        )


def _wait(address: serving.Address, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while not up.answers(address):
        if process.poll() is not None or time.monotonic() > end:
            raise Refused(
                "peer_not_started",
                f"回放所需的进程没有启动，什么都没有改动；原因见 {log}。",
                en=f"A process the replay needs did not start; nothing was changed. {log} says why.",
            )
        time.sleep(0.1)


def _check_ours() -> None:
    """Ask the gateways something signed: those of another house do not know our secret."""
    try:
        for each in gateway.configured().values():
            each.status(["-"])
    except Unavailable as silent:
        raise Refused(
            "not_our_gateways",
            f"{settings.SIM_ADDRESS} 上的消息网关不认本系统的签名（{silent}），什么都没有改动。"
            "请换端口：BANCHENG_WEB=… BANCHENG_SIM=… bancheng replay",
            en=f"The gateways at {settings.SIM_ADDRESS} do not accept our signature ({silent}); nothing was changed. "
            "Choose other ports: BANCHENG_WEB=… BANCHENG_SIM=… bancheng replay",
        ) from None


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
