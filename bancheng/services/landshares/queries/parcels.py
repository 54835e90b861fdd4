"""What a parcel's page shows: as it is today, or as of a past day by what was known on another."""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bancheng.kernel.identity import public as identity
from bancheng.kernel.titles import public as titles
from bancheng.lib.days import start_of
from bancheng.lib.identifiers import mask_name
from bancheng.lib.refusal import Refused
from bancheng.lib.text import Text
from bancheng.services.landshares.models import Estate, Matter, Outline
from bancheng.services.landshares.queries import doors
from bancheng.services.landshares.rules import amounts, drawing, places, procedures, states
from bancheng.services.landshares.rules.procedures import Line, Mark
from bancheng.services.landshares.rules.states import Standing

MOST = 400


@dataclass(frozen=True)
class Head:
    """A parcel by its name."""

    parcel: titles.ParcelView
    name: Text
    address: Text
    sample: bool

    @property
    def code(self) -> str:
        return self.parcel.code

    @property
    def spaced(self) -> str:
        return titles.spaced(self.parcel.code)

    @property
    def area(self) -> str:
        return amounts.shown(self.parcel.area_dm2)

    @property
    def kind(self) -> Text:
        return procedures.kind_words(self.parcel.origin.value)

    @property
    def stage(self) -> Text:
        stage = procedures.STAGES[min(max(self.parcel.stage, 1), 5) - 1]
        return Text(f"阶段{stage.number}：{stage.name.zh}", f"Stage {stage.number}: {stage.name.en}")


@dataclass(frozen=True)
class LotLine:
    """A lot with its share."""

    code: str
    place: Text
    dm2: int
    floor_dm2: int | None
    num: int
    den: int
    holder: Text
    standing: Standing
    rights: tuple[Text, ...]
    entry: str

    @property
    def amount(self) -> str:
        return amounts.shown(self.dm2)

    @property
    def floor(self) -> str:
        return amounts.shown(self.floor_dm2)

    @property
    def word(self) -> states.Word:
        return states.WORDS[self.standing]


@dataclass(frozen=True)
class BuildingLines:
    """A building with its lots and its drawing."""

    code: str
    name: Text
    lots: tuple[LotLine, ...]
    facade: drawing.Facade | None

    @property
    def amount(self) -> str:
        return amounts.shown(sum(lot.dm2 for lot in self.lots))

    @property
    def boxes(self) -> list[tuple[drawing.Box, LotLine]]:
        by_code = {lot.code: lot for lot in self.lots}
        return [(box, by_code[box.code]) for box in (self.facade.boxes if self.facade else ())]


@dataclass(frozen=True)
class AsOf:
    """For which day, by what was known on which day; None: today."""

    valid: date | None = None
    known: date | None = None

    @property
    def past(self) -> bool:
        return bool(self.valid or self.known)

    @property
    def valid_at(self) -> datetime | None:
        return _end(self.valid)

    @property
    def recorded_at(self) -> datetime | None:
        return _end(self.known)


def _end(day: date | None) -> datetime | None:
    return start_of(day + timedelta(days=1)) - timedelta(microseconds=1) if day else None


def as_of(valid: str, known: str, *, today: date) -> AsOf:
    """Return what two date fields ask for. Raises Refused("no_such_day") for what is no day, or not one yet."""
    return AsOf(_day(valid, today), _day(known, today))


def _day(written: str, today: date) -> date | None:
    if not written:
        return None
    try:
        day = date.fromisoformat(written)
    except ValueError:
        day = date.max
    if day > today:
        raise Refused("no_such_day", "请填写今天或以前的日期。", en="Give today or a day before.", status=422)
    return None if day == today else day


@dataclass(frozen=True)
class Sheet:
    """The sheet of a parcel with its lines by building."""

    head: Head
    sheet: titles.Sheet
    buildings: tuple[BuildingLines, ...]

    @property
    def total(self) -> Mapping[str, str]:
        """Return the totals as they are shown."""
        return {name: amounts.shown(getattr(self.sheet.total, name)) for name in COLUMNS}


COLUMNS = {
    "registered": Text("登记面积", "Registered"),
    "with_buyers": Text("已转移给购房人", "With buyers"),
    "with_public": Text("已移交", "With public bodies"),
    "developer_registered": Text("登记在企业名下", "Registered to the developer"),
    "presold": Text("已预售", "Presold"),
    "disposable": Text("企业可处分", "Developer disposable"),
    "mortgaged": Text("企业已抵押", "Mortgaged"),
    "seized": Text("已查封", "Seized"),
    "waiting": Text("轮候查封", "Waiting seizures"),
    "free": Text("无负担", "Free"),
    "sellable": Text("现可销售", "Sellable now"),
    "mortgageable": Text("现可抵押", "Mortgageable now"),
    "seizable": Text("现可查封", "Seizable now"),
}
GROUPS = (
    (Text("份额在谁手里", "Who has the shares"), ("with_buyers", "with_public", "presold", "disposable")),
    (Text("企业份额上的负担", "What rests on the developer's"), ("mortgaged", "seized", "waiting", "free")),
    (Text("现在还可以", "What can still be done"), ("sellable", "mortgageable", "seizable")),
)


def heads(actor: identity.Actor, *, words: str = "", stage: int | None = None) -> list[Head]:
    """Return the parcels of the actor's counties, by code; `words` look in code and name."""
    own = doors.counties(actor)
    every = titles.parcels(doors.region(), stage=stage, most=MOST)
    found = named(each for each in every if own is None or each.code[:6] in own)
    return [
        head for head in found if words in head.code or words in head.name.zh or words.lower() in head.name.en.lower()
    ]


def named(found: Iterable[titles.ParcelView]) -> list[Head]:
    """Return parcels by their names: one question."""
    parcels = list(found)
    known = {
        each.parcel: each for each in Estate.objects.filter(region=doors.region(), parcel__in=[p.code for p in parcels])
    }
    return [_head(each, known.get(each.code)) for each in parcels]


def head(code: str) -> Head:
    """Return a parcel. Raises Refused("title_no_parcel")."""
    return named([titles.parcel(doors.region(), code)])[0]


def _head(found: titles.ParcelView, estate: Estate | None) -> Head:
    if estate is None:
        return Head(found, Text(found.code, found.code), Text("", ""), sample=False)
    return Head(
        found,
        Text(estate.name, estate.name_en or estate.name),
        Text(estate.address, estate.address_en or estate.address),
        estate.sample,
    )


def sheet(code: str, asked: AsOf) -> Sheet:
    """Return the parcel as of what is asked. Raises Refused("title_no_parcel")."""
    region = doors.region()
    found = titles.sheet(region, code, valid_at=asked.valid_at, recorded_at=asked.recorded_at)
    lots = {lot.code: lot for lot in titles.lots(region, code)}
    outlines = {each.building: each for each in Outline.objects.filter(region=region, estate__parcel=code)}
    by_building: dict[str, list[LotLine]] = {}
    for line in found.lines:
        by_building.setdefault(line.lot[:24], []).append(_line(line, lots.get(line.lot), asked))
    groups = tuple(_building(key, lines, outlines.get(key)) for key, lines in sorted(by_building.items()))
    return Sheet(head(code), found, groups)


def _line(line: titles.SheetLine, lot: titles.LotView | None, asked: AsOf) -> LotLine:
    now = None if asked.past else lot
    return LotLine(
        line.lot,
        places.place(line.lot),
        line.registered,
        now.floor_dm2 if now else None,
        now.num if now else 0,
        now.den if now else 0,
        holder_words(line.holder),
        states.standing(line),
        tuple(states.right_words(one) for one in line.rights),
        line.entry,
    )


def holder_words(holder: titles.HolderView | None) -> Text:
    """Return who holds: companies and bodies by name, persons masked, with their parts."""
    if holder is None:
        return Text("—", "—")
    said = "、".join(_member(each, len(holder.members)) for each in holder.members)
    return Text(f"{said}（共同共有）", f"{said} (jointly)") if holder.joint else Text(said, said)


def _member(each: titles.Member, of: int) -> str:
    name = mask_name(each.party.name) if each.party.kind is titles.PartyKind.PERSON else each.party.name
    return f"{name} {each.num}/{each.den}" if of > 1 and each.num else name


def _building(code: str, lines: Sequence[LotLine], outline: Outline | None) -> BuildingLines:
    name = Text(outline.name, places.place(code).en) if outline else places.place(code)
    units = [line.code for line in lines if len(line.code) == 28 and line.code[19] == "F"]
    return BuildingLines(
        code, name, tuple(lines), drawing.facade(units, outline.floors if outline else 1) if units else None
    )


# --- the share plan ---


@dataclass(frozen=True)
class PlanLine:
    """A line of the share plan."""

    place: Text
    code: str
    level: titles.LotKind
    floor: str
    source: Text
    num: int
    den: int
    amount: str
    change: str

    @property
    def spaced(self) -> str:
        return titles.spaced(self.code)


def plan_lines(plan: titles.PlanView) -> list[PlanLine]:
    """Return the lines of a plan as its table has them: each building with its units below it."""
    return [
        PlanLine(
            places.place(row.lot),
            row.lot,
            row.level,
            amounts.shown(row.floor_dm2),
            states.SOURCES[row.source],
            row.num,
            row.den,
            amounts.shown(row.dm2),
            "" if row.before_dm2 is None or row.before_dm2 == row.dm2 else _signed(row.dm2 - row.before_dm2),
        )
        for row in plan.rows
    ]


def _signed(dm2: int) -> str:
    return f"{'+' if dm2 > 0 else ''}{amounts.shown(dm2)}"


@dataclass(frozen=True)
class Scale:
    """The floor areas of all buildings by their surveys in force, beside what the plan permit allows."""

    total_dm2: int
    permit_dm2: int

    @property
    def total(self) -> str:
        return amounts.shown(self.total_dm2)

    @property
    def permit(self) -> str:
        return amounts.shown(self.permit_dm2)

    @property
    def short(self) -> str:
        """Return how much is missing; empty when nothing is."""
        return amounts.shown(self.permit_dm2 - self.total_dm2) if self.total_dm2 < self.permit_dm2 else ""


def scale(found: titles.ParcelView) -> Scale | None:
    """Return a parcel's scale; None where no permit is known."""
    if found.permit_dm2 is None:
        return None
    return Scale(titles.scale(found.region, found.code).total_dm2, found.permit_dm2)


def permit_left(code: str, building: str) -> int | None:
    """Return what the plan permit leaves for a building beside the others of its parcel; None where no permit is known."""
    found = titles.scale(doors.region(), code)
    if found.permit_dm2 is None:
        return None
    return max(found.permit_dm2 - found.total_dm2 + found.floors.get(building, 0), 0)


# --- the checklist ---


def marks(
    found: titles.ParcelView,
    lots: Sequence[titles.LotView],
    total: titles.SheetLine,
    rights: Sequence[titles.CoverageView],
) -> set[Mark]:
    """Return what can be read off the book of a parcel."""
    units = [lot for lot in lots if lot.kind is titles.LotKind.UNIT and lot.open]
    weighing = [lot for lot in units if lot.num]
    sold = {lot.code for lot in units if not lot.with_developer}
    there = {
        Mark.OPENED: True,
        Mark.SURVEYED: any(lot.predicted_dm2 or lot.measured_dm2 for lot in lots),
        Mark.QUANTIFIED: found.plan_version > 0,
        Mark.CLAIMED: bool(sold) or any(one.kind is titles.RightKind.CLAIM for one in rights),
        Mark.MEASURED: any(lot.measured_dm2 for lot in lots),
        Mark.RESPLIT: any(lot.measured_dm2 and lot.floor_stage is titles.SurveyStage.MEASURED for lot in weighing),
        Mark.REGISTERED: any(lot.registered for lot in lots),
        Mark.TRANSFERRED: bool(total.with_buyers),
        Mark.ALL_MEASURED: bool(weighing) and all(lot.measured_dm2 for lot in weighing),
        Mark.FINAL: found.plan_final,
        Mark.DECIDED: Matter.objects.filter(region=found.region, parcel=found.code).exists(),
    }
    return {mark for mark, is_there in there.items() if is_there} | _burdens(found, sold, rights)


def _burdens(found: titles.ParcelView, sold: Set[str], rights: Sequence[titles.CoverageView]) -> set[Mark]:
    """Return what can be read off of the developer's mortgages and seizures: there, and gone from what is sold."""
    mortgage, seizure, claim = titles.RightKind.MORTGAGE, titles.RightKind.SEIZURE, titles.RightKind.CLAIM
    claimed = {one.lot for one in rights if one.kind is claim}
    mortgaged = {one.lot for one in rights if one.kind is mortgage and one.lot not in sold}
    seized = {one.lot for one in rights if one.kind is seizure}
    of_developer = {one.lot for one in rights if one.kind is seizure and not one.pre and one.lot not in sold}
    released, lifted = (titles.freed(found.region, found.code, kind) for kind in (mortgage, seizure))
    there = {
        Mark.SEIZED: seized | lifted,
        Mark.RELEASED: not mortgaged & claimed and (released | sold),
        Mark.NARROWED: not of_developer & claimed and (lifted | sold),
    }
    return {mark for mark, is_there in there.items() if is_there}


def checklist(code: str) -> tuple[Head, tuple[Line, ...]]:
    """Return a parcel with the steps of its kind: what is done, and what is next. A decision of the leading group says of which kind it is."""
    region = doors.region()
    found = head(code)
    lots = titles.lots(region, code)
    rights = titles.rights_on(region, [lot.code for lot in lots if lot.open])
    total = titles.sheet(region, code).total
    decided = (
        Matter.objects.filter(region=region, parcel=code).order_by("-at", "-pk").values_list("kind", flat=True).first()
    )
    kind = decided or found.parcel.origin.value
    return found, procedures.checklist(kind, marks(found.parcel, lots, total, rights))
