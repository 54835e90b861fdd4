"""The ledgers of a city's units and the year its holders live: seeded, lawful and dirty rows in known numbers.

The outside world of the licence alarm: 37 units write workbooks, and in the year after that holders renew, give up or close. What
comes out of the platform afterwards (reminders sent, renewal rate) is the platform's own doing; the year is only cut so that it
can come out as the source says. Identity numbers pass their check digits and belong to nobody.

The year is planned with arithmetic of its own, on the calendars of the package chinesecalendar: nothing is asked of the platform.
"""

import csv
import json
from calendar import monthrange
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random

import chinese_calendar
from openpyxl import Workbook

from bancheng.lib import identifiers

HEADER = (
    "证照名称",
    "证照编号",
    "持证人",
    "证件类型",
    "证件号码",
    "联系人",
    "手机号",
    "发证日期",
    "有效期自",
    "有效期至",
    "绿色通道",
    "备注",
)
YEAR = 365
EVENTS, CITY = "events.csv", "city.json"

# Source, case ten: 一个系统1.7万余件、约5200件换证; 6.2万余条证照信息; 累计发送24849条.
LICENCES = 62_000
MAIN_SYSTEM, MAIN_DUE = 17_000, 5_200
OTHERS_DUE = 6_800
MESSAGES = 24_849
GIVEN_UP, DEREGISTERED = 120, 80
DIGEST_FROM = 5  # so many on one phone on one day, about one thing, travel as one message

# dirty rows, by what is wrong with them
DIRTY = {
    "证件号码被Excel存成数字": 120,
    "身份证校验位错误": 160,
    "手机号少一位": 200,
    "有效期至不存在的日期": 90,
    "备注里写了身份证号": 60,
    "目录外的证照名称": 80,
    "缺证照编号": 50,
    "证件类型不认识": 40,
    "有效期至早于发证": 60,
}
APPLY = 0.05  # of those who renew, how many apply at the unit first, and are decided on later
DECIDED = 21  # days until such a decision, at most
HEARD = (18, 62, 14, 6)  # of a hundred holders, how many act after the first, second, third and fourth message
TWINS = 140  # the same licence once more, with an older date of issue: taken as the older, not as an error
EXPIRED = 150  # already over when the ledger comes in

SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
GIVEN = "建国伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂玲辉鹏华飞红鑫波斌宇浩凯欣怡嘉晨"
TRADES = (
    "小吃店",
    "便利店",
    "餐饮店",
    "百货店",
    "烟酒店",
    "运输部",
    "理发店",
    "药房",
    "诊所",
    "加工厂",
    "商贸行",
    "农资店",
)
COUNTIES = ("411002", "411003", "411024", "411025", "411081", "411082")


@dataclass(frozen=True)
class Item:
    """What the plan must know of a reminder item.

    `closes` counts back from expiry in `counts_in` (wd, nd or month), None: no window; `years` 0: it never runs out (长期).
    """

    code: str
    unit: str
    name: str
    licence_type: str
    closes: int | None
    counts_in: str
    years: int


@dataclass(frozen=True)
class Known:
    """A licence of the demo's named people that must be in the ledgers.

    `days_left` counts from the last day of the year; fewer than none: it falls due within the year and is renewed.
    """

    holder: str
    kind: str  # of the identifier, as the ledger names it
    identifier: str
    contact: str
    mobile: str
    licence_type: str
    days_left: int
    special: bool = False


@dataclass(frozen=True)
class Event:
    """What happens to one licence in the year."""

    day: date
    unit: str
    licence_type: str
    number: str
    what: str  # applied, renewed, given_up or deregistered
    new_last_day: date | None


@dataclass(frozen=True)
class City:
    """What was made: workbooks by unit, the year's events by day, and the numbers that must come back."""

    folder: Path
    start: date
    end: date  # the last day of the year
    books: dict[str, Path]
    events: list[Event]
    good: int
    bad: int
    twins: int
    endless: int
    expired: int
    renewed: int
    messages_on: dict[date, int]

    @property
    def messages(self) -> int:
        """Return how many reminders the year brings: a digest counts once."""
        return sum(self.messages_on.values())


@dataclass
class _Row:
    item: Item
    number: str
    holder: str
    kind: str
    identifier: str
    contact: str
    mobile: str
    issued: date
    until: date | None
    special: bool = False

    def cells(self) -> list[str]:
        until = "长期" if self.until is None else self.until.isoformat()
        return [
            self.item.name,
            self.number,
            self.holder,
            self.kind,
            self.identifier,
            self.contact,
            self.mobile,
            self.issued.isoformat(),
            self.issued.isoformat(),
            until,
            "是" if self.special else "",
            "",
        ]


def make(
    folder: Path,
    items: Sequence[Item],
    *,
    start: date,
    main: str,
    seed: int = 2024,
    scale: float = 1.0,
    known: Sequence[Known] = (),
) -> City:
    """Write one workbook a unit into `folder`, the year's events and the numbers; the same seed makes the same city.

    `main` is the code of the item whose system holds 17,000 licences; `scale` shrinks every number in proportion (for tests).
    Raises ValueError when the scale is too small for the messages to come of so few licences.
    """
    plan = _Plan(items, start=start, main=main, seed=seed, scale=scale, known=known)
    rows = plan.rows()
    folder.mkdir(parents=True, exist_ok=True)
    books: dict[str, str] = {}
    for unit, cells in plan.by_unit(rows).items():
        books[unit] = f"{unit}-证照到期提醒事项工作台账.xlsx"
        _write(folder / books[unit], cells)
    with (folder / EVENTS).open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out)
        writer.writerow(Event.__dataclass_fields__)
        writer.writerows([e.day, e.unit, e.licence_type, e.number, e.what, e.new_last_day or ""] for e in plan.events)
    numbers = {
        "start": start.isoformat(),
        "end": plan.end.isoformat(),
        "books": books,
        "good": len(rows),
        "bad": plan.bad,
        "twins": plan.twins,
        "endless": sum(row.until is None for row in rows),
        "expired": sum(row.until is not None and row.until < start for row in rows),
        "renewed": sum(event.what == "renewed" for event in plan.events),
        "messages_on": {day.isoformat(): number for day, number in sorted(plan.messages_on.items())},
    }
    (folder / CITY).write_text(json.dumps(numbers, ensure_ascii=False, indent=1), encoding="utf-8")
    return read(folder)


def is_made(folder: Path) -> bool:
    """Return whether `folder` holds a whole city: its numbers are written last."""
    return (folder / CITY).exists()


def read(folder: Path) -> City:
    """Return the city made earlier in `folder`."""
    numbers = json.loads((folder / CITY).read_text(encoding="utf-8"))
    return City(
        folder=folder,
        start=date.fromisoformat(numbers.pop("start")),
        end=date.fromisoformat(numbers.pop("end")),
        books={unit: folder / name for unit, name in numbers.pop("books").items()},
        messages_on={date.fromisoformat(day): number for day, number in numbers.pop("messages_on").items()},
        events=list(_read_events(folder / EVENTS)),
        **numbers,
    )


def _read_events(path: Path) -> Iterator[Event]:
    with path.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            yield Event(
                date.fromisoformat(row["day"]),
                row["unit"],
                row["licence_type"],
                row["number"],
                row["what"],
                date.fromisoformat(row["new_last_day"]) if row["new_last_day"] else None,
            )


def _write(path: Path, rows: Iterator[list[object]]) -> None:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("工作台账")
    sheet.append(["证照到期提醒事项工作台账"])
    sheet.append(list(HEADER))
    for cells in rows:
        sheet.append(cells)
    book.save(path)


class _Plan:
    """The arithmetic of one city."""

    def __init__(
        self, items: Sequence[Item], *, start: date, main: str, seed: int, scale: float, known: Sequence[Known]
    ) -> None:
        self.random = Random(seed)
        self.start, self.end, self.scale = start, start + timedelta(days=YEAR), scale
        self.main = next(item for item in items if item.code == main)
        self.others = [item for item in items if item is not self.main]
        types = {item.licence_type: item for item in reversed(items)}
        types |= {
            item.licence_type: item for item in items if item.code == item.licence_type
        }  # of several units the one it is named after
        self.known = [(person, types[person.licence_type]) for person in known if person.licence_type in types]
        self.events: list[Event] = []
        self.messages_on: Counter[date] = Counter()
        self.bad = self.twins = self.serial = 0

    def scaled(self, number: int) -> int:
        return max(1, round(number * self.scale))

    def rows(self) -> list[_Row]:
        """Return every good row: those that fall due in the year, with their events, and those that do not."""
        known = [self._known_row(person, item) for person, item in self.known]
        over = [row for row in known if row.until and row.until < self.end]
        main_over = sum(row.item is self.main for row in over)
        due = [self.main] * (self.scaled(MAIN_DUE) - main_over)
        due += self._spread(
            self.scaled(OTHERS_DUE) - (len(over) - main_over), [each for each in self.others if each.years]
        )
        rows = [self._due_row(item) for item in due]
        self._live_the_year(rows, known)
        main = sum(row.item is self.main for row in rows + known)
        rest = [self.main] * (self.scaled(MAIN_SYSTEM) - main)
        rest += self._spread(self.scaled(LICENCES) - len(rows) - len(known) - len(rest), self.others)
        return rows + known + self._quiet_rows(rest)

    def _spread(self, number: int, items: Sequence[Item]) -> list[Item]:
        """Return one of `items` `number` times, unevenly but each at least once when there is room."""
        weights = [1 / (2 + place) ** 0.7 for place in range(len(items))]
        sure = list(items[:number])
        return sure + self.random.choices(items, weights, k=number - len(sure))

    def _due_row(self, item: Item) -> _Row:
        """Return a row that runs out within the year, every message of it after the first day."""
        while True:
            until = self.start + timedelta(days=self.random.randrange(70, YEAR - 10))
            if _message_days(item, until)[0] > self.start:
                return self._row(item, until)

    def _quiet_rows(self, items: Sequence[Item]) -> list[_Row]:
        """Return rows that say nothing all year: endless, over before the start, or far from their end."""
        over = set(self.random.sample([place for place, item in enumerate(items) if item.years], self.scaled(EXPIRED)))
        return [self._quiet_row(item, over=place in over) for place, item in enumerate(items)]

    def _quiet_row(self, item: Item, *, over: bool) -> _Row:
        if not item.years:
            return self._row(item, None)
        if over:
            return self._row(item, self.start - timedelta(days=self.random.randrange(1, 400)))
        while True:
            until = self.end + timedelta(days=self.random.randrange(100, 1500))
            if _message_days(item, until)[0] > self.end:
                return self._row(item, until)

    def _known_row(self, person: Known, item: Item) -> _Row:
        row = self._row(item, self.end + timedelta(days=person.days_left))
        row.holder, row.kind, row.identifier = person.holder, person.kind, person.identifier
        row.contact, row.mobile, row.special = person.contact, person.mobile, person.special
        return row

    def _row(self, item: Item, until: date | None) -> _Row:
        self.serial += 1
        person = self.random.choice(SURNAMES) + "".join(self.random.choices(GIVEN, k=self.random.choice((1, 2, 2))))
        county = self.random.choice(COUNTIES)
        base = until or self.start - timedelta(days=self.random.randrange(30, 2000))
        issued = _years_before(base, item.years or 5)  # of 长期 any day will do
        while issued >= self.start:
            issued = _years_before(issued, 1)
        if self.random.random() < 0.35:
            kind, identifier = "统一社会信用代码", identifiers.make_uscc(county, self.serial)
        else:
            kind = "居民身份证"
            born = date(1946, 1, 1) + timedelta(days=self.random.randrange(20_000))
            identifier = identifiers.make_citizen_id(county, born, self.serial % 1000)
        number = f"{item.licence_type[:6].upper()}{county}{self.serial:08d}"
        holder = person + self.random.choice(TRADES) if kind == "统一社会信用代码" else person
        return _Row(
            item,
            number,
            holder,
            kind,
            identifier,
            person,
            identifiers.make_mobile(self.serial),
            issued,
            until,
            special=self.random.random() < 0.012,
        )

    # -- the year

    def _live_the_year(self, rows: list[_Row], known: list[_Row]) -> None:
        """Give each row that falls due its event, so that the messages sent until then add up to the year's number."""
        days = [_message_days(row.item, row.until) for row in rows]
        heard = [min(self.random.choices((1, 2, 3, 4), HEARD)[0], len(of_row)) for of_row in days]
        others = [place for place, row in enumerate(rows) if row.item is not self.main]
        leaving = self.random.sample(others, self.scaled(GIVEN_UP) + self.scaled(DEREGISTERED))
        fate = dict.fromkeys(leaving[: self.scaled(GIVEN_UP)], "given_up")
        fate |= dict.fromkeys(leaving[self.scaled(GIVEN_UP) :], "deregistered")
        said: Counter[tuple[date, bool, str]] = Counter()
        for row in known:
            of_row = [day for day in _message_days(row.item, row.until) if self.start <= day <= self.end]
            if row.until and row.until < self.end:
                of_row = of_row[:2]  # heard twice, then renewed
                self._act(row, _message_days(row.item, row.until), 2, "renewed")
            said.update(_phone(row, day) for day in of_row)
        self._settle(heard, [len(of_row) for of_row in days], self.scaled(MESSAGES) - sum(_messages(said).values()))
        for place, row in enumerate(rows):
            self._act(row, days[place], heard[place], fate.get(place, "renewed"))
            said.update(_phone(row, day) for day in days[place][: heard[place]])
        self.events.sort(key=lambda event: (event.day, event.number, event.what))
        self.messages_on = _messages(said)

    def _act(self, row: _Row, days: Sequence[date], heard: int, what: str) -> None:
        """Let the holder act after the last message he hears of: mostly soon, always before the next one and in time.

        Some apply at the unit, which decides days later: a few at the last moment, when the agency has been warned.
        """
        assert row.until is not None
        first = days[heard - 1]
        before = days[heard] if heard < len(days) else row.until
        patience = min(int(self.random.expovariate(0.5)), 6, max((before - first).days - 1, 0))
        new = _years_after(row.until, row.item.years) if what == "renewed" else None
        day = first + timedelta(days=patience)
        if what == "renewed" and self.random.random() < APPLY:
            self.events.append(Event(day, row.item.unit, row.item.licence_type, row.number, "applied", None))
            day = min(day + timedelta(days=self.random.randrange(1, DECIDED)), row.until - timedelta(days=1))
        self.events.append(Event(day, row.item.unit, row.item.licence_type, row.number, what, new))

    def _settle(self, heard: list[int], most: list[int], wanted: int) -> None:
        """Move single rows by one message until the sum is `wanted`."""
        places = list(range(len(heard)))
        self.random.shuffle(places)
        missing = wanted - sum(heard)
        while missing:
            step, before = (1 if missing > 0 else -1), missing
            for place in places:
                if missing and 1 <= heard[place] + step <= most[place]:
                    heard[place] += step
                    missing -= step
            if missing == before:
                raise ValueError(f"{wanted} messages cannot come of {len(heard)} licences that fall due")

    # -- the workbooks

    def by_unit(self, rows: list[_Row]) -> dict[str, Iterator[list[object]]]:
        """Return each unit's lines: its good rows with the dirty ones and the twins strewn among them."""
        lines: dict[str, list[list[object]]] = {item.unit: [] for item in [self.main, *self.others]}
        for row in rows:
            lines[row.item.unit].append(list(row.cells()))
        for wrong, number in DIRTY.items():
            for row in self.random.sample(rows, self.scaled(number)):
                lines[row.item.unit].append(self._spoil(wrong, row))
                self.bad += 1
        for row in self.random.sample([row for row in rows if row.until], self.scaled(TWINS)):
            older: list[object] = list(row.cells())
            older[7] = older[8] = (row.issued - timedelta(days=30)).isoformat()
            lines[row.item.unit].append(older)
            self.twins += 1
        for of_unit in lines.values():
            self.random.shuffle(of_unit)
        return {unit: iter(of_unit) for unit, of_unit in lines.items()}

    def _spoil(self, wrong: str, row: _Row) -> list[object]:
        self.serial += 1
        cells: list[object] = list(row.cells())
        cells[1] = f"{row.number[:-8]}{self.serial:08d}"
        born = identifiers.make_citizen_id("411002", date(1980, 1, 1), self.serial % 1000)
        if wrong == "证件号码被Excel存成数字":
            cells[4] = float(born[:17] + "0")
        elif wrong == "身份证校验位错误":
            cells[3], cells[4] = "居民身份证", born[:17] + ("1" if born[17] != "1" else "2")
        elif wrong == "手机号少一位":
            cells[6] = row.mobile[:-1]
        elif wrong == "有效期至不存在的日期":
            cells[9] = "2027.2.30"
        elif wrong == "备注里写了身份证号":
            cells[11] = f"法人身份证{born}"
        elif wrong == "目录外的证照名称":
            cells[0] = "采砂许可证（旧版）"
        elif wrong == "缺证照编号":
            cells[1] = ""
        elif wrong == "证件类型不认识":
            cells[3] = "暂住证"
        else:
            cells[8] = cells[7]
            cells[9] = (row.issued - timedelta(days=1)).isoformat()
        return cells


def _phone(row: _Row, day: date) -> tuple[date, bool, str]:
    """Return what must be alike for messages to be put together: the day, whether the window is still open, the phone."""
    assert row.until is not None
    closes = _closes(row.item, row.until)
    return day, closes is not None and day <= closes, row.mobile


def _messages(said: Counter[tuple[date, bool, str]]) -> Counter[date]:
    """Return how many messages leave on each day when many on one phone are put together."""
    sent: Counter[date] = Counter()
    for (day, _, _), number in said.items():
        sent[day] += 1 if number >= DIGEST_FROM else number
    return sent


def _message_days(item: Item, until: date | None) -> list[date]:
    """Return the days on which a message goes out for one term: 30 and 7 days before the window closes and before expiry."""
    assert until is not None
    days = {until - timedelta(days=30), until - timedelta(days=7)}
    if closes := _closes(item, until):
        days |= {closes - timedelta(days=30), closes - timedelta(days=7)}
    return sorted(days)


def _closes(item: Item, until: date) -> date | None:
    """Return the last day to apply for a licence that runs out after `until`; None when there is no window."""
    return None if item.closes is None else _back(until, item.closes, item.counts_in)


def _back(day: date, count: int, unit: str) -> date:
    """Count `count` back from `day`, which is not counted; working days on the published calendars, weekdays beyond them."""
    if unit == "nd":
        return day - timedelta(days=count)
    if unit == "month":
        months = day.year * 12 + day.month - 1 - count
        year, month = divmod(months, 12)
        return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
    while count:
        day -= timedelta(days=1)
        count -= works(day)
    return day


def works(day: date) -> bool:
    """Return whether a day is worked, by the published calendars; beyond them weekdays are."""
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return day.weekday() < 5


def _years_before(day: date, years: int) -> date:
    return _years_after(day, -years)


def _years_after(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # 29 February
        return day.replace(year=day.year + years, day=28)
