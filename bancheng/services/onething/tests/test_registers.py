"""Registers of other offices against the simulated exchange, over the wire: asked once, kept, believed only when it can be true."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction

from bancheng.kernel.audit import public as audit
from bancheng.kernel.cases import public as cases
from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.documents.testing import png
from bancheng.kernel.exchange import testing as exchange
from bancheng.kernel.identity import testing as people
from bancheng.lib.days import day_of
from bancheng.lib.refusal import Unavailable
from bancheng.services.onething import operations, queries
from bancheng.services.onething.models import RegisterCheck, RegisterQuestion
from bancheng.services.onething.registers import gateway, rules
from bancheng.services.onething.registers import operations as registers
from bancheng.services.onething.registers.facts import Asked
from bancheng.services.onething.registers.rules import CLOSING, MOVING, PREMISES, Register
from bancheng.services.onething.tests.conftest import REGION, Town
from bancheng.services.onething.tests.test_outside import got, platform, sent, uploaded
from bancheng.services.onething.tests.test_walk import ANSWERS, fill_in
from bancheng.site import outside

COURT = {
    "register": "frozen_equity",
    "number": "（2026）豫1002执保12号",
    "authority": "许昌市魏都区人民法院",
    "since": "2026-01-15",
}
LIST = {
    "register": "abnormal_list",
    "number": "许市监列异〔2026〕第31号",
    "authority": "许昌市市场监督管理局",
    "since": "2026-02-10",
}
LEASE = {
    "register": "lease",
    "number": "豫许租2026001",
    "authority": "许昌市房屋租赁服务中心",
    "since": "2026-01-01",
    "area_dm2": 12_000,
}
MOVE = {
    "old_office": "郑州市金水区市场监督管理局",
    "old_address": "郑州市金水区花园路1号",
    "premises_right": "owned",
    "premises_proof": "豫许房产第1号",
    "business_address": "许昌市示范区建安大道1号",
    "contact_name": "王芳",
    "contact_mobile": "13900000007",
}


class Peer:
    """The exchange, as its owner sees it."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.client = httpx.Client(base_url=url, trust_env=False, timeout=10)

    def fails(self, **faults: Any) -> None:
        blank = {"down": False, "error_rate": 0.0, "slow_ms": 0, "wrong_signature": False, "days_off": 0}
        blank |= {"other_firm": False, "other_lease": False, "lease_m2_off": 0}
        self.client.post("/registers.json", json={**blank, **faults}).raise_for_status()

    def knows(self, uscc: str, *entries: dict[str, Any]) -> None:
        self.client.put(f"/registers/{uscc}", json=list(entries)).raise_for_status()

    def taken(self) -> list[dict[str, Any]]:
        """Return the questions that were answered, oldest first."""
        found: list[dict[str, Any]] = self.client.get("/registers.json").json()["taken"]
        return found


@pytest.fixture(scope="module")
def served() -> Iterator[Peer]:
    with outside.served("bancheng.sim.tests.registers_app:app") as origin:
        peer = Peer(origin)
        yield peer
        peer.client.close()


@pytest.fixture
def peer(served: Peer, settings: Any) -> Iterator[Peer]:
    """Return the exchange without faults, connected by the settings as in production."""
    served.fails()
    settings.REGISTERS_URL, settings.REGISTERS_SECONDS = f"{served.url}/registers/v1", 1
    gateway.configured.cache_clear()
    yield served
    gateway.configured()._client.close()  # type: ignore[attr-defined]  # the real thing
    gateway.configured.cache_clear()


def question(town: Town, **over: Any) -> Asked:
    values = {
        "region": REGION,
        "holder_hash": bytes(town.shop.uscc_hash),
        "uscc": town.shop.uscc,
        "lease": "",
        "purpose": MOVING,
        "about": "draft:1",
        "by": "person:1",
        "at": clocks.now(),
    }
    return Asked(**(values | over))


# --- asking


def test_what_a_register_says_is_kept_with_its_source_and_asked_once_a_day(town: Town, peer: Peer) -> None:
    """B14.1, R-E-3: number, authority, as-of time and source stay; within the day nothing is asked twice, and each use is on record."""
    peer.knows(town.shop.uscc, COURT)
    before, asked = len(peer.taken()), question(town)
    first = registers.answer(asked)
    again = registers.answer(question(town, about="draft:2", by="person:2"))
    assert first
    assert again
    assert first.entries == again.entries
    assert (first.entries[0].number, first.entries[0].authority) == (COURT["number"], COURT["authority"])
    assert first.as_of == asked.at
    assert "登记信息交换" in first.source
    (taken,) = peer.taken()[before:]
    assert (taken["about"], taken["by"], taken["purpose"]) == (
        "draft:1",
        "person:1",
        "迁移登记核查（市场主体登记管理条例 第二十七条）",
    )
    (row,) = RegisterQuestion.objects.all()
    events = audit.timeline(registers.ref(row.pk))
    assert [(e.action, e.who, e.detail["for"]) for e in events] == [
        ("onething.registers_asked", "person:1", "draft:1"),
        ("onething.registers_reused", "person:2", "draft:2"),
    ]
    assert town.shop.uscc not in str([e.detail for e in events])
    registers.answer(question(town, at=clocks.now() + timedelta(days=1)))
    assert len(peer.taken()) == before + 2


def test_what_was_asked_for_one_purpose_does_not_answer_a_wider_one(town: Town, peer: Peer) -> None:
    """R14.6: the simplified way asks more registers than a move, and only what is needed is asked."""
    peer.knows(town.shop.uscc, COURT, LIST, {**LIST, "register": "unpaid_tax", "number": "税0001"})
    moving, closing = registers.answer(question(town)), registers.answer(question(town, purpose=CLOSING))
    assert moving
    assert closing
    assert {one.register for one in moving.entries} == {Register.FROZEN, Register.ABNORMAL}
    assert {one.register for one in closing.entries} == {Register.FROZEN, Register.ABNORMAL, Register.TAX}
    assert registers.answer(question(town, purpose=None)) is None
    assert registers.answer(question(town, uscc="")) is None


@pytest.mark.parametrize(
    "faults",
    [
        {"down": True},
        {"error_rate": 1.0},
        {"slow_ms": 3000},
        {"wrong_signature": True},
        {"days_off": 2},
        {"days_off": -30},
        {"other_firm": True},
    ],
    ids=str,
)
def test_an_answer_that_cannot_be_believed_is_none(town: Town, peer: Peer, faults: dict[str, Any]) -> None:
    """Down, 500, slow, forged, of tomorrow, of last month, of another firm: nothing is held against anybody, and it is on record."""
    peer.knows(town.shop.uscc, COURT)
    peer.fails(**faults)
    found = registers.answer(question(town))
    assert found
    assert found.entries == ()
    assert found.unverified == MOVING.asked
    (row,) = RegisterQuestion.objects.all()
    assert row.silent.startswith("registers: ")
    assert town.shop.uscc not in row.silent
    assert audit.timeline(registers.ref(row.pk))[0].detail["answered"] is False
    peer.fails()
    assert registers.answer(question(town)).as_of  # type: ignore[union-attr]  # a silent one is not kept for the day


def test_an_exchange_that_is_silent_is_left_alone_for_a_while(town: Town, peer: Peer) -> None:
    peer.fails(down=True)
    for _ in range(gateway.IN_VAIN):
        assert not gateway.configured().rests
        registers.answer(question(town))
    assert gateway.configured().rests
    rows = RegisterQuestion.objects.count()
    found = registers.answer(question(town))
    assert found
    assert found.unverified
    assert RegisterQuestion.objects.count() == rows
    with pytest.raises(Unavailable, match="not asked"):
        gateway.configured().ask(gateway.Question("x", MOVING.asked, "p", "a", "b"), at=clocks.now())


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b'{"uscc": "x", "registers": ["frozen_equity"], "entries": {}, "as_of": "2026-03-02T02:00:00+00:00"}',
        b'{"uscc": "x", "registers": ["no_such"], "entries": [], "as_of": "2026-03-02T02:00:00+00:00"}',
        b'{"uscc": "x", "registers": [], "entries": [], "as_of": "2026-03-02T02:00:00+00:00"}',
        b'{"uscc": "x", "registers": ["frozen_equity"], "entries": [], "as_of": "2026-03-02T02:00:00"}',
        b'{"uscc": "x", "registers": ["frozen_equity"], "entries": [{"register": 1}], "as_of": "2026-03-02T02:00:00Z"}',
        b"[" * 100_000,
    ],
)
def test_an_answer_of_another_shape_is_none(body: bytes) -> None:
    asked = gateway.Question("x", (Register.FROZEN,), "p", "a", "b")
    with pytest.raises(Unavailable):
        gateway.read(body, asked, clocks.now())


def test_an_answer_can_be_of_the_last_days_and_of_no_other() -> None:
    now = clocks.now()
    assert rules.can_be_of(now, now)
    assert rules.can_be_of(now - rules.OLDEST, now)
    assert not rules.can_be_of(now - rules.OLDEST - timedelta(seconds=1), now)
    assert not rules.can_be_of(now + rules.LATEST + timedelta(seconds=1), now)


def test_every_register_has_its_words_and_what_stops_a_simplified_cancellation_its_article() -> None:
    """R14.6"""
    assert set(rules.SAYS) == set(Register)
    assert set(rules.SIMPLIFIED) == set(CLOSING.asked) == set(Register) - {Register.LEASE}
    assert all(article.strip() for article in rules.SIMPLIFIED.values())
    assert rules.purpose_of(["migration-in"], simplified=False) is MOVING
    assert rules.purpose_of(["registration-cancellation"], simplified=True) is CLOSING
    assert rules.purpose_of(["registration-cancellation"], simplified=False) is None
    assert rules.purpose_of(["food-business-new"], simplified=True) is None
    assert rules.purpose_of(["food-business-new"], simplified=False, lease="豫许租1号") is PREMISES


def test_a_question_is_never_rewritten(town: Town, peer: Peer) -> None:
    registers.answer(question(town))
    for change in (
        lambda: RegisterQuestion.objects.update(silent="x"),
        lambda: RegisterQuestion.objects.all().delete(),
    ):
        with pytest.raises(DatabaseError, match="stays what it was"), transaction.atomic():
            change()


# --- an application, from the page to the desk


def begun(town: Town, bundle: str, answers: dict[str, Any]) -> str:
    """Fill in a draft of the shop from the pages, with every paper, and return its address."""
    client = town.applicant
    start = client.post(f"/onething/{bundle}/start/", {"subject": f"organisation:{town.shop.pk}"})
    draft = str(start["Location"])
    fill_in(client, draft, answers)
    for n, slug in enumerate(re.findall(r'id="f-([0-9a-f]+)"', client.get(f"{draft}papers/").content.decode())):
        file = SimpleUploadedFile("材料.png", png(width=n + 1))
        assert client.post(f"{draft}papers/{slug}/", {"act": "upload", "file": file}).status_code == 302
    return draft


def send(town: Town, draft: str) -> Any:
    page = town.applicant.get(f"{draft}check/").content.decode()
    seen = re.search(r'name="seen" value="(\d+)"', page)
    assert seen
    return town.applicant.post(f"{draft}check/", {"seen": seen[1]})


def test_a_firm_with_frozen_equity_stops_at_its_move_with_the_court_s_number(town: Town, peer: Peer) -> None:
    """B14.1: on the page, over the wire; it is not asked again by itself, and the next day it is."""
    peer.knows(town.shop.uscc, COURT)
    draft = begun(town, "move-in", MOVE)
    no = send(town, draft)
    assert no.status_code == 422
    page = no.content.decode()
    assert COURT["number"] in page
    assert "请与许昌市魏都区人民法院联系" in page
    assert cases.of_applicants([bytes(town.shop.uscc_hash)], service="onething") == []

    peer.knows(town.shop.uscc)
    found = queries.application(people.actor(town.user), UUID(draft.split("/")[3]), clocks.now())
    tomorrow = clocks.now() + timedelta(days=1)
    filed = operations.submit(application=found, seen=found.draft.version, by=people.actor(town.user), at=tomorrow)
    check = RegisterCheck.objects.get(root_id=filed.id)
    assert check.question
    assert check.question.as_of
    assert day_of(check.question.asked_at) == day_of(tomorrow)


def later(minutes: int, monkeypatch: pytest.MonkeyPatch) -> None:
    then = clocks.now() + timedelta(minutes=minutes)
    monkeypatch.setattr(clocks, "now", lambda: then)


def test_a_freeze_that_is_lifted_at_noon_is_asked_about_again_and_the_move_goes_in(
    town: Town, peer: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """B14.1, R-E-3: no wait for the next day; not more often than every ten minutes; each question on record, whatever it brings."""
    peer.knows(town.shop.uscc, COURT)
    draft = begun(town, "move-in", MOVE)
    assert "再查一次" in send(town, draft).content.decode()
    ask = f"{draft}registers/"
    page = town.applicant.get(f"{draft}check/").content.decode()
    assert ask not in page  # asked a second ago
    assert "以后可以再查" in page
    lately = town.applicant.post(ask)
    assert lately.status_code == 429
    assert "已填内容都保留着" in lately.content.decode()

    later(11, monkeypatch)
    assert ask in town.applicant.get(f"{draft}check/").content.decode()
    still = town.applicant.post(ask, follow=True).content.decode()
    assert "登记仍有记录" in still
    assert COURT["number"] in still

    peer.knows(town.shop.uscc)
    peer.fails(down=True)
    later(11, monkeypatch)
    assert "暂时没有答复" in town.applicant.post(ask, follow=True).content.decode()
    peer.fails()
    later(11, monkeypatch)
    free = town.applicant.post(ask, follow=True).content.decode()
    assert "可以提交了" in free
    assert COURT["number"] not in free
    assert send(town, draft).status_code == 302
    check = RegisterCheck.objects.get()
    assert check.question
    assert check.question.entries == []
    acts = [e.action for q in RegisterQuestion.objects.all() for e in audit.timeline(registers.ref(q.pk))]
    assert acts.count("onething.registers_asked_again") == 3


def test_nobody_asks_registers_more_than_some_times_a_day() -> None:
    """个人信息保护法 第六条"""
    now = clocks.now()
    assert rules.may_ask_again([], now) is None
    assert rules.may_ask_again([now - rules.AGAIN_AFTER], now) is None
    assert rules.may_ask_again([now - timedelta(minutes=1)], now) == now + timedelta(minutes=9)
    often = [now - timedelta(hours=n) for n in range(1, rules.AGAIN_A_DAY + 1)]
    tomorrow = rules.may_ask_again(often, now)
    assert tomorrow
    assert day_of(tomorrow) == day_of(now) + timedelta(days=1)


def test_who_has_nothing_to_ask_about_is_told_so(town: Town, peer: Peer) -> None:
    draft = begun(town, "change-information", {"changed_items": ["name"], "new_name": "许昌市王记酒店有限公司"})
    before = len(peer.taken())
    assert town.applicant.post(f"{draft}registers/").status_code == 409
    assert len(peer.taken()) == before


def test_an_officer_asks_again_for_the_case_he_works_on(
    town: Town, peer: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R-E-3: what came before stays on record; the case shows what is true now. Whose step it is not may not."""
    peer.knows(town.shop.uscc, LIST)
    case_id = UUID(send(town, begun(town, "move-in", MOVE))["Location"].split("/")[3])
    view = cases.view(case_id)
    assert view
    (matter,) = view.matters
    officer, desk = town.desk("case_officer", matter.unit), f"/onething/desk/{matter.id}/"
    assert LIST["number"] in officer.get(desk).content.decode()
    assert officer.post(f"{desk}registers/").status_code == 429
    peer.knows(town.shop.uscc)
    later(11, monkeypatch)
    assert town.desk("approver", matter.unit).post(f"{desk}registers/").status_code == 409
    assert officer.post(f"{desk}registers/").status_code == 302
    shown = officer.get(desk).content.decode()
    assert LIST["number"] not in shown
    assert "未见记录" in shown
    assert RegisterQuestion.objects.count() == 2


# --- the lease of the premises


RESTAURANT = ANSWERS | {"floor_area": "120"}


def test_the_lease_that_the_form_names_is_asked_for_and_no_other(town: Town, peer: Peer) -> None:
    """B14.2, R-OT-4: one lease, by its number, of this tenant; another number of the same firm is another question."""
    peer.knows(town.shop.uscc, LEASE, LEASE | {"number": "豫许租2025009"}, COURT)
    asked = question(town, purpose=PREMISES, lease="豫许租2026001")
    found = registers.answer(asked)
    assert found
    assert found.lease
    assert (found.lease.number, found.lease.area_dm2) == ("豫许租2026001", 12_000)
    assert len(found.entries) == 1
    before = len(peer.taken())
    registers.answer(asked)
    assert len(peer.taken()) == before
    other = registers.answer(question(town, purpose=PREMISES, lease="豫许租2024001"))
    assert other
    assert other.lease is None
    assert len(peer.taken()) == before + 1


@pytest.mark.parametrize("faults", [{"down": True}, {"wrong_signature": True}, {"other_lease": True}], ids=str)
def test_a_lease_that_cannot_be_believed_is_held_against_nobody(town: Town, peer: Peer, faults: dict[str, Any]) -> None:
    """B14.2: silence, a forged answer, another lease."""
    peer.knows(town.shop.uscc, LEASE | {"area_dm2": 9_000})
    peer.fails(**faults)
    assert send(town, begun(town, "open-restaurant", RESTAURANT)).status_code == 302


def test_an_area_that_is_not_the_registered_lease_s_stops_with_the_number_and_whom_to_turn_to(
    town: Town, peer: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """B14.2: on the page, over the wire; corrected in the register, it is asked again and sent; the officer sees the lease."""
    peer.knows(town.shop.uscc, LEASE | {"area_dm2": 9_000})
    draft = begun(town, "open-restaurant", RESTAURANT)
    no = send(town, draft)
    assert no.status_code == 422
    page = no.content.decode()
    assert "90平方米" in page
    assert LEASE["number"] in page
    assert LEASE["authority"] in page
    peer.knows(town.shop.uscc, LEASE)
    later(11, monkeypatch)
    assert "可以提交了" in town.applicant.post(f"{draft}registers/", follow=True).content.decode()
    case_id = UUID(send(town, draft)["Location"].split("/")[3])
    check = RegisterCheck.objects.get(root_id=case_id)
    assert check.matter == "food-business-new"
    assert check.question
    assert check.question.lease == "豫许租2026001"


def test_a_lease_that_was_not_verified_is_asked_for_by_the_job(town: Town, peer: Peer) -> None:
    """B14.2: by the number in the case's own answers."""
    peer.knows(town.shop.uscc, LEASE)
    peer.fails(down=True)
    answer = send(town, begun(town, "open-restaurant", RESTAURANT))
    assert answer.status_code == 302
    peer.fails()
    assert registers.ask_again(at=clocks.now()) == 1
    row = RegisterCheck.objects.get().question
    assert row
    assert [one["area_dm2"] for one in row.entries] == [12_000]


def test_premises_of_one_s_own_call_for_no_lease(town: Town, peer: Peer) -> None:
    owned = {code: value for code, value in RESTAURANT.items() if code != "lease_until"} | {"premises_right": "owned"}
    draft = begun(town, "open-restaurant", owned)
    assert send(town, draft).status_code == 302
    assert not [one for one in peer.taken() if draft.split("/")[3] in one["about"]]
    assert not RegisterCheck.objects.exists()


CLOSE = {
    "tax_settled": "yes",
    "invoices_returned": "yes",
    "cancel_reason": "dissolved",
    "simplified": "yes",
    "no_debts": "yes",
    "arrears_settled": "yes",
    "old_seals_returned": "yes",
    "fund_sealed": "yes",
    "insured_people": "0",
    "bank_name": "许昌示例银行新区支行",
    "bank_account": "410000000001",
    "fund_number": "XC00000001",
    "contact_name": "王芳",
    "contact_mobile": "13900000007",
    "liquidation_head": "王芳",
}


def test_a_listed_firm_is_offered_the_ordinary_way_and_takes_it(town: Town, peer: Peer) -> None:
    """B14.6, R14.6: with the list's number and whom to turn to; what was filled in stays."""
    peer.knows(town.shop.uscc, LIST)
    today = clocks.today()
    dates = {
        "publicity_from": str(today - timedelta(days=35)),
        "bank_day": str(today + timedelta(days=20)),
    }
    draft = begun(town, "close-business", CLOSE | dates)
    no = send(town, draft)
    page = no.content.decode()
    assert no.status_code == 422, page[-3000:]
    assert LIST["number"] in page
    assert "改选普通注销" in page
    assert "请与许昌市市场监督管理局联系" in page
    fill_in(town.applicant, draft, CLOSE | dates | {"simplified": "no"})
    sent_ = send(town, draft)
    assert sent_.status_code == 302, re.findall(r"<li><a href=[^>]*>(.*?)</a>", sent_.content.decode(), re.S)
    assert not RegisterCheck.objects.exists()


def test_a_silent_exchange_keeps_nobody_from_sending_and_is_asked_again(town: Town, peer: Peer) -> None:
    """行政许可法 第三十二条: it is taken in; applicant and officer see 未核验, a job asks until there is an answer."""
    peer.knows(town.shop.uscc, COURT)
    peer.fails(down=True)
    answer = send(town, begun(town, "move-in", MOVE))
    assert answer.status_code == 302
    case_id = UUID(answer["Location"].split("/")[3])
    page = town.applicant.get(f"/onething/cases/{case_id}/").content.decode()
    assert "未核验" in page
    assert "不影响办理" in page
    view = cases.view(case_id)
    assert view
    (matter,) = view.matters
    officer = town.desk("case_officer", matter.unit)
    desk = f"/onething/desk/{matter.id}/"
    shown = officer.get(desk).content.decode()
    assert "未核验" in shown
    assert "不得要求申请人提供证明" in shown
    program = exchange.client(exchange.partner(("handle", "onething", matter.unit)))
    told = got(program, f"desk/{matter.id}", officer="A01")["registers"]
    assert (told["verified"], told["entries"]) == (False, [])

    counter = people.client_for(people.staff("window_clerk"))
    assert "未核验" in counter.get(f"/onething/counter/cases/{case_id}/").content.decode()

    assert registers.ask_again(at=clocks.now()) == 0
    peer.fails()
    assert registers.ask_again(at=clocks.now()) == 1
    assert registers.ask_again(at=clocks.now()) == 0
    shown = officer.get(desk).content.decode()
    assert COURT["number"] in shown
    assert COURT["authority"] in shown
    assert "未核验" not in shown
    told = got(program, f"desk/{matter.id}", officer="A01")["registers"]
    assert told["verified"]
    assert COURT["number"] in told["entries"][0]["zh"]
    assert COURT["number"] in town.applicant.get(f"/onething/cases/{case_id}/").content.decode()
    holders = audit.Holders((bytes(town.shop.uscc_hash),))
    things = {thing.about for found in audit.things_of.fire(holders) for thing in found}
    assert {registers.ref(one.pk) for one in RegisterQuestion.objects.all()} <= things


def test_a_case_that_is_over_is_asked_about_no_more(town: Town, peer: Peer) -> None:
    peer.fails(down=True)
    answer = send(town, begun(town, "move-in", MOVE))
    case_id = UUID(answer["Location"].split("/")[3])
    cases.withdraw(case_id=case_id, reason="不迁了", by="person:1", at=clocks.now())
    peer.fails()
    before = len(peer.taken())
    assert registers.ask_again(at=clocks.now()) == 0
    assert len(peer.taken()) == before
    assert RegisterCheck.objects.get().ended_at


def test_a_partner_is_told_of_the_freeze_by_field_and_nothing_is_filed(town: Town, peer: Peer) -> None:
    """B14.1: the API passes the same check as the pages."""
    peer.knows(town.shop.uscc, COURT)
    bank = platform()
    papers = {
        one["code"]: [uploaded(bank, png(width=n + 1))["file"]["id"]]
        for n, one in enumerate(got(bank, "bundles/move-in/papers"))
        if one["way"] in ("brought", "may_follow")
    }
    body = {
        "code": "move-in",
        "reference": "M-1",
        "authorisation": "授权书1号",
        "applicant": {"kind": "organisation", "identifier": town.shop.uscc, "name": town.shop.name},
        "answers": {**MOVE, "legal_person_name": "王芳", "legal_person_id": people.citizen_id(7)},
        "papers": papers,
    }
    fields = sent(bank, "applications", body, 422)["fields"]
    assert len(fields) == 1, [(one["at"], one["zh"]) for one in fields]
    (field,) = fields
    assert field["at"] == ["answers", "uscc"]
    assert COURT["number"] in field["zh"]
    assert COURT["number"] in field["en"]
    assert field["law"]
    got(bank, "applications/M-1", 404)
    person = {"kind": "person", "identifier": people.citizen_id(7), "name": "王芳"}
    other = {**body, "reference": "M-2", "applicant": person}
    other["answers"] = {**body["answers"], "uscc": town.shop.uscc, "organisation_name": town.shop.name}
    receipt = sent(bank, "applications", other, 201)  # who is not the firm is not told; its officer is
    check = RegisterCheck.objects.get(root_id=receipt["id"])
    assert check.question
    assert check.question.entries[0]["number"] == COURT["number"]
    page = town.applicant.get(f"/onething/cases/{receipt['id']}/")
    assert COURT["number"] not in page.content.decode()
