"""What is known is filled in and said; kept by itself while one types; taken back when it is not wanted; corrected with a reason."""

import re
from datetime import timedelta
from typing import Any

from django.test import Client

from bancheng.kernel.cases import public as cases
from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.forms import public as forms
from bancheng.kernel.identity import public as identity
from bancheng.kernel.identity import testing as people
from bancheng.kernel.licences import public as licences
from bancheng.services.onething import operations, queries
from bancheng.services.onething.tests.conftest import REGION, Town
from bancheng.services.onething.tests.test_papers import business_licence
from bancheng.services.onething.tests.test_walk import ANSWERS, attach, fill_in, submitted

HTMX = {"HTTP_HX_REQUEST": "true"}


def begun(town: Town, bundle: str = "open-restaurant") -> str:
    answer = town.applicant.post(f"/onething/{bundle}/start/", {"subject": f"organisation:{town.shop.pk}"})
    return str(answer["Location"])


def draft_of(town: Town) -> forms.Draft:
    (found,) = queries.drafts(people.actor(town.user), clocks.now())
    return found


def seen(client: Client, page: str) -> str:
    found = re.search(r'name="seen" value="(\d+)"', client.get(page).content.decode())
    assert found
    return found[1]


def shared(town: Town, unit: str, what: str, value: Any) -> None:
    told = forms.Told(bytes(town.shop.uscc_hash), f"shared.{unit}.{what}", value, clocks.today())
    forms.share(region=REGION, unit=unit, facts=[told], by="test", at=clocks.now())


# --- earlier applications ---


def test_what_was_filled_in_before_is_filled_in_again_with_the_case_it_stands_in(town: Town) -> None:
    """R2.3, R2.4"""
    view = cases.view(submitted(town, food_delivery="yes"))
    assert view
    begun(town, "open-restaurant")
    held = draft_of(town).held["food_delivery"]
    assert held.value is True
    assert held.source
    assert view.case.number in held.source.zh
    assert held.source.zh.startswith("您")
    assert "seats" not in draft_of(town).held  # what differs by nature is asked
    assert "business_address" not in draft_of(town).held


def test_another_firm_is_not_told_of_it(town: Town) -> None:
    submitted(town, food_delivery="yes")
    subject = forms.Subject("person:" + str(town.user.person_id), bytes(town.user.person.citizen_id_hash))
    asked = forms.Asked(REGION, subject, frozenset({"earlier.food_delivery"}), clocks.now())
    assert [one for answer in forms.prefill_asked.fire(asked) for one in answer or {}] == []


def test_a_licence_that_an_answer_was_filled_in_from_is_on_record(town: Town) -> None:
    """R-E-3"""
    business_licence(town)
    submitted(town)
    used = licences.uses([bytes(town.shop.uscc_hash)])
    assert len(used) == 1
    assert used[0].case.startswith("411000-")


def test_what_is_filled_in_calls_up_matters_as_what_is_typed_does(town: Town) -> None:
    """B14.3: a lease of 400 m² calls in the fire check before anybody has typed"""
    shared(town, "housing", "lease_area", 40_000)
    begun(town)
    assert "fire-check" in draft_of(town).matters
    town.applicant.post(f"/onething/drafts/{draft_of(town).id}/prefill/")
    found = queries.application(people.actor(town.user), draft_of(town).id, clocks.now())
    assert "fire-check" not in {step.matter for step in found.steps}


# --- consent ---


def test_who_takes_his_consent_back_sees_what_was_erased_and_may_give_it_again(town: Town) -> None:
    """B2.9"""
    draft = begun(town)
    assert "organisation_name" in draft_of(town).held
    fill_in(town.applicant, draft, {"seats": "40"})
    page = town.applicant.get(draft).content.decode()
    assert "撤回同意并清除填入的信息" in page
    answer = town.applicant.post(f"{draft}prefill/", follow=True).content.decode()
    assert re.search(r"由系统填入、尚未提交的\d项信息已经清除，您自己填写的都保留着", answer)
    values = {code for code, value in draft_of(town).values.items() if value is not None}
    assert values == {"seats", "food_business_kind"}  # the kind follows from what is applied for
    assert "没有用已有信息填写" in answer
    town.applicant.post(f"{draft}prefill/", {"agreed": "yes"})
    assert draft_of(town).values["organisation_name"] == town.shop.name


def test_a_new_draft_of_who_does_not_consent_is_empty(town: Town) -> None:
    """B2.9: nothing is filled in behind his back"""
    town.applicant.post(f"{begun(town)}prefill/")
    begun(town, "change-information")
    other = next(one for one in queries.drafts(people.actor(town.user), clocks.now()) if "change" in one.purpose)
    assert set(other.held) == {"seal_reason"} or not other.held
    assert not identity.has_consent(town.user.person, "prefill")


def test_nobody_decides_about_another_s_consent(town: Town) -> None:
    """An agent who opens a draft that somebody else fills in"""
    draft = begun(town)
    agent = people.citizen("孙三", serial=41)
    identity.link_agent(
        principal=town.shop, agent=agent.person, document="委托书", first=clocks.today() - timedelta(days=1), by="test",
        at=clocks.now(),
    )  # fmt: skip
    answer = people.client_for(agent).post(f"{draft}prefill/")
    assert answer.status_code == 403
    assert draft_of(town).held["organisation_name"].value == town.shop.name


# --- kept by itself ---


def test_a_page_is_kept_while_one_types_by_the_same_operation_as_the_button(town: Town) -> None:
    page = f"{begun(town)}pages/premises/"
    client = town.applicant
    answer = client.post(page, {"seen": seen(client, page), "seats": "40"}, **HTMX)
    said = answer.content.decode()
    assert answer.status_code == 200
    assert re.search(r"已保存 <time[^>]*>\d\d:\d\d</time>", said)
    assert draft_of(town).values["seats"] == 40
    assert f'name="seen" value="{draft_of(town).version}" hx-swap-oob="true"' in said
    assert "<html" not in said


def test_what_cannot_be_read_yet_is_kept_as_it_is_typed_and_said(town: Town) -> None:
    page = f"{begun(town)}pages/premises/"
    client = town.applicant
    said = client.post(page, {"seen": seen(client, page), "floor_area": "很大"}, **HTMX).content.decode()
    assert "有1项还不能识别" in said
    assert draft_of(town).typed == {"floor_area": ("很大",)}


def test_two_pages_of_one_form_do_not_overwrite_each_other(town: Town) -> None:
    """B14.11: the later is told which field, by whom, when; the page stays as it is"""
    page = f"{begun(town)}pages/premises/"
    client = town.applicant
    before = seen(client, page)
    client.post(page, {"seen": before, "seats": "40"}, **HTMX)
    answer = client.post(page, {"seen": before, "seats": "60"}, **HTMX)
    assert answer.status_code == 422
    said = answer.content.decode()
    assert "没有自动保存" in said
    assert "“餐位数”已由王芳于" in said
    assert "<html" not in said
    assert draft_of(town).values["seats"] == 40


def test_a_page_that_was_sent_in_meanwhile_is_led_to_its_case(town: Town) -> None:
    page = f"{begun(town)}pages/premises/"
    before = seen(town.applicant, page)
    submitted(town)
    answer = town.applicant.post(page, {"seen": before, "seats": "40"}, **HTMX)
    assert answer["HX-Redirect"].startswith("/onething/cases/")


# --- corrections ---


def test_a_correction_goes_to_its_unit_with_what_proves_it(town: Town) -> None:
    """R2.3"""
    shared(town, "housing", "lease_address", "许昌市魏都区七一路2号")
    draft = begun(town)
    client, page = town.applicant, f"{draft}pages/premises/"
    assert "许昌市魏都区七一路2号" in client.get(page).content.decode()
    client.post(
        page, {"seen": seen(client, f"{page}?correct=business_address"), "business_address": "许昌市魏都区七一路1号"}
    )
    check = client.get(f"{draft}check/").content.decode()
    assert "您更正了系统已有的信息" in check
    assert 'name="because-business_address"' in check
    fill_in(client, draft, {code: text for code, text in ANSWERS.items() if code != "business_address"})
    attach(client, draft)
    sent = client.post(
        f"{draft}check/", {"seen": seen(client, f"{draft}check/"), "because-business_address": "租赁合同第3页"}
    )
    assert sent.status_code == 302, re.findall(r"<li><a href=[^>]*>(.*?)</a>", sent.content.decode(), re.S)
    (item,) = forms.items(region=REGION)
    officer = people.actor(people.staff("section_officer", unit=item.owner))
    opened = forms.open_item(item_id=item.id, by=officer, at=clocks.now())
    assert (opened.shown.zh, opened.corrected.zh) == ("许昌市魏都区七一路2号", "许昌市魏都区七一路1号")
    assert opened.evidence == "租赁合同第3页"


def test_filled_in_counts_what_we_hold_and_not_what_follows(town: Town) -> None:
    begun(town)
    found = draft_of(town)
    assert found.held["food_business_kind"].ref == forms.DERIVED
    assert operations.filled_in(found) == sum(one.ref != forms.DERIVED for one in found.held.values())
