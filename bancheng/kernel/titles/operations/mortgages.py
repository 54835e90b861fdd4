"""Mortgages on lots: registered in their rank, released in part, changed, transferred, fixed, cancelled; pre-mortgages of buyers."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Unpack

from django.utils.timezone import localdate

from bancheng.kernel.titles.facts import Blocked, Recorded, Said
from bancheng.kernel.titles.models import Lot, Right
from bancheng.kernel.titles.operations import holders, rights
from bancheng.kernel.titles.operations.pen import Pen
from bancheng.kernel.titles.operations.writing import record
from bancheng.kernel.titles.parties import Party
from bancheng.kernel.titles.queries.ground import blocker, blockers, rests
from bancheng.kernel.titles.queries.views import fixed_on as fixed_day
from bancheng.kernel.titles.rules import codes, fixing, refusals
from bancheng.kernel.titles.rules.matrix import Given
from bancheng.kernel.titles.rules.words import Act, Form, LotKind, RightKind, Standing, State, Verdict

BOTH = (RightKind.MORTGAGE, RightKind.PRE_MORTGAGE)


def register_mortgage(
    *,
    lots: Sequence[str],
    bank: Party,
    number: str,
    amount_fen: int,
    form: Form = Form.ORDINARY,
    debtor: str = "",
    term_first: date | None = None,
    term_last: date | None = None,
    land: bool = True,
    building: bool = True,
    transfer_restricted: bool = False,
    ranks: Mapping[str, int] | None = None,
    by_scope: bool = False,
    consents: Collection[str] = (),
    **said: Unpack[Said],
) -> Recorded:
    """Record a mortgage on lots of one parcel; it exists from now (民法典 第四百零二条), behind those recorded before (第四百一十四条).

    `ranks` is a rank agreement, by lot; whoever it moves back has to have consented. With `by_scope` lots under a buyer's claim are left out.
    民法典 第四百一十七条: what is built later is not mortgaged, so a mortgage of bare land does not reach buildings.
    Raises Refused: title_term_over, title_ranks, title_number_taken; Blocked.
    """

    def write(pen: Pen) -> None:
        pen.refuse_expired()
        given = Given(consents=frozenset(consents), by_scope=by_scope)
        rows = _mortgageable(pen, lots, given)
        right = rights.new(pen, number, RightKind.MORTGAGE, State.EFFECTIVE, bank)
        right.form, right.amount_fen, right.transfer_restricted = form.value, amount_fen, transfer_restricted
        right.until, right.land = term_last, land
        right.building = building and (form is Form.CONSTRUCTION or any(row.kind != LotKind.ROOT.value for row in rows))
        right.detail = {"debtor": debtor, "term_first": term_first.isoformat() if term_first else ""}
        for row in rows:
            _rank(pen, right, row, (ranks or {}).get(row.code), frozenset(consents))

    return record(said, "mortgage.register", _one_parcel(lots), write, subject=number)


def register_pre_mortgage(
    *,
    lot: str,
    bank: Party,
    number: str,
    amount_fen: int,
    debtor: str = "",
    term_last: date | None = None,
    consents: Collection[str] = (),
    **said: Unpack[Said],
) -> Recorded:
    """Record a buyer's mortgage before his unit is registered; at the transfer to him it becomes a mortgage that keeps this day.

    担保解释 第五十二条. Raises Refused: title_term_over; Blocked.
    """

    def write(pen: Pen) -> None:
        pen.refuse_expired()
        [row] = pen.load([lot])
        pen.refuse_blocked([row], Act.PRE_MORTGAGE, Given(consents=frozenset(consents)))
        right = rights.new(pen, number, RightKind.PRE_MORTGAGE, State.EFFECTIVE, bank)
        right.form, right.amount_fen, right.until = Form.ORDINARY.value, amount_fen, term_last
        right.detail = {"debtor": debtor}
        _rank(pen, right, row, None, frozenset())

    return record(said, "pre_mortgage.register", codes.parcel_of(lot), write, subject=number)


def release_mortgage(
    *, number: str, lots: Sequence[str], amount_fen: int | None = None, **said: Unpack[Said]
) -> Recorded:
    """Let the mortgage leave the listed lots (a building means all it covers there); the rest keeps rank and day (部分解押, §8.4).

    When it covers nothing any more it is cancelled. Raises Refused: title_release_list, title_fixed_amount, and nothing is released.
    """

    def write(pen: Pen) -> None:
        right = rights.alive(pen, number)
        held = {lot.code: (lot, one) for lot, one in rights.covered(pen, right)}
        wanted = [code for each in lots for code in _under(each, held)]
        if not wanted or len(set(wanted)) < len(wanted):
            raise refusals.release_list()
        for code in wanted:
            rights.take_off(pen, *held[code], State.RELEASED)
        _set_amount(right, amount_fen)
        rights.settle(pen, right, State.CANCELLED, "mortgage_cancelled")

    return record(said, "mortgage.release", rights.parcel_of(said["region"], number, *BOTH), write, subject=number)


def cancel_mortgage(*, number: str, **said: Unpack[Said]) -> Recorded:
    """End a mortgage or pre-mortgage on all its lots. Raises Refused: title_no_right, title_ended."""

    def write(pen: Pen) -> None:
        right = rights.alive(pen, number)
        for lot, one in rights.covered(pen, right):
            rights.take_off(pen, lot, one, State.CANCELLED)
        rights.settle(pen, right, State.CANCELLED, "mortgage_cancelled")

    return record(said, "mortgage.cancel", rights.parcel_of(said["region"], number, *BOTH), write, subject=number)


def change_mortgage(
    *,
    number: str,
    amount_fen: int | None = None,
    transfer_restricted: bool | None = None,
    term_last: date | None = None,
    **said: Unpack[Said],
) -> Recorded:
    """Change what a mortgage says of its claim; lots and ranks stay. Raises Refused: title_ended, title_fixed_amount."""

    def write(pen: Pen) -> None:
        right = rights.alive(pen, number)
        _set_amount(right, amount_fen)
        right.until = term_last or right.until
        if transfer_restricted is not None:
            right.transfer_restricted = transfer_restricted
        pen.set(right)
        pen.tell("mortgage_changed", right)

    return record(said, "mortgage.change", rights.parcel_of(said["region"], number, *BOTH), write, subject=number)


def transfer_mortgage(*, number: str, to: Party, claim: str = "", **said: Unpack[Said]) -> Recorded:
    """Record that the claim, and with it the mortgage, went to another (民法典 第四百零七条); rank and day stay."""

    def write(pen: Pen) -> None:
        right = rights.alive(pen, number)
        pen.tell("mortgage_transferred", right)
        right.party_id = holders.party(pen.parcel.region, to).id
        right.detail = {**right.detail, "assignment": claim}
        pen.set(right)

    return record(said, "mortgage.transfer", rights.parcel_of(said["region"], number, *BOTH), write, subject=number)


def fix_mortgage(
    *, number: str, amount_fen: int, reason: str, fixed_on: date | None = None, **said: Unpack[Said]
) -> Recorded:
    """Fix what a maximum-amount mortgage secures (民法典 第四百二十三条): how much, at most the maximum, which stays, and since which day.

    What a seizure fixed keeps its day and cause unless an earlier day is said; the amount is added. Once.
    Raises Refused: title_ended, title_fixed_amount, title_fixed_day.
    """

    def write(pen: Pen) -> None:
        right = rights.alive(pen, number)
        if right.form != Form.MAXIMUM.value or fixing.FEN in right.detail:
            raise refusals.ended(number)
        if not fixing.may_amount(amount_fen, right.amount_fen):
            raise refusals.fixed_amount(number)
        first, today = localdate(right.priority_at), localdate(pen.at)
        day = fixing.day_of_fixing(fixed_on, known=fixed_day(right), first=first, today=today)
        if day is None:
            raise refusals.fixed_day(number)
        right.fixed_at = right.fixed_at or pen.at
        right.detail = fixing.stated(right.detail, fen=amount_fen, on=day, by=reason)
        pen.set(right)
        pen.tell("mortgage_fixed", right)

    return record(said, "mortgage.fix", rights.parcel_of(said["region"], number, *BOTH), write, subject=number)


def rerank(*, lot: str, order: Sequence[str], consents: Collection[str] = (), **said: Unpack[Said]) -> Recorded:
    """Record an agreement on the ranks on a lot (民法典 第四百零九条); every mortgagee that moves has to have consented.

    Raises Refused: title_ranks; Blocked.
    """

    def write(pen: Pen) -> None:
        [row] = pen.load([lot])
        there = {one.right.number: one for one in pen.ground.mortgages(row)}
        if sorted(order) != sorted(there):
            raise refusals.ranks()
        moved = {number for place, number in enumerate(order, 1) if there[number].rank != place}
        _refuse_unasked(pen, row, moved - set(consents))
        for place, number in enumerate(order, 1):
            if number in moved:
                there[number].rank = place
                pen.cover(there[number])

    return record(said, "mortgage.rerank", codes.parcel_of(lot), write)


def _set_amount(right: Right, amount_fen: int | None) -> None:
    """Set what is secured, where it is said; once the claim is fixed it is the fixed amount that changes, never above the maximum."""
    if amount_fen and fixing.FEN in right.detail:
        if not fixing.may_amount(amount_fen, right.amount_fen):
            raise refusals.fixed_amount(right.number)
        right.detail = {**right.detail, fixing.FEN: amount_fen}
        return
    right.amount_fen = amount_fen or right.amount_fen


def _mortgageable(pen: Pen, lots: Sequence[str], given: Given) -> list[Lot]:
    """Return the lots on which the mortgage will lie; by scope without those that buyers claim. Raises Blocked."""
    rows = pen.load(list(dict.fromkeys(lots)))
    registration = pen.said["registration"]
    left_out: set[str] = set()
    for act, some in _by_act(pen, rows).items():
        found = blockers(pen.ground, some, act, given, apart_from=registration)
        out = {one.lot for one in found if one.verdict is Verdict.LEFT_OUT} if given.by_scope else set()
        if stops := tuple(one for one in found if one.lot not in out):
            raise Blocked(stops)
        left_out |= out
        if len(out) == len(rows):
            raise Blocked(found)
    pen.content = {"left_out": sorted(left_out)} if left_out else {}
    return [row for row in rows if row.code not in left_out]


def _by_act(pen: Pen, rows: Sequence[Lot]) -> dict[Act, list[Lot]]:
    found: dict[Act, list[Lot]] = {}
    for row in rows:
        mine = row.holding_id == pen.parcel.developer_id
        found.setdefault(Act.DEVELOPER_MORTGAGE if mine else Act.OWNER_MORTGAGE, []).append(row)
    return found


def _rank(pen: Pen, right: Right, lot: Lot, rank: int | None, consents: frozenset[str]) -> None:
    """Lay a mortgage on a lot, last or where a rank agreement puts it."""
    there = pen.ground.mortgages(lot)
    place = len(there) + 1 if rank is None else rank
    if not 1 <= place <= len(there) + 1:
        raise refusals.ranks()
    behind = there[place - 1 :]
    _refuse_unasked(pen, lot, {one.right.number for one in behind} - consents)
    for one in behind:
        one.rank += 1
        pen.cover(one)
    pen.covers(right, lot, state=State.EFFECTIVE, rank=place, since=pen.at, until=right.until)


def _refuse_unasked(pen: Pen, lot: Lot, numbers: set[str]) -> None:
    """Raise Blocked, when a mortgagee would move who has not consented."""
    stops = tuple(
        blocker(lot, rest, Verdict.CONSENT, "")
        for rest in rests(pen.ground, lot)
        if rest.standing in (Standing.MORTGAGE, Standing.PRE_MORTGAGE) and rest.number in numbers
    )
    if stops:
        raise Blocked(stops)


def _under(code: str, held: Collection[str]) -> list[str]:
    """Return the covered lots that a line of a release list means. Raises Refused: title_release_list."""
    found = (
        [code] if code in held else [each for each in held if len(code) == codes.OF_BUILDING and each.startswith(code)]
    )
    if not found:
        raise refusals.release_list()
    return found


def _one_parcel(lots: Sequence[str]) -> str:
    parcels = {codes.parcel_of(lot) for lot in lots}
    if len(parcels) != 1:
        raise refusals.release_list()
    return parcels.pop()
