"""Accounts and roles on their pages: given, confirmed by a second person, taken back; a unit's administrator keeps his own."""

import pytest

from bancheng.kernel.identity import public as identity
from bancheng.kernel.identity import testing as people

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator():
    return people.staff("operator", name="韩磊")


@pytest.fixture
def officer():
    return people.staff("", unit="market", name="周强")


def text(answer):
    return answer.content.decode()


def give(by, to, **asked):
    return people.client_for(by).post(f"/console/roles/{to.pk}/give/", asked, follow=True)


def test_a_role_is_given_with_its_scope_and_time_and_taken_back(operator, officer):
    """P-1: role, unit, area, service, time."""
    answer = give(operator, officer, role="supervisor", area="411002", service="expiry", last="2099-12-31")
    assert "已授权，立即生效" in text(answer)
    (grant,) = identity.grants(user_id=officer.pk)
    assert (grant.role.code, grant.area, grant.service) == ("supervisor", "411002", "expiry")
    assert grant.before.isoformat() == "2099-12-31T16:00:00+00:00"  # the last day still counts
    answer = people.client_for(operator).post(f"/console/roles/grants/{grant.id}/revoke/", follow=True)
    assert "已撤回" in text(answer)
    assert identity.grants(user_id=officer.pk) == []


def test_a_weighty_role_waits_for_a_second_person(operator, officer):
    """P-2: who proposes cannot confirm; neither can who gets it."""
    assert "等待另一人确认" in text(give(operator, officer, role="calendar_admin"))
    (grant,) = identity.grants(user_id=officer.pk)
    assert grant.waiting
    address = f"/console/roles/grants/{grant.id}/approve/"
    assert "须由另一位运维确认" in text(people.client_for(operator).get("/console/roles/"))
    assert "须由另一人确认" in text(people.client_for(operator).post(address))
    second = people.client_for(people.staff("operator", name="郑洁"))
    assert "确认授权" in text(second.get("/console/roles/"))
    assert "授权生效" in text(second.post(address, follow=True))
    (grant,) = identity.grants(user_id=officer.pk)
    assert not grant.waiting


def test_what_the_kernel_refuses_is_shown_and_what_was_chosen_is_kept(operator, officer):
    answer = give(operator, officer, role="unit_admin", service="expiry")
    assert answer.status_code == 409
    assert "须指定单位" in text(answer)
    assert '<option value="unit_admin" selected>' in text(answer)
    assert "不能给自己授权" in text(give(operator, operator, role="auditor"))


def test_a_wrong_date_is_told_at_its_field(operator, officer):
    answer = give(operator, officer, role="auditor", last="2026-02-30")
    assert answer.status_code == 422
    assert identity.grants(user_id=officer.pk) == []


def test_a_unit_administrator_keeps_the_officers_of_his_own_unit(officer):
    """P-1: another unit's accounts do not exist for him."""
    admin, other = people.staff("unit_admin", unit="market"), people.staff("", unit="health", name="王敏")
    page = text(people.client_for(admin).get("/console/roles/"))
    assert "周强" in page
    assert "王敏" not in page
    assert "开通账号" not in page
    assert "已授权" in text(give(admin, officer, role="section_officer", unit="market"))
    assert give(admin, officer, role="auditor").status_code == 422  # not among what he may choose
    assert give(admin, other, role="section_officer", unit="market").status_code == 404
    theirs = people.grant(other, "section_officer", unit="health")
    for act in ("revoke", "approve"):
        assert people.client_for(admin).post(f"/console/roles/grants/{theirs.pk}/{act}/").status_code == 404


def test_an_account_is_opened_closed_and_opened_again(operator):
    client = people.client_for(operator)
    asked = {"username": "li.ming", "name": "李明", "unit": "", "title": "", "password": ""}
    answer = client.post("/console/roles/open/", asked, follow=True)
    assert "账号已开通" in text(answer)
    (made,) = [line for line in identity.staff() if line.username == "li.ming"]
    again = client.post("/console/roles/open/", asked)
    assert "用户名已被使用" in text(again)
    assert again.status_code == 409
    assert client.post("/console/roles/open/", asked | {"username": "李"}).status_code == 422
    for active, words in (("0", "账号已停用"), ("1", "账号已恢复")):
        assert words in text(client.post(f"/console/roles/{made.id}/active/", {"active": active}, follow=True))


def test_accounts_are_found_by_name_and_unit(operator, officer):
    client = people.client_for(operator)
    assert "周强" in text(client.get("/console/roles/?q=周"))
    assert "没有符合条件的账号" in text(client.get("/console/roles/?q=nobody-of-that-name"))


def test_the_pages_are_complete_in_english(operator, officer):
    client = people.client_for(operator)
    client.cookies["django_language"] = "en"
    give(operator, officer, role="calendar_admin")
    assert "Waiting for a second person (1)" in text(client.get("/console/roles/"))
    assert "Calendar administrator" in text(client.get(f"/console/roles/{officer.pk}/"))


@pytest.mark.parametrize("role", ["auditor", "section_officer", "supervisor"])
def test_others_are_refused(role, officer):
    client = people.client_for(people.staff(role, unit="market"))
    assert client.get("/console/roles/").status_code == 403
    assert client.post(f"/console/roles/{officer.pk}/give/", {"role": "auditor"}).status_code == 403
    assert people.client_for(None).get("/console/roles/").status_code == 302


def test_an_account_or_a_grant_that_is_not_there_is_not_found(operator):
    client = people.client_for(operator)
    assert client.get("/console/roles/999999/").status_code == 404
    assert client.post(f"/console/roles/grants/{'9' * 25}/revoke/").status_code == 404
