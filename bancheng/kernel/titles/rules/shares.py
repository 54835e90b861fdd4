"""Exact shares: whole dm², largest remainder, nothing lost and nothing made (§4)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bancheng.kernel.titles.rules.words import Category, Residue, SurveyStage
from bancheng.lib.refusal import Refused

WEIGHS = frozenset({Category.SALEABLE, Category.KEPT, Category.HANDED})
TOLERANCE = (5, 1000)  # a presold or transferred lot may lose so much of its final share without its holder's word


def area(value: object) -> int:
    """Return an area in whole dm². Raises Refused: title_area, for a float, too (B7.8)."""
    if type(value) is not int or not 0 <= value < 2**53:
        raise Refused(
            "title_area",
            "面积须为整数平方分米（0.01平方米），不得为小数或负数；没有保存。",
            en="An area is a whole number of dm² (0.01 m²), never a decimal and never negative; nothing was saved.",
            status=422,
        )
    return value


def apportion(total: int, weights: Mapping[str, int]) -> dict[str, int]:
    """Return `total` divided by `weights`, whole, by largest remainder; ties go to the lower code.

    The parts sum to `total`, each is less than 1 away from its exact share, weight 0 gets 0 (§4.2).
    """
    whole = sum(weights.values())
    if whole <= 0:
        raise Refused(
            "title_share_sum",
            "可分摊的建筑面积合计为零，无法量化；没有保存。",
            en="No floor area carries a share, so nothing can be divided; nothing was saved.",
            status=422,
        )
    parts = {code: divmod(total * weight, whole) for code, weight in weights.items()}
    left = total - sum(quotient for quotient, _ in parts.values())
    first = sorted(parts, key=lambda code: (-parts[code][1], code))[:left]
    return (
        {code: quotient + (code in first) for code, (quotient, _) in parts.items()}
        if left
        else {code: quotient for code, (quotient, _) in parts.items()}
    )


def weight(category: Category | None, floor_dm2: int) -> int:
    """Return what a unit weighs: its floor area, or nothing for what all owners have in common (§4.3)."""
    return floor_dm2 if category is None or category in WEIGHS else 0


@dataclass(frozen=True)
class Floor:
    """A building or unit as surveys know it: its best floor area that weighs, what it holds now, and whether that may move."""

    code: str
    floor_dm2: int
    stage: SurveyStage
    now_dm2: int | None = None
    locked: bool = False


def envelopes(area_dm2: int, buildings: Sequence[Floor]) -> dict[str, int]:
    """Return the share of each building: locked ones keep theirs, the others divide the rest by floor area (§4.4, §4.5)."""
    kept = {one.code: one.now_dm2 or 0 for one in buildings if one.locked}
    rest = {one.code: one.floor_dm2 for one in buildings if not one.locked}
    left = area_dm2 - sum(kept.values())
    if not rest:
        if left:
            raise locked_short()
        return kept
    if left < 0:
        raise locked_short()
    return kept | apportion(left, rest)


def units(envelope_dm2: int, floors: Sequence[Floor], residue: Residue = Residue.RECOMPUTE_ALL) -> dict[str, int]:
    """Return the share of each unit of a building.

    By the parcel's setting a buyer's share (`locked`) keeps its amount and the developer's units divide what is left (R7.7, B7.5).
    """
    if residue is Residue.RECOMPUTE_ALL or not any(one.locked for one in floors):
        return apportion(envelope_dm2, {one.code: one.floor_dm2 for one in floors})
    return _absorbed(envelope_dm2, floors)


def final(area_dm2: int, floors: Sequence[Floor], residue: Residue) -> dict[str, int]:
    """Return every unit's final share by its measured floor area, in one level over the whole parcel (§4.4)."""
    if residue is Residue.RECOMPUTE_ALL:
        return apportion(area_dm2, {one.code: one.floor_dm2 for one in floors})
    return _absorbed(area_dm2, floors)


def _absorbed(total: int, floors: Sequence[Floor]) -> dict[str, int]:
    kept = {one.code: one.now_dm2 or 0 for one in floors if one.locked}
    rest = {one.code: one.floor_dm2 for one in floors if not one.locked}
    left = total - sum(kept.values())
    if left < 0 or (left and not sum(rest.values())):
        raise Refused(
            "title_residue_negative",
            "买受人份额不变时开发企业剩余份额不足以吸收差额，请改为全部重新计算或报专题研究；没有登簿。",
            en="With the buyers' shares unchanged the developer's rest cannot absorb the difference: restate all, or bring it before the group.",
        )
    return kept | (apportion(left, rest) if sum(rest.values()) else dict.fromkeys(rest, 0))


def loses_too_much(now_dm2: int, projected_dm2: int) -> bool:
    """Return whether a lot loses more than the tolerance when all is measured (§4.5)."""
    num, den = TOLERANCE
    return (now_dm2 - projected_dm2) * den > now_dm2 * num


def locked_short() -> Refused:
    """Return the refusal of a plan that would have to move a building whose shares are sold."""
    return Refused(
        "title_envelope_locked",
        "已售、已抵押或已查封楼幢的份额不能变动，本次计划与宗地面积不符；没有保存。",
        en="Buildings with shares that are sold, mortgaged or seized keep theirs, and this plan does not meet the parcel's area without them.",
    )


def no_area() -> Refused:
    """Return the refusal of a parcel without area."""
    return Refused(
        "title_area",
        "宗地面积应大于零；没有保存。",
        en="A parcel has an area above zero; nothing was saved.",
        status=422,
    )
