"""`bancheng chargers`: the charge points of the city's pack, simulated."""

import argparse
import asyncio
import signal

from bancheng.lib.refusal import Refused
from bancheng.site import house
from bancheng.site.verbs.meters import credentials

HELP = "模拟充电桩（仅演示） · simulated charge points"
DJANGO = False
SAVE_SECONDS = 5


def add(parser: argparse.ArgumentParser) -> None:
    """It takes no words."""


def run(args: argparse.Namespace) -> int:
    """Live until told to stop; refuse outside the demo."""
    from bancheng.site import settings

    if not settings.DEMO:
        raise Refused(
            "not_in_production",
            "模拟设备只在演示环境运行（BANCHENG_DEMO=1）；什么都没有启动。",
            en="Simulated devices run in the demo only (BANCHENG_DEMO=1); nothing was started.",
        )
    return asyncio.run(_live())


async def _live() -> int:
    from bancheng.sim.chargers import point
    from bancheng.site import settings

    kept = house.var() / "sim" / "chargers.json"
    found = point.points(settings.PACK / "services" / "sockets" / "units.csv", kept)
    passwords = credentials(
        house.var() / "sim" / "charger-passwords.json", [one.name for one in found], settings.MQTT_PASSWORDS
    )
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    house.say(f"模拟充电桩已启动：{len(found)} 台 · {len(found)} simulated charge points are alive")
    lives = [asyncio.ensure_future(one.live(f"ws://{settings.OCPP_ADDRESS}", passwords[one.name])) for one in found]
    while not stopping.is_set():
        try:
            await asyncio.wait_for(stopping.wait(), SAVE_SECONDS)
        except TimeoutError:
            point.keep(found, kept)
    for life in lives:
        life.cancel()
    await asyncio.gather(*lives, return_exceptions=True)
    point.keep(found, kept)
    return 0
