"""The task list of an application: which pages it has, how far each is, what comes next."""

from collections.abc import Collection, Iterable
from datetime import datetime

from django.urls import reverse

from bancheng.kernel.forms import public as forms
from bancheng.lib.refusal import Refused
from bancheng.lib.text import Text
from bancheng.services.onething import checking, papers
from bancheng.services.onething.queries import Application, Task
from bancheng.web import asking


def tasks(found: Application, at: datetime) -> list[Task]:
    """Return a task for each section that is shown now, the papers, then the check; the check waits for the others."""
    made = [_task(found, section, at) for section in asking.sections(found.form, found.draft, today=at.date())]
    made.append(_papers(found, at))
    ready = all(task.state == "done" for task in made)
    check = Task(
        "check",
        Text("核对并提交", "Check and send"),
        reverse("onething:check", args=[found.draft.id]),
        "todo" if ready else "blocked",
        None if ready else Text("填完上面各项后可以提交", "When the pages above are done"),
    )
    return [*made, check]


def _task(found: Application, section: asking.AskedSection, at: datetime) -> Task:
    codes = {field.code for field in section.fields}
    wrong = {one.element for one in forms.problems(found.form, found.draft.values, at.date())} | set(found.draft.typed)
    filled = sum(found.draft.values.get(code) is not None for code in codes)
    held = sum(_is_held(found.draft.held.get(code)) for code in codes)
    state = "done" if not codes & wrong else "doing" if filled > held else "todo"
    url = reverse("onething:section", args=[found.draft.id, section.code])
    return Task(section.code, section.title, url, state, _known(held, len(codes)))


def _papers(found: Application, at: datetime) -> Task:
    """Return the task of the papers: how many are there of those one has to bring."""
    listed = papers.of_application(found, at)
    own = [one for one in listed if not one.free]
    ready = sum(one.ready for one in own)
    state = "done" if all(one.ready for one in listed) else "doing" if ready else "todo"
    free = len(listed) - len(own)
    spared = len(papers.spared(found, at))
    zh, en = (
        (f"；{spared}份看情况，按现在的填写不用交", f"; {spared} not needed as answered so far") if spared else ("", "")
    )
    hint = Text(
        f"要交{len(own)}份，已备{ready}份，另有{free}份免交{zh}",
        f"{ready} of {len(own)} ready; {free} are not asked for{en}",
    )
    return Task("papers", Text("材料", "Papers"), reverse("onething:papers", args=[found.draft.id]), state, hint)


def _is_held(held: forms.Held | None) -> bool:
    return held is not None and held.how is forms.How.PREFILLED


def _known(held: int, total: int) -> Text | None:
    if not held:
        return None
    return Text(f"{total}项中{held}项已为您填好", f"{held} of {total} are filled in for you")


def check_section(found: Application, code: str) -> None:
    """Raise Refused("no_such_page") for a section the form does not have."""
    if code not in {section.code for section in found.form.sections}:
        raise Refused(
            "no_such_page", "这份申请没有这一页，请回到任务清单。", en="The application has no such page.", status=404
        )


def next_url(found: Application, code: str, posted: Collection[str], at: datetime) -> str:
    """Return where to go on: the same page when an answer on it has called up another question (nothing of it was `posted`), else the
    next page that is not done, the list when all behind it are."""
    listed = tasks(found, at)
    for section in asking.sections(found.form, found.draft, today=at.date(), only=code):
        if any(field.control != "held" and field.code not in posted for field in section.fields):
            return reverse("onething:section", args=[found.draft.id, code])
    at_ = next((n for n, task in enumerate(listed) if task.code == code), -1)
    return next(
        (task.url for task in listed[at_ + 1 :] if task.state not in ("done", "blocked")),
        reverse("onething:draft", args=[found.draft.id]),
    )


def problem_links(found: Application, problems: Iterable[forms.Problem]) -> list[tuple[str, Text]]:
    """Return each problem with the page where its field or paper stands."""
    section_of = {one.code: section.code for section in found.form.sections for one in section.fields}
    links = []
    for problem in problems:
        if problem.element.startswith(checking.ON_PAPERS):
            slug = problem.element.removeprefix(checking.ON_PAPERS)
            links.append((f"{reverse('onething:papers', args=[found.draft.id])}#p-{slug}", problem.says))
            continue
        url = reverse("onething:section", args=[found.draft.id, section_of.get(problem.element, "")])
        links.append((f"{url}#{asking.field_id(problem.element)}", problem.says))
    return links
