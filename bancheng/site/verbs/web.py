"""`bancheng web`: pages and API, served by granian."""

import argparse
import os
import sys

from bancheng.lib.refusal import Refused
from bancheng.site import cli, house, serving
from bancheng.site.verbs import migrate

PREPARATION_FAILED = 3
HELP = "网页与接口 · pages and API [--address HOST:PORT] [--workers N]"


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--address", help="监听地址 · where to listen (BANCHENG_WEB)")
    parser.add_argument("--prepare", metavar="PACK", help="先更新数据库并加载城市包 · migrate and load PACK first")
    parser.add_argument("--workers", type=int, help="进程数 · processes (WEB_WORKERS)")


def run(args: argparse.Namespace) -> int:
    """Serve until told to stop."""
    from django.conf import settings

    if args.prepare is not None and not prepared(args.prepare):
        return PREPARATION_FAILED
    address = serving.address(args.address or settings.WEB_ADDRESS)
    if not serving.is_free(address):
        house.say(serving.busy(address, "BANCHENG_WEB"))
        return 1
    workers = args.workers or int(os.environ.get("WEB_WORKERS") or (1 if settings.DEMO else os.cpu_count() or 1))
    sys.stdout.write(f"http://{address}\n")
    sys.stdout.flush()
    serving.wsgi("bancheng.site.wsgi:application", address, workers=workers)
    return 0


def prepared(pack: str) -> bool:
    """Migrate and load the pack in this process; leave no connection behind, for the server is about to fork."""
    try:
        return migrate.run(argparse.Namespace(load=pack)) == 0
    except Refused as no:
        house.say(f"{no.says}\n{no.en}")
        return False
    finally:
        cli.close_connections()
