"""`bancheng jobs`: what the operator's page shows and does, on the command line."""

import argparse
import getpass
import json
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bancheng.kernel.jobs import public as jobs

HELP = "后台任务 · the job queue: status [--json] | retry ID | discard ID | run NAME"


def add(parser: argparse.ArgumentParser) -> None:
    what = parser.add_subparsers(dest="what", required=True)
    status = what.add_parser("status", help="排队、失败与后台进程 · what waits, what failed, who works")
    status.add_argument("--json", action="store_true", help="机器可读 · for machines")
    for name, words in (("retry", "重新执行失败任务 · retry a failed job"), ("discard", "放弃失败任务 · give it up")):
        what.add_parser(name, help=words).add_argument("job_id", type=int)
    what.add_parser("run", help="立即执行定时任务 · run a scheduled job now").add_argument("name")


def run(args: argparse.Namespace) -> int:
    """Show or change the queue. Whoever is at this keyboard is named in the audit record."""
    from bancheng.kernel.clocks import public as clocks
    from bancheng.kernel.jobs import public as jobs

    by, at = f"cli:{getpass.getuser()}", clocks.now()
    if args.what == "status":
        _status(jobs.status(), as_json=args.json)
    elif args.what == "retry":
        jobs.retry(args.job_id, by=by, at=at)
    elif args.what == "discard":
        jobs.discard(args.job_id, by=by, at=at)
    else:
        jobs.run_now(args.name, by=by, at=at)
    return 0


def _status(status: "jobs.JobsStatus", *, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(json.dumps(asdict(status), ensure_ascii=False, default=str) + "\n")
        return
    lines = [
        f"等待 waiting {status.waiting}　执行中 doing {status.doing}　失败 failed {status.failed}"
        f"　最久等待 longest wait {status.oldest_wait_seconds:.0f} s",
        *(f"  {job.id}  {job.name}  {job.attempts}×  {job.error}" for job in status.failures),
        *(f"  worker {worker.id}: {worker.silent_seconds:.0f} s" for worker in status.workers),
    ]
    sys.stdout.write("\n".join(lines) + "\n")
