"""`bancheng sim`: the outside world, simulated: phones, message channels, the city's identity provider, its exchange of registers."""

import argparse

from bancheng.lib.refusal import Refused
from bancheng.site import house, serving

HELP = "模拟外部世界（仅演示） · the simulated outside world, never in production [--address HOST:PORT]"
DJANGO = False


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--address", help="监听地址 · where to listen (BANCHENG_SIM)")


def run(args: argparse.Namespace) -> int:
    """Serve until told to stop; refuse outside the demo."""
    from bancheng.site import settings  # the file alone: the simulators know nothing of Django

    if not settings.DEMO:
        raise Refused(
            "not_in_production",
            "模拟器只在演示环境运行（BANCHENG_DEMO=1）；什么都没有启动。",
            en="The simulators run in the demo only (BANCHENG_DEMO=1); nothing was started.",
        )
    address = serving.address(args.address or settings.SIM_ADDRESS)
    if not serving.is_free(address):
        house.say(serving.busy(address, "BANCHENG_SIM"))
        return 1
    serving.asgi("bancheng.sim.app:app", address)
    return 0
