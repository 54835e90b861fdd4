"""Asking registers once a day about a firm, keeping what they say, and asking again for cases that were sent while they were silent."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from bancheng.kernel.audit import public as audit
from bancheng.kernel.cases import public as cases
from bancheng.kernel.identity import public as identity
from bancheng.lib import rows
from bancheng.lib.days import SHANGHAI, day_of, start_of
from bancheng.lib.identifiers import uuid7
from bancheng.lib.refusal import Refused, Unavailable
from bancheng.services.onething.models import RegisterCheck, RegisterQuestion
from bancheng.services.onething.registers import gateway
from bancheng.services.onething.registers.facts import Asked, Known
from bancheng.services.onething.registers.rules import (
    BY_MATTER,
    Entry,
    Purpose,
    Register,
    lease_of,
    may_ask_again,
)

ANSWERED = """
WHERE holder_hash = %s AND region = %s AND asked_at BETWEEN %s AND %s AND as_of IS NOT NULL AND registers @> %s::varchar[] AND lease = %s
ORDER BY asked_at DESC LIMIT 1
"""
LEASE_LONGEST = 100
AT_ONCE = 200  # checks of one run of the job
GIVEN_UP_AFTER = timedelta(days=60)  # no matter that asks registers takes that long


def answer(asked: Asked) -> Known | None:
    """Answer the hook `registers_asked` from the city's exchange; None where there is no reason, or nobody, to ask.

    What was answered to anybody within the day is not asked again, unless somebody says that it changed (`asked.again`): then after a
    while, and some times a day. Outside of a transaction: it may take seconds. Raises Refused("asked_lately").
    """
    if asked.purpose is None or not asked.uscc:
        return None
    if asked.again:
        _check_may_ask_again(asked)
    kept = None if asked.again else _of_today(asked)
    if kept is not None:
        _note("onething.registers_reused", kept, by=asked.by, at=asked.at, case=asked.about)
        return known(kept)
    return _ask(asked, asked.purpose)


def of_today(asked: Asked) -> Known | None:
    """Return what registers said today to just this question; None when there is no reason to ask, or no answer yet. One statement."""
    if asked.purpose is None or not asked.uscc:
        return None
    kept = _of_today(asked)
    return known(kept) if kept is not None else None


def _of_today(asked: Asked) -> RegisterQuestion | None:
    assert asked.purpose
    since, registers = start_of(day_of(asked.at)), [one.value for one in asked.purpose.asked]
    given = [asked.holder_hash, asked.region, since, asked.at, registers, _lease(asked, asked.purpose)]
    with connection.cursor() as cursor:
        return next(iter(rows.read(cursor, RegisterQuestion, ANSWERED, given)), None)


def _lease(asked: Asked, purpose: Purpose) -> str:
    return asked.lease[:LEASE_LONGEST] if Register.LEASE in purpose.asked else ""


def _check_may_ask_again(asked: Asked) -> None:
    free = again_from(asked.holder_hash, region=asked.region, at=asked.at)
    if free is not None:
        clock = f"{free.astimezone(SHANGHAI):%H:%M}"
        tomorrow = day_of(free) > day_of(asked.at)
        raise Refused(
            "asked_lately",
            f"刚查过登记信息，没有再查，已填内容都保留着；{'明天' if tomorrow else clock + '以后'}可以再查。",
            en="The registers were asked a short while ago and were not asked again; what you filled in is kept. "
            f"You can ask again {'tomorrow' if tomorrow else 'after ' + clock}.",
            status=429,
        )


def again_from(holder_hash: bytes, *, region: str, at: datetime) -> datetime | None:
    """Return from when the exchange may be asked about a firm again on the same day; None: now. One statement."""
    today = RegisterQuestion.objects.filter(
        holder_hash=holder_hash, region=region, asked_at__gte=start_of(day_of(at)), asked_at__lte=at
    )
    return may_ask_again(list(today.values_list("asked_at", flat=True)), at)


def _ask(asked: Asked, purpose: Purpose) -> Known:
    """Ask the exchange and keep what came of it; while it rests nothing is asked and nothing kept."""
    exchange = gateway.configured()
    if exchange.rests:
        return Known(unverified=purpose.asked)
    said = f"{purpose.says.zh}（{purpose.law}）"
    lease = _lease(asked, purpose)
    question = gateway.Question(asked.uscc, purpose.asked, said, asked.about, asked.by, lease)
    row = RegisterQuestion(
        id=uuid7(asked.at),
        region=asked.region,
        holder_hash=asked.holder_hash,
        registers=list(purpose.asked),
        purpose=said,
        about=asked.about,
        by=asked.by,
        asked_at=asked.at,
        lease=lease,
        entries=[],
    )
    try:
        found = exchange.ask(question, at=asked.at)
    except Unavailable as silent:
        row.silent = str(silent)[:200]
    else:
        row.source, row.as_of, row.entries = found.source, found.as_of, [_kept(one) for one in found.entries]
    with transaction.atomic():
        row.save(force_insert=True)
        action = "onething.registers_asked_again" if asked.again else "onething.registers_asked"
        _note(action, row, by=asked.by, at=asked.at, case=asked.about)
    return known(row)


def _note(action: str, row: RegisterQuestion, *, by: str, at: datetime, case: str) -> None:
    """Leave a line: who asked, for which case, for which purpose, and whether there was an answer (R-E-3)."""
    detail = {"for": case, "purpose": row.purpose, "registers": row.registers, "answered": row.as_of is not None}
    audit.record(action, who=by, about=ref(row.pk), at=at, region=row.region, detail=detail)


def ref(question_id: UUID) -> str:
    """Return what the record's lines about a question are about."""
    return f"registers:{question_id}"


def _kept(one: Entry) -> dict[str, Any]:
    since = one.since.isoformat() if one.since else None
    said = {"register": one.register, "number": one.number, "authority": one.authority, "since": since}
    return said if one.area_dm2 is None else said | {"area_dm2": one.area_dm2}


def known(row: RegisterQuestion) -> Known:
    """Return what a question is known to have brought."""
    if row.as_of is None:
        return Known(question=row.pk, unverified=tuple(Register(one) for one in row.registers))
    entries = tuple(
        Entry(
            Register(each["register"]),
            each["number"],
            each["authority"],
            date.fromisoformat(each["since"]) if each["since"] else None,
            each.get("area_dm2"),
        )
        for each in row.entries
    )
    return Known(entries, row.source, row.as_of, row.pk)


# --- of a case ---


def attach(*, root: UUID, asked: Asked, answers: Sequence[Known], at: datetime) -> None:
    """Keep with a case that was filed what registers said for it, in the caller's transaction; or that they are still to be asked."""
    if asked.purpose is None or not asked.uscc:
        return
    question = next((one.question for one in answers if one.as_of), None)
    RegisterCheck.objects.create(
        region=asked.region,
        root_id=root,
        matter=asked.purpose.matter,
        holder_hash=asked.holder_hash,
        holder_sealed=identity.seal(asked.uscc, kind="uscc"),
        opened_at=at,
        question_id=question,
        ended_at=at if question else None,
    )


def ask_again(*, at: datetime) -> int:
    """Ask registers for every case that was sent while they were silent; return how many were answered.

    Run it as often as you like: what is answered is not asked again, what is over needs no answer, and an exchange that is silent
    is left alone after some questions.
    """
    answered = 0
    open_ = RegisterCheck.objects.filter(ended_at=None).order_by("opened_at")
    for check in open_[:AT_ONCE]:
        if gateway.configured().rests:
            break
        answered += _ask_for(check, at)
    return answered


def ask_for_case(*, root: UUID, by: str, at: datetime) -> Known:
    """Ask registers anew for a case that calls for it, because an officer has reason to; what came before stays on record.

    Raises Refused: nothing_to_ask, asked_lately.
    """
    check = RegisterCheck.objects.filter(root_id=root).first()
    view = cases.view(root)
    if check is None or view is None or view.case.over:
        raise nothing_to_ask()
    found = answer(_asked_for(check, by=by, at=at, again=True))
    assert found is not None, "a check is of a firm, for a purpose"
    if found.as_of is not None:
        RegisterCheck.objects.filter(pk=check.pk).update(question_id=found.question, ended_at=at)
    return found


def nothing_to_ask() -> Refused:
    """Return the refusal where registers have nothing to say."""
    return Refused(
        "nothing_to_ask",
        "这件事不需要查询登记信息，或已经办结，没有查询。",
        en="This calls for no look into registers, or is over; nothing was asked.",
    )


def _asked_for(check: RegisterCheck, *, by: str, at: datetime, again: bool = False) -> Asked:
    purpose, said = BY_MATTER[check.matter], None
    if Register.LEASE in purpose.asked:
        said = cases.said(check.root_id)
    return Asked(
        check.region,
        bytes(check.holder_hash),
        identity.open_sealed(bytes(check.holder_sealed), kind="uscc"),
        lease_of(said.values) if said else "",
        purpose,
        f"case:{check.root_id}",
        by,
        at,
        again,
    )


def _ask_for(check: RegisterCheck, at: datetime) -> bool:
    view = cases.view(check.root_id)
    if view is None or view.case.over or at - check.opened_at > GIVEN_UP_AFTER:
        RegisterCheck.objects.filter(pk=check.pk, ended_at=None).update(ended_at=at)
        return False
    found = answer(_asked_for(check, by=identity.MACHINE.ref, at=at))
    if found is None or found.as_of is None:
        return False
    done = RegisterCheck.objects.filter(pk=check.pk, ended_at=None)
    return bool(done.update(question_id=found.question, ended_at=at))
