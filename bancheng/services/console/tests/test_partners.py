"""The room for partner systems: opened, given a key that is seen once, scopes, closed; a halted webhook tried again or passed over."""

import re
from typing import Any

import pytest
from django.test import Client

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.exchange import public as exchange
from bancheng.kernel.exchange import testing
from bancheng.kernel.identity import testing as people

ROOM = "/console/partners/"


@pytest.fixture
def operator(loaded_city: None) -> Client:
    return people.client_for(people.staff("operator", name="韩磊"))


def text(answer: Any) -> str:
    return str(answer.content.decode())


def test_a_partner_is_opened_given_a_scope_and_a_key_that_is_shown_once(operator: Client) -> None:
    """P-7 P-8"""
    opened = operator.post(f"{ROOM}open/", {"code": "city-bank", "name": "某银行申报系统"}, follow=True)
    assert "合作系统已开通" in text(opened)
    page = opened.redirect_chain[-1][0]
    given = operator.post(f"{page}scopes/", {"act": "submit", "service": "onething", "unit": ""}, follow=True)
    assert "已授权" in text(given)
    made = operator.post(f"{page}keys/")
    shown = re.search(r"<code class=\"text-break\">([^<]+)</code>", text(made))
    assert shown
    assert "no-store" in made["Cache-Control"]
    assert shown[1] not in text(operator.get(page))
    key_id = re.search(r"<code>(city-bank-[0-9a-f]{8})</code>", text(made))
    assert key_id
    assert "立即失效" in text(operator.post(f"{page}keys/{key_id[1]}/revoke/", follow=True))
    assert "已吊销" in text(operator.get(page))
    assert "密钥全部失效" in text(operator.post(f"{page}close/", follow=True))
    assert operator.post(f"{page}keys/").status_code == 404


def test_what_is_refused_is_shown_and_what_was_chosen_is_kept(operator: Client) -> None:
    partner = testing.partner()
    page = f"{ROOM}{partner.pk}/"
    no = operator.post(f"{page}scopes/", {"act": "decide", "service": "onething", "unit": "*"})
    assert no.status_code == 422
    assert "请选择单位" in text(no)
    assert '<option value="decide" selected>' in text(no)
    assert operator.post(f"{page}keys/", {"public_key": "AAAA"}).status_code == 422
    assert operator.post(f"{ROOM}open/", {"code": partner.code, "name": "又一个"}).status_code == 409
    assert operator.post(f"{ROOM}open/", {"code": "A!", "name": ""}).status_code == 422


def test_a_scope_is_taken_back_at_once(operator: Client) -> None:
    partner = testing.partner(("read", "onething", "*"))
    scope = exchange.partner(partner.pk, at=clocks.now()).scopes[0]
    assert "已收回" in text(operator.post(f"{ROOM}scopes/{scope.id}/take/", follow=True))
    assert exchange.partner(partner.pk, at=clocks.now()).scopes == []


def test_a_halted_webhook_is_seen_and_tried_again_or_passed_over(operator: Client) -> None:
    halted = testing.halted(testing.partner(("events", "onething", "*")))
    page = f"{ROOM}{halted.partner_id}/"
    assert "推送暂停" in text(operator.get(ROOM))
    shown = text(operator.get(page))
    assert "多次失败，已暂停" in shown
    assert "answered 503" in shown
    assert "已跳过" in text(operator.post(f"{page}webhooks/{halted.pk}/pass/", follow=True))
    again = testing.halted(halted.partner)
    assert "重新投递" in text(operator.post(f"{page}webhooks/{again.pk}/retry/", follow=True))


def test_an_auditor_reads_and_changes_nothing(loaded_city: None) -> None:
    auditor = people.client_for(people.staff("auditor"))
    partner = testing.partner()
    assert "生成密钥" not in text(auditor.get(f"{ROOM}{partner.pk}/"))
    assert auditor.post(f"{ROOM}{partner.pk}/keys/").status_code == 403


def test_the_room_speaks_english_too(operator: Client) -> None:
    testing.halted(testing.partner(("events", "onething", "*")))
    operator.cookies["django_language"] = "en"
    assert "Partner systems" in text(operator.get(ROOM))
