"""The frozen views of the catalogue: what the pack brings and what everybody reads.

A fact read back from the tables equals the fact that was loaded; loading twice therefore changes nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from bancheng.kernel.clocks import public as clocks
from bancheng.lib.conditions import Condition, Value
from bancheng.lib.text import Text


class AreaKind(StrEnum):
    """What a code of the division list stands for."""

    CITY = "市"
    COUNTY = "县市区"
    SUBDISTRICT = "街道"
    TOWNSHIP = "乡镇"
    ZONE = "功能区"
    STATISTICAL = "统计"  # a code of the statistical list only: no division of that code exists in law


class UnitKind(StrEnum):
    """Whom a unit belongs to."""

    CITY = "市直"
    COUNTY = "县市区"
    ZONE = "功能区"
    VERTICAL = "垂直管理"


class Source(StrEnum):
    """How a material gets into the file."""

    SHARED = "免交"  # fetched from the e-licence library or by data sharing (R-OT-4)
    GAP = "可容缺"  # may be supplied after acceptance (R-RQ-1)
    OWN = "自备"


class GapGround(StrEnum):
    """Why a secondary paper may follow later: the closed list of R-RQ-2."""

    SHARED = "shared"
    OWN_WORDS = "own_words"
    GIVEN_BEFORE = "given_before"
    CHAIN = "chain"
    LISTED = "listed"


class Concern(StrEnum):
    """What a matter touches, where a promise in place of a check could do lasting harm (R-GC-1, R-GC-2)."""

    NATIONAL_SECURITY = "national_security"
    PUBLIC_SECURITY = "public_security"
    LIFE_HEALTH = "life_health"
    FINANCE = "finance"
    ENVIRONMENT = "environment"
    FOREIGN = "foreign"
    COSTLY = "costly"


class ChannelKind(StrEnum):
    """How a matter can be applied for."""

    ONLINE = "online"
    COUNTER = "counter"
    POST = "post"
    PHONE = "phone"


NAMES: dict[str, Text] = {
    AreaKind.CITY: Text("市", "city"),
    AreaKind.COUNTY: Text("县（市、区）", "county or district"),
    AreaKind.SUBDISTRICT: Text("街道", "subdistrict"),
    AreaKind.TOWNSHIP: Text("乡镇", "township"),
    AreaKind.ZONE: Text("功能区", "functional zone"),
    AreaKind.STATISTICAL: Text("统计代码", "statistical code"),
    UnitKind.CITY: Text("市直单位", "city department"),
    UnitKind.VERTICAL: Text("垂直管理单位", "vertically managed agency"),
    Source.SHARED: Text("免交", "no need to bring"),
    Source.GAP: Text("可容缺", "may follow later"),
    Source.OWN: Text("自备", "please bring"),
    ChannelKind.ONLINE: Text("网上办", "online"),
    ChannelKind.COUNTER: Text("窗口办", "at the counter"),
    ChannelKind.POST: Text("邮寄办", "by post"),
    ChannelKind.PHONE: Text("电话办", "by phone"),
    GapGround.SHARED: Text("可通过数据共享核实", "can be checked by sharing data"),
    GapGround.OWN_WORDS: Text("由申请人自己编写", "written by the applicant himself"),
    GapGround.GIVEN_BEFORE: Text("前一阶段已交给同一部门", "given to the same office at an earlier stage"),
    GapGround.CHAIN: Text("是前一事项的材料或结果", "a paper or the result of the matter before"),
    GapGround.LISTED: Text("列入本市容缺清单", "on the city's list of papers that may follow"),
    Concern.NATIONAL_SECURITY: Text("国家安全", "national security"),
    Concern.PUBLIC_SECURITY: Text("公共安全", "public security"),
    Concern.LIFE_HEALTH: Text("生命健康", "life and health"),
    Concern.FINANCE: Text("金融业审慎监管", "financial prudence"),
    Concern.ENVIRONMENT: Text("生态环境", "the environment"),
    Concern.FOREIGN: Text("重要涉外", "important foreign relations"),
    Concern.COSTLY: Text("纠错成本高", "errors are costly to undo"),
}


@dataclass(frozen=True)
class City:
    """The city a pack describes; `region` is its six-digit code."""

    region: str
    name: str
    name_en: str
    help_phone: str
    help_hours: str
    complaint_phone: str
    languages: tuple[str, ...] = ("zh-hans", "en")


@dataclass(frozen=True)
class Domain:
    """A field of administration, such as 市场监管."""

    code: str
    name: str
    name_en: str


@dataclass(frozen=True)
class Area:
    """A code of the division list and the days on which it is in force (`until` included, None: still)."""

    code: str
    name: str
    name_en: str
    kind: AreaKind
    parent: str = ""
    since: date | None = None
    until: date | None = None
    successor: str = ""  # the code that took over; cards and licences keep the old one

    def in_force(self, on: date) -> bool:
        """Return whether the code is in force on `on`."""
        return (self.since is None or self.since <= on) and (self.until is None or on <= self.until)


@dataclass(frozen=True)
class Unit:
    """A department that issues, decides and answers the phone."""

    code: str
    name: str
    name_en: str
    kind: UnitKind
    uscc: str
    area_code: str  # where it sits
    domain: str
    phone: str  # for applicants
    phone_office: str  # for other units
    areas: tuple[str, ...] = ()  # codes it serves; a zone may serve parts of several
    demo: bool = False  # the uscc is made up

    @property
    def title(self) -> Text:
        return Text(self.name, self.name_en)


@dataclass(frozen=True)
class LicenceType:
    """A kind of licence, the same whoever issues it."""

    code: str
    name: str
    name_en: str

    @property
    def title(self) -> Text:
        return Text(self.name, self.name_en)


@dataclass(frozen=True)
class Outlet:
    """A place with a door. `hours` is read by `rules.hours`; a coordinate never stands without its datum (R-MAP-2)."""

    code: str
    unit: str
    name: str
    name_en: str
    address: str
    address_en: str
    hours: str
    phone: str
    area_code: str
    channels: tuple[str, ...] = ()
    longitude: Decimal | None = None
    latitude: Decimal | None = None
    datum: str = ""
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True)
class Basis:
    """An article of a law, quoted by its printed short title."""

    law: str
    article: str

    def __str__(self) -> str:
        return f"《{self.law}》{self.article}"


@dataclass(frozen=True)
class GapTerms:
    """On which terms a secondary paper may follow: why, how long, and whether the result waits for it (R-RQ-2, R-RQ-4)."""

    ground: GapGround
    waits: bool  # it may change the decision, so the result waits
    days: int  # working days after acceptance, at most
    law: str = ""  # the rule of the matter's own that lets it follow in spite of R-RQ-6


@dataclass(frozen=True)
class Applies:
    """In which case a paper is asked for: a condition on the answers of the matter's form, and the same in words."""

    when: Condition
    says: Text


@dataclass(frozen=True)
class Material:
    """One paper of the closed list."""

    name: str
    name_en: str
    main: bool  # a main paper must be there at acceptance; a secondary one may be missing (R-RQ-1)
    source: Source
    copies: int = 1
    gap: GapTerms | None = None  # with source GAP: its terms
    applies: Applies | None = None  # None: in every case

    def asked_for(self, answers: Mapping[str, Value]) -> bool:
        """Return whether it is asked for, given the answers that are shown; what is not answered yet calls for nothing."""
        return self.applies is None or self.applies.when.holds(answers)


@dataclass(frozen=True)
class Channel:
    """One way to apply; `url` stands on online ones only."""

    kind: ChannelKind
    name: str
    name_en: str
    url: str = ""


@dataclass(frozen=True)
class Matter:
    """A matter and its whole guide. `outlets` and `unit` are codes; `fee_fen` 0 is free."""

    code: str
    implementing_code: str
    unit: str
    domain: str
    name: str
    name_en: str
    basis: tuple[Basis, ...]
    conditions: tuple[Text, ...]
    statutory: clocks.Length | None
    promised: clocks.Length | None
    fee_fen: int | None
    fee_basis: str
    materials: tuple[Material, ...]
    channels: tuple[Channel, ...]
    outlets: tuple[str, ...]
    phone: str
    licence_type: str = ""
    audience: str = ""
    keywords: tuple[str, ...] = ()
    concerns: tuple[Concern, ...] = ()

    @property
    def title(self) -> Text:
        return Text(self.name, self.name_en)

    @property
    def online(self) -> Channel | None:
        """Return the first online channel."""
        return next((channel for channel in self.channels if channel.kind is ChannelKind.ONLINE), None)


@dataclass(frozen=True)
class Catalogue:
    """Everything the catalogue holds of one city: what a pack brings in one piece."""

    city: City
    domains: tuple[Domain, ...] = ()
    areas: tuple[Area, ...] = ()
    units: tuple[Unit, ...] = ()
    licence_types: tuple[LicenceType, ...] = ()
    outlets: tuple[Outlet, ...] = ()
    matters: tuple[Matter, ...] = ()


@dataclass(frozen=True)
class Changes:
    """What loading did to one kind of row, by code."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    retired: tuple[str, ...] = ()
    unchanged: int = 0

    @property
    def nothing(self) -> bool:
        """Return whether not one row was touched."""
        return not (self.added or self.changed or self.retired)
