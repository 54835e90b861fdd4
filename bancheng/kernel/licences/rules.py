"""What a licence may become, who may say so, and whether it can be relied on."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from bancheng.lib.refusal import Refused
from bancheng.lib.text import Text


class Status(StrEnum):
    """The six states of an electronic licence (R-E-4)."""

    VALID = "valid"
    CHANGED = "changed"
    SUSPENDED = "suspended"
    REVOKED = "revoked"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


SAYS: dict[Status, Text] = {
    Status.VALID: Text("有效", "valid"),
    Status.CHANGED: Text("已变更", "changed"),
    Status.SUSPENDED: Text("已暂停", "suspended"),
    Status.REVOKED: Text("已撤销", "revoked"),
    Status.CANCELLED: Text("已注销", "cancelled"),
    Status.EXPIRED: Text("已过期", "expired"),
}

# state -> what may follow, and who moves it there. A renewal keeps the number: the licence stays VALID or comes back
# to it, and a copy of the version before is refused (`reusing`). CHANGED is a licence whose unit has put another
# number in its place. A later issue under the same number is a new grant and may follow any state (`merging`).
NEXT: dict[Status, dict[Status, str]] = {
    Status.VALID: {
        Status.VALID: "unit renews or corrects",
        Status.CHANGED: "unit puts another licence in its place",
        Status.SUSPENDED: "unit suspends",
        Status.REVOKED: "unit revokes",
        Status.CANCELLED: "unit cancels",
        Status.EXPIRED: "its term runs out",
    },
    Status.SUSPENDED: {
        Status.VALID: "unit reinstates",
        Status.REVOKED: "unit revokes",
        Status.CANCELLED: "unit cancels",
        Status.EXPIRED: "its term runs out",
    },
    Status.EXPIRED: {
        Status.VALID: "unit reports a renewal granted, or deemed granted, before the term ran out",
        Status.REVOKED: "unit revokes",
        Status.CANCELLED: "unit cancels (行政许可法 第七十条)",
    },
    Status.CHANGED: {},
    Status.REVOKED: {Status.CANCELLED: "unit cancels (行政许可法 第七十条)"},
    Status.CANCELLED: {},
}


class Kind(StrEnum):
    """Who holds a licence."""

    PERSON = "person"
    ORGANISATION = "organisation"


# the kind of identifier a holder is taken to have when the unit does not say
IDENTIFIERS: dict[Kind, str] = {Kind.PERSON: "citizen_id", Kind.ORGANISATION: "uscc"}


class Channel(StrEnum):
    """How the issuing unit's word reached the library."""

    BATCH = "batch"  # the unit's own list
    SYSTEM = "system"  # the unit's licence system


@dataclass(frozen=True)
class Source:
    """Whose word a change rests on: the issuing unit, how it came, under which reference (batch or message number)."""

    unit: str
    channel: Channel
    ref: str


def check_may_follow(old: Status, new: Status, *, number: str) -> None:
    """Raise Refused("licence_state") when `new` may not follow `old`."""
    if new not in NEXT[old]:
        raise Refused(
            "licence_state",
            f"证照 {number} 现为“{SAYS[old].zh}”，不能改为“{SAYS[new].zh}”；原状态未变，请核对发证单位的记录。",
            en=f"Licence {number} is {SAYS[old].en} and cannot become {SAYS[new].en}; nothing was changed. "
            "Please check the issuing unit's record.",
        )


def check_source(source: Source, *, unit: str, number: str) -> None:
    """Raise Refused("licence_not_yours") unless the issuing unit speaks: 谁制发、谁核实 (F10.3, R10.7)."""
    if source.unit != unit:
        raise Refused(
            "licence_not_yours",
            f"证照 {number} 由其他单位制发，只有制发单位能改；未作改动，请与制发单位联系。",
            en=f"Licence {number} was issued by another unit, which alone may change it; nothing was changed. "
            "Please ask that unit.",
            status=403,
        )


def status_on(status: Status, *, valid_to: date | None, day: date) -> Status:
    """Return the status as of `day`; a term that ran out counts even before the nightly job has marked it.

    `valid_to` is the last valid day.
    """
    if status in (Status.VALID, Status.SUSPENDED) and valid_to is not None and valid_to < day:
        return Status.EXPIRED
    return status


def check_usable(status: Status, *, valid_from: date | None, day: date) -> None:
    """Raise Refused("licence_not_usable" or "licence_not_yet") unless the licence can be relied on at `day`."""
    if status is not Status.VALID:
        raise Refused(
            "licence_not_usable",
            f"该证照{SAYS[status].zh}，不能调用；未作记录，请持证人与发证单位联系。",
            en=f"This licence is {SAYS[status].en} and cannot be used; nothing was recorded. Please ask its unit.",
        )
    if valid_from is not None and day < valid_from:
        raise Refused(
            "licence_not_yet",
            f"该证照自{valid_from}起有效，尚不能调用；未作记录，请届时再办。",
            en=f"This licence is valid from {valid_from}; nothing was recorded. Please come back then.",
        )


REASONS: Mapping[str, Text] = {
    "older": Text(
        "清单中或库中已有更晚签发的同一证照，本行未采用", "A later issue of this licence is listed or stored; not used"
    ),
    "foreign": Text("该证照号已由其他单位制发，本行未采用", "Another unit has issued this licence number; not used"),
    "ended": Text(
        "该证照已撤销、注销或变更，须有更晚的签发日期才能恢复，本行未采用",
        "The licence has ended; only a later issue revives it; not used",
    ),
}
