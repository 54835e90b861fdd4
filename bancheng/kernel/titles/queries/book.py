"""What stands in the book now: parcels, lots, holders, rights, quotes. Whoever asks is named and judged by the door that asks."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import Any

from django.db.models import Max, Q, QuerySet

from bancheng.kernel.titles.answers import (
    CoverageView,
    LotView,
    ParcelView,
    Quote,
    QuoteLine,
    RightView,
    Scale,
    SeizureLine,
    SeizureQuote,
)
from bancheng.kernel.titles.facts import Blocker
from bancheng.kernel.titles.models import Coverage, Entry, Lot, Member, Parcel, Party, PlanRow, Right
from bancheng.kernel.titles.parties import HolderView, PartyView
from bancheng.kernel.titles.parties import Party as PartySaid
from bancheng.kernel.titles.queries.ground import Ground, blockers, ground, judged
from bancheng.kernel.titles.queries.views import (
    coverage_view,
    floor_of,
    holder_views,
    lot_view,
    parcel_view,
    right_view,
)
from bancheng.kernel.titles.rules import codes, refusals
from bancheng.kernel.titles.rules.matrix import Given, strictest
from bancheng.kernel.titles.rules.words import Act, LotKind, PartyKind, RightKind, State, Verdict

ALIVE = [State.EFFECTIVE, State.WAITING, State.CONTRACT, State.NOTICED, State.LAPSE_DUE]
LEFT = [State.RELEASED, State.CANCELLED, State.LIFTED]


def parcel(region: str, code: str) -> ParcelView:
    """Return a parcel. Raises Refused: title_no_parcel."""
    row = _parcel(region, code)
    return parcel_view(row, holder_views([row.developer_id]))


def parcels(
    region: str, *, developer: Iterable[bytes] | None = None, stage: int | None = None, first: int = 0, most: int = 200
) -> list[ParcelView]:
    """Return parcels by code; of these developers, at this stage."""
    rows = Parcel.objects.filter(region=region).order_by("code")
    if developer is not None:
        rows = rows.filter(developer__in=_holdings(region, developer))
    if stage is not None:
        rows = rows.filter(stage=stage)
    found = list(rows[first : first + most])
    holders = holder_views(row.developer_id for row in found)
    return [parcel_view(row, holders) for row in found]


def lot(region: str, code: str) -> LotView:
    """Return a lot, open or not. Raises Refused: title_no_lot."""
    row = Lot.objects.filter(region=region, code=code).select_related("parcel").first()
    if row is None:
        raise refusals.no_lot(code)
    return _lot_views(row.parcel, [row])[0]


def lots(region: str, parcel: str, *, open_only: bool = False, lots: Sequence[str] | None = None) -> list[LotView]:
    """Return the tree of a parcel's lots in the order of their codes: root, buildings, each with its units."""
    row = _parcel(region, parcel)
    rows = Lot.objects.filter(parcel=row)
    rows = rows.filter(open=True) if open_only else rows
    rows = rows if lots is None else rows.filter(code__in=lots)
    return _lot_views(row, sorted(rows, key=lambda each: (each.kind != LotKind.ROOT.value, each.code)))


def scale(region: str, parcel: str) -> Scale:
    """Return how much is built on a parcel, and how much may be. Raises Refused("title_no_parcel")."""
    row = _parcel(region, parcel)
    rows = Lot.objects.filter(parcel=row, kind=LotKind.BUILDING.value).order_by("code")
    return Scale({each.code: floor_of(each)[0] for each in rows}, row.permit_dm2)


def find_lots(region: str, lots: Collection[str]) -> dict[str, LotView]:
    """Return those of some lots that the book has, open or not, of whatever parcels, by code."""
    found: dict[Parcel, list[Lot]] = {}
    for row in Lot.objects.filter(region=region, code__in=lots).select_related("parcel").order_by("code"):
        found.setdefault(row.parcel, []).append(row)
    return {view.code: view for of, some in found.items() for view in _lot_views(of, some)}


def find(region: str, code: str) -> ParcelView | LotView | None:
    """Return the parcel or lot that a code names, however it is spaced; None when there is none."""
    bare = "".join(code.split()).upper()
    if len(bare) == codes.OF_PARCEL:
        row = Parcel.objects.filter(region=region, code=bare).first()
        return parcel_view(row, holder_views([row.developer_id])) if row else None
    found = Lot.objects.filter(region=region, code=bare).select_related("parcel").first()
    return _lot_views(found.parcel, [found])[0] if found else None


def holders(region: str, lot: str) -> HolderView:
    """Return all who hold a lot. Raises Refused: title_no_lot, for one that is not open."""
    holding = Lot.objects.filter(region=region, code=lot, open=True).values_list("holding_id", flat=True).first()
    if holding is None:
        raise refusals.no_lot(lot)
    return holder_views([holding])[holding]


def named_again(region: str, view: PartyView) -> PartySaid:
    """Return somebody the book knows as one names him, with his sealed number, so that another act may name him. Raises Refused: title_no_right."""
    row = Party.objects.filter(region=region, pk=view.id).first()
    if row is None:
        raise refusals.no_right(view.name)
    return PartySaid(
        PartyKind(row.kind),
        row.name,
        number_kind=row.number_kind,
        unit=row.unit,
        hash=bytes(row.number_hash or b""),
        sealed=bytes(row.number_sealed or b""),
    )


def lots_of(region: str, hashes: Iterable[bytes]) -> list[LotView]:
    """Return the open lots that somebody holds, alone or with others, by the keyed hashes of his number."""
    rows = Lot.objects.filter(region=region, open=True, holding__in=_holdings(region, hashes)).select_related("parcel")
    found: dict[Parcel, list[Lot]] = {}
    for row in rows.order_by("code"):
        found.setdefault(row.parcel, []).append(row)
    return [view for of, some in found.items() for view in _lot_views(of, some)]


def right(region: str, number: str) -> RightView:
    """Return a right with every lot it covers or covered. Raises Refused: title_no_right."""
    row = _rights(region).filter(number=number).first()
    if row is None:
        raise refusals.no_right(number)
    return _right_views([row])[0]


def seizures_among(region: str, numbers: Collection[str]) -> frozenset[str]:
    """Return which of these rights are seizures; nothing is asked where there are none."""
    rows = Right.objects.filter(region=region, number__in=numbers, kind=RightKind.SEIZURE.value)
    return frozenset(rows.values_list("number", flat=True)) if numbers else frozenset()


def rights_on(region: str, lots: Sequence[str]) -> list[CoverageView]:
    """Return what rests on lots now, by lot, kind and rank."""
    rows = Coverage.objects.filter(region=region, lot__code__in=lots, open=True).select_related("lot", "right__party")
    return [coverage_view(row, row.lot) for row in rows.order_by("lot__code", "kind", "rank")]


def freed(region: str, parcel: str, kind: RightKind) -> frozenset[str]:
    """Return the lots of a parcel that a right of a kind has left by somebody's word: released, cancelled, lifted."""
    rows = Coverage.objects.filter(region=region, parcel__code=parcel, kind=kind.value, open=False)
    return frozenset(rows.filter(state__in=LEFT).values_list("lot__code", flat=True))


def mortgages_of(region: str, unit: str, *, open_only: bool = True) -> list[RightView]:
    """Return the mortgages and pre-mortgages of a bank."""
    return _of_unit(region, unit, [RightKind.MORTGAGE, RightKind.PRE_MORTGAGE], open_only)


def codes_of(region: str, hashes: Collection[bytes]) -> frozenset[str]:
    """Return the open lots that somebody holds, or bought and does not hold yet, by code: for whoever needs no more of them."""
    if not hashes:
        return frozenset()
    held = Q(open=True, holding__in=_holdings(region, hashes))
    bought = Coverage.objects.filter(
        region=region, open=True, kind=RightKind.CLAIM.value, right__holding__in=_holdings(region, hashes)
    )
    rows = Lot.objects.filter(held | Q(pk__in=bought.values("lot")), region=region)
    return frozenset(rows.values_list("code", flat=True))


def mortgages_on(region: str, lots: Collection[str]) -> list[RightView]:
    """Return the mortgages and pre-mortgages that rest on some lots, each once with all it covers."""
    there = Coverage.objects.filter(
        region=region, lot__code__in=lots, open=True, kind__in=[RightKind.MORTGAGE.value, RightKind.PRE_MORTGAGE.value]
    )
    rows = list(_rights(region).filter(pk__in=there.values("right")).order_by("number")) if lots else []
    return _right_views(rows) if rows else []


def seizures_of(region: str, unit: str, *, open_only: bool = True) -> list[RightView]:
    """Return the seizures of a court."""
    return _of_unit(region, unit, [RightKind.SEIZURE], open_only)


def claims_of(region: str, hashes: Iterable[bytes]) -> list[RightView]:
    """Return the claims of a buyer that have not ended."""
    rows = _rights(region).filter(kind=RightKind.CLAIM.value, state__in=ALIVE, holding__in=_holdings(region, hashes))
    return _right_views(list(rows.order_by("number")))


def rights_ending(region: str, *, kind: RightKind, before: date) -> list[RightView]:
    """Return rights of a kind that have not ended and whose last day is before `before`: seizures to renew, objections and notices to lapse."""
    rows = _rights(region).filter(kind=kind.value, state__in=ALIVE, until__lt=before)
    return _right_views(list(rows.order_by("until", "number")))


# --- what stands in the way ---


def check(
    region: str,
    act: Act,
    lots: Sequence[str],
    *,
    claim: str = "",
    by_scope: bool = False,
    noticed: bool = False,
    consents: Collection[str] = (),
    undertaking: bool = False,
    permit: bool = True,
    apart_from: str = "",
) -> tuple[Blocker, ...]:
    """Return what stands in the way of an act on lots of one parcel, the strictest first; nothing: it may be recorded.

    `claim` is the buyer's contract that it fulfils, `consents` the numbers of rights whose holders agreed, `apart_from` the application that
    asks. Raises Refused: title_no_parcel, title_no_lot.
    """
    given = Given(frozenset(consents), claim, by_scope, noticed, undertaking, permit=permit)
    return _judge(region, act, lots, given, apart_from)


def to_be_told(region: str, act: Act, lots: Sequence[str], *, apart_from: str = "") -> tuple[Blocker, ...]:
    """Return whom an act on lots touches without standing in its way: who has to be told."""
    return _judge(region, act, lots, Given(), apart_from, of=[Verdict.NOTIFY, Verdict.CONVERTS, Verdict.QUEUES])


def _judge(region: str, act: Act, lots: Sequence[str], given: Given, apart_from: str, **of: Any) -> tuple[Blocker, ...]:
    found: list[Blocker] = []
    for code in dict.fromkeys(codes.parcel_of(each) for each in lots):
        on = ground(_parcel(region, code), [each for each in lots if codes.parcel_of(each) == code])
        rows = on.lots.values()
        found += blockers(on, rows, act, given, apart_from=apart_from, **of)
    return tuple(found)


def quote(region: str, lots: Sequence[str], act: Act | None = None, *, apart_from: str = "") -> Quote:
    """Return what the book says of lots of one parcel: holder, what rests there, what would stand in the way of `act` (else of a mortgage)."""
    row = _parcel(region, codes.parcel_of(lots[0]))
    on = ground(row, lots)
    views = {view.code: view for view in _lot_views(row, list(on.lots.values()))}
    lines = []
    for code, each in on.lots.items():
        mine = each.holding_id == row.developer_id
        asked = act or (Act.DEVELOPER_MORTGAGE if mine else Act.OWNER_MORTGAGE)
        stops = blockers(on, [each], asked, Given(), apart_from=apart_from)
        lines.append(QuoteLine(views[code], tuple(coverage_view(one, each) for one in on.of(each)), stops))
    return Quote(row.code, row.version, tuple(lines))


def quote_seizure(region: str, parcel: str) -> SeizureQuote:
    """Return the parcel divided for a seizure against its developer: at once, waiting, presold, with others; together its area (§8.3)."""
    row = _parcel(region, parcel)
    on = ground(row)
    groups: dict[str, list[SeizureLine]] = {"seizable": [], "would_wait": [], "presold": [], "with_others": []}
    for each in on.lots.values():
        groups[_group(on, each)].append(_seizure_line(on, each))
    return SeizureQuote(row.code, row.version, row.area_dm2, **{name: tuple(found) for name, found in groups.items()})


def _group(on: Ground, lot: Lot) -> str:
    if lot.holding_id != on.parcel.developer_id:
        return "with_others"
    said = strictest(verdict for _, verdict in judged(on, lot, Act.SEIZE_DEVELOPER, Given()))
    return {Verdict.LEFT_OUT: "presold", Verdict.QUEUES: "would_wait"}.get(said, "seizable")


def _seizure_line(on: Ground, lot: Lot) -> SeizureLine:
    claim = on.claim(lot)
    return SeizureLine(
        lot.code,
        lot.dm2,
        tuple(coverage_view(one, lot) for one in on.seizures(lot)),
        claim.right.number if claim else "",
        claim.since if claim else None,
        tuple(coverage_view(one, lot) for one in on.mortgages(lot)),
    )


# --- rows ---


def _parcel(region: str, code: str) -> Parcel:
    row = Parcel.objects.filter(region=region, code=code).first()
    if row is None:
        raise refusals.no_parcel(code)
    return row


def _holdings(region: str, hashes: Iterable[bytes]) -> QuerySet[Member, int]:
    found = Party.objects.filter(region=region, number_hash__in=list(hashes))
    return Member.objects.filter(party__in=found).values_list("holding_id", flat=True)


def _lot_views(of: Parcel, rows: Sequence[Lot]) -> list[LotView]:
    holders = holder_views(row.holding_id for row in rows)
    plan = PlanRow.objects.filter(plan__parcel=of, plan__version=of.plan_version, lot__in=[row.code for row in rows])
    shares = {lot: (num, den) for lot, num, den in plan.values_list("lot", "num", "den")}
    parents = dict(
        Lot.objects.filter(id__in={row.parent_id for row in rows if row.parent_id}).values_list("id", "code")
    )
    return [lot_view(row, of, holders, shares, parents) for row in rows]


def _rights(region: str) -> QuerySet[Right]:
    return Right.objects.filter(region=region).select_related("parcel", "party", "debtor")


def _of_unit(region: str, unit: str, kinds: Sequence[RightKind], open_only: bool) -> list[RightView]:
    rows = _rights(region).filter(Q(party__unit=unit), kind__in=[kind.value for kind in kinds])
    rows = rows.filter(state__in=ALIVE) if open_only else rows
    return _right_views(list(rows.order_by("number")))


def _right_views(rows: Sequence[Right]) -> list[RightView]:
    covered: dict[object, list[Coverage]] = {}
    found = Coverage.objects.filter(right__in=rows).select_related("lot", "right__party").order_by("lot__code", "id")
    for one in found:
        covered.setdefault(one.right_id, []).append(one)
    entries = dict(
        Entry.objects.filter(
            parcel__in={row.parcel_id for row in rows},
            subject__in=[f"right:{row.number}" for row in rows],
            recorded_until=None,
        )
        .values("right_id")
        .annotate(last=Max("number"))
        .values_list("right_id", "last")
    )
    groups = holder_views(row.holding_id for row in rows)
    return [right_view(row, covered.get(row.id, []), groups, entries.get(row.id)) for row in rows]
