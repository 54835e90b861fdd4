"""The rules of bundles that are nobody's but this service's: where papers come from, days to object, what must agree."""

from collections.abc import Iterable
from enum import StrEnum

from bancheng.kernel.catalogue import public as catalogue
from bancheng.kernel.clocks import public as clocks

# R-RQ names no number of days for licensing; twenty working days are those of the tax authority's C-90 [D]
GAP_WITHIN = clocks.Length(20, clocks.Unit.WD)


class Way(StrEnum):
    """How a paper comes, in the order in which one has to do something about it."""

    BROUGHT = "brought"  # 自备
    MAY_FOLLOW = "may_follow"  # 可容缺: now, or promised for later
    FORM = "form"  # the one form stands for it (F14.2: 一表申请)
    FETCHED = "fetched"  # 免交


FORMS = ("申请书", "申请表")  # what the one form says is not asked for again on paper


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
