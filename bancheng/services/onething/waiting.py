"""What stands on the home page: an applicant's corrections and promised papers, an officer's open and overdue cases."""

from collections.abc import Sequence

from django.urls import reverse

from bancheng.kernel.cases import public as cases
from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.identity import public as identity
from bancheng.lib.text import Text
from bancheng.services.onething import overlooked, queries, visiting
from bancheng.web.front import Todo

MOST = 3  # cases said one by one
COUNTED = 200  # tasks that are counted: beyond it "more than"


def to_do(actor: identity.Actor) -> list[Todo]:
    """Return what waits for the actor: the open tasks of his units, or what he has to correct or hand in."""
    if any(grant.role in ("case_officer", "approver") for grant in actor.grants):
        return [*_tasks(actor), *_unanswered(actor), *_overlooked(actor)]
    return _cases(actor) if actor.person_id else _overlooked(actor)


def _tasks(actor: identity.Actor) -> list[Todo]:
    found = queries.queue(actor, size=COUNTED)
    if not found:
        return []
    today = clocks.today()
    late = sum(one.due_on is not None and one.due_on < today for one in found)
    count = f"{COUNTED}+" if len(found) > COUNTED else str(len(found))
    hint = Text(f"其中{late}件已超期", f"{late} of them overdue") if late else None
    said = Text(f"{count}件一件事待办", f"Cases to do: {count}")
    return [Todo(said, reverse("onething:desk"), hint, "bad" if late else ""), *_visits(found)]


def _visits(found: Sequence[cases.Waiting]) -> list[Todo]:
    """Return the joint visits that stand for the actor's own open visits, the next ones first: one statement."""
    mine = {one.case: one for one in found if one.kind is cases.Kind.VISIT}
    days = sorted(visiting.days_of(mine).items(), key=lambda one: (one[1][0], one[1][1].zh, str(one[0])))
    return [
        Todo(
            Text(f"联合核查：{mine[case].title.zh}", f"Joint visit: {mine[case].title.en}"),
            reverse("onething:desk_case", args=[case]),
            Text(f"{day} {half.zh}，{mine[case].applicant_name}", f"{day}, {half.en}, {mine[case].applicant_name}"),
            "warn",
        )
        for case, (day, half) in days
        if case in mine
    ][:MOST]


def _unanswered(actor: identity.Actor) -> list[Todo]:
    """Return the matters whose answer to the corrections is late: one statement."""
    found = queries.unanswered(actor, clocks.today(), size=COUNTED)
    if not found:
        return []
    said = Text(f"{len(found)}件逾期未补正", f"Corrections not answered in time: {len(found)}")
    hint = Text("可认定视为放弃", "May be taken as waived")
    return [Todo(said, f"{reverse('onething:desk')}?show=late", hint, "warn")]


def _overlooked(actor: identity.Actor) -> list[Todo]:
    """Return what waits for the actor's leave as supervisor: one statement."""
    found = overlooked.waiting(actor)
    if not found:
        return []
    said = Text(f"{len(found)}件迟到的补正待确认", f"Late corrections for your leave: {len(found)}")
    hint = Text("首次没有提出，记为服务缺陷", "Not asked the first time: a defect of the service")
    return [Todo(said, reverse("onething:late"), hint, "warn")]


def _cases(actor: identity.Actor) -> list[Todo]:
    """Return the cases that wait for the applicant: three statements."""
    found = [one for one in queries.mine(actor, clocks.now()) if one.brief.closed_at is None][:COUNTED]
    wanting = [one.brief for one in found if one.brief.state is cases.State.CORRECTING][:MOST]
    todo = [
        Todo(
            Text(f"{one.title.zh}：请补正", f"{one.title.en}: please correct"),
            reverse("onething:correct", args=[one.id]),
            Text("各部门的补正已合成一份", "All corrections in one"),
            "bad",
        )
        for one in wanting
    ]
    return todo + _gaps(found)


def _gaps(found: list[queries.CaseLine]) -> list[Todo]:
    roots = {one.brief.id: one.brief for one in found}
    root_of = {one.id: one.root for one in cases.members_of(list(roots))}
    said: dict[str, Todo] = {}
    for gap in cases.gaps(list(root_of)):
        case = roots[root_of[gap.case_id]]
        if gap.state == "open" and gap.material not in said:
            said[gap.material] = Todo(
                Text(f"请补交：{gap.material}", "A promised paper to hand in"),
                reverse("onething:case", args=[case.id]),
                Text(f"{case.title.zh}，最晚{gap.due_on}", f"{case.title.en}, by {gap.due_on}"),
                "warn",
            )
    return list(said.values())[:MOST]
