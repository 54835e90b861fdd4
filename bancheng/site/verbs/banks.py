"""`bancheng banks`: the six banks' systems, simulated, against the running house."""

import argparse
import signal
import threading
from datetime import datetime

import httpx

from bancheng.lib import bankkeys, signing
from bancheng.lib.days import SHANGHAI
from bancheng.lib.refusal import Refused
from bancheng.site import house

HELP = "模拟银行（仅演示） · six simulated banks: they file, read their events, answer each day's file"
DJANGO = False
HOUR = 3600


def add(parser: argparse.ArgumentParser) -> None:
    """It takes no words."""


def run(args: argparse.Namespace) -> int:
    """Live until told to stop; refuse outside the demo."""
    from bancheng.site import settings

    if not settings.DEMO:
        raise Refused(
            "not_in_production",
            "模拟银行只在演示环境运行（BANCHENG_DEMO=1）；什么都没有启动。",
            en="Simulated banks run in the demo only (BANCHENG_DEMO=1); nothing was started.",
        )
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    with httpx.Client(base_url=f"http://{settings.WEB_ADDRESS}", timeout=20, trust_env=False) as client:
        _live(client, stopping)
    return 0


def _live(client: httpx.Client, stopping: threading.Event) -> None:
    from bancheng.sim import banks
    from bancheng.site import settings

    homes = banks.homes(settings.PACK / "services" / "landshares" / "estates.toml")
    hooks = f"http://{settings.SIM_ADDRESS}/partner/webhooks"
    keyed = [(one, bankkeys.key_id(house.var(), one.unit)) for one in bankkeys.BANKS]
    live = [
        banks.Bank(banks.Wire(client, bankkeys.held(house.var(), one), key_id), homes=homes, hook=f"{hooks}/{one.unit}")
        for one, key_id in keyed
        if key_id
    ]
    house.say(f"模拟银行已启动：{len(live)} 家 · {len(live)} simulated banks are alive")
    pause = HOUR / settings.BANKS / max(1, len(live))
    turn = 0
    while not stopping.wait(pause if turn else 1):
        if live:
            try:
                live[turn % len(live)].round(datetime.fromtimestamp(signing.seconds(), SHANGHAI).date())
            except (httpx.HTTPError, ValueError) as error:  # the house restarts; the bank comes again
                house.say(f"{type(error).__name__}: {error}"[:200])
        turn += 1
