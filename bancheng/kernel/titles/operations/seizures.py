"""Seizures: precise in what they take, queued by the second of their service, never refused for what is the developer's (§8.3, §9)."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Unpack

from django.utils.timezone import localdate

from bancheng.kernel.titles.facts import Blocked, Recorded, Said, Told
from bancheng.kernel.titles.models import Coverage, Lot, Member, Right
from bancheng.kernel.titles.operations import holders, rights
from bancheng.kernel.titles.operations.pen import Pen
from bancheng.kernel.titles.operations.writing import record
from bancheng.kernel.titles.parties import Holder, Party, PartyView
from bancheng.kernel.titles.queries.ground import Rest, blocker, judged
from bancheng.kernel.titles.rules import fixing, refusals
from bancheng.kernel.titles.rules.matrix import Given, strictest
from bancheng.kernel.titles.rules.words import Act, Form, RightKind, Scope, Standing, State, Verdict
from bancheng.lib.days import day_of

YEARS = 3  # 民诉法解释 第四百八十五条


def register_seizure(
    *,
    parcel: str,
    court: Party,
    number: str,
    debtor: Party,
    served_at: datetime,
    until: date,
    scope: Scope = Scope.REMAINING,
    lots: Sequence[str] = (),
    amount_fen: int | None = None,
    insisted: bool = False,
    **said: Unpack[Said],
) -> Recorded:
    """Record a court's order on service: effective where nothing is seized yet, else waiting, lot by lot.

    With the remaining scope it takes exactly what the debtor holds or has bought and nothing that is presold (查封规定 第十九条); a presold lot
    that is named is refused with what stands in its way, and recorded as contested when the court insists in writing.
    Raises Refused: title_seizure_term, title_nothing_to_seize; Blocked with code seizure_presold.
    """
    check_term(day_of(served_at), until)

    def write(pen: Pen) -> None:
        who = holders.party(pen.parcel.region, debtor)
        chosen, left_out = _chosen(pen, who, scope, lots, insisted)
        if not chosen:
            raise refusals.nothing_to_seize()
        right = rights.new(pen, number, RightKind.SEIZURE, State.EFFECTIVE, court)
        right.debtor_id, right.served_at, right.until, right.amount_fen = who.id, served_at, until, amount_fen
        right.detail = {
            "days": (until - day_of(served_at)).days,
            "left_out": left_out,
            "insisted": insisted,
            "scope": scope.value,
        }
        for lot, contested in chosen:
            _enqueue(pen, right, lot, contested)
        _tell(pen, right, [lot for lot, _ in chosen])

    return record(said, "seizure.register", parcel, write, subject=number)


def renew_seizure(*, number: str, until: date, **said: Unpack[Said]) -> Recorded:
    """Renew a seizure before it expires; it keeps its place. Raises Refused: title_renewal_late."""

    def write(pen: Pen) -> None:
        right = rights.alive(pen, number)
        last = right.until
        if last is None or localdate(pen.at) > last or not last < until <= years_after(last):
            raise refusals.renewal_late()
        right.until = until
        right.detail = {**right.detail, "days": (until - day_of(right.served_at or pen.at)).days}
        pen.set(right)
        for _, one in rights.covered(pen, right):
            if one.state == State.EFFECTIVE.value:
                one.until = until
                pen.cover(one)

    return record(said, "seizure.renew", _parcel(said, number), write, subject=number)


def lift_seizure(*, number: str, lots: Sequence[str] = (), **said: Unpack[Said]) -> Recorded:
    """Lift a seizure from the listed lots, or from all: what waits there takes effect at once. Raises Refused: title_release_list."""
    return _end(said, "seizure.lift", number, lots, State.LIFTED)


def expire_seizure(*, number: str, **said: Unpack[Said]) -> Recorded:
    """End a seizure on the lots on which its term is over; what waits there takes effect. Raises Refused: title_release_list (not one is)."""

    def write(pen: Pen) -> None:
        right = rights.alive(pen, number)
        today = localdate(pen.at)
        over = [(lot, one) for lot, one in rights.covered(pen, right) if one.until is not None and one.until < today]
        if not over:
            raise refusals.release_list()
        for lot, one in over:
            rights.take_off(pen, lot, one, State.EXPIRED)
        rights.settle(pen, right, State.EXPIRED, "seizure_ended")

    return record(said, "seizure.expire", _parcel(said, number), write, subject=number)


def expire_seizures(*, region: str, by: str, at: datetime) -> list[Recorded]:
    """End every seizure whose term is over; once, however often it is run (民诉法解释 第四百八十五条)."""
    today = localdate(at)
    over = Coverage.objects.filter(
        region=region, open=True, kind=RightKind.SEIZURE.value, state=State.EFFECTIVE.value, until__lt=today
    )
    numbers = sorted(set(over.values_list("right__number", flat=True)))
    return [
        expire_seizure(region=region, key=f"expire/{number}/{today}", registration=number, by=by, at=at, number=number)
        for number in numbers
    ]


def exhaust_seizure(*, number: str, lots: Sequence[str], to: Holder | None = None, **said: Unpack[Said]) -> Recorded:
    """Record that the court has sold lots: this seizure ends there, those that wait lapse, mortgages are paid off, the buyer holds the lot.

    查封规定 第二十六条; 拍卖变卖规定 第二十八条. Raises Refused: title_release_list, when it is not the effective one on a lot.
    """

    def write(pen: Pen) -> None:
        right = rights.alive(pen, number)
        held = {lot.code: (lot, one) for lot, one in rights.covered(pen, right)}
        if not lots or any(code not in held or held[code][1].state != State.EFFECTIVE.value for code in lots):
            raise refusals.release_list()
        buyer = holders.holding(pen.parcel.region, to) if to else None
        for code in lots:
            _sold(pen, *held[code], buyer)
        rights.settle(pen, right, State.EXHAUSTED, "seizure_ended")

    return record(said, "seizure.exhaust", _parcel(said, number), write, subject=number)


def check_term(served_on: date, until: date) -> None:
    """Raise Refused title_seizure_term, unless a seizure ends after it was served and within three years."""
    if not served_on < until <= years_after(served_on):
        raise refusals.no_term()


def years_after(day: date) -> date:
    """Return the day three years later; of 29 February the 28th."""
    try:
        return day.replace(year=day.year + YEARS)
    except ValueError:
        return day.replace(year=day.year + YEARS, day=28)


# --- what it takes ---


def _chosen(
    pen: Pen, debtor: PartyView, scope: Scope, lots: Sequence[str], insisted: bool
) -> tuple[list[tuple[Lot, bool]], list[str]]:
    """Return the lots that are seized, with whether they are contested, and the lots of the developer that are left out."""
    rows = pen.load(list(dict.fromkeys(lots)) if scope is Scope.EXPLICIT else None)
    mine = _holdings_of(debtor)
    chosen: list[tuple[Lot, bool]] = []
    left_out: list[str] = []
    stops: list[tuple[Lot, Rest, Verdict]] = []
    for lot in rows:
        act = act_against(pen.parcel.developer_id, lot, _claimed_by(pen, lot), mine)
        found = judged(pen.ground, lot, act, Given()) if act else [(Rest(Standing.HELD), Verdict.REFUSED)]
        said = strictest(verdict for _, verdict in found)
        if said in (Verdict.ALLOWED, Verdict.NOTIFY, Verdict.QUEUES):
            chosen.append((lot, False))
        elif scope is Scope.REMAINING:
            left_out += [lot.code] if act else []
        elif said is Verdict.LEFT_OUT and insisted:
            chosen.append((lot, True))
        else:
            stops += [(lot, rest, verdict) for rest, verdict in found if verdict is said]
    if stops:
        raise Blocked(tuple(blocker(*each, "") for each in stops), code="seizure_presold")
    return chosen, left_out


def act_against(developer: int, lot: Lot, claimed_by: int | None, debtor: frozenset[int]) -> Act | None:
    """Return what a seizure of a lot is to this debtor, who holds as `debtor`: the developer, a buyer or an owner; None: it is not his."""
    if lot.holding_id in debtor:
        return Act.SEIZE_DEVELOPER if lot.holding_id == developer else Act.SEIZE_OWNER
    return Act.SEIZE_OWNER if claimed_by in debtor else None


def _claimed_by(pen: Pen, lot: Lot) -> int | None:
    claim = pen.ground.claim(lot)
    return claim.right.holding_id if claim else None


def _holdings_of(party: PartyView) -> frozenset[int]:
    """Return the groups of which somebody is a member, under whichever name he was entered."""
    same = {"party__number_hash": party.hash} if party.hash else {"party": party.id}
    return frozenset(Member.objects.filter(**same).values_list("holding_id", flat=True))


def _enqueue(pen: Pen, right: Right, lot: Lot, contested: bool) -> None:
    """Put a seizure in a lot's queue by the time of its service; whoever comes first has effect (查封规定 第二十三条)."""
    queue = pen.ground.seizures(lot)
    served = right.served_at or pen.at
    place = 1 + sum(one.right.served_at is None or one.right.served_at <= served for one in queue)
    for one in queue[place - 1 :]:
        one.rank += 1
        if one.state == State.EFFECTIVE.value:
            one.state, one.since, one.until = State.WAITING.value, None, None
        pen.cover(one)
    state = State.EFFECTIVE if place == 1 else State.WAITING
    until = right.until if place == 1 else None
    one = pen.covers(right, lot, state=state, rank=place, since=served if place == 1 else None, until=until)
    one.contested = contested
    one.pre = lot.holding_id == pen.parcel.developer_id and _claimed_by(pen, lot) is not None and not contested


def _tell(pen: Pen, right: Right, lots: Iterable[Lot]) -> None:
    """Take note who hears of a seizure: the banks, whose maximum amounts are fixed by it, and whose applications it suspends."""
    for lot in lots:
        for one in pen.ground.mortgages(lot):
            pen.tell("seizure_registered", one.right, lot.code)
            if one.right.form == Form.MAXIMUM.value and one.right.fixed_at is None:
                _fix(pen, one.right, right.number)
                pen.set(one.right)
                pen.tell("mortgage_fixed", one.right, lot.code)
        for wait in pen.ground.waits.get(lot.id, []):
            pen.told.append(Told("application_suspended", wait.application, "", lot.code))


def _fix(pen: Pen, mortgage: Right, seizure: str) -> None:
    """Fix a maximum amount on the day the bank hears of the seizure (民法典 第四百二十三条, 查封规定 第二十五条); how much, the bank says later."""
    mortgage.fixed_at = pen.at
    mortgage.detail = fixing.stated(mortgage.detail, on=localdate(pen.at), by=f"抵押财产被查封（{seizure}）")


# --- how it ends ---


def _end(said: Said, kind: str, number: str, lots: Sequence[str], state: State) -> Recorded:
    def write(pen: Pen) -> None:
        right = rights.alive(pen, number)
        held = {lot.code: (lot, one) for lot, one in rights.covered(pen, right)}
        if any(code not in held for code in lots):
            raise refusals.release_list()
        for code in lots or held:
            rights.take_off(pen, *held[code], state)
        rights.settle(pen, right, state, "seizure_ended")

    return record(said, kind, _parcel(said, number), write, subject=number)


def _sold(pen: Pen, lot: Lot, one: Coverage, buyer: int | None) -> None:
    for other in pen.ground.of(lot):
        if other.id == one.id:
            other.state = State.EXHAUSTED.value
        elif other.kind == RightKind.SEIZURE.value:
            other.state = State.LAPSED.value
            pen.tell("seizure_lapsed", other.right, lot.code)
        else:
            other.state = State.RELEASED.value
        other.open = False
        pen.cover(other)
    for other in pen.ground.on.get(lot.id, []):
        if other.right_id != one.right_id:
            rights.settle(pen, other.right, _ended(other), "right_ended")
    if buyer is not None:
        lot.holding_id = buyer
        pen.change(lot)


def _ended(one: Coverage) -> State:
    return State.LAPSED if one.kind == RightKind.SEIZURE.value else State.CANCELLED


def _parcel(said: Said, number: str) -> str:
    return rights.parcel_of(said["region"], number, RightKind.SEIZURE)
