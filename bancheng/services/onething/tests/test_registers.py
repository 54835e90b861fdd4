"""Registers of other offices against the simulated exchange, over the wire: asked once, kept, believed only when it can be true."""

import re
import socket
import subprocess
import sys
import time
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
from bancheng.services.onething.registers.rules import CLOSING, MOVING, Register
from bancheng.services.onething.tests.conftest import REGION, Town
from bancheng.services.onething.tests.test_outside import got, platform, sent, uploaded
from bancheng.services.onething.tests.test_walk import fill_in

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
MOVE = {
    "old_office": "郑州市金水区市场监督管理局",
    "old_address": "郑州市金水区花园路1号",
    "files_electronic": "yes",
    "premises_right": "owned",
    "premises_proof": "豫许房产第1号",
    "business_address": "许昌市示范区建安大道1号",
    "floor_area": "90",
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
        self.client.post("/registers.json", json={**blank, "other_firm": False, **faults}).raise_for_status()

    def knows(self, uscc: str, *entries: dict[str, str]) -> None:
        self.client.put(f"/registers/{uscc}", json=list(entries)).raise_for_status()

    def taken(self) -> list[dict[str, Any]]:
        """Return the questions that were answered, oldest first."""
        found: list[dict[str, Any]] = self.client.get("/registers.json").json()["taken"]
        return found


@pytest.fixture(scope="module")
def served() -> Iterator[Peer]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "granian", "--interface", "asgi", "--host", "127.0.0.1", "--port", str(port)]
    process = subprocess.Popen([*command, "--log-level", "critical", "bancheng.sim.tests.registers_app:app"])
    peer = Peer(f"http://127.0.0.1:{port}")
    try:
        for _ in range(200):
            try:
                peer.client.get("/registers.json")
                break
            except httpx.TransportError:
                time.sleep(0.05)
        yield peer
    finally:
        peer.client.close()
        process.terminate()
        process.wait(10)


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
    assert set(rules.SAYS) == set(rules.SIMPLIFIED) == set(Register)
    assert all(article.strip() for article in rules.SIMPLIFIED.values())
    assert rules.purpose_of(["migration-in"], simplified=False) is MOVING
    assert rules.purpose_of(["registration-cancellation"], simplified=True) is CLOSING
    assert rules.purpose_of(["registration-cancellation"], simplified=False) is None
    assert rules.purpose_of(["food-business-new"], simplified=True) is None


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
    """B14.1: on the page, over the wire; lifted, it is sent the next day."""
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
    (field,) = sent(bank, "applications", body, 422)["fields"]
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
