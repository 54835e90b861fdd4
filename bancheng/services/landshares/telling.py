"""Who is told what of land shares: the developer of what he no longer holds, banks before their collateral changes, courts when what they seized
changes, buyers when they can have their titles, officers of a residue.

What happened promises a job in its transaction, and the job tells: nothing that is recorded waits for a message.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.conf import settings

from bancheng.kernel.identity import public as identity
from bancheng.kernel.jobs import public as jobs
from bancheng.kernel.notices import public as notices
from bancheng.kernel.registrations import public as registrations
from bancheng.kernel.titles import public as titles
from bancheng.lib.text import Text
from bancheng.services.landshares.queries import doors, parcels
from bancheng.services.landshares.rules import amounts

SERVICE = "landshares"
TRANSFERS = ("transfer.record", "transfer.many", "seizure.exhaust")
FIRST, SURVEY = "building.first_register", "survey.accept"
BEFORE = ("building.first", "transfer", "plan.quantify", "plan.final")  # what may change a bank's collateral
OFFICER, BANKER, CLERK = "surveyor", "bank_clerk", "court_clerk"
COURT_HEARS = {
    "seizure_effective": Text(
        "轮候查封已自动生效，请核对期限", "a waiting seizure has taken effect by itself; check its term"
    ),
    "amount_changed": Text("查封份额随实测或规划调整有变化", "the seized share changed with a survey or plan"),
    "seizure_ended": Text("查封已终止", "the seizure has ended"),
    "seizure_lapsed": Text("标的已处分，轮候查封失效", "the lot was disposed of: the waiting seizure lapsed"),
}
IMPORTED = "存量导入"  # what was in the book on its first day is news to nobody


def note_change(fact: titles.Changed) -> None:
    """Promise to tell of what was recorded, where somebody has to be told."""
    told = [[one.kind, one.right, one.unit, one.lot] for one in fact.told if one.unit and one.kind in COURT_HEARS]
    if fact.registration.startswith(IMPORTED) or not (told or fact.act in (*TRANSFERS, FIRST, SURVEY)):
        return
    jobs.later(
        "landshares.tell_change",
        key=f"landshares-change-{fact.parcel}-{fact.seq}",
        parcel=fact.parcel,
        seq=fact.seq,
        act=fact.act,
        lots=list(fact.lots),
        told=told,
    )


def note_application(fact: registrations.Happened) -> None:
    """Promise to tell the banks before an accepted application is recorded that their collateral will change."""
    if fact.what is registrations.What.ACCEPTED and fact.kind in BEFORE:
        jobs.later(
            "landshares.tell_banks",
            key=f"landshares-banks-{fact.application}",
            application=fact.number,
            lots=list(fact.lots),
        )


def tell_change(
    *, parcel: str, seq: int, act: str, lots: Sequence[str], told: Sequence[Sequence[str]], at: datetime
) -> int:
    """Tell of what was recorded; told twice it is one message. Return how many were told."""
    head, key = parcels.head(parcel), f"{parcel}-{seq}"
    number = _courts(head, told, key, at)
    if act in TRANSFERS:
        number += _developer(head, lots, key, at)
    if act == FIRST:
        number += _buyers(head, lots, key, at)
    if act == SURVEY:
        number += _residue(head, key, at)
    return number


def tell_banks(*, application: str, lots: Sequence[str], at: datetime) -> int:
    """Tell each bank whose mortgage rests on the lots, or on the parcel, of an application that is under way."""
    region, parcel = doors.region(), titles.parcel_of(lots[0])
    own = [lot.code for lot in titles.lots(region, parcel, open_only=True) if _concerns(lot.code, lots)]
    sums: dict[tuple[str, str], int] = {}
    for one in titles.rights_on(region, own):
        if one.kind is titles.RightKind.MORTGAGE and one.party and one.party.unit:
            sums[one.party.unit, one.right] = sums.get((one.party.unit, one.right), 0) + one.dm2
    head = parcels.head(parcel)
    return sum(
        _staff("collateral", BANKER, unit, head, f"{application}-{right}", at, number=right, area=amounts.shown(dm2))
        for (unit, right), dm2 in sums.items()
    )


def _concerns(code: str, lots: Sequence[str]) -> bool:
    """Whether a lot is meant: itself, its building, or the whole parcel."""
    return any(code.startswith(lot) or lot[19] == "W" for lot in lots)


def _courts(head: parcels.Head, told: Sequence[Sequence[str]], key: str, at: datetime) -> int:
    lots = {lot.code: lot.dm2 for lot in titles.lots(doors.region(), head.code)} if told else {}
    found: dict[tuple[str, str, str], int] = {}
    for kind, right, unit, lot in told:
        found[kind, right, unit] = found.get((kind, right, unit), 0) + lots.get(lot, 0)
    return sum(
        _staff(
            "court",
            CLERK,
            unit,
            head,
            f"{key}-{kind}-{right}",
            at,
            number=right,
            area=amounts.shown(dm2),
            what=COURT_HEARS[kind].zh,
            what_en=COURT_HEARS[kind].en,
        )
        for (kind, right, unit), dm2 in found.items()
    )


def _developer(head: parcels.Head, lots: Sequence[str], key: str, at: datetime) -> int:
    held = {lot.code: lot for lot in titles.lots(doors.region(), head.code)}
    gone = sum(held[code].dm2 for code in lots if code in held and not held[code].with_developer)
    rest = titles.sheet(doors.region(), head.code).total.developer_registered
    values = {"area": amounts.shown(gone), "rest": amounts.shown(rest)}
    link = f"mine/estates/{head.code}/"
    hashes = head.parcel.developer.hashes
    return sum(
        _accept("reduced", notices.Recipient.of(holder_hash=each), head, f"{key}-{each.hex()[:12]}", at, values, link)
        for each in hashes
    )


def _buyers(head: parcels.Head, lots: Sequence[str], key: str, at: datetime) -> int:
    region = doors.region()
    codes = [
        lot.code
        for lot in titles.lots(region, head.code, open_only=True)
        if any(lot.code.startswith(one[:24]) for one in lots)
    ]
    claims = [one for one in titles.rights_on(region, codes) if one.kind is titles.RightKind.CLAIM]
    number = 0
    for one in claims:
        holder = titles.right(region, one.right).holder
        for each in holder.hashes if holder else ():
            number += _accept(
                "title_ready",
                notices.to_person(each),
                head,
                f"{key}-{one.right}-{each.hex()[:12]}",
                at,
                {"area": amounts.shown(one.dm2)},
                "mine/",
            )
    return number


def _residue(head: parcels.Head, key: str, at: datetime) -> int:
    """Tell the surveyors once every unit that weighs is measured and the plan is not final: its shares differ from what is held."""
    lots = [lot for lot in titles.lots(doors.region(), head.code, open_only=True) if lot.num]
    if not lots or head.parcel.plan_final or not all(lot.measured_dm2 for lot in lots):
        return 0
    final = titles.apportion(head.parcel.area_dm2, {lot.code: lot.measured_dm2 or 0 for lot in lots})
    off = sum(abs(final[lot.code] - lot.dm2) for lot in lots) // 2
    return _staff(
        "residue", OFFICER, registrations.registry_of(lots[0].code).unit, head, key, at, area=amounts.shown(off)
    )


def _staff(kind: str, role: str, unit: str, head: parcels.Head, key: str, at: datetime, **values: str) -> int:
    link = "court/" if role == CLERK else f"parcels/{head.code}/steps/" if role == OFFICER else ""
    accounts = identity.officers(unit=unit, role=role, at=at)
    return sum(_accept(kind, notices.to_staff(each), head, f"{key}-{each}", at, values, link) for each in accounts)


def _accept(
    kind: str, to: notices.Recipient, head: parcels.Head, key: str, at: datetime, values: Mapping[str, Any], link: str
) -> int:
    accepted = notices.accept(
        kind=f"{SERVICE}.{kind}",
        region=doors.region(),
        key=f"{SERVICE}-{kind}-{key}",
        subject=f"parcel:{head.code}",
        to=to,
        values={"estate": head.name.zh, "link": f"{settings.SITE_URL}/landshares/{link}", **values},
        at=at,
    )
    return int(accepted is not None)
