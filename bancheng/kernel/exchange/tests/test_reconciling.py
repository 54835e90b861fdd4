"""A file a day, chained, signed, the same bytes for ever; what differs is somebody's task (F13.9; land register §13.6)."""

import base64
import hashlib
from datetime import date, timedelta
from typing import Any

import pytest

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.exchange import public as exchange
from bancheng.kernel.exchange import testing
from bancheng.kernel.exchange.models import DayFile, Difference
from bancheng.kernel.exchange.operations import reconciling
from bancheng.kernel.exchange.rules import dayfile
from bancheng.kernel.exchange.rules.dayfile import Answer, Line
from bancheng.kernel.exchange.rules.words import ANSWER_WITHIN
from bancheng.kernel.identity import public as identity
from bancheng.lib import sigalgs
from bancheng.lib.refusal import Refused

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 2)
BOOK: dict[str, list[Line]] = {}


@pytest.fixture(autouse=True)
def _source(monkeypatch: Any) -> None:
    BOOK.clear()
    source = exchange.Source(lambda unit, day: BOOK.get(unit, []), lambda unit: "xiangcheng-registry")
    monkeypatch.setattr(reconciling, "_sources", {"mortgages": source})


def line(n: int, fen: int = 100_00) -> Line:
    lots = (("411025001001GB00001F00010004", 14100), ("411025001001GB00001F00010003", 7))
    return Line(f"豫(2026)襄城县不动产证明第{n:07}号", f"a-{n}", lots, fen, "mortgage.set", "effective", clocks.now())


def made(partner_id: int, day: date = DAY) -> DayFile:
    return exchange.make_day(service="mortgages", partner_id=partner_id, day=day, at=clocks.now())


def test_the_same_lines_in_any_order_are_the_same_bytes() -> None:
    lines = [line(n, n * 7) for n in range(9)]
    whole = {"service": "mortgages", "partner": "boc", "day": DAY, "number": 3, "previous": "ab"}
    body = dayfile.written(**whole, lines=lines)
    assert body == dayfile.written(**whole, lines=lines[::-1])
    head, *rest = body.decode().splitlines()
    assert head == "bancheng-reconciliation-1|mortgages|boc|2026-11-02|3|ab|9|252"
    assert rest == sorted(rest)
    assert rest[0].split("|")[2] == "411025001001GB00001F00010003:7,411025001001GB00001F00010004:14100"


def test_files_are_a_chain_signed_by_the_house_and_made_once() -> None:
    partner, _ = testing.bank()
    BOOK["boc"] = [line(2), line(1)]
    first = made(partner.pk)
    BOOK["boc"] = [line(3)]
    assert made(partner.pk).pk == first.pk  # asked again: the same bytes, though the book went on
    second = made(partner.pk, DAY + timedelta(days=1))
    assert (second.number, second.previous) == (2, first.digest)
    assert first.digest == hashlib.sha256(bytes(first.body)).hexdigest()
    (key,) = exchange.house_keys()["keys"]
    public = base64.urlsafe_b64decode(key["x"] + "=")
    assert sigalgs.VERIFY[sigalgs.ED25519](public, bytes(first.body), base64.b64decode(first.signature), "")
    with pytest.raises(Refused, match="day_is_past"):
        made(partner.pk, DAY - timedelta(days=1))
    caller = testing.caller(partner)
    exchange.settle()
    told = exchange.numbered_feed(caller, service="mortgages", after=0, limit=9)
    assert [(one.kind, one.data["number"]) for one in told] == [
        ("reconciliation.ready", 1),
        ("reconciliation.ready", 2),
    ]


def test_the_chain_tells_when_bytes_or_the_book_were_changed_afterwards() -> None:
    partner, _ = testing.bank()
    BOOK["boc"] = [line(1)]
    file = made(partner.pk)
    assert list(exchange.verify_days()) == []
    BOOK["boc"] = [line(1, 1)]
    assert any("says something else" in wrong for wrong in exchange.verify_days())
    BOOK["boc"] = []
    DayFile.objects.filter(pk=file.pk).update(body=b"x\n")
    assert any("not those of its digest" in wrong for wrong in exchange.verify_days())


def answered(partner: Any, **said: Answer) -> list[str]:
    numbers = {f"n{n}": line(n).number for n in range(9)}
    answers = {numbers.get(name, name): (one, {"amount_fen": 1}) for name, one in said.items()}
    return exchange.answer_day(testing.caller(partner), service="mortgages", day=DAY, answers=answers, at=clocks.now())


def test_each_line_is_answered_and_what_differs_is_a_task_with_an_owner_and_a_day() -> None:
    partner, _ = testing.bank()
    BOOK["boc"] = [line(n) for n in (1, 2, 3, 4)]
    made(partner.pk)
    differ = answered(partner, n1=Answer.MATCH, n2=Answer.MISSING, n3=Answer.DIFF, other=Answer.DIFF)
    assert len(differ) == 4  # missing, other, unknown to us, and one not answered
    open_ = exchange.differences(owners=["xiangcheng-registry"])
    assert {one.kind for one in open_} == {"missing", "diff", "unknown", "no_answer"}
    assert all(one.due_on > clocks.now().date() for one in open_)
    assert Difference.objects.get(kind="diff").theirs == {"amount_fen": 1}
    assert answered(partner, n1=Answer.MATCH, n2=Answer.MATCH, n3=Answer.DIFF, n4=Answer.MATCH) == [line(3).number]
    (left,) = exchange.differences()
    with pytest.raises(Refused, match="cause_needed"):
        exchange.close_difference(difference_id=left.id, cause=" ", by=identity.MACHINE, at=clocks.now())
    exchange.close_difference(difference_id=left.id, cause="银行录入有误", by=identity.MACHINE, at=clocks.now())
    assert exchange.differences() == []
    with pytest.raises(Refused, match="no_such_difference"):
        exchange.close_difference(difference_id=left.id, cause="x", by=identity.MACHINE, at=clocks.now())


def test_a_day_without_an_answer_is_a_difference_itself() -> None:
    partner, _ = testing.bank()
    made(partner.pk)
    assert reconciling.note_unanswered(at=clocks.now()) == 0
    late = clocks.now() + ANSWER_WITHIN
    assert reconciling.note_unanswered(at=late) == 1
    assert reconciling.note_unanswered(at=late) == 0
    (one,) = exchange.differences(partner_id=partner.pk)
    assert (one.kind, one.line) == ("no_answer", "")
    assert answered(partner) == []  # an empty day, answered at last
    assert exchange.differences() == []


def test_the_night_makes_up_for_days_it_missed_and_a_bank_sees_its_own_only() -> None:
    partner, other = testing.bank(unit="boc")[0], testing.bank(unit="icbc")[0]
    BOOK["boc"] = [line(1)]
    assert reconciling.make_all(day=DAY, at=clocks.now()) == 2
    assert reconciling.make_all(day=DAY + timedelta(days=3), at=clocks.now()) == 6
    assert reconciling.make_all(day=DAY + timedelta(days=3), at=clocks.now()) == 0
    mine = [exchange.file_of(testing.caller(one), service="mortgages", day=DAY).count for one in (partner, other)]
    assert mine == [1, 0]
    with pytest.raises(Refused, match="no_such_day"):
        exchange.file_of(testing.caller(other), service="mortgages", day=date(2020, 1, 1))
