"""What the pages of guides show, put together from the catalogue."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from bancheng.kernel.cases import public as cases
from bancheng.kernel.catalogue import public as catalogue
from bancheng.kernel.clocks import public as clocks
from bancheng.lib.text import Text

FOUND_LIMIT = 50  # guides on a page of results


@dataclass(frozen=True)
class Line:
    """A guide in a list."""

    matter: catalogue.Matter
    unit: Text

    @property
    def free(self) -> bool:
        return self.matter.fee_fen == 0


@dataclass(frozen=True)
class Door:
    """An outlet, and whether it is open at the moment asked for."""

    outlet: catalogue.Outlet
    hours: Text
    is_open: bool
    opens_at: datetime | None  # the next opening, when it is closed


@dataclass(frozen=True)
class Paper:
    """A material and the words for it."""

    material: catalogue.Material
    source: Text
    ground: Text | None  # why it may follow, where it may
    kind: str  # of the tag: ok needs not be brought, info may follow, "" bring it


@dataclass(frozen=True)
class Guide:
    """One guide, complete."""

    matter: catalogue.Matter
    unit: catalogue.Unit
    domain: Text
    licence: Text | None
    papers: tuple[Paper, ...]
    doors: tuple[Door, ...]
    channels: tuple[tuple[Text, catalogue.Channel], ...]
    offer: cases.Offer | None  # its conditions may be promised (R-GC-1)

    @property
    def may_follow(self) -> list[Paper]:
        """Return the papers that may follow, with their terms (R-RQ-2)."""
        return [paper for paper in self.papers if paper.material.gap]


@dataclass(frozen=True)
class Group:
    """A domain or a unit, and how many guides it has."""

    code: str
    words: Text
    count: int
    hint: Text | None = None


PAPER_KINDS = {catalogue.Source.SHARED: "ok", catalogue.Source.GAP: "info", catalogue.Source.OWN: ""}


def lines(matters: Iterable[catalogue.Matter]) -> list[Line]:
    """Return the matters as lines of a list, in their order."""
    units = {unit.code: unit.title for unit in catalogue.units()}
    return [Line(matter, units.get(matter.unit, Text("", ""))) for matter in matters]


def search(asked: str, *, domain: str = "", unit: str = "") -> tuple[list[Line], bool]:
    """Return the guides found, best first, and whether they are only the nearest."""
    found = catalogue.search(asked, domain=domain, unit=unit, limit=FOUND_LIMIT)
    return lines(found.matters), found.near


def domains() -> list[Group]:
    """Return the domains that have guides, in the pack's order."""
    counts = _counts(matter.domain for matter in catalogue.matters())
    return [
        Group(domain.code, Text(domain.name, domain.name_en), counts[domain.code])
        for domain in catalogue.domains()
        if domain.code in counts
    ]


def units() -> list[Group]:
    """Return the units by pinyin, each with the number of its guides."""
    counts = _counts(matter.unit for matter in catalogue.matters())
    return [
        Group(unit.code, unit.title, counts.get(unit.code, 0), Text(f"电话{unit.phone}", f"Phone {unit.phone}"))
        for unit in catalogue.units()
    ]


def _counts(codes: Iterable[str]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for code in codes:
        counts[code] = counts.get(code, 0) + 1
    return counts


def guide(code: str, *, at: datetime) -> Guide:
    """Return the guide of `code` with its doors as they are at `at`.

    Raises Refused("matter_unknown").
    """
    matter = catalogue.matter(code)
    domain = next((one for one in catalogue.domains() if one.code == matter.domain), None)
    return Guide(
        matter=matter,
        unit=catalogue.unit(matter.unit),
        domain=Text(domain.name, domain.name_en) if domain else Text("", ""),
        licence=catalogue.licence_type(matter.licence_type).title if matter.licence_type else None,
        papers=tuple(_paper(one) for one in matter.materials),
        doors=tuple(doors(catalogue.outlets(codes=matter.outlets), at=at)),
        channels=tuple((catalogue.NAMES[one.kind], one) for one in matter.channels),
        offer=_offer(matter),
    )


def _paper(one: catalogue.Material) -> Paper:
    ground = catalogue.NAMES[one.gap.ground] if one.gap else None
    return Paper(one, catalogue.NAMES[one.source], ground, PAPER_KINDS[one.source])


def _listed(one: catalogue.Material) -> str:
    only = f"，{one.applies.says.zh}" if one.applies else ""
    return f"{one.name}（{one.source.value}{only}）"


def _offer(matter: catalogue.Matter) -> cases.Offer | None:
    """Return the promise that the matter's flow offers: two statements."""
    flows = cases.current_flows(region=catalogue.city().region)
    found = (cases.offer(matter.title, flow, matter.conditions) for flow in flows if flow.matter == matter.code)
    return next((one for one in found if one), None)


def doors(outlets: Iterable[catalogue.Outlet], *, at: datetime) -> list[Door]:
    """Return the outlets with their state at `at`: open ones first, then those that open soonest (R4.3, R4.6)."""
    is_working = clocks.calendar().is_working
    found = []
    for outlet in outlets:
        hours = catalogue.hours(outlet.hours)
        is_open = hours.open_at(at, is_working=is_working)
        opens_at = None if is_open else hours.next_open(at, is_working=is_working)
        found.append(Door(outlet, hours.text, is_open, opens_at))
    return sorted(found, key=lambda door: (not door.is_open, door.opens_at.timestamp() if door.opens_at else 0))


CSV_HEAD = (
    "事项", "Matter", "实施编码", "实施单位", "领域", "设定依据", "法定时限", "承诺时限", "收费（元）", "材料", "网上办理", "办理地点", "咨询电话",
)  # fmt: skip


def csv_rows() -> Iterator[tuple[str, ...]]:
    """Return every guide as a row of CSV_HEAD, as text."""
    units = {unit.code: unit.name for unit in catalogue.units()}
    domains = {domain.code: domain.name for domain in catalogue.domains()}
    outlets = {outlet.code: outlet for outlet in catalogue.outlets()}
    for matter in catalogue.matters():
        fen = matter.fee_fen or 0
        yield (
            matter.name,
            matter.name_en,
            matter.implementing_code,
            units.get(matter.unit, ""),
            domains.get(matter.domain, ""),
            "；".join(map(str, matter.basis)),
            matter.statutory.text.zh if matter.statutory else "",
            matter.promised.text.zh if matter.promised else "",
            f"{fen // 100}.{fen % 100:02d}",
            "；".join(map(_listed, matter.materials)),
            matter.online.url if matter.online else "",
            "；".join(f"{outlets[code].name}，{outlets[code].address}" for code in matter.outlets if code in outlets),
            matter.phone,
        )
