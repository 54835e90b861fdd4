"""The whole city of estates: 114 of them with 845 buildings on 3.46 million m², from the grant of the land to the titles of their buyers.

`bancheng.sim.estates` makes the city up and reckons apart what must come of it; the book's own operations record it, act by act, on days gone by.
What the pack has already is part of the city. Stopped, it goes on where it was: an act that was recorded is not recorded again.
"""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from datetime import time as clock
from itertools import takewhile

from django.conf import settings

from bancheng.kernel.audit import public as audit
from bancheng.kernel.catalogue import public as catalogue
from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.titles import public as titles
from bancheng.lib.refusal import Refused
from bancheng.services.landshares import figures, seeding
from bancheng.services.landshares.models import Estate, Outline
from bancheng.sim import estates
from bancheng.sim.estates import Kind
from bancheng.site import helping
from bancheng.site.replay import diary, helpers

FIRST_DAY = date(2023, 1, 1)
BETWEEN = timedelta(days=20)  # from one act of an estate to the next
AS_ONE_APPLICATION = 10  # units that take as long to record as an application for a bundle takes to be lived
TOTALS = ("with_buyers", "presold", "disposable", "mortgaged", "seized", "waiting", "free")

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Outcome:
    """What the book holds after a replay, beside what the plan reckons."""

    last: date
    over: bool
    took: float
    found: dict[str, int]
    planned: dict[str, int]

    @property
    def agrees(self) -> bool:
        return self.found == self.planned


def replay(*, scale: float | None, seed: int | None, until: date | None, stop: threading.Event, tell: Tell) -> Outcome:
    """Record the estates that are not in the book yet; `stop` ends it after the estate under way. Raises Refused("no_replay_here")."""
    if not settings.DEMO or settings.PRODUCTION:
        raise Refused(
            "no_replay_here",
            "回放只在演示环境可用；什么都没有改动。",
            en="A replay runs in a demonstration only; nothing was changed.",
        )
    began = time.monotonic()
    audit.open_months(first=FIRST_DAY, last=clocks.today())
    before = [line for line in figures.board().lines if not _planned(line.head.code)]
    city = _city(before, scale or diary.SCALE, diary.SEED if seed is None else seed)
    known = set(Estate.objects.filter(region=settings.REGION).values_list("parcel", flat=True))
    todo = [each for each in city.estates if each.parcel not in known]
    done = len(city.estates) - len(todo)
    for each in _build(todo, stop):
        done += 1
        tell(f"{done}/{len(city.estates)} {each.name}：{len(each.buildings)}幢 buildings")
    return _outcome(city, before, done == len(city.estates), began)


def _build(todo: Sequence[estates.Estate], stop: threading.Event) -> Iterator[estates.Estate]:
    """Record estates, by several processes where there are many units; yield each when it is done."""
    going = takewhile(lambda _: not stop.is_set(), todo)
    units = sum(1 for each in todo for _ in each.units)
    number = helpers.worth(units // AS_ONE_APPLICATION)
    if number < 2:
        for each in going:
            live(each)
            yield each
        return
    with helpers.shared(helping.help_land, [()] * number) as crew:
        yield from crew.spread(going)


def city_of(scale: float, seed: int) -> estates.City:
    """Return the city that a replay of this scale and seed has recorded, or will."""
    return _city([line for line in figures.board().lines if not _planned(line.head.code)], scale, seed)


def _planned(code: str) -> bool:
    return int(code[-5:]) >= estates.FIRST_PARCEL


def _city(before: Sequence[figures.EstateLine], scale: float, seed: int) -> estates.City:
    """Return the city that is still to come: the source's less what the pack has."""
    held = figures.Board(tuple(before))
    return estates.make(
        seed=seed,
        scale=scale,
        estates=estates.ESTATES - held.estates,
        buildings=estates.BUILDINGS - held.buildings,
        land_dm2=estates.LAND_DM2 - held.area_dm2,
        enterprises=max(estates.ENTERPRISES - held.enterprises, 0),
        raised_fen=estates.RAISED_FEN - held.raised_fen,
    )


def _outcome(city: estates.City, before: Sequence[figures.EstateLine], over: bool, began: float) -> Outcome:
    held, found = figures.Board(tuple(before)), figures.board()
    planned = {
        "estates": held.estates + city.figures["estates"],
        "buildings": held.buildings + city.figures["buildings"],
        "area_dm2": held.area_dm2 + city.figures["area_dm2"],
        "enterprises": held.enterprises + city.figures["enterprises"],
        "raised_fen": held.raised_fen + city.figures["raised_fen"],
    }
    counted = {name: getattr(found, name) for name in planned}
    for name in TOTALS:
        planned[name] = held.amount(name) + getattr(city.totals, name)
        counted[name] = found.amount(name)
    return Outcome(clocks.today(), over, time.monotonic() - began, counted, planned)


# --- one estate ---


class Diary:
    """Says who records what and when: acts follow one another, each with a key of its own."""

    def __init__(self, estate: estates.Estate) -> None:
        self.estate = estate
        self.number = 0
        self.at = datetime.combine(estate.opened_on, clock(10), clocks.SHANGHAI)

    def __call__(self) -> titles.Said:
        self.number += 1
        return {
            "region": settings.REGION,
            "key": f"replay-{self.estate.parcel}-{self.number}",
            "registration": f"{seeding.IMPORTED}{self.estate.parcel}-{self.number:04d}",
            "by": "replay",
            "at": self.at + timedelta(seconds=self.number),
        }

    def later(self) -> None:
        self.at += BETWEEN


def live(each: estates.Estate) -> int:
    """Let everything happen to an estate that the plan says, by the book's own operations; return how many buildings it has.

    Its name comes last, and says that all of it did.
    """
    said = Diary(each)
    developer = titles.organisation(*each.developer)
    titles.open_parcel(
        parcel=each.parcel,
        area_dm2=each.area_dm2,
        holder=titles.sole(developer),
        use="工业用地" if each.kind is Kind.INDUSTRIAL else "城镇住宅用地",
        term_until=each.opened_on.replace(year=each.opened_on.year + (50 if each.kind is Kind.INDUSTRIAL else 70)),
        origin=titles.Origin(each.kind.value),
        **said(),
    )
    said.later()
    if each.kind is Kind.E3:
        _mortgage(each, [titles.land(each.parcel)], said)
    if each.kind is Kind.E4:
        _seize(each, each.court, developer, said)
    if each.stage >= 2:
        _divide(each, developer, said)
    if each.stage >= 4:
        _register(each, said)
    _draw(each)
    return len(each.buildings)


def _divide(each: estates.Estate, developer: titles.Party, said: Diary) -> None:
    """Survey and divide; free what is sold; claims; the precise seizure of what is left."""
    measured = each.kind in (Kind.E1, Kind.E3, Kind.E4, Kind.INDUSTRIAL)
    _survey(each, said, measured=measured)
    titles.quantify(parcel=each.parcel, approval="规划总平（示例）", **said())
    said.later()
    sold = [unit.code for unit in each.sold]
    if each.kind is Kind.E3 and sold:
        titles.release_mortgage(number=_proof(each), lots=sold, **said())
    if each.kind is Kind.E4 and sold:
        titles.lift_seizure(number=_order(each, each.court), lots=sold, **said())
    for unit in each.sold:
        if unit.buyer and (each.kind is Kind.E2 or not unit.transferred):
            titles.open_claim(
                lot=unit.code,
                buyer=_buyer(unit),
                number=unit.contract,
                noticed=True,
                permit="预售许可（示例）",
                **said(),
            )
    said.later()
    if each.kind is Kind.E2:
        _seize(each, each.court, developer, said)
        _seize(each, each.waits, developer, said)


def _register(each: estates.Estate, said: Diary) -> None:
    """Measure, register every building, hand the flats over; mortgage by divided shares; close the plan at stage five."""
    if each.kind in (Kind.NEW, Kind.E2):
        said.later()
        _survey(each, said, measured=True)
        titles.quantify(parcel=each.parcel, approval="实测成果（示例）", **said())
    said.later()
    for building in each.buildings:
        titles.first_register(building=building.code, acceptance="竣工验收备案（示例）", **said())
        items = [_transfer(each, unit) for unit in building.units if unit.transferred]
        if items:
            titles.transfer_many(parcel=each.parcel, items=items, **said())
    if each.mortgaged_buildings:
        own = [
            unit.code
            for b in each.buildings
            if b.code in each.mortgaged_buildings
            for unit in b.units
            if not unit.buyer and not unit.common
        ]
        _mortgage(each, own, said)
    if each.stage == 5:
        said.later()
        titles.finalise(parcel=each.parcel, approval="最终规模核对（示例）", **said())


def _survey(each: estates.Estate, said: Diary, *, measured: bool) -> None:
    for building in each.buildings:
        units = [
            titles.UnitArea(
                unit.code,
                unit.measured_dm2 if measured else unit.predicted_dm2,
                titles.Category.COMMON if unit.common else titles.Category.SALEABLE,
            )
            for unit in building.units
        ]
        stage = titles.SurveyStage.MEASURED if measured else titles.SurveyStage.PREDICTED
        titles.accept_survey(building=building.code, stage=stage, units=units, **said())


def _buyer(unit: estates.Unit) -> titles.Holder:
    assert unit.buyer
    return titles.sole(titles.person(*unit.buyer))


def _transfer(each: estates.Estate, unit: estates.Unit) -> titles.Transfer:
    if each.kind is Kind.E2:
        return titles.Transfer(unit.code, claim=unit.contract)
    return titles.Transfer(unit.code, to=_buyer(unit))


def _proof(each: estates.Estate) -> str:
    return f"DY{each.parcel}"


def _order(each: estates.Estate, court: str) -> str:
    return f"ZF{each.parcel}{court}"


def _mortgage(each: estates.Estate, lots: Sequence[str], said: Diary) -> None:
    bank = titles.unit_party(titles.PartyKind.BANK, each.bank, catalogue.unit(each.bank).name)
    titles.register_mortgage(lots=lots, bank=bank, number=_proof(each), amount_fen=each.mortgage_fen, **said())


def _seize(each: estates.Estate, court: str, developer: titles.Party, said: Diary) -> None:
    party = titles.unit_party(titles.PartyKind.COURT, court, catalogue.unit(court).name)
    titles.register_seizure(
        parcel=each.parcel,
        court=party,
        number=_order(each, court),
        debtor=developer,
        served_at=said.at,
        until=(said.at + timedelta(days=1000)).date(),
        **said(),
    )


def _draw(each: estates.Estate) -> None:
    estate = Estate.objects.create(
        region=settings.REGION,
        parcel=each.parcel,
        name=each.name,
        name_en=f"Estate {each.parcel[-5:]} (sample)",
        datum=estates.DATUM,
        ring=[[str(x), str(y)] for x, y in each.ring],
        sample=True,
    )
    Outline.objects.bulk_create(
        Outline(
            region=settings.REGION,
            estate=estate,
            building=building.code,
            name=building.name,
            floors=building.floors,
            ring=[[str(x), str(y)] for x, y in building.ring],
        )
        for building in each.buildings
    )
