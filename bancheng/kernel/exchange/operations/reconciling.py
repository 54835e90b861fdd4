"""Each day's file for each partner: made once, chained to the one before, signed; answered line by line; what differs is somebody's task.

What stands in a file comes from whoever keeps it: a service registers a source and exchange asks it (`reconciles`). A file is bytes and stays;
`verify` asks the sources again and recomputes the chain. A day without an answer is a difference like any other.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from bancheng.kernel.audit import public as audit
from bancheng.kernel.exchange import house
from bancheng.kernel.exchange.facts import Caller, Said
from bancheng.kernel.exchange.models import DayFile, Difference, Partner
from bancheng.kernel.exchange.operations.outbox import publish
from bancheng.kernel.exchange.rules import dayfile
from bancheng.kernel.exchange.rules.dayfile import Answer, Kind, Line
from bancheng.kernel.exchange.rules.words import ANSWER_WITHIN, CLEAR_WITHIN_DAYS
from bancheng.kernel.identity import public as identity
from bancheng.lib.refusal import Refused


@dataclass(frozen=True)
class Source:
    """Who says what stands in a partner's file, and which unit of ours clears up what differs."""

    lines: Callable[
        [str, date], Sequence[Line]
    ]  # (unit, day): what stood at that day's end, the same whenever it is asked
    owner: Callable[[str], str]  # (unit): code of the unit that owns its differences


_sources: dict[str, Source] = {}


def reconciles(service: str, source: Source) -> None:
    """Register the source of a service's files."""
    _sources[service] = source


def make_day(*, service: str, partner_id: int, day: date, at: datetime) -> DayFile:
    """Make a partner's file of a day, and tell it so; one that was made stays as it is."""
    with transaction.atomic():
        partner = Partner.objects.select_for_update().get(pk=partner_id)  # one file after the other: they are a chain
        mine = DayFile.objects.filter(region=partner.region, partner=partner, service=service)
        if (before := mine.filter(day=day).first()) is not None:
            return before
        last = mine.order_by("-number").first()
        if last is not None and last.day > day:
            raise Refused(
                "day_is_past",
                "更晚一天的对账文件已生成，这一天没有生成。",
                en="A file of a later day was made; this day's was not.",
            )
        made = _write(partner, service, day, last, at)
        publish([_ready(partner, service, made)])
    return made


def _write(partner: Partner, service: str, day: date, last: DayFile | None, at: datetime) -> DayFile:
    lines = list(_sources[service].lines(partner.unit, day))
    number, previous = (last.number + 1, last.digest) if last else (1, "")
    body = dayfile.written(
        service=service, partner=partner.code, day=day, number=number, previous=previous, lines=lines
    )
    key_id, signature = house.detached(body)
    return DayFile.objects.create(
        region=partner.region,
        partner=partner,
        service=service,
        day=day,
        number=number,
        previous=previous,
        digest=hashlib.sha256(body).hexdigest(),
        count=len(lines),
        sum_fen=sum(line.amount_fen for line in lines),
        body=body,
        signature=signature,
        key_id=key_id,
        made_at=at,
        due_at=at + ANSWER_WITHIN,
    )


def _ready(partner: Partner, service: str, made: DayFile) -> Said:
    data = {"day": made.day.isoformat(), "number": made.number, "digest": made.digest, "count": made.count}
    return Said(
        service,
        "reconciliation.ready",
        f"reconciliation:{made.day.isoformat()}",
        partner.region,
        made.made_at,
        unit=partner.unit,
        owner=f"machine:{partner.user_id}",
        data={**data, "sum_fen": made.sum_fen},
    )


def make_all(*, day: date, at: datetime) -> int:
    """Make every bank's file of a day, and of the days since its last; return how many were made."""
    made = 0
    for service in _sources:
        for partner in Partner.objects.exclude(unit="").filter(closed_at=None).order_by("pk"):
            for missing in _missing(partner, service, day):
                make_day(service=service, partner_id=partner.pk, day=missing, at=at)
                made += 1
    return made


def _missing(partner: Partner, service: str, day: date) -> Iterator[date]:
    last = (
        DayFile.objects.filter(partner=partner, service=service).order_by("-day").values_list("day", flat=True).first()
    )
    first = last + timedelta(days=1) if last else day
    for n in range((day - first).days + 1):
        yield first + timedelta(days=n)


def file_of(caller: Caller, *, service: str, day: date) -> DayFile:
    """Return the caller's file of a day. Raises Refused("no_such_day")."""
    found = DayFile.objects.filter(partner_id=caller.partner_id, service=service, day=day).first()
    if found is None:
        raise Refused("no_such_day", "这一天没有对账文件。", en="There is no file of this day.", status=404)
    return found


def answer_day(
    caller: Caller,
    *,
    service: str,
    day: date,
    answers: Mapping[str, tuple[Answer, Mapping[str, Any] | None]],
    at: datetime,
) -> list[str]:
    """Take in what the partner says of each line; return the numbers that differ. Said again, what was open and agrees now is closed.

    Raises Refused("no_such_day").
    """
    found = file_of(caller, service=service, day=day)
    with transaction.atomic():
        file = DayFile.objects.select_for_update().get(pk=found.pk)
        kinds = dayfile.found_out(bytes(file.body), {number: said for number, (said, _) in answers.items()})
        _close_agreed(file, kinds, caller.ref, at)
        owner = _sources[service].owner(caller.unit)
        known = set(file.differences.filter(closed_at=None).values_list("line", "kind"))
        for number, kind in kinds.items():
            if (number, kind.value) not in known:
                _open(file, number, kind, owner, at, answers.get(number, (None, None))[1])
        if file.answered_at is None:
            file.answered_at = at
            file.save(update_fields=["answered_at"])
        _note("exchange.day_answered", file, caller.ref, at, day=day.isoformat(), differ=str(len(kinds)))
    return sorted(kinds)


def _close_agreed(file: DayFile, kinds: Mapping[str, Kind], by: str, at: datetime) -> None:
    for row in file.differences.filter(closed_at=None):
        if row.line not in kinds or kinds[row.line] != row.kind:
            row.closed_at, row.closed_by, row.cause = at, by, "复核后一致 · agrees on a second look"
            row.save(update_fields=["closed_at", "closed_by", "cause"])


def _open(
    file: DayFile, number: str, kind: Kind, owner: str, at: datetime, theirs: Mapping[str, Any] | None = None
) -> None:
    Difference.objects.update_or_create(
        region=file.region,
        file=file,
        line=number,
        kind=kind.value,
        defaults={
            "theirs": dict(theirs) if theirs else None,
            "owner": owner,
            "due_on": at.date() + timedelta(days=CLEAR_WITHIN_DAYS),
            "opened_at": at,
            "closed_at": None,
            "closed_by": "",
            "cause": "",
        },
    )


def note_unanswered(*, at: datetime) -> int:
    """Open a difference for each day that is late with its answer; return how many. Run it as often as you like."""
    late = DayFile.objects.filter(answered_at=None, due_at__lte=at, differences=None).select_related("partner")
    for file in late:
        with transaction.atomic():
            _open(file, "", Kind.NO_ANSWER, _sources[file.service].owner(file.partner.unit), at)
            _note("exchange.day_unanswered", file, "system", at, day=file.day.isoformat())
    return len(late)


def close_difference(*, difference_id: int, cause: str, by: identity.Actor, at: datetime) -> None:
    """Close a difference with its cause. Raises Refused: no_such_difference, cause_needed."""
    if not cause.strip():
        raise Refused(
            "cause_needed",
            "请写明差异的原因，没有结清。",
            en="Say what caused the difference; it stays open.",
            status=422,
        )
    with transaction.atomic():
        row = Difference.objects.select_for_update().select_related("file").filter(pk=difference_id).first()
        if row is None or row.closed_at is not None:
            raise Refused(
                "no_such_difference",
                "没有这条差异，或已结清，未作任何改动。",
                en="There is no such difference, or it is closed.",
                status=404,
            )
        row.closed_at, row.closed_by, row.cause = at, by.ref, cause.strip()[:300]
        row.save(update_fields=["closed_at", "closed_by", "cause"])
        _note("exchange.difference_closed", row.file, by.ref, at, line=row.line, kind=row.kind)


def verify() -> Iterator[str]:
    """Yield what is wrong with the files: a digest or a link of the chain, or a source that says something else today."""
    before: dict[tuple[int, str], tuple[int, str]] = {}
    for file in DayFile.objects.select_related("partner").order_by("partner_id", "service", "number").iterator():
        name = f"{file.partner.code} {file.service} {file.day}"
        body = bytes(file.body)
        number, previous = before.get((file.partner_id, file.service), (0, ""))
        if hashlib.sha256(body).hexdigest() != file.digest:
            yield f"{name}: its bytes are not those of its digest"
        if (file.number, file.previous) != (number + 1, previous):
            yield f"{name}: the chain is broken"
        lines = _sources[file.service].lines(file.partner.unit, file.day)
        again = dayfile.written(
            service=file.service, partner=file.partner.code, day=file.day, number=file.number, previous=file.previous,
            lines=lines,
        )  # fmt: skip
        if again != body:
            yield f"{name}: its source says something else today"
        before[file.partner_id, file.service] = (file.number, file.digest)


def _note(action: str, file: DayFile, who: str, at: datetime, **detail: str) -> None:
    audit.record(action, who=who, about=f"reconciliation:{file.pk}", at=at, region=file.region, detail=detail)
