"""A parcel in the book: opened with all its land in one lot, corrected, closed."""

from datetime import date
from typing import Unpack

from django.db import transaction

from bancheng.kernel.titles.facts import Recorded, Said
from bancheng.kernel.titles.models import Lot, Parcel
from bancheng.kernel.titles.operations import holders
from bancheng.kernel.titles.operations.dividing import divide
from bancheng.kernel.titles.operations.entering import finish
from bancheng.kernel.titles.operations.pen import Pen
from bancheng.kernel.titles.operations.writing import locked, pen_for, record, standing
from bancheng.kernel.titles.parties import Holder
from bancheng.kernel.titles.rules import codes, refusals, shares
from bancheng.kernel.titles.rules.matrix import Given
from bancheng.kernel.titles.rules.words import Act, LotKind, Origin, PlanReason, Residue
from bancheng.lib.identifiers import uuid7


def open_parcel(
    *,
    parcel: str,
    area_dm2: int,
    holder: Holder,
    use: str = "",
    term_until: date | None = None,
    origin: Origin = Origin.NEW,
    residue: Residue = Residue.RECOMPUTE_ALL,
    permit_dm2: int | None = None,
    **said: Unpack[Said],
) -> Recorded:
    """Enter a parcel with all its land in one lot of `holder` (OPEN). Raises Refused: unit_code_…, title_area, title_open_already."""
    codes.check_parcel(parcel, region=said["region"])
    if not shares.area(area_dm2):
        raise shares.no_area()
    with transaction.atomic():
        # who opens the same parcel at the same time waits here
        Parcel.objects.bulk_create(
            [
                Parcel(
                    id=uuid7(said["at"]),
                    region=said["region"],
                    code=parcel,
                    area_dm2=area_dm2,
                    use=use,
                    term_until=term_until,
                    origin=origin.value,
                    residue=residue.value,
                    permit_dm2=permit_dm2,
                    developer_id=holders.holding(said["region"], holder),
                    opened_at=said["at"],
                    recorded_at=said["at"],
                )
            ],
            ignore_conflicts=True,
        )
        row = locked(said["region"], parcel)
        if stands := standing(said, "parcel.open", parcel):
            return stands
        if row.version:
            raise refusals.open_already(parcel)
        return _opened(pen_for(said, "parcel.open", row))


def _opened(pen: Pen) -> Recorded:
    parcel = pen.parcel
    pen.grant = 0
    pen.content = {"area": parcel.area_dm2, "use": parcel.use, "term_until": parcel.term_until, "origin": parcel.origin}
    root = Lot(
        id=pen.new_id(),
        region=parcel.region,
        parcel=parcel,
        code=codes.land(parcel.code),
        kind=LotKind.ROOT.value,
        dm2=parcel.area_dm2,
        holding_id=parcel.developer_id,
    )
    pen.add(root)
    return finish(pen)


def correct_area(
    *, parcel: str, area_dm2: int, reason: str, consents: tuple[str, ...] = (), **said: Unpack[Said]
) -> Recorded:
    """Correct a parcel's area against the grant; what is divided already is divided anew where nothing is locked (CORRECT, REPLAN).

    `consents` are the numbers of rights whose holders agreed. Raises Refused: title_area, title_envelope_locked, title_consent_missing; Blocked.
    """
    if not shares.area(area_dm2):
        raise shares.no_area()

    def write(pen: Pen) -> None:
        pen.content = {"area": area_dm2, "was": pen.parcel.area_dm2, "reason": reason}
        pen.parcel.area_dm2 = area_dm2
        root = Lot.objects.get(parcel=pen.parcel, parent=None)
        if root.open:
            _correct_whole(pen, root.code, area_dm2, frozenset(consents))
        else:
            divide(pen, PlanReason.REPLAN, frozenset(consents))

    return record(said, "parcel.correct_area", parcel, write)


def _correct_whole(pen: Pen, code: str, area_dm2: int, consents: frozenset[str]) -> None:
    """Correct land that is one lot still: whoever has a mortgage or a seizure on it agrees, and hears of the new amount."""
    [root] = pen.load([code])
    pen.refuse_blocked([root], Act.REPLAN, Given(consents=consents))
    for one in pen.ground.of(root):
        pen.tell("amount_changed", one.right, root.code)
    root.dm2 = area_dm2
    pen.change(root)


def close_parcel(*, parcel: str, reason: str, **said: Unpack[Said]) -> Recorded:
    """Give all land back to the grant, when nobody else holds or is owed anything (CLOSE). Raises Refused: title_burdened."""

    def write(pen: Pen) -> None:
        lots = pen.load()
        waits = any(pen.ground.waits.get(lot.id) for lot in lots)
        if waits or any(pen.ground.of(lot) or lot.holding_id != pen.parcel.developer_id for lot in lots):
            raise refusals.burdened()
        for lot in lots:
            lot.open, lot.dm2, lot.holding_id = False, 0, None
            if lot.kind == LotKind.BUILDING.value:
                lot.envelope_dm2 = None
        pen.change(*lots)
        buildings = list(Lot.objects.filter(parcel=pen.parcel, kind=LotKind.BUILDING.value, open=False))
        pen.known(one for one in buildings if one.code not in pen.ground.lots)
        for one in buildings:
            if one.envelope_dm2 is not None and one.id not in pen.touched:
                one.envelope_dm2 = None
                pen.change(one)
        pen.content = {"reason": reason, "area": pen.parcel.area_dm2}
        pen.parcel.closed_at = pen.at

    return record(said, "parcel.close", parcel, write)
