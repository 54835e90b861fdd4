"""Objections (异议登记): they lapse after 15 days without a lawsuit (民法典 第二百二十条)."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Unpack

from django.utils.timezone import localdate

from bancheng.kernel.titles.facts import Recorded, Said
from bancheng.kernel.titles.models import Right
from bancheng.kernel.titles.operations import rights
from bancheng.kernel.titles.operations.pen import Pen
from bancheng.kernel.titles.operations.writing import record
from bancheng.kernel.titles.parties import Party
from bancheng.kernel.titles.rules import codes
from bancheng.kernel.titles.rules.words import RightKind, State

DAYS = 15


def register_objection(*, lots: Sequence[str], who: Party, number: str, **said: Unpack[Said]) -> Recorded:
    """Record an objection on lots of one parcel; `until` is the last day before it lapses."""

    def write(pen: Pen) -> None:
        rows = pen.load(list(dict.fromkeys(lots)))
        right = rights.new(pen, number, RightKind.OBJECTION, State.EFFECTIVE, who)
        right.until = localdate(pen.at) + timedelta(days=DAYS)
        for row in rows:
            pen.covers(right, row, state=State.EFFECTIVE, since=pen.at, until=right.until)

    return record(said, "objection.register", codes.parcel_of(lots[0]), write, subject=number)


def end_objection(*, number: str, how: State = State.LAPSED, **said: Unpack[Said]) -> Recorded:
    """End an objection: lapsed, withdrawn or decided. Raises Refused: title_ended."""

    def write(pen: Pen) -> None:
        right = rights.alive(pen, number)
        for lot, one in rights.covered(pen, right):
            rights.take_off(pen, lot, one, how)
        rights.settle(pen, right, how, "objection_ended")

    parcel = rights.parcel_of(said["region"], number, RightKind.OBJECTION)
    return record(said, "objection.end", parcel, write, subject=number)


def note_suit(*, number: str, case_no: str, **said: Unpack[Said]) -> Recorded:
    """Record that who objected has sued: the objection stands until it is withdrawn or decided. Raises Refused: title_ended."""

    def write(pen: Pen) -> None:
        right = rights.alive(pen, number)
        right.until = None
        right.detail = {**right.detail, "case_no": case_no}
        pen.set(right)
        for _, one in rights.covered(pen, right):
            one.until = None
            pen.cover(one)

    parcel = rights.parcel_of(said["region"], number, RightKind.OBJECTION)
    return record(said, "objection.suit", parcel, write, subject=number)


def lapse_objections(*, region: str, by: str, at: datetime) -> list[Recorded]:
    """End every objection whose 15 days are over without a suit; once, however often it is run (民法典 第二百二十条)."""
    today = localdate(at)
    over = Right.objects.filter(
        region=region, kind=RightKind.OBJECTION.value, state=State.EFFECTIVE.value, until__lt=today
    )
    return [
        end_objection(region=region, key=f"lapse/{number}/{today}", registration=number, by=by, at=at, number=number)
        for number in sorted(over.values_list("number", flat=True))
    ]
