"""First registration of a building, and what is transferred: house and land together, a lot always whole (民法典 第三百五十六、三百五十七条)."""

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Unpack

from django.utils.timezone import localdate

from bancheng.kernel.titles.facts import Blocked, Recorded, Said, Transfer
from bancheng.kernel.titles.models import Coverage, Lot
from bancheng.kernel.titles.operations import holders
from bancheng.kernel.titles.operations.pen import Pen
from bancheng.kernel.titles.operations.writing import record
from bancheng.kernel.titles.parties import Holder
from bancheng.kernel.titles.queries.ground import blockers
from bancheng.kernel.titles.rules import codes, refusals
from bancheng.kernel.titles.rules.matrix import Given
from bancheng.kernel.titles.rules.words import Act, Form, LotKind, RightKind, State

NOTICE_DAYS = 90  # 民法典 第二百二十一条


def first_register(*, building: str, acceptance: str, **said: Unpack[Said]) -> Recorded:
    """Record the houses of a building for the first time; `acceptance` is the document of its acceptance.

    A construction mortgage becomes one of the houses, and the 90 days of buyers' notices begin.
    Raises Refused: title_no_acceptance, title_unmeasured; Blocked.
    """
    if not acceptance:
        raise refusals.no_acceptance()

    def write(pen: Pen) -> None:
        top = Lot.objects.filter(parcel=pen.parcel, code=building, kind=LotKind.BUILDING.value).first()
        if top is None or top.measured_dm2 is None or top.open:
            raise refusals.unmeasured(building)
        pen.known([top])
        units = pen.load(list(Lot.objects.filter(parent=top, open=True).values_list("code", flat=True)))
        pen.refuse_blocked(units, Act.FIRST_REGISTRATION)
        for lot in (top, *units):
            lot.registered = True
        pen.change(top, *units)
        _carry_over(pen, units)
        pen.content = {"building": building, "acceptance": acceptance}
        pen.stage = 4

    return record(said, "building.first_register", codes.parcel_of(building), write)


def _carry_over(pen: Pen, units: Sequence[Lot]) -> None:
    """Begin the days of notices, and make a construction mortgage one of houses when all it covers are registered (担保解释 第五十一条)."""
    for lot in units:
        for one in pen.ground.of(lot, RightKind.CLAIM):
            if one.right.state == State.NOTICED.value:
                one.right.until = localdate(pen.at) + timedelta(days=NOTICE_DAYS)
                pen.set(one.right)
    here = {lot.id for lot in units}
    for right in pen.ground.rights.values():
        open_lots = Coverage.objects.filter(right=right, open=True, lot__registered=False).exclude(lot__in=here)
        if right.form == Form.CONSTRUCTION.value and not open_lots.exists():
            right.form = Form.ORDINARY.value
            pen.set(right)
            pen.tell("mortgage_converted", right)


def transfer(
    *,
    lot: str,
    to: Holder | None = None,
    claim: str = "",
    contract: str = "",
    consents: Collection[str] = (),
    undertaking: bool = False,
    by_court: str = "",
    **said: Unpack[Said],
) -> Recorded:
    """Give a lot to the buyer of a claim, or to `to`. The claim is fulfilled; his pre-mortgage and a pre-seizure become full, with their days.

    Raises Refused: title_not_registered, title_term_over, title_no_right; Blocked.
    """
    given = Given(consents=frozenset(consents), claim=claim, undertaking=undertaking, by_court=by_court)

    def write(pen: Pen) -> None:
        pen.content = {"contract": contract, "claim": claim}
        _transfer_all(pen, [Transfer(lot, to, claim)], given)

    return record(said, "transfer.record", codes.parcel_of(lot), write, subject=claim)


def transfer_many(
    *, parcel: str, items: Sequence[Transfer], consents: Collection[str] = (), **said: Unpack[Said]
) -> Recorded:
    """Give many lots of a parcel to their buyers at once: all or none. Raises as `transfer`."""

    def write(pen: Pen) -> None:
        _transfer_all(pen, items, Given(consents=frozenset(consents)))

    return record(said, "transfer.many", parcel, write)


def _transfer_all(pen: Pen, items: Sequence[Transfer], given: Given) -> None:
    pen.refuse_expired()
    rows = {row.code: row for row in pen.load([item.lot for item in items])}
    for row in rows.values():
        if not row.registered:
            raise refusals.not_registered(row.code)
    stops = tuple(
        stop
        for item in items
        for stop in blockers(
            pen.ground,
            [rows[item.lot]],
            Act.TRANSFER,
            _with_claim(given, item.claim),
            apart_from=pen.said["registration"],
        )
    )
    if stops:
        raise Blocked(stops)
    groups = holders.holdings(pen.parcel.region, [item.to for item in items if item.to is not None])
    for item in items:
        row = rows[item.lot]
        row.holding_id = groups[item.to] if item.to is not None else _buyer(pen, row, item.claim)
        pen.change(row)
        _follow(pen, row)


def _with_claim(given: Given, claim: str) -> Given:
    return Given(consents=given.consents, claim=claim, undertaking=given.undertaking, by_court=given.by_court)


def _buyer(pen: Pen, lot: Lot, number: str) -> int:
    claim = pen.ground.claim(lot)
    if claim is None or claim.right.number != number or claim.right.holding_id is None:
        raise refusals.no_right(number)
    return claim.right.holding_id


def _follow(pen: Pen, lot: Lot) -> None:
    """Let the rights on a lot follow its transfer to its buyer."""
    for one in pen.ground.of(lot):
        right = one.right
        if one.kind == RightKind.CLAIM.value:
            one.open, one.state = False, State.FULFILLED.value
            right.state = State.FULFILLED.value
        elif one.kind == RightKind.PRE_MORTGAGE.value:
            one.kind = right.kind = RightKind.MORTGAGE.value  # 担保解释 第五十二条: the day of the notice stays
            right.building = True
            pen.tell("mortgage_converted", right, lot.code)
        elif one.pre:
            one.pre = False  # 法发〔2004〕5号: its days run on
            pen.tell("seizure_converted", right, lot.code)
        else:
            continue
        pen.cover(one)
        pen.set(right)


def correct_holder(*, lot: str, to: Holder, reason: str, **said: Unpack[Said]) -> Recorded:
    """Correct who holds a lot (更正登记); with `valid_from` from an earlier day on. The old statement stays, closed (CORRECT)."""

    def write(pen: Pen) -> None:
        [row] = pen.load([lot])
        pen.content = {"reason": reason}
        row.holding_id = holders.holding(pen.parcel.region, to)
        pen.change(row)

    return record(said, "correct.holder", codes.parcel_of(lot), write)
