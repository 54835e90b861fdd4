"""Objections (异议登记): they lapse after 15 days without a lawsuit (民法典 第二百二十条)."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Unpack

from django.utils.timezone import localdate

from bancheng.kernel.titles.facts import Party, Recorded, Said
from bancheng.kernel.titles.operations import rights
from bancheng.kernel.titles.operations.pen import Pen
from bancheng.kernel.titles.operations.writing import record
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
