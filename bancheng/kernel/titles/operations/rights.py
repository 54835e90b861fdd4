"""What rights have in common: found by number under the parcel's lock, laid on lots, taken off, ranks and queues closed up."""

from collections.abc import Iterable
from datetime import timedelta

from django.utils.timezone import localdate

from bancheng.kernel.titles.models import Coverage, Lot, Right
from bancheng.kernel.titles.operations import holders
from bancheng.kernel.titles.operations.pen import Pen
from bancheng.kernel.titles.parties import Party
from bancheng.kernel.titles.queries.ground import MORTGAGES
from bancheng.kernel.titles.rules import refusals
from bancheng.kernel.titles.rules.words import RightKind, State

ALIVE = (State.EFFECTIVE.value, State.WAITING.value, State.CONTRACT.value, State.NOTICED.value, State.LAPSE_DUE.value)


def parcel_of(region: str, number: str, *kinds: RightKind) -> str:
    """Return the parcel in which a right lies. Raises Refused: title_no_right."""
    found = Right.objects.filter(region=region, number=number, kind__in=[kind.value for kind in kinds])
    code = found.values_list("parcel__code", flat=True).first()
    if code is None:
        raise refusals.no_right(number)
    return code


def alive(pen: Pen, number: str) -> Right:
    """Return a right that has not ended, with its lots read. Raises Refused: title_ended."""
    right = Right.objects.select_related("party", "holding").get(region=pen.parcel.region, number=number)
    if right.state not in ALIVE:
        raise refusals.ended(number)
    pen.load(list(right.coverages.filter(open=True).values_list("lot__code", flat=True)))
    pen.subject = number
    return pen.ground.rights.get(right.id, right)


def covered(pen: Pen, right: Right) -> list[tuple[Lot, Coverage]]:
    """Return the lots that a right covers, in the order of their codes."""
    found = [(lot, one) for lot in pen.ground.lots.values() for one in pen.ground.of(lot) if one.right_id == right.id]
    return sorted(found, key=lambda each: each[0].code)


def new(pen: Pen, number: str, kind: RightKind, state: State, party: Party | None = None) -> Right:
    """Return a right that is about to be written. Raises Refused: title_number_taken."""
    if Right.objects.filter(region=pen.parcel.region, number=number).exists():
        raise refusals.number_taken(number)
    pen.subject = number
    right = Right(
        id=pen.new_id(),
        region=pen.parcel.region,
        parcel=pen.parcel,
        number=number,
        kind=kind.value,
        state=state.value,
        priority_at=pen.at,
        registration=pen.said["registration"],
        document=pen.said.get("document", ""),
    )
    if party is not None:
        right.party_id = holders.party(pen.parcel.region, party).id
    pen.set(right)
    return right


def take_off(pen: Pen, lot: Lot, one: Coverage, state: State) -> None:
    """End a right on a lot; those behind it move up, and the next seizure in the queue takes effect (§9)."""
    one.open, one.state = False, state.value
    pen.cover(one)
    if one.kind in MORTGAGES:
        _close_up(pen, pen.ground.mortgages(lot))
    if one.kind == RightKind.SEIZURE.value:
        queue(pen, lot)


def _close_up(pen: Pen, rest: Iterable[Coverage]) -> None:
    for rank, one in enumerate(rest, 1):
        if one.rank != rank:
            one.rank = rank
            pen.cover(one)


def queue(pen: Pen, lot: Lot) -> None:
    """Close the queue up; who comes first has effect from now on, and his term runs from now."""
    for place, one in enumerate(pen.ground.seizures(lot), 1):
        if one.rank != place:
            one.rank = place
            pen.cover(one)
        if place == 1 and one.state == State.WAITING.value:
            one.state, one.since = State.EFFECTIVE.value, pen.at
            one.until = localdate(pen.at) + timedelta(days=int(one.right.detail.get("days", 0)))
            pen.cover(one)
            pen.tell("seizure_effective", one.right, lot.code)


def settle(pen: Pen, right: Right, state: State, told: str) -> None:
    """End a right, when it covers nothing any more."""
    pen.set(right)
    gone = [one.id for one in pen.covered.values() if not one.open]
    if not Coverage.objects.filter(right=right, open=True).exclude(id__in=gone).exists():
        right.state = state.value
        pen.tell(told, right)
