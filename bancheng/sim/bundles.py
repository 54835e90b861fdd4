"""The firms of a year: who opens, moves, changes or closes a business with one application, and what befalls each.

The outside world of one-thing-done-once: people apply, departments are quick or slow, ask for corrections, refuse; one of them
keeps silent for three weeks. What comes out of the platform (cases closed, silence that accepted, merged notices) is its own
doing; the year is only cut so that it can come out as the source says. Everybody is invented: identity numbers pass their check
digits and belong to nobody, names are put together from syllables.

The same seed makes the same year. Nothing is asked of the platform: which matters a bundle holds is given.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from bancheng.lib import identifiers
from bancheng.sim import answers
from bancheng.sim.ledgers import GIVEN, SURNAMES, YEAR, works

# Source, case fourteen: 已办结经营主体开办业务1263笔; 142户公司办结迁移变更登记“一次办”. The other numbers are ours.
OPENINGS, MIGRATIONS = 1263, 142
REFUSED_OPENINGS, WITHDRAWN_OPENINGS, REFUSED_MIGRATIONS = 20, 16, 3
CHANGES, CLOSINGS = 60, 24
RESTAURANTS, NEW_RESTAURANTS = 6, 14  # without a food licence in the end; applied for in the last two days
WAITING_OPENINGS = 8  # applied for in the last two days: work for whoever comes to the desk

LAST_APPLICATION = 45  # days before the end of the year by which what closes in it is applied for
SILENT_UNIT, SILENT_FROM, SILENT_DAYS = "housing-fund", 120, 21  # nobody there acts for three weeks
ON_REST_DAYS = 0.12  # of those who apply, how many do so on a rest day
CORRECTED, CORRECTED_TOO = 0.045, 0.4  # of a hundred matters; of their sisters, so that notices are merged
RETRIED = 0.015  # registrations refused once and applied for again
LATE, SLOW = 0.03, 0.03  # decisions after the promised day; reviews after it
GAPS = 0.02  # accepted while a secondary paper is outstanding
LEFT_OUT = 0.01  # openings of which one matter is withdrawn alone

SYLLABLES = "恒瑞 鼎盛 嘉禾 润泽 天越 启明 百川 宏图 锦程 佳和 博远 中原 春晖 金麦 汇丰源 盛世 九州 云帆 众诚 远航 新禾 德润 腾跃 华彩 "
SYLLABLES += (
    "安泰 永固 融创源 星火 蓝图 青禾 正阳 泰和 亿嘉 昌运 晨光 同创 万象 聚贤 鸿运 顺达 优品 文峰 灞陵 莲城 曹魏源 钧韵 "
)
SYLLABLES += "颍水 清潩 建安源 许都"
TRADES = (
    "商贸",
    "科技",
    "建材",
    "物流",
    "农业",
    "餐饮管理",
    "物业服务",
    "装饰工程",
    "服饰",
    "机电设备",
    "文化传媒",
    "发制品",
)

# what a department finds wrong, by matter: the element, what it says, the article
DEFECTS: dict[str, tuple[str, str, str]] = {
    "registration-opening": ("premises_proof", "场所证明编号与所附合同不一致", "市场主体登记管理条例 第十一条"),
    "seal-engraving": ("seal_kinds", "请补充财务专用章，或说明不刻制", "印铸刻字业暂行管理规则 第六条"),
    "invoice-setup": ("invoice_monthly", "每月开票金额与经营规模不符", "发票管理办法 第十五条"),
    "social-insurance-registration": ("insured_people", "参保人数与用工情况不符", "社会保险法 第五十七条"),
    "housing-fund-registration": ("fund_rate", "缴存比例须与职工代表大会决议一致", "住房公积金管理条例 第十八条"),
    "bank-account-booking": ("bank_name", "请写明开户网点", "人民币银行结算账户管理办法 第十七条"),
    "migration-in": ("old_address", "迁出地住所与登记信息不一致", "市场主体登记管理条例 第二十七条"),
    "food-business-new": ("kitchen_area", "食品处理区面积与布局图不一致", "食品安全法 第三十三条"),
    "sign-board": ("sign_width", "宽度与效果图不一致", "河南省城市市容和环境卫生管理条例 第十五条"),
    "fire-check": ("safe_exits", "安全出口数量与平面图不一致", "消防法 第十五条"),
    "tax-change": ("contact_name", "请写明办税联系人", "税务登记管理办法 第十九条"),
}
CORRECTIONS = {
    "premises_proof": "豫许房租第{n}号（更正）",
    "seal_kinds": "official,finance,invoice",
    "invoice_monthly": "80000",
    "insured_people": "4",
    "fund_rate": "8",
    "bank_name": "许昌示例银行示范区支行",
    "old_address": "{street}{n}号（更正）",
    "kitchen_area": "32",
    "sign_width": "380",
    "safe_exits": "3",
    "contact_name": "{person}",
}


@dataclass(frozen=True)
class Person:
    """Somebody who applies."""

    name: str
    citizen_id: str
    mobile: str


@dataclass(frozen=True)
class Firm:
    """The enterprise that is moved, changed, closed, or opens a restaurant."""

    name: str
    uscc: str


@dataclass(frozen=True)
class Fate:
    """What a department does with one matter. Days are working days after it could have acted."""

    review: int = 0
    decide: int = 0
    correct: bool = False
    refused: bool = False  # the first time; applied for again it is granted
    gap: bool = False


@dataclass(frozen=True)
class Application:
    """One application: who, when, what is typed in the form, and what befalls it."""

    number: int
    day: date
    bundle: str
    person: Person
    firm: Firm | None
    typed: Mapping[str, Sequence[str]]
    fates: Mapping[str, Fate]
    known: Mapping[str, Sequence[str]] = field(
        default_factory=dict
    )  # what units share, by the name they share it under
    disputes: Mapping[str, Sequence[str]] = field(default_factory=dict)  # what he corrects of it
    gives_up: bool = False  # after a refusal, instead of applying again
    withdraws: str = ""  # the matter he takes back, or "*" for the whole bundle

    def fate(self, matter: str) -> Fate:
        """Return what befalls one of its matters."""
        return self.fates.get(matter, Fate())

    def corrected(self, element: str) -> list[str]:
        """Return what he types when a correction of `element` is asked."""
        text = CORRECTIONS[element].format(
            n=self.number, street=answers.STREETS[self.number % len(answers.STREETS)], person=self.person.name
        )
        return text.split(",")


@dataclass
class Year:
    """The applications of a year, by day, and what must come of them when it is over."""

    start: date
    end: date
    by_day: dict[date, list[Application]] = field(default_factory=dict)
    openings: int = 0
    migrations: int = 0

    @property
    def applications(self) -> list[Application]:
        """Return all of them in the order of their days."""
        return [one for day in sorted(self.by_day) for one in self.by_day[day]]

    def part(self, number: int, of: int) -> "Year":
        """Return every `of`-th application, so that several processes may share the year."""
        mine = {day: [one for one in ones if one.number % of == number] for day, ones in self.by_day.items()}
        return Year(self.start, self.end, mine, self.openings, self.migrations)

    def silent(self, unit: str, day: date) -> bool:
        """Return whether nobody acts at a unit on a day."""
        first = self.start + timedelta(days=SILENT_FROM)
        return unit == SILENT_UNIT and first <= day < first + timedelta(days=SILENT_DAYS)


def make(*, start: date, matters: Mapping[str, Sequence[str]], seed: int = 2024, scale: float = 1.0) -> Year:
    """Return the year that begins on `start`; `matters` are those of each bundle, in their order."""
    return _Plan(start, matters, seed, scale).year()


class _Plan:
    """The arithmetic of one year."""

    def __init__(self, start: date, matters: Mapping[str, Sequence[str]], seed: int, scale: float) -> None:
        self.random = Random(f"onething-{seed}")
        self.start, self.end, self.scale, self.matters = start, start + timedelta(days=YEAR), scale, matters
        syllables = SYLLABLES.split()
        self.names = [first + second for first in syllables for second in syllables if first != second]
        self.random.shuffle(self.names)
        self.number = 0
        self.made = Year(start, self.end)

    def year(self) -> Year:
        """Return the year with everybody in it."""
        self.made.openings = max(1, round(OPENINGS * self.scale))
        self.made.migrations = max(1, round(MIGRATIONS * self.scale))
        some: list[tuple[str, int, dict[str, object]]] = [
            ("open-business", self.made.openings, {}),
            ("move-in", self.made.migrations, {}),
            ("open-business", int(REFUSED_OPENINGS * self.scale), {"refused": "registration-opening"}),
            ("open-business", int(WITHDRAWN_OPENINGS * self.scale), {"withdraws": "*"}),
            ("move-in", int(REFUSED_MIGRATIONS * self.scale), {"refused": "migration-in"}),
            ("change-information", int(CHANGES * self.scale), {}),
            ("close-business", int(CLOSINGS * self.scale), {}),
            ("open-restaurant", int(RESTAURANTS * self.scale), {"refused": "food-business-new"}),
        ]
        for bundle, number, how in some:
            for _ in range(number):
                self._add(bundle, self._day(), **how)  # type: ignore[arg-type]  # keywords of _add
        for _ in range(int(NEW_RESTAURANTS * self.scale)):
            self._add("open-restaurant", self.end - timedelta(days=self.random.randrange(2)))
        for _ in range(int(WAITING_OPENINGS * self.scale)):
            self._add("open-business", self.end - timedelta(days=self.random.randrange(2)))
        return self.made

    def _day(self) -> date:
        """Return the day of an application that ends within the year."""
        while True:
            day = self.start + timedelta(days=self.random.randrange(2, YEAR - LAST_APPLICATION))
            if works(day) or self.random.random() < ON_REST_DAYS:
                return day

    def _add(self, bundle: str, day: date, *, refused: str = "", withdraws: str = "") -> None:
        self.number += 1
        person, firm = self._person(), None if bundle == "open-business" else self._firm()
        fates = self._fates(bundle)
        if refused:
            fates[refused] = Fate(refused=True)
        elif withdraws:
            fates[self.matters[bundle][0]] = Fate(review=3)
        elif bundle == "open-business" and self.random.random() < LEFT_OUT:
            withdraws = "bank-account-booking"
            fates[withdraws] = Fate(review=3)
        writer = answers.Writer(self.random, self.number, day, person.name, self.name, person.citizen_id, person.mobile)
        typed = answers.typed(bundle, writer)
        # a person who opens a business is in no register yet, but his premises are
        known = answers.known(typed if firm else answers.of_place(typed), writer)
        one = Application(
            self.number,
            day,
            bundle,
            person,
            firm,
            typed,
            fates,
            known,
            answers.disputed(typed, writer),
            bool(refused),
            withdraws,
        )
        self.made.by_day.setdefault(day, []).append(one)

    def _fates(self, bundle: str) -> dict[str, Fate]:
        chance = self.random.random
        matters = self.matters[bundle]
        wrong = {matter for matter in matters if matter in DEFECTS and chance() < CORRECTED}
        if wrong - {matters[0]}:  # those that begin together are told together
            wrong |= {matter for matter in matters[1:] if matter in DEFECTS and chance() < CORRECTED_TOO}
        found = {}
        for place, matter in enumerate(matters):
            found[matter] = Fate(
                review=self.random.randrange(2, 4) if chance() < SLOW else int(chance() < 0.15),
                decide=self.random.randrange(2, 6) if chance() < LATE else int(chance() < 0.2),
                correct=matter in wrong,
                refused=place == 0 and bundle == "open-business" and chance() < RETRIED,
                gap=place == 0 and chance() < GAPS,
            )
        return found

    def _person(self) -> Person:
        name = self.random.choice(SURNAMES) + "".join(self.random.sample(GIVEN, self.random.choice((1, 2, 2))))
        born = date(1962, 1, 1) + timedelta(days=self.number)  # one a day: no two alike
        return Person(
            name,
            identifiers.make_citizen_id("410100", born, self.random.randrange(1000)),
            identifiers.make_mobile(50_000_000 + self.number),
        )

    def name(self) -> str:
        """Return a company's name that nobody else in the year bears."""
        return f"许昌{self.names.pop()}{self.random.choice(TRADES)}有限公司"

    def _firm(self) -> Firm:
        return Firm(self.name(), identifiers.make_uscc("411002", 10_000_000 + self.number))
