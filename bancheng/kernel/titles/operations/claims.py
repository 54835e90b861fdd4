"""A buyer's claim on an unfinished unit: contract record, advance notice, their end."""

from collections.abc import Collection
from typing import Unpack

from django.utils.timezone import localdate

from bancheng.kernel.titles.facts import Blocked, Recorded, Said
from bancheng.kernel.titles.operations import holders, rights
from bancheng.kernel.titles.operations.pen import Pen
from bancheng.kernel.titles.operations.writing import record
from bancheng.kernel.titles.parties import Holder
from bancheng.kernel.titles.queries.ground import blocker, rests
from bancheng.kernel.titles.rules import codes, refusals
from bancheng.kernel.titles.rules.matrix import Given
from bancheng.kernel.titles.rules.words import Act, RightKind, Standing, State, Verdict


def open_claim(
    *,
    lot: str,
    buyer: Holder,
    number: str,
    noticed: bool = False,
    permit: str = "",
    consents: Collection[str] = (),
    **said: Unpack[Said],
) -> Recorded:
    """Record a presale contract, with `noticed` the advance notice too. `number` is the contract's.

    民法典 第二百二十一条: from the notice on nobody else acquires the unit. Raises Refused: title_no_permit, title_term_over; Blocked, which
    names the first buyer's contract and time (B7.2).
    """

    def write(pen: Pen) -> None:
        pen.refuse_expired()
        [row] = pen.load([lot])
        pen.refuse_blocked(
            [row], Act.PRESALE, Given(consents=frozenset(consents), permit=bool(permit) or row.registered)
        )
        if not permit and not row.registered:
            raise refusals.no_permit()
        state = State.NOTICED if noticed else State.CONTRACT
        right = rights.new(pen, number, RightKind.CLAIM, state)
        right.holding_id = holders.holding(pen.parcel.region, buyer)
        right.detail = {"permit": permit, "noticed_at": pen.at.isoformat() if noticed else ""}
        pen.covers(right, row, state=state, since=pen.at)
        pen.stage = 3

    return record(said, "claim.open", codes.parcel_of(lot), write, subject=number)


def note_claim(*, number: str, **said: Unpack[Said]) -> Recorded:
    """Record the advance notice of a recorded contract (预告登记). Raises Refused: title_no_right, title_ended."""

    def write(pen: Pen) -> None:
        right = rights.alive(pen, number)
        right.state = State.NOTICED.value
        right.detail = {**right.detail, "noticed_at": pen.at.isoformat()}
        pen.set(right)
        for _, one in rights.covered(pen, right):
            one.state = State.NOTICED.value
            pen.cover(one)

    return record(said, "claim.note", rights.parcel_of(said["region"], number, RightKind.CLAIM), write, subject=number)


def cancel_claim(*, number: str, **said: Unpack[Said]) -> Recorded:
    """End a claim: the unit is the developer's to sell again. Raises Refused: title_ended; Blocked by a pre-seizure or pre-mortgage."""

    def write(pen: Pen) -> None:
        right = rights.alive(pen, number)
        for lot, one in rights.covered(pen, right):
            stops = [
                blocker(lot, rest, Verdict.REFUSED, "")
                for rest in rests(pen.ground, lot)
                if rest.standing in (Standing.PRE_SEIZURE, Standing.PRE_MORTGAGE)
            ]
            if stops:
                raise Blocked(tuple(stops))
            rights.take_off(pen, lot, one, State.CANCELLED)
        rights.settle(pen, right, State.CANCELLED, "claim_cancelled")

    return record(
        said, "claim.cancel", rights.parcel_of(said["region"], number, RightKind.CLAIM), write, subject=number
    )


def lapse_claim(*, number: str, **said: Unpack[Said]) -> Recorded:
    """Confirm that an advance notice has lapsed, 90 days after the unit could be registered; the contract record still protects its buyer.

    民法典 第二百二十一条. Raises Refused: title_ended (it is not due).
    """

    def write(pen: Pen) -> None:
        right = rights.alive(pen, number)
        if right.state != State.NOTICED.value or right.until is None or localdate(pen.at) <= right.until:
            raise refusals.not_due(number)
        right.state = State.CONTRACT.value
        right.detail = {**right.detail, "lapsed_at": pen.at.isoformat()}
        pen.set(right)
        for _, one in rights.covered(pen, right):
            one.state = State.CONTRACT.value
            pen.cover(one)

    return record(said, "claim.lapse", rights.parcel_of(said["region"], number, RightKind.CLAIM), write, subject=number)
