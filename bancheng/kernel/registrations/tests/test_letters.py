"""What the office gives in writing: each decision has one letter, numbered, dated, sealed, the same for ever; none is lost and none made twice."""

import re
import zlib
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, transaction

from bancheng.kernel.audit import testing as audit
from bancheng.kernel.jobs import testing as jobs
from bancheng.kernel.registrations import content, testing
from bancheng.kernel.registrations import jobs as own
from bancheng.kernel.registrations.models import Letter, LetterFile, Series
from bancheng.kernel.registrations.operations import certifying, handling, logging, writing
from bancheng.kernel.registrations.queries import letters, reading
from bancheng.kernel.registrations.rules.words import Act
from bancheng.kernel.registrations.testing import AT, REGION, REGISTRY, Office, accepted, certified, consented, later
from bancheng.lib.refusal import Refused

pytestmark = pytest.mark.django_db
WHY = {"reason": "抵押物权属有争议，尚未解决", "law": "不动产登记暂行条例 第二十二条"}
FIRST = "豫(2026)襄城县不动产登记文书第0000001号"


def refused(office: Office, key: str = "k1", *, at: Any = AT, **over: Any) -> UUID:
    made = accepted(office, key, at=at, **over)
    handling.refuse(application_id=made, by=office.reviewer, at=at, **WHY)
    return made


def written(at: Any = AT) -> int:
    """Write the letters that are promised, and return how many files were made."""
    return sum(
        writing.write(application_id=UUID(args["application"]), line=args["line"], at=at)
        for _, args in jobs.promised(logging.WRITE_LETTER)
    )


def said_of(application: UUID) -> str:
    """Return everything that the one letter of an application says."""
    return str(content.said(Letter.objects.get(application=application).said_sealed))


def text_of(data: bytes) -> str:
    """Return the characters that stand in a file, in the order in which its faces list them."""
    found = ""
    for stream in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", data, re.DOTALL):
        try:
            text = zlib.decompress(stream)
        except zlib.error:
            text = stream
        if b"beginbfchar" in text:
            pairs = re.findall(rb"<[0-9A-Fa-f]+>\s+<([0-9A-Fa-f]+)>", text)
            found += "".join(bytes.fromhex(each.decode()).decode("utf-16-be", "ignore") for each in pairs)
    return found


def test_a_refusal_says_why_by_which_article_and_how_it_is_contested(office: Office) -> None:
    """条例 第二十二条; 行政复议法 第二十条; 行政诉讼法 第四十六条: office, number, application, to whom, reasons, remedies, date."""
    made = refused(office)
    assert written() == 1
    (one,) = reading.view(made).letters
    assert (one.kind, one.number, one.dated, one.registry) == (Act.REFUSED, FIRST, AT.date(), REGISTRY)
    said = said_of(made)
    for part in (
        reading.view(made).brief.number, "王芳、中国银行襄城支行", "不予登记", WHY["reason"], WHY["law"], "六十日", "行政复议", "六个月", "提起行政诉讼",
        "within 60 days", "within six months",
    ):  # fmt: skip
        assert part in said, part


def test_what_is_not_accepted_is_told_in_writing(office: Office) -> None:
    """条例 第十七条."""
    made = consented(office)
    law = "不动产登记暂行条例 第十七条"
    handling.not_accept(application_id=made, reason="不属于本机构登记范围", law=law, by=office.acceptor, at=AT)
    written()
    (one,) = reading.view(made).letters
    assert one.kind is Act.NOT_ACCEPTED
    for part in ("不予受理", "不属于本机构登记范围", law, "行政复议", "行政诉讼"):
        assert part in said_of(made), part


def test_a_letter_of_corrections_lists_every_item_and_names_the_day(office: Office) -> None:
    """条例 第十七条: told once, all of it; fifteen working days from a Monday are Monday three weeks later."""
    made = consented(office)
    items = ["抵押合同缺第3页", "借款合同未盖章\n第二处"]
    handling.ask_corrections(application_id=made, items=items, law="", by=office.acceptor, at=AT)
    found = reading.view(made)
    assert found.correct_by == date(2026, 3, 23)
    assert letters.being_made(made, found.lines, found.letters)
    written()
    (one,) = reading.view(made).letters
    assert one.kind is Act.CORRECTION
    said = content.said(Letter.objects.get().said_sealed)
    assert said["points"] == ["抵押合同缺第3页", "借款合同未盖章 第二处"]
    assert "2026年3月23日" in str(said["sentences"])
    assert "不动产登记暂行条例 第十七条" in str(said["rows"])
    assert "行政复议" not in str(said)  # nothing is decided yet


def test_a_letter_is_promised_with_its_decision_and_is_gone_with_it(office: Office) -> None:
    made = accepted(office)
    with transaction.atomic():
        handling.refuse(application_id=made, by=office.reviewer, at=AT, **WHY)
        transaction.set_rollback(True)
    assert jobs.promised(logging.WRITE_LETTER) == []
    handling.refuse(application_id=made, by=office.reviewer, at=AT, **WHY)
    assert [args for _, args in jobs.promised(logging.WRITE_LETTER)] == [
        {"application": str(made), "line": reading.view(made).lines[-1].seq}
    ]
    handling.withdraw(application_id=consented(office, "k2"), reason="", by=office.banker, at=AT)
    assert len(jobs.promised(logging.WRITE_LETTER)) == 1  # who takes it back himself gets no letter


def test_a_letter_is_the_same_to_the_byte_each_time_and_its_page_says_what_it_says(office: Office) -> None:
    made = refused(office)
    written()
    (one,) = reading.view(made).letters
    _, data = letters.fetch(one.id, application_id=made, by="staff:1", at=AT)
    _, again = letters.fetch(one.id, application_id=made, by="staff:2", at=later(days=400))
    assert data == again
    assert data.startswith(b"%PDF")
    shown = set(text_of(data))
    for part in ("不动产不予登记告知书", "王芳", "襄城县不动产登记中心", WHY["reason"], "行政复议"):
        assert set(part) - set("（），。") <= shown, part
    assert len(audit.recorded("registrations.letter_fetched")) == 2
    with pytest.raises(Refused, match="no_such_letter"):
        letters.fetch(one.id, application_id=consented(office, "k2"), by="staff:1", at=AT)


def test_anybody_who_is_shown_a_letter_can_check_it(office: Office) -> None:
    """By number, by code, by the file itself; altered by one byte it is none."""
    made = refused(office)
    written()
    (one,) = reading.view(made).letters
    _, data = letters.fetch(one.id, application_id=made, by="staff:1", at=AT)
    found = letters.examine(data)
    assert found is not None
    assert found.holds
    altered = letters.examine(data + b"\n")
    assert altered is not None
    assert not altered.holds
    assert letters.examine(b"%PDF-1.7 something else") is None
    assert letters.by_number("豫（2026）襄城县不动产登记文书第1号") == one
    assert letters.by_code(one.code) == one
    assert letters.by_number("豫（2026）襄城县不动产权第1号") is None


def test_a_worker_that_is_killed_between_number_and_seal_leaves_no_gap_and_no_second_letter(office: Office) -> None:
    made = refused(office)
    ((_, args),) = jobs.promised(logging.WRITE_LETTER)
    writing.number(application_id=made, line=args["line"], at=AT)  # … and here it died
    (one,) = reading.view(made).letters
    assert one.digest is None
    with pytest.raises(Refused, match="letter_being_made"):
        letters.fetch(one.id, application_id=made, by="staff:1", at=AT)
    own.write_letter(**args)
    own.write_letter(**args)
    assert [(each.seq, each.number) for each in Letter.objects.all()] == [(1, FIRST)]
    assert LetterFile.objects.count() == 1
    assert Series.objects.get(kind=writing.SERIES).last == 1


def test_letters_have_a_series_of_their_own_each_year(office: Office) -> None:
    certified(office)  # the proofs' series is another
    second, third = later(days=1), later(days=400)
    for key, at in (("k2", AT), ("k3", second)):
        asked = consented(office, key, at=at, lots=(testing.HOME,), loan_no=key)
        handling.not_accept(application_id=asked, by=office.acceptor, at=at, **WHY)
        written(at)
    next_year = consented(office, "k4", at=third, loan_no="k4")
    handling.not_accept(application_id=next_year, by=office.acceptor, at=third, **WHY)
    written(third)
    numbers = list(Letter.objects.order_by("allotted_at").values_list("number", flat=True))
    assert numbers == [FIRST, FIRST.replace("0001号", "0002号"), FIRST.replace("2026", "2027")]


def test_letters_of_the_turn_of_the_year_are_numbered_in_the_year_of_the_decision(office: Office) -> None:
    made = refused(office, at=AT)
    written(later(days=400))
    assert reading.view(made).letters[0].number == FIRST


@pytest.mark.parametrize("model", [Letter, LetterFile])
def test_the_database_refuses_to_rewrite_a_letter(office: Office, model: type) -> None:
    """R7.11"""
    refused(office)
    written()
    change = {Letter: {"number": "x"}, LetterFile: {"size": 1}}[model]
    for do in (lambda: model.objects.update(**change), lambda: model.objects.all().delete()):  # type: ignore[attr-defined]
        with pytest.raises(IntegrityError, match=r"append-only|protected"), transaction.atomic():
            do()


def test_what_the_bank_alone_asks_for_is_answered_to_the_bank(office: Office) -> None:
    """F13.10: a cancellation is the mortgagee's; the owner, who is only told, is not addressed."""
    right = reading.view(certified(office)).brief.right
    cancel = testing.filed(
        office,
        "c1",
        kind="mortgage.cancel",
        parties=(testing.bank_party(),),
        lots=(),
        payload={"right": right},
        papers=testing.papers("release_statement"),
    )
    handling.not_accept(application_id=cancel.id, by=office.acceptor, at=AT, **WHY)
    written()
    assert content.said(Letter.objects.get().said_sealed)["to"] == "中国银行襄城支行"


def test_certificates_are_made_as_before(office: Office) -> None:
    """Letters and certificates share series and sealing: neither takes the other's number."""
    refused(office)
    written()
    certified(office, "k2")
    assert certifying.certify(region=REGION, registry=REGISTRY, at=AT) == 0
    assert {(each.kind, each.last) for each in Series.objects.all()} == {("letter", 1), ("proof", 1)}
