"""The rules of bundles that are nobody's but this service's: where papers come from, days to object, what must agree."""

import unicodedata
from collections.abc import Iterable
from datetime import date
from enum import StrEnum

from bancheng.kernel.catalogue import public as catalogue
from bancheng.kernel.clocks import public as clocks

# R-RQ names no number of days for licensing; twenty working days are those of the tax authority's C-90 [D]
GAP_WITHIN = clocks.Length(20, clocks.Unit.WD)


PUBLICITY = clocks.Length(20, clocks.Unit.ND)
APPLY_WITHIN = clocks.Length(20, clocks.Unit.ND)


class Way(StrEnum):
    """How a paper comes, in the order in which one has to do something about it."""

    BROUGHT = "brought"  # 自备
    MAY_FOLLOW = "may_follow"  # 可容缺: now, or promised for later
    FORM = "form"  # the one form stands for it (F14.2: 一表申请)
    FETCHED = "fetched"  # 免交


FORMS = (
    "申请书",
    "申请表",
    "登记表",
    "核定表",
    "变更表",
    "注销表",
)  # what the one form says is not asked for again on paper


def way(name: str, asked: Iterable[tuple[catalogue.Source, bool]]) -> Way:
    """Return how a paper comes that several matters ask for: `asked` is source and whether it is a main paper, for each.

    R-OT-4: what can be fetched is not asked for. R-RQ-1: only a secondary paper may follow, and only where every matter lets it.
    """
    asked = list(asked)
    if all(source is catalogue.Source.SHARED for source, _ in asked):
        return Way.FETCHED
    if name.endswith(FORMS):
        return Way.FORM
    if all(source is not catalogue.Source.OWN and not main for source, main in asked):
        return Way.MAY_FOLLOW
    return Way.BROUGHT


def objection_until(publicity_first: date, calendar: clocks.Calendar) -> date:
    """Return the last day on which an objection ends a simplified cancellation, until midnight (B14.7).

    市场主体登记管理条例 第三十三条: the publicity is twenty days; the day it begins is not counted.
    """
    return clocks.due(started_on=publicity_first, length=PUBLICITY, calendar=calendar).on


def apply_until(publicity_first: date, calendar: clocks.Calendar) -> date:
    """Return the last day to apply after the publicity; later it starts again (B14.8).

    市场主体登记管理条例 第三十三条: within twenty days of the end of the publicity.
    """
    last = objection_until(publicity_first, calendar)
    return clocks.due(started_on=last, length=APPLY_WITHIN, calendar=calendar).on


def simplified_stage(publicity_first: date, today: date, calendar: clocks.Calendar) -> str:
    """Return where a simplified cancellation stands: "publicity" (objections count), "open" (apply now), "over" (start again)."""
    if today <= objection_until(publicity_first, calendar):
        return "publicity"
    return "open" if today <= apply_until(publicity_first, calendar) else "over"


def same_name(one: str, other: str) -> bool:
    """Return whether two names of an organisation are the same, however brackets and spaces are typed (B14.10)."""
    return _plain(one) == _plain(other)


def _plain(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).split()).casefold()


def same_area(typed_dm2: int, leased_dm2: int) -> bool:
    """Return whether the area in the form is the one of the lease (B14.2), a square metre more or less."""
    return abs(typed_dm2 - leased_dm2) <= ONE_M2


ONE_M2 = 100  # dm²; leases are rounded to it
