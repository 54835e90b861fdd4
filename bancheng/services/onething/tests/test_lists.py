"""A list in a form: shareholders, directors, supervisors, row by row, without a script and with htmx, and kept as it was typed."""

import re
from typing import Any

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.forms import public as forms
from bancheng.kernel.identity import testing as people
from bancheng.services.onething import operations, queries
from bancheng.services.onething.tests.conftest import Town

A, B = people.citizen_id(31), people.citizen_id(32)
LIST = "real_names"


class Page:
    """The page of the list, as somebody fills it in."""

    def __init__(self, town: Town) -> None:
        self.town, self.actor = town, people.actor(town.user)
        now = clocks.now()
        subject = f"person:{town.user.person.pk}"
        draft = operations.begin(bundle="open-business", subject=subject, by=self.actor, at=now)
        self.id = draft.id
        found = queries.application(self.actor, draft.id, now)
        operations.save(
            application=found, raw={"entity_type": ["company"]}, seen=found.draft.version, by=self.actor, at=now
        )
        self.section = next(
            part.code for part in self.found().form.sections if LIST in {one.code for one in part.fields}
        )
        self.url = f"/onething/drafts/{draft.id}/pages/{self.section}/"

    def found(self) -> queries.Application:
        return queries.application(self.actor, self.id, clocks.now())

    def text(self) -> str:
        return self.town.applicant.get(self.url).content.decode()

    def post(self, *cells: str, headers: dict[str, str] | None = None, **more: Any) -> Any:
        seen = re.search(r'name="seen" value="(\d+)"', self.text())
        assert seen
        return self.town.applicant.post(self.url, {"seen": seen[1], LIST: list(cells), **more}, headers=headers)

    def names(self) -> list[str]:
        return [str(row["name"]) for row in forms.rows_of(self.found().draft.values.get(LIST))]


def test_rows_are_added_and_removed_without_a_script(town: Town) -> None:
    """R14.10: the form is the only page; each press keeps what stands, and one empty row is always there."""
    page = Page(town)
    assert page.text().count("再加一行") >= 1
    assert "第1行" not in page.text()
    added = page.post("shareholder", "李四", A, row=f"{LIST}:add")
    assert added.status_code == 302
    assert added["Location"].endswith(f"#e-{LIST}-field")
    assert page.names() == ["李四"]
    page.post("shareholder", "李四", A, "director", "王五", B, row=f"{LIST}:add")
    assert page.names() == ["李四", "王五"]
    shown = page.text()
    assert "第2行" in shown
    assert f'value="{LIST}:drop:2"' in shown
    page.post("shareholder", "李四", A, "director", "王五", B, "", "", "", row=f"{LIST}:drop:1")
    assert page.names() == ["王五"]
    page.post("director", "王五", B, "", "", "", row=f"{LIST}:drop:1")
    assert page.names() == []
    assert "第1行" not in page.text()


def test_what_cannot_be_read_stays_in_its_row_and_is_told_when_the_page_is_saved(town: Town) -> None:
    """B: one clear sentence by row and field; nothing that was typed is lost."""
    page = Page(town)
    page.post("shareholder", "李四", A, "", "王五", B[:-2], row=f"{LIST}:add")
    shown = page.text()
    assert 'value="王五"' in shown
    assert f'value="{B[:-2]}"' in shown
    answer = page.post("shareholder", "李四", A, "", "王五", B[:-2])
    assert answer.status_code == 422
    assert "第2行" in answer.content.decode()
    assert 'value="李四"' in answer.content.decode()
    assert page.names() == []


def test_with_a_script_the_form_alone_comes_back(town: Town) -> None:
    page = Page(town)
    answer = page.post("shareholder", "李四", A, row=f"{LIST}:add", headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert "data-bc-rows" in answer.content.decode()
    assert "第1行" in answer.content.decode()
    assert page.names() == ["李四"]


def test_a_button_of_no_list_changes_nothing(town: Town) -> None:
    page = Page(town)
    page.post("shareholder", "李四", A)
    for act in ("nothing:add", f"{LIST}:drop:9", f"{LIST}:drop:x", f"{LIST}:turn", "capital:drop:1"):
        assert page.post("director", "王五", B, row=act).status_code == 302
    assert page.names() == ["李四"]


def test_the_check_shows_each_person_and_the_list_is_sealed(town: Town) -> None:
    """P-9"""
    page = Page(town)
    page.post("shareholder", "李四", A, "director", "王五", B)
    shown = town.applicant.get(f"/onething/drafts/{page.id}/check/").content.decode()
    assert "股东 李四" in shown
    assert page.found().form.fields[LIST].element.sealed
    assert forms.KIND
