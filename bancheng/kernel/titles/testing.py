"""Another part's tests need a parcel in the book: opened, surveyed and divided, by the operations themselves."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from itertools import count
from os import getpid

from django.db import connection

from bancheng.kernel.titles import public as titles
from bancheng.kernel.titles.facts import Said
from bancheng.kernel.titles.parties import Holder, Party
from bancheng.kernel.titles.rules.words import Category, PartyKind, Residue, SurveyStage

REGION = "411000"
PARCEL = "411025001001GB00001"
AT = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
LI, WANG = titles.person("李明", "411002199001010011"), titles.person("王芳", "411002199202020022")
DEVELOPER = titles.organisation("许昌某置业有限公司", "91411000MA40000000")
BANK = titles.unit_party(PartyKind.BANK, "bank_icbc", "中国工商银行许昌分行")
BANK_C = titles.unit_party(PartyKind.BANK, "bank_ccb", "中国建设银行许昌分行")
COURT = titles.unit_party(PartyKind.COURT, "court_weidu", "魏都区人民法院")
COURT_2 = titles.unit_party(PartyKind.COURT, "court_xiangcheng", "襄城县人民法院")
TABLES = (
    "pending", "planrow", "shareplan", "survey", "coverage", "entry", "right", "act", "lot", "parcel", "member", "holding", "party",
)  # fmt: skip
_number = count(1)


def said(at: datetime = AT, key: str = "", registration: str = "") -> Said:
    """Return who records what: a key of its own, unless one is given."""
    key = key or f"test-{getpid()}-{next(_number)}"
    return Said(region=REGION, key=key, registration=registration or f"R-{key}", by="staff:1", at=at, document="测试")


def unit(parcel: str, building: int, number: int) -> str:
    """Return a unit's code."""
    return f"{parcel}F{building:04}{number:04}"


def parcel(
    code: str = PARCEL,
    *,
    area_dm2: int = 100_000,
    buildings: Sequence[Sequence[int]] = ((10001, 12002, 9003), (11000, 11555, 10444)),
    holder: Party = DEVELOPER,
    stage: SurveyStage = SurveyStage.PREDICTED,
    residue: Residue = Residue.RECOMPUTE_ALL,
    registered: bool = False,
    term_until: date | None = None,
    at: datetime = AT,
) -> str:
    """Open a parcel and divide it: a sequence of floor areas a building; `registered`: measured and first-registered, too. Return its code."""
    titles.open_parcel(
        parcel=code,
        area_dm2=area_dm2,
        holder=titles.sole(holder),
        residue=residue,
        term_until=term_until,
        use="住宅",
        **said(at),
    )
    for number, floors in enumerate(buildings, 1):
        survey(code, number, dict(enumerate(floors, 1)), SurveyStage.MEASURED if registered else stage, at=at)
    titles.quantify(parcel=code, approval="规划测绘审核", **said(at))
    for number in range(1, len(buildings) + 1) if registered else ():
        titles.first_register(building=f"{code}F{number:04}", acceptance="竣工验收备案", **said(at))
    return code


def survey(code: str, building: int, floors: Mapping[int, int], stage: SurveyStage, *, at: datetime = AT) -> None:
    """Take in a survey of a building: floor areas by the number of the unit."""
    units = [
        titles.UnitArea(unit(code, building, number), floor, Category.SALEABLE) for number, floor in floors.items()
    ]
    titles.accept_survey(building=f"{code}F{building:04}", stage=stage, units=units, approval="测绘审核", **said(at))


def sold(lot: str, buyer: Holder, number: str, *, at: datetime = AT) -> None:
    """Presell a unit, with the advance notice."""
    titles.open_claim(lot=lot, buyer=buyer, number=number, noticed=True, permit="许预售2026001", **said(at))


def wipe() -> None:
    """Remove the whole book (after tests with real commits)."""
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {', '.join(f'titles_{name}' for name in TABLES)} CASCADE")
