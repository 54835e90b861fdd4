"""A court serves an order: it takes effect at once, without review (查封规定 第九条); who serves it and the order are on record."""

from collections.abc import Sequence
from datetime import date, datetime

from bancheng.kernel.catalogue import public as catalogue
from bancheng.kernel.identity import public as identity
from bancheng.kernel.titles import public as titles
from bancheng.lib.refusal import Refused
from bancheng.services.landshares.queries import court, doors

LONGEST = 40


def serve(
    *,
    parcel: str,
    number: str,
    until: date,
    amount_fen: int | None,
    lots: Sequence[str],
    insisted: bool,
    by: identity.Actor,
    at: datetime,
) -> titles.Recorded:
    """Record a seizure of the debtor's remaining share, or of the lots the order names. The same order served again is that entry.

    Raises Refused: not_a_court, order_number_missing, title_no_parcel, title_seizure_term, title_nothing_to_seize; titles.Blocked with code
    seizure_presold, when lots that are presold are named and the court has not insisted.
    """
    unit = _court(by)
    _check_number(number)
    found = titles.parcel(doors.region(), parcel)
    return titles.register_seizure(
        parcel=parcel,
        court=titles.unit_party(titles.PartyKind.COURT, unit, catalogue.unit(unit).name),
        number=number,
        debtor=_debtor(found),
        served_at=at,
        until=until,
        scope=titles.Scope.EXPLICIT if lots else titles.Scope.REMAINING,
        lots=lots,
        amount_fen=amount_fen,
        insisted=insisted,
        **_said(f"seize-{unit}-{number}-{parcel}", number, by, at),
    )


def renew(*, number: str, until: date, by: identity.Actor, at: datetime) -> titles.Recorded:
    """Renew an order of the actor's court before it ends; it keeps its place. Raises Refused: no_such_order, title_renewal_late."""
    court.own(_court(by), number)
    return titles.renew_seizure(number=number, until=until, **_said(f"renew-{number}-{until}", number, by, at))


def lift(*, number: str, lots: Sequence[str], by: identity.Actor, at: datetime) -> titles.Recorded:
    """Lift an order of the actor's court from all its lots, or from those listed; what waits there takes effect at once.

    Raises Refused: no_such_order, title_release_list.
    """
    found = court.own(_court(by), number)
    listed = "+".join(sorted(lots)) if lots else "all"
    still = sum(one.open for one in found.lots)
    key = f"lift-{number}-{still}-{listed}"[:180]
    return titles.lift_seizure(number=number, lots=lots, **_said(key, number, by, at))


def _said(key: str, number: str, by: identity.Actor, at: datetime) -> titles.Said:
    return {"region": doors.region(), "key": key, "registration": number, "by": by.ref, "at": at, "document": number}


def _court(by: identity.Actor) -> str:
    unit = doors.check_court(by)
    if not unit:
        raise Refused(
            "not_a_court",
            "只有法院查控经办可以送达文书，没有登记。",
            en="Only a court's enforcement clerk serves orders; nothing was recorded.",
            status=403,
        )
    return unit


def _check_number(number: str) -> None:
    if not 4 <= len(number) <= LONGEST:
        raise Refused(
            "order_number_missing",
            f"请填写文书案号，4至{LONGEST}个字。没有登记。",
            en=f"Give the order's number, 4 to {LONGEST} characters. Nothing was recorded.",
            status=422,
        )


def _debtor(found: titles.ParcelView) -> titles.Party:
    """Return the developer as the book knows it."""
    return titles.named_again(found.region, found.developer.members[0].party)
