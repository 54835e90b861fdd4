"""Reads the section of a city pack: sites, units with their sockets and meters, prices, and the texts of the notices.

    sites.csv     a site a row
    units.csv     a unit a row; its sockets are numbered from 1, their meters from `first_meter` on; `protocol`: mqtt (empty) or ocpp16
    tariffs.toml  versions of the prices
    assumptions.toml  what the leader's page reckons with; read where it stands
    ratings.toml  by what terms a use is rated; without it by the city's
    templates.toml

Everything is checked first, with file and line; the same pack again changes nothing. A site that is no longer listed is retired, never
deleted. A price list that was loaded is never changed: a pack that says otherwise is refused and wants a new first day.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from bancheng.kernel.catalogue import public as catalogue
from bancheng.kernel.catalogue.public import Changes
from bancheng.lib.days import day_of
from bancheng.lib.refusal import Refused
from bancheng.lib.text import Text
from bancheng.pack import texts
from bancheng.pack.reader import Entry, Notes, document, rows
from bancheng.services.sockets import assumed, rating
from bancheng.services.sockets.models import Meter, Plan, Site, Socket, Stay, Unit
from bancheng.services.sockets.operations import tariffs
from bancheng.services.sockets.queries import tariffs as prices
from bancheng.services.sockets.rules import places, tariff
from bancheng.services.sockets.rules.places import Form, Protocol, Scenario, SiteState, SocketState
from bancheng.services.sockets.rules.tariff import Band, DayType, PlanState, Rate
from bancheng.services.sockets.texts import KINDS

SITES = (
    "code", "name", "name_en", "area", "township", "township_en", "address", "address_en", "scenario", "host", "account",
    "price_class", "longitude", "latitude", "datum", "state", "master_meter", "sample",
)  # fmt: skip
UNITS = (
    "gateway",
    "site",
    "serial",
    "form",
    "fingerprint",
    "sockets",
    "amps",
    "phase",
    "first_meter",
    "verified_until",
    "tested_on",
    "protocol",
)
SIDES = ("west", "east", "south", "north")


@dataclass(frozen=True)
class UnitRow:
    """A unit as the pack has it."""

    entry: Entry
    site: str
    fields: Mapping[str, Any]
    sockets: int
    amps: int
    phase: str
    first_meter: str
    verified_until: date | None
    tested_on: date | None


def load(folder: Path, *, region: str, by: str, at: datetime) -> Mapping[str, Changes]:
    """Bring the section into the tables, inside the pack's transaction. Raises Faulty naming file and line."""
    notes = Notes(folder)
    sites = _sites(folder, region, notes)
    units = _units(folder, set(sites), notes)
    plans = _plans(folder, notes)
    notes.check()
    assumed.read(folder)
    rating.read_terms(folder)
    changes = {
        "sites": _write_sites(region, sites, at),
        "sockets": _write_units(region, units, by, at),
        "tariffs": _write_plans(region, plans, notes, by, at),
    }
    notes.check()
    if (folder / "templates.toml").exists():
        changes["notices"] = texts.load(folder, KINDS, by=by, at=at)
    return changes


# --- sites ---


def _sites(folder: Path, region: str, notes: Notes) -> dict[str, tuple[dict[str, Any], str]]:
    """Return the wanted fields of each site by its code, with its master meter."""
    found: dict[str, tuple[dict[str, Any], str]] = {}
    accounts: set[str] = set()
    hosts = {unit.code for unit in catalogue.units()}
    box = _box(folder)
    for entry in rows(folder / "sites.csv", SITES, notes=notes):
        fields = _site(entry, hosts, box)
        master = entry.text("master_meter", required=False)
        if master and not _is_address(master):
            entry.wrong("master_meter", "总表地址应为12位数字。", "A meter's address has twelve digits.")
        if fields["code"] in found:
            entry.wrong("code", f"站点“{fields['code']}”写了两次。", f"Site “{fields['code']}” is listed twice.")
        if fields["public_account"] in accounts:
            entry.wrong("account", "公共用户档案号重复。", "Two sites have one public-user account.")
        accounts.add(fields["public_account"])
        found[fields["code"]] = (fields, master)
    return found


def _site(entry: Entry, hosts: set[str], box: Mapping[str, Decimal]) -> dict[str, Any]:
    names = ("code", "name", "name_en", "township", "township_en", "address", "address_en")
    fields: dict[str, Any] = {name: entry.text(name) for name in names}
    fields["area"] = entry.text("area")
    try:
        catalogue.area(fields["area"])
    except Refused as no:
        entry.wrong("area", no.says, no.en)
    fields["scenario"] = str(entry.choice("scenario", Scenario))
    fields["host"] = entry.text("host", required=False)
    if fields["host"] and fields["host"] not in hosts:
        entry.wrong("host", f"资料包没有单位“{fields['host']}”。", f"The pack has no unit “{fields['host']}”.")
    fields["public_account"] = entry.text("account")
    fields["price_class"] = entry.text("price_class")
    for name, low, high in (("longitude", "west", "east"), ("latitude", "south", "north")):
        value = entry.decimal(name, required=True) or Decimal(0)
        if box and not box[low] <= value <= box[high]:
            entry.wrong(name, "坐标在本市范围之外。", "The point lies outside the city.")
        fields[name] = value.quantize(Decimal("0.000001"))
    fields["datum"] = entry.text("datum")
    if fields["datum"] not in ("WGS-84", "GCJ-02"):
        entry.wrong("datum", "坐标系应为WGS-84或GCJ-02。", "The datum is WGS-84 or GCJ-02.")
    fields["state"] = str(entry.choice("state", SiteState))
    fields["sample"] = entry.flag("sample")
    return fields


def _box(folder: Path) -> Mapping[str, Decimal]:
    """Return the box of the pack's map; nothing where the pack has none."""
    path = folder.parents[1] / "city.toml"
    if not path.is_file():
        return {}
    written = document(path, notes=Notes(folder)).table("box")
    found = {side: written.decimal(side) for side in SIDES} if written else {}
    return {side: value for side, value in found.items() if value is not None} if all(found.values()) else {}


def _write_sites(region: str, wanted: Mapping[str, tuple[dict[str, Any], str]], at: datetime) -> Changes:
    known = {site.code: site for site in Site.objects.filter(region=region)}
    masters = {one.site_id: one for one in Meter.objects.filter(region=region, site__isnull=False, removed_at=None)}
    added, changed, same = [], [], 0
    for code, (fields, master) in wanted.items():
        fields = fields | {"retired_on": day_of(at) if fields["state"] == SiteState.RETIRED else None}
        site = known.get(code)
        if site is None:
            site = Site.objects.create(region=region, **fields)
            if master:
                Meter.objects.create(region=region, address=master, site=site, verified_until=None, fitted_at=at)
            added.append(code)
            continue
        if fields["retired_on"]:
            fields["retired_on"] = site.retired_on or fields["retired_on"]
        if site.moves.exists():  # it moved since: the registry knows better than the pack
            fields = {name: value for name, value in fields.items() if name not in MOVED}
        held = masters.get(site.pk)
        if all(getattr(site, name) == value for name, value in fields.items()) and (not master or held):
            same += 1
        else:
            Site.objects.filter(pk=site.pk).update(**fields)
            if master and not held:
                Meter.objects.create(region=region, address=master, site=site, verified_until=None, fitted_at=at)
            changed.append(code)
    gone = [code for code, site in known.items() if code not in wanted and site.state != SiteState.RETIRED]
    Site.objects.filter(region=region, code__in=gone).update(state=SiteState.RETIRED, retired_on=day_of(at))
    return Changes(tuple(added), tuple(changed), tuple(gone), same)


MOVED = ("address", "address_en", "longitude", "latitude")


# --- units, sockets, meters ---


def _units(folder: Path, sites: set[str], notes: Notes) -> list[UnitRow]:
    found: list[UnitRow] = []
    gateways: set[str] = set()
    addresses: set[int] = set()
    for entry in rows(folder / "units.csv", UNITS, notes=notes):
        row = _unit(entry)
        if row.site not in sites:
            entry.wrong("site", f"没有站点“{row.site}”。", f"There is no site “{row.site}”.")
        if row.fields["gateway"] in gateways:
            entry.wrong("gateway", "网关名写了两次。", "The gateway is listed twice.")
        gateways.add(row.fields["gateway"])
        own = set(range(int(row.first_meter or 0), int(row.first_meter or 0) + row.sockets))
        if own & addresses:
            entry.wrong("first_meter", "两个插座不能共用一个电表地址。", "Two sockets would stand on one register.")
        addresses |= own
        found.append(row)
    return found


def _unit(entry: Entry) -> UnitRow:
    fields: dict[str, Any] = {name: entry.text(name) for name in ("gateway", "serial", "fingerprint")}
    fields["form"] = str(entry.choice("form", Form))
    spoken = entry.text("protocol", required=False)
    fields["protocol"] = str(entry.choice("protocol", Protocol) if spoken else Protocol.MQTT)
    sockets, amps, phase = entry.whole("sockets") or 0, entry.whole("amps") or 0, entry.text("phase")
    if not 1 <= sockets <= 64:
        entry.wrong("sockets", "一台设备有1至64个插座。", "A unit has 1 to 64 sockets.")
    if amps not in places.RATINGS_A:
        entry.wrong("amps", "额定电流应为10、16或32安。", "A socket is for 10, 16 or 32 amperes.")
    if phase not in places.PHASES:
        entry.wrong("phase", "相别应为A、B、C或ABC。", "The phase is A, B, C or ABC.")
    first = entry.text("first_meter")
    if first and not _is_address(first):
        entry.wrong("first_meter", "电表地址应为12位数字。", "A meter's address has twelve digits.")
        first = ""
    return UnitRow(
        entry, entry.text("site"), fields, sockets, amps, phase, first, entry.day("verified_until", required=True),
        entry.day("tested_on"),
    )  # fmt: skip


def _is_address(text: str) -> bool:
    return len(text) == 12 and text.isascii() and text.isdigit()


def _write_units(region: str, wanted: list[UnitRow], by: str, at: datetime) -> Changes:
    """Write units that are new. One that is there stays as the registry has it: what happened on the spot is not undone by a pack."""
    known = set(Unit.objects.filter(region=region).values_list("gateway", flat=True))
    sites = dict(Site.objects.filter(region=region).values_list("code", "pk"))
    numbers: dict[str, int] = {}
    added, same = [], 0
    for row in wanted:
        first = numbers.get(row.site, 0)
        numbers[row.site] = first + row.sockets
        if row.fields["gateway"] in known:
            same += 1
            continue
        _write_unit(region, row, sites[row.site], first, by, at)
        added.append(row.fields["gateway"])
    return Changes(tuple(added), (), (), same)


def _write_unit(region: str, row: UnitRow, site_id: int, first: int, by: str, at: datetime) -> None:
    unit = Unit.objects.create(region=region, site_id=site_id, **row.fields)
    Stay.objects.create(region=region, unit=unit, site_id=site_id, since=at, moved_by=by)
    tested = at if row.tested_on else None
    made = Socket.objects.bulk_create(
        Socket(
            region=region,
            unit=unit,
            code=f"{row.site}-{first + n:02d}",
            wire=str(n),
            number=first + n,
            phase=row.phase,
            rated_ma=row.amps * 1000,
            state=SocketState.ON_SALE if tested else SocketState.REGISTERED,
            tested_at=tested,
            tested_by=by if tested else "",
            checks=sorted(places.CHECKS) if tested else [],
        )
        for n in range(1, row.sockets + 1)
    )
    Meter.objects.bulk_create(
        Meter(
            region=region,
            address=f"{int(row.first_meter) + n:012d}",
            socket=socket,
            verified_until=row.verified_until,
            fitted_at=at,
        )
        for n, socket in enumerate(made)
    )


# --- prices ---


def _plans(folder: Path, notes: Notes) -> list[tuple[Entry, tariffs.Wanted, bool]]:
    whole = document(folder / "tariffs.toml", notes=notes)
    found = []
    for entry in whole.tables("plan", required=True):
        wanted = tariffs.Wanted(
            entry.text("class"),
            entry.day("first_on", required=True) or date.min,
            Text(entry.text("name"), entry.text("name_en")),
            entry.text("basis"),
            [_rate(row) for row in entry.tables("price", required=True)],
        )
        confirmed = entry.flag("confirmed")
        entry.finish()
        try:
            tariff.check_plan(wanted.rates)
        except Refused as no:
            entry.wrong("price", no.says, no.en)
        found.append((entry, wanted, confirmed))
    whole.finish()
    return found


def _rate(entry: Entry) -> Rate:
    months = entry.values.get("months", [])
    entry.asked.add("months")
    if not isinstance(months, list) or not months or any(type(m) is not int or not 1 <= m <= 12 for m in months):
        entry.wrong("months", "“months”应为1至12的月份列表。", "“months” is a list of months, 1 to 12.")
        months = [1]
    first, before = _minute(entry, "from"), _minute(entry, "to")
    if first >= before:
        entry.wrong(
            "to",
            "时段的结束要晚于开始；跨零点的请分成两行。",
            "An interval ends after it begins; split one over midnight.",
        )
    price = entry.decimal("yuan", required=True) or Decimal(1)
    micro = price * 1_000_000
    if micro != int(micro):
        entry.wrong("yuan", "电价最多六位小数。", "A price has six decimals at most.")
    days = entry.choice("days", DayType) if "days" in entry.values else DayType.EVERY
    found = Rate(frozenset(months), days, first, before, entry.choice("band", Band), int(micro))
    entry.finish()
    return found


def _minute(entry: Entry, key: str) -> int:
    text = entry.text(key)
    hours, _, minutes = text.partition(":")
    if not (hours.isdigit() and minutes.isdigit() and len(minutes) == 2 and int(minutes) < 60 and int(hours) <= 24):
        entry.wrong(key, f"“{key}”应写成16:00。", f"“{key}” is written 16:00.")
        return 0
    return min(int(hours) * 60 + int(minutes), tariff.DAY_MIN)


def _write_plans(
    region: str, wanted: list[tuple[Entry, tariffs.Wanted, bool]], notes: Notes, by: str, at: datetime
) -> Changes:
    added, same = [], 0
    for entry, one, confirmed in wanted:
        held = Plan.objects.filter(
            region=region, price_class=one.price_class, first_on=one.first_on, state=PlanState.APPROVED
        ).first()
        code = f"{one.price_class}/{one.first_on}"
        if held is None:
            tariffs.write(
                one, region=region, by=by, at=at, state=PlanState.APPROVED, second="pack", confirmed=confirmed
            )
            added.append(code)
        elif set(prices.rates_of(held.pk)) == set(one.rates):
            same += 1
        else:
            entry.wrong(
                "first_on",
                "这一天起执行的电价已载入，不能改；请另写一版，换起始日期。",
                "Prices from that day are loaded and do not change; write another version from another day.",
            )
    return Changes(tuple(added), (), (), same)
