"""`bancheng web`: pages and API, served by granian."""

import argparse
import os
import sys

from bancheng.site import house, serving

HELP = "网页与接口 · pages and API [--address HOST:PORT] [--workers N]"


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--address", help="监听地址 · where to listen (BANCHENG_WEB)")
    parser.add_argument("--workers", type=int, help="进程数 · processes (WEB_WORKERS)")


def run(args: argparse.Namespace) -> int:
    """Serve until told to stop."""
    from django.conf import settings

    address = serving.address(args.address or settings.WEB_ADDRESS)
    if not serving.is_free(address):
        house.say(serving.busy(address, "BANCHENG_WEB"))
        return 1
    workers = args.workers or int(os.environ.get("WEB_WORKERS") or (1 if settings.DEMO else os.cpu_count() or 1))
    sys.stdout.write(f"http://{address}\n")
    sys.stdout.flush()
    serving.wsgi("bancheng.site.wsgi:application", address, workers=workers)
    return 0
