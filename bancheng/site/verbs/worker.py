"""`bancheng worker`: jobs and the schedule."""

import argparse
import importlib
import os

from bancheng.lib.refusal import Refused
from bancheng.site import house

HELP = "后台任务与定时任务 · jobs and the schedule [--concurrency N] [--queue NAME …]"


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--concurrency", type=int, help="同时执行的任务数 · jobs at once (WORKER_CONCURRENCY, 4)")
    parser.add_argument(
        "--queue", action="append", metavar="NAME", help="只做这个队列 · this queue only; may be repeated"
    )


def run(args: argparse.Namespace) -> int:
    """Work until told to stop; jobs under way are finished first."""
    if not house.built("bancheng.kernel.jobs.worker"):
        raise Refused("no_worker", "本版本没有后台任务。", en="This version has no jobs yet.")
    concurrency = args.concurrency or int(os.environ.get("WORKER_CONCURRENCY") or 4)
    worker = importlib.import_module("bancheng.kernel.jobs.worker")
    return int(worker.run(concurrency=concurrency, queues=args.queue) or 0)
