"""`bancheng up`: the whole house."""

import argparse
import os

from bancheng.site import house, serving, up

HELP = "启动全部：数据库、网页、任务、模拟器 · start everything and watch it [--web ADDRESS] [--sim ADDRESS]"
DJANGO = False


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--web", default=None, help="网页地址 · address of the pages (BANCHENG_WEB, 127.0.0.1:8000)")
    parser.add_argument(
        "--sim", default=None, help="模拟器地址 · address of the simulators (BANCHENG_SIM, 127.0.0.1:8001)"
    )
    parser.add_argument("--no-load", action="store_true", help="不加载城市包 · do not load the city pack")


def run(args: argparse.Namespace) -> int:
    """Refuse when a port is taken; else run until Ctrl-C."""
    os.environ["BANCHENG_WEB"] = args.web or os.environ.get("BANCHENG_WEB") or "127.0.0.1:8000"
    os.environ["BANCHENG_SIM"] = args.sim or os.environ.get("BANCHENG_SIM") or "127.0.0.1:8001"
    children = up.the_house("" if args.no_load else str(house.pack()))
    settings = {child.verb: f"BANCHENG_{child.verb.upper()}" for child in children if child.verb in {"web", "sim"}}
    addresses = {verb: serving.address(os.environ[setting]) for verb, setting in settings.items()}
    for verb, address in addresses.items():
        if not serving.is_free(address):
            house.say(serving.busy(address, settings[verb]))
            return 1
    site = os.environ.get("BANCHENG_SITE_URL") or f"http://{addresses['web']}"
    return up.Supervisor(children, site_url=site, addresses=addresses).run()
