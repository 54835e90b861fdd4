"""The queue: how long it is, who works it, what failed, and what is done about that."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.jobs import public as jobs
from bancheng.lib.manifest import Page
from bancheng.web.doors import Request
from bancheng.web.forms import say

SILENT = 30  # seconds without a sign of life after which a worker is taken for dead


def overview(request: Request) -> HttpResponse:
    status = jobs.status()
    values: dict[str, Any] = {
        "status": status,
        "alive": [worker for worker in status.workers if worker.silent_seconds < SILENT],
        "silent": SILENT,
        "schedule": jobs.schedule_state(),
        "may_act": request.actor.has("operator", service="console"),
    }
    return render(request, "console/jobs.html", values)


def retry(request: Request, job_id: int) -> HttpResponse:
    jobs.retry(job_id, by=request.actor.ref, at=clocks.now())
    return _back(request, "任务已重新排队，几秒内开始。", "The job is queued again and starts within seconds.")


def discard(request: Request, job_id: int) -> HttpResponse:
    jobs.discard(job_id, by=request.actor.ref, at=clocks.now())
    return _back(request, "任务已放弃，并记入审计。", "The job is given up; the record says by whom.")


def run_now(request: Request) -> HttpResponse:
    jobs.run_now(request.POST.get("name", ""), by=request.actor.ref, at=clocks.now())
    return _back(request, "定时任务已排队，几秒内开始。", "The scheduled job is queued and starts within seconds.")


def _back(request: HttpRequest, zh: str, en: str) -> HttpResponse:
    messages.success(request, str(say(zh, en)))
    return redirect("console:jobs")


PAGES = [
    Page("jobs/", overview, "jobs", who=("operator", "auditor"), title="后台任务|Jobs", nav="后台任务|Jobs"),
    Page(
        "jobs/<int:job_id>/retry/",
        retry,
        "job_retry",
        who=("operator",),
        methods=("POST",),
        title="重新执行失败任务|Retry a failed job",
    ),
    Page(
        "jobs/<int:job_id>/discard/",
        discard,
        "job_discard",
        who=("operator",),
        methods=("POST",),
        title="放弃失败任务|Give up a failed job",
    ),
    Page(
        "jobs/run/",
        run_now,
        "job_run",
        who=("operator",),
        methods=("POST",),
        title="立即执行定时任务|Run a scheduled job now",
    ),
]
