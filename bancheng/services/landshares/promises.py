"""The promises of case seven, each asked of the book, the minutes and the doors; every one of them can be found broken.

Where nothing has happened yet there is nothing to keep or break: `Cannot`, with the sentence that says so. `detail` says how many were looked at
and how many break the promise.
"""

from collections.abc import Callable, Iterator

from bancheng.kernel.claims import public as claims
from bancheng.kernel.registrations import public as registrations
from bancheng.kernel.titles import public as titles
from bancheng.lib.text import Text
from bancheng.services.landshares import figures, group
from bancheng.services.landshares.models import Matter, Meeting
from bancheng.services.landshares.queries import doors
from bancheng.services.landshares.rules import procedures

NOTHING = ("登记簿里还没有宗地，无从检验", "There is no parcel in the book yet")


def kept(broken: int, zh: str, en: str) -> claims.Value:
    """Return 1 when nothing breaks the promise, else 0."""
    return claims.Value(int(not broken), detail=Text(zh, en))


def _parcels() -> list[titles.ParcelView]:
    found = titles.parcels(doors.region(), most=figures.MOST)
    if not found:
        raise claims.Cannot(*NOTHING)
    return found


def _divided() -> list[titles.ParcelView]:
    return [each for each in _parcels() if each.plan_version]


def leading_group() -> claims.Value:
    """F7.1, F7.5: the group meets, and what it decides it decides parcel by parcel."""
    region = doors.region()
    held = Meeting.objects.filter(region=region).count()
    if not held:
        raise claims.Cannot("还没有登记领导小组会议，无从检验", "No meeting of the leading group is on record")
    matters = Matter.objects.filter(region=region)
    empty = matters.filter(decision="").count()
    return kept(
        empty,
        f"会议{held}次，一事一议{matters.count()}件，没有决定的{empty}件",
        f"{held} meetings, {matters.count()} matters, {empty} without a decision",
    )


def plan_of_implementation() -> claims.Value:
    """F7.2"""
    found = group.of_pack().plan
    articles = len(found.articles) if found else 0
    return kept(not articles, f"实施方案{articles}条", f"a plan of {articles} articles")


def five_stages() -> claims.Value:
    """F7.3: each stage has steps, and each step either an application of a known kind or somebody who does it."""
    known = set(registrations.kinds())
    wrong = [
        step.hand_in
        for stage in procedures.STAGES
        for step in stage.steps
        if step.hand_in and step.hand_in not in known
    ]
    stages = len(procedures.STAGES)
    return kept(
        len(wrong) + (stages != 5),
        f"{stages}个阶段，没有办理入口的步骤{len(wrong)}个",
        f"{stages} stages, {len(wrong)} steps without a way in",
    )


def four_types() -> claims.Value:
    """F7.4: each type has a procedure, and parcels or decisions there are of it."""
    number, codes = figures.kinds_there()
    missing = [code for code in procedures.EXISTING if code not in procedures.OF_KIND]
    return kept(
        len(missing) + (number < 4),
        f"有宗地或决定的类型{number}种",
        f"{number} types with parcels or decisions: {', '.join(codes)}",
    )


def shares_are_whole() -> claims.Value:
    """F7.6: what all lots of a parcel hold adds up to its area, and house and land of a registered unit have one holder."""
    found = _parcels()
    broken = sum(titles.sheet(doors.region(), each.code).total.registered != each.area_dm2 for each in found)
    return kept(
        broken,
        f"{len(found)}宗，份额合计不等于登记面积的{broken}宗",
        f"{len(found)} parcels, {broken} whose shares do not add up",
    )


def plans_are_whole() -> claims.Value:
    """F7.7: each divided parcel has a plan in force whose shares add up."""
    broken, looked = 0, 0
    for each in _divided():
        looked += 1
        plan = titles.plan(each.region, each.code)
        units = [row.dm2 for row in plan.rows if row.level is titles.LotKind.BUILDING] if plan else []
        broken += plan is None or sum(units) != each.area_dm2
    return kept(
        broken,
        f"{looked}宗有计划表，分摊合计不等于登记面积的{broken}宗",
        f"{looked} parcels with a plan, {broken} that do not add up",
    )


def reduced_at_nodes() -> claims.Value:
    """F7.8: what is the developer's, the buyers' and the public's is the whole land, and it has fallen where buyers have their titles."""
    lines = list(_totals())
    broken = sum(one.developer_registered + one.with_buyers + one.with_public != one.registered for one in lines)
    fallen = sum(bool(one.with_buyers) for one in lines)
    return kept(
        broken,
        f"{len(lines)}宗，已核减的{fallen}宗，不相符的{broken}宗",
        f"{len(lines)} parcels, {fallen} reduced, {broken} that do not fit",
    )


def sheets_have_entries() -> claims.Value:
    """F7.9: each line of each sheet leads to an entry of the book."""
    lines = [line for each in _parcels() for line in titles.sheet(each.region, each.code).lines]
    broken = sum(not line.entry for line in lines)
    return kept(
        broken,
        f"限制信息{len(lines)}行，没有登簿记录的{broken}行",
        f"{len(lines)} lines of sheets, {broken} without an entry",
    )


def nothing_twice() -> claims.Value:
    """F7.10: no lot has two claims or two effective seizures, and nothing presold is counted as free."""
    lines = [line for each in _parcels() for line in titles.sheet(each.region, each.code).lines]
    broken = sum(_twice(line) for line in lines)
    return kept(broken, f"{len(lines)}个单元，重复处分的{broken}个", f"{len(lines)} lots, {broken} disposed of twice")


def _twice(line: titles.SheetLine) -> bool:
    claimed = sum(one.kind is titles.RightKind.CLAIM for one in line.rights)
    seized = sum(one.kind is titles.RightKind.SEIZURE and one.state is titles.State.EFFECTIVE for one in line.rights)
    return claimed > 1 or seized > 1 or bool(claimed and line.free)


def scope() -> claims.Value:
    """F7.11: new land, existing land and industrial land are all in the book."""
    there = {each.origin.value for each in _parcels()}
    wanted = {"new": {"new"}, "existing": set(procedures.EXISTING), "industrial": {"industrial"}}
    missing = [name for name, codes in wanted.items() if not codes & there]
    return kept(
        len(missing),
        f"新增、存量、工业用地中没有宗地的{len(missing)}类",
        f"{len(missing)} of new, existing and industrial land without a parcel",
    )


PREDECESSORS = ("claim.notice", "mortgage.change", "plan.quantify")  # 预告登记、抵押权变更登记、土地分割登记


def predecessors() -> claims.Value:
    """F7.12: what it builds on is handled by the same office."""
    missing = [code for code in PREDECESSORS if code not in registrations.kinds()]
    return kept(
        len(missing), f"由同一登记机构办理，缺{len(missing)}种", f"handled by the same office, {len(missing)} missing"
    )


def _totals() -> Iterator[titles.SheetLine]:
    for each in _parcels():
        yield titles.sheet(each.region, each.code).total


PROMISES: dict[str, Callable[[], claims.Value]] = {
    "F7.1": leading_group,
    "F7.2": plan_of_implementation,
    "F7.3": five_stages,
    "F7.4": four_types,
    "F7.5": leading_group,
    "F7.6": shares_are_whole,
    "F7.7": plans_are_whole,
    "F7.8": reduced_at_nodes,
    "F7.9": sheets_have_entries,
    "F7.10": nothing_twice,
    "F7.11": scope,
    "F7.12": predecessors,
}
