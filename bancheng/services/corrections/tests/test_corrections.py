"""The desk of corrections: seen, accepted or declined by the unit that answers for the datum; the applicant hears of it."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.forms import public as forms
from bancheng.kernel.forms import testing
from bancheng.kernel.identity import public as identity
from bancheng.kernel.identity import testing as people
from bancheng.kernel.jobs import testing as jobs
from bancheng.kernel.notices import public as notices
from bancheng.lib.refusal import Refused
from bancheng.services.corrections import operations, queries
from bancheng.services.corrections.queries import Show

REGION, UNIT = "411000", "labour"
SOURCE = f"shared.{UNIT}.insured_people"
SHARED = testing.element("insured_people", name="参保人数", name_en="People insured", owner=UNIT, source=(SOURCE,))
NAME = testing.element(
    "boss_name", testing.Kind.NAME, name="姓名", name_en="Name", owner=UNIT, source=("person.name",),
    sensitivity=testing.Sensitivity.PERSONAL,
)  # fmt: skip


@dataclass
class Town:
    """A citizen in a browser, and the browser of the officer of the unit."""

    applicant: Client
    holder: bytes
    ref: str
    officer: Client
    account: Any


@pytest.fixture
def town(loaded_city: None) -> Town:
    user, account = people.citizen("王芳", serial=7), people.staff("section_officer", unit=UNIT)
    holder = bytes(user.person.citizen_id_hash)
    return Town(people.client_for(user), holder, f"person:{user.person_id}", people.client_for(account), account)


def corrected(
    town: Town, *, element: Any = SHARED, purpose: str = "test.a", old: str = "十二人", new: str = "十三人"
) -> UUID:
    """Let the citizen say that what is shown is wrong, and return the item."""
    at = clocks.now()
    if element is SHARED:
        told = forms.Told(town.holder, SOURCE, old, at.date())
        forms.share(region=REGION, unit=UNIT, facts=[told], by="test", at=at)
    form = testing.form(testing.spec("m", element.code), elements=[element])
    subject = forms.Subject(town.ref, town.holder, town.ref)
    draft = forms.open_draft(form=form, region=REGION, purpose=purpose, subject=subject, by=town.ref, at=at)
    whole: dict[str, Any] = {"draft_id": draft.id, "form": form, "hashes": [town.holder], "by": town.ref, "at": at}
    saved = forms.save(**whole, raw={element.code: [new]}, seen=draft.version).draft
    sent = forms.submit(
        draft=saved,
        form=form,
        seen=saved.version,
        about="case:1",
        evidence={element.code: "参保花名册"},
        by=town.ref,
        at=at,
    )
    (item,) = sent.items
    return item


def titles(holder: bytes) -> list[str]:
    jobs.run_all()
    return [one.title for one in notices.inbox([holder])]


def test_an_officer_sees_what_was_shown_what_is_said_and_with_which_evidence(town: Town) -> None:
    """R2.3, P-3"""
    item = corrected(town)
    queue = town.officer.get("/corrections/").content.decode()
    assert "参保人数" in queue
    assert "十三人" not in queue  # no value in a list
    page = town.officer.get(f"/corrections/{item}/").content.decode()
    for told in ("十二人", "十三人", "参保花名册", "共享"):
        assert told in page
    assert "谁看过我的信息" in page


def test_accepted_the_unit_s_own_datum_is_changed_and_the_applicant_told(town: Town) -> None:
    """R2.3: the next form shows it"""
    item = corrected(town)
    assert town.officer.post(f"/corrections/{item}/accept/").status_code == 302
    assert "数据更正已采纳" in titles(town.holder)
    form = testing.form(testing.spec("m", SHARED.code), elements=[SHARED])
    found = forms.prefill(form, region=REGION, subject=forms.Subject(town.ref, town.holder), at=clocks.now())
    assert found["insured_people"].value == "十三人"
    assert not forms.item(item).to_change
    mine = town.applicant.get("/corrections/mine/").content.decode()
    assert "已采纳" in mine


def test_what_stands_in_another_register_waits_until_somebody_says_it_was_changed(town: Town) -> None:
    item = corrected(town, element=NAME, new="王方")
    town.officer.post(f"/corrections/{item}/accept/")
    assert "源头已改好" in town.officer.get(f"/corrections/{item}/").content.decode()
    assert "姓名" in town.officer.get("/corrections/?show=to_change").content.decode()
    assert town.officer.post(f"/corrections/{item}/changed/").status_code == 302
    assert "没有等着改源头的数据" in town.officer.get("/corrections/?show=to_change").content.decode()
    again = town.officer.post(f"/corrections/{item}/changed/")
    assert again.status_code == 409
    assert "不在等待改源头" in again.content.decode()


def test_a_decline_needs_its_reason_and_the_applicant_reads_it_with_his_remedy(town: Town) -> None:
    """个人信息保护法 第五十条"""
    item = corrected(town)
    empty = town.officer.post(f"/corrections/{item}/decline/", {"reason": " "})
    assert empty.status_code == 422
    assert "须写明理由" in empty.content.decode()
    assert town.officer.post(f"/corrections/{item}/decline/", {"reason": "花名册仍为12人"}).status_code == 302
    assert "数据更正未采纳" in titles(town.holder)
    mine = town.applicant.get("/corrections/mine/").content.decode()
    assert "花名册仍为12人" in mine
    assert "第五十条" in mine
    assert town.officer.post(f"/corrections/{item}/accept/").status_code == 409


def test_another_unit_sees_and_decides_nothing_and_an_administrator_sees_no_value(town: Town) -> None:
    """P-3, P-10"""
    item = corrected(town)
    other = people.client_for(people.staff("section_officer", unit="tax"))
    assert "参保人数" not in other.get("/corrections/").content.decode()
    for path in ("", "accept/", "decline/"):
        answer = other.get(f"/corrections/{item}/") if not path else other.post(f"/corrections/{item}/{path}")
        assert answer.status_code == 404
    admin = people.client_for(people.staff("unit_admin", unit=UNIT))
    listed = admin.get("/corrections/").content.decode()
    assert "参保人数" in listed
    assert f"/corrections/{item}/" not in listed
    assert admin.get(f"/corrections/{item}/").status_code == 403


def test_a_download_says_what_the_list_says_and_no_value(town: Town) -> None:
    """P-3: exports are masked"""
    corrected(town)
    file = town.officer.get("/corrections/list.csv").content.decode()
    assert "参保人数" in file
    assert file.count("\n") == 2
    assert "花名册" not in file


def test_what_is_late_is_said_at_the_desk_on_the_home_page_and_to_the_administrator(town: Town) -> None:
    admin, actor = people.staff("unit_admin", unit=UNIT), people.actor(town.account)
    assert queries.to_do(actor) == []
    item = forms.item(corrected(town))
    assert item.due_on
    (todo,) = queries.to_do(actor)
    assert (todo.kind, todo.url) == ("", "/corrections/")
    late = next(day for n in range(1, 9) if clocks.calendar().is_working(day := item.due_on + timedelta(days=n)))
    assert [one.late for one in queries.listed(actor, Show.LATE, late)] == [True]
    assert queries.listed(actor, Show.LATE, item.due_on) == []
    operations.tell_staff(today=late, at=clocks.now())
    operations.tell_staff(today=late, at=clocks.now())
    for account in (town.account, admin):
        assert titles(identity.staff_hash(account.pk)) == ["数据更正待核实"]


def test_two_officers_who_decide_at_once_are_one_decision(town: Town) -> None:
    item = corrected(town)
    actor = people.actor(town.account)
    operations.accept(item_id=item, by=actor, at=clocks.now())
    with pytest.raises(Refused, match="item_state"):
        operations.decline(item_id=item, reason="不同意", by=actor, at=clocks.now())


def test_the_lists_are_said_to_be_empty(town: Town) -> None:
    for show, says in (
        ("open", "没有待核实的更正"), ("late", "没有超期的更正"), ("decided", "还没有处理过更正"), ("x", "没有待核实"),
    ):  # fmt: skip
        assert says in town.officer.get(f"/corrections/?show={show}").content.decode()
    assert "您还没有更正过数据" in town.applicant.get("/corrections/mine/").content.decode()
