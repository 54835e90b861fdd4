"""One-on-one work: a list becomes somebody's, a call or a visit is made, a result closes it (F10.7, 不漏一企一人)."""

from datetime import datetime

from django.db import transaction
from django.utils.timezone import localdate

from bancheng.kernel.audit import public as audit
from bancheng.kernel.identity import public as identity
from bancheng.kernel.licences import public as licences
from bancheng.kernel.notices import public as notices
from bancheng.lib.refusal import Refused
from bancheng.services.expiry.models import Task, Watch
from bancheng.services.expiry.operations.applications import accept_application
from bancheng.services.expiry.operations.watches import answer
from bancheng.services.expiry.rules import State

METHODS = ("call", "visit")


def assign(*, task_ids: list[int], unit: str, officer_id: int, by: identity.Actor, at: datetime) -> int:
    """Hand open tasks of `unit` to one officer; return how many changed hands."""
    with transaction.atomic():
        tasks = Task.objects.select_for_update().filter(pk__in=task_ids, unit=unit, closed_at=None)
        changed = tasks.exclude(assignee_id=officer_id).update(assignee_id=officer_id, assigned_at=at)
        for task in Task.objects.filter(pk__in=task_ids, unit=unit, assignee_id=officer_id):
            _record("expiry.assigned", task, by=by, at=at, officer=officer_id)
    return changed


def take(*, task_id: int, by: identity.Actor, at: datetime) -> Task:
    """Take an open task that nobody has yet.

    Raises Refused("task_taken") when a colleague was first, Refused("task_closed") when it is over.
    """
    with transaction.atomic():
        task = _open_task(task_id)
        if task.assignee_id not in (None, by.user_id):
            raise Refused(
                "task_taken",
                "这项任务已由同事领取，没有改动。请在列表中选择其他任务。",
                en="A colleague has taken this task already; nothing was changed. Choose another one.",
            )
        task.assignee_id, task.assigned_at = by.user_id, at
        task.save(update_fields=["assignee", "assigned_at"])
        _record("expiry.taken", task, by=by, at=at)
    return task


def give_back(*, task_id: int, by: identity.Actor, at: datetime) -> Task:
    """Put an open task of one's own back on the unit's list, for a colleague to take.

    Raises Refused("not_yours") for anybody but the assignee, Refused("task_closed") when it is over.
    """
    with transaction.atomic():
        task = _open_task(task_id)
        _check_own(task, by)
        task.assignee_id, task.assigned_at = None, None
        task.save(update_fields=["assignee", "assigned_at"])
        _record("expiry.given_back", task, by=by, at=at)
    return task


def close(*, task_id: int, method: str, result: str, note: str, by: identity.Actor, at: datetime) -> Task:
    """Record how a task ended and let the result act: applied stops the alarm, "will not" ends the term.

    The unit's own work (a decision, a paper, a cancellation) is settled by the licence; a person closes it only with a reason.
    Raises Refused("not_yours") for anybody but the assignee, Refused("task_closed"), Refused("result_unknown"),
    Refused("reason_missing").
    """
    with transaction.atomic():
        task = _open_task(task_id)
        _check_result(task, method, result, note)
        _check_own(task, by)
        task.method, task.result, task.note, task.closed_at = method, result, note.strip()[:300], at
        task.save(update_fields=["method", "result", "note", "closed_at"])
        _record("expiry.task_closed", task, by=by, at=at, method=method, result=result)
        _act_on(task, by=by, at=at)
    return task


def _record(action: str, task: Task, *, by: identity.Actor, at: datetime, **detail: object) -> None:
    about = f"expiry:{task.watch_id}"
    audit.record(action, who=by.ref, about=about, at=at, region=task.region, detail={"task": task.pk, **detail})


def _check_own(task: Task, by: identity.Actor) -> None:
    if task.assignee_id != by.user_id:
        raise Refused(
            "not_yours",
            "这项任务不在您名下，没有改动。请先领取，或联系单位管理员分派给您。",
            en="This task is not yours; nothing was changed. Take it first, or ask your administrator.",
            status=403,
        )


def _check_result(task: Task, method: str, result: str, note: str) -> None:
    if result not in task.results or (method not in METHODS and not task.own_work):
        raise Refused(
            "result_unknown",
            "请选择联系方式（电话或上门）和结果后再提交，您填写的内容已保留。",
            en="Choose how you reached the holder and what came of it; what you typed is kept.",
            status=422,
        )
    if result == Task.Result.REASON and not note.strip():
        raise Refused(
            "reason_missing",
            "请在备注中写明办理情况或暂不办理的原因，任务没有办结。",
            en="Say in the note what was done, or why not yet; the task is still open.",
            status=422,
        )


def _act_on(task: Task, *, by: identity.Actor, at: datetime) -> None:
    """Let the result move the watch when the watch can still move so; a result never changes a licence (R10.7)."""
    state = State(task.watch.state)
    if task.result == Task.Result.APPLIED and state in {State.LIVE, State.SAYS_DONE}:
        accept_application(watch_id=task.watch_id, on=localdate(at), by=by.ref, at=at)
    elif task.result == Task.Result.WILL_NOT and state in {State.LIVE, State.SAYS_DONE}:
        answer(watch_id=task.watch_id, says=State.GIVEN_UP, by=by.ref, at=at)
    elif task.result == Task.Result.HOME_SERVICE:
        Watch.objects.filter(pk=task.watch_id).update(special=True)


def reveal_contact(*, task_id: int, by: identity.Actor, at: datetime) -> tuple[str, str]:
    """Return (contact's name, mobile number) for an open task of one's own; each look is logged (P-3).

    Raises Refused("not_yours"), Refused("task_closed"), Refused("no_number").
    """
    with transaction.atomic():
        task = _open_task(task_id)
        if task.assignee_id != by.user_id:
            raise Refused(
                "not_yours",
                "只有领取了这项任务的人可以查看联系方式。请先领取任务。",
                en="Only whoever has taken this task may see the contact. Take the task first.",
                status=403,
            )
        contact = licences.contact(task.watch.licence_id)
        if contact.mobile_sealed is None:
            raise Refused(
                "no_number",
                "台账里没有这位持证人的手机号。请按登记地址上门，或请发证窗口补充联系方式。",
                en="The ledger holds no number for this holder. Visit, or ask the issuing window for one.",
            )
        number = identity.reveal(
            contact.mobile_sealed,
            kind="mobile",
            by=by,
            about=f"expiry:{task.watch_id}",
            why=f"task {task.pk}",
            at=at,
            region=task.region,
        )
    return contact.name, number


def open_unreachable(fact: notices.Exhausted) -> None:
    """Turn a message that no channel could bring into a person's task (B10.5), unless its term has been renewed since."""
    for message in fact.messages:
        service, _, rest = message.subject.partition(":")
        if service != "expiry":
            continue
        watch_id, _, day = rest.partition(":")
        watch = Watch.objects.get(pk=int(watch_id))
        if watch.expires_on and str(watch.expires_on) == day and watch.state == State.LIVE:
            Task.objects.get_or_create(
                region=watch.region,
                watch=watch,
                unit=watch.unit,
                kind=Task.Kind.UNREACHABLE,
                stage="",
                expires_on=watch.expires_on,
                defaults={"due_on": watch.closes_on or watch.expires_on, "opened_at": fact.at},
            )


def _open_task(task_id: int) -> Task:
    task = Task.objects.select_for_update(of=("self",)).select_related("watch").get(pk=task_id)
    if task.closed_at is not None:
        raise Refused(
            "task_closed",
            "这项任务已经办结，没有改动。请刷新列表。",
            en="This task is closed already; nothing was changed. Reload the list.",
        )
    return task
