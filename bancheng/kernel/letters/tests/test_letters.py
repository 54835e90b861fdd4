"""What an office gives in writing: dated, sealed, the same each time it is fetched, and told apart from what only looks like it."""

import io
import re
import zlib
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, transaction

from bancheng.kernel.audit import public as audit
from bancheng.kernel.cases import public as cases
from bancheng.kernel.cases import testing
from bancheng.kernel.cases.public import Because, Defect, Outcome
from bancheng.kernel.cases.testing import APPROVER, NO, OFFICER, accepted, decided, filed, later, of, said
from bancheng.kernel.catalogue import testing as catalogue
from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.identity import public as identity
from bancheng.kernel.jobs import testing as jobs
from bancheng.kernel.letters import public as letters
from bancheng.kernel.letters import rules
from bancheng.kernel.letters.models import Letter
from bancheng.kernel.letters.public import Kind

pytestmark = pytest.mark.usefixtures("city")
LONG_AGO = later(days=-1)


def written(root: UUID) -> list[letters.View]:
    """Return the letters of a bundle after the work that its log promises is done."""
    view = cases.view(root)
    assert view is not None
    letters.promise(view, since=LONG_AGO)
    jobs.run_all(name="letters.make")
    return letters.of_bundles([root])


def file_of(root: UUID, letter: letters.View) -> bytes:
    found = letters.fetch(letter_id=letter.id, root=root, by="person:1", at=later())
    assert found is not None
    return found[1]


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


def holds(data: bytes, words: str) -> bool:
    """Return whether every character of `words` stands in the file."""
    return set(words) <= set(text_of(data)) | set(" \n")


def test_accepting_and_not_accepting_always_yield_a_dated_sealed_receipt() -> None:
    """R-OT-2: 行政许可法 第三十二条: dated by the act, sealed by the unit that acted."""
    yes, no = filed("sign", key="a"), filed("sign", key="b")
    accepted(yes.id, at=later(days=1))
    cases.refuse(case_id=no.id, because=NO, by=OFFICER, at=later(days=2))
    ((receipt,), (refusal,)) = written(yes.id), written(no.id)
    assert (receipt.kind, receipt.dated, receipt.unit) == (Kind.ACCEPTED, date(2026, 3, 3), "market")
    assert (refusal.kind, refusal.dated, refusal.number) == (Kind.NOT_ACCEPTED, date(2026, 3, 4), no.number)
    found = letters.examine(file_of(yes.id, receipt))
    assert found is not None
    assert found.holds
    assert holds(file_of(no.id, refusal), NO.reason + NO.law + NO.remedy + "决定不予受理")
    assert holds(file_of(yes.id, receipt), "现予受理 法定期限 许昌市张记饭店 It is accepted under")


def test_a_letter_fetched_twice_is_the_same_to_the_byte_and_written_once() -> None:
    """R-OT-2"""
    root = filed("sign")
    accepted(root.id)
    (letter,) = written(root.id)
    assert written(root.id) == [letter]
    assert letters.make(case_id=root.id, seq=Letter.objects.get().seq, at=later(days=9)) == letter.id
    first = file_of(root.id, letter)
    assert first == file_of(root.id, letter)
    assert len(first) == letter.file_size
    said_ = [event.action for event in audit.about_any([f"case:{root.id}"], limit=50)]
    assert said_.count("letters.fetched") == 2
    assert said_.count("letters.made") == 1


def test_acceptance_by_silence_is_given_in_writing_too() -> None:
    """R-OT-2, R-CLK-7"""
    root = filed("sign")
    clocks.fire_due(today=date(2026, 3, 10), at=later(days=8))
    (letter,) = written(root.id)
    assert letter.kind is Kind.ACCEPTED
    assert holds(file_of(root.id, letter), "未在法定期限内告知补正")


def test_corrections_of_several_departments_are_one_letter() -> None:
    """R-OT-1, R14.3: one notice, every defect with its department, sealed by the first that asks."""
    root = filed()
    for step, about in (("check", "名称不符"), ("sign", "尺寸不清")):
        cases.ask_correction(
            case_id=of(root.id, step), defects=[Defect(f"field:{step}", about)], by=OFFICER, at=later()
        )
    (letter,) = written(root.id)
    assert (letter.kind, letter.unit, letter.case) == (Kind.CORRECTION, "market", root.id)
    assert holds(file_of(root.id, letter), "名称不符尺寸不清许昌市城市管理局")


@pytest.mark.parametrize(
    ("asking", "lead", "unit"),
    [
        (("check", "sign"), "approval", "approval"),  # several departments: under the seal of who tells for all
        (("sign",), "approval", "urban"),  # one department alone tells what is its own
        (("check", "sign"), "", "market"),  # a case of before: the first that asks
    ],
)
def test_the_leading_unit_seals_what_several_departments_ask_and_each_answers_for_its_own(
    asking: tuple[str, ...], lead: str, unit: str
) -> None:
    """R-OT-1, R14.2, R14.3: 行政许可法 第二十六条: one notice for all; every point names whose it is."""
    catalogue.unit("approval", "许昌市行政审批和政务信息管理局")
    testing.flows_loaded(replace(testing.RESTAURANT, lead=lead))
    root = filed()
    if "check" not in asking:
        accepted(of(root.id, "check"))
    for step in asking:
        cases.ask_correction(
            case_id=of(root.id, step), defects=[Defect(f"field:{step}", f"{step}不符")], by=OFFICER, at=later()
        )
    (letter,) = (one for one in written(root.id) if one.kind is Kind.CORRECTION)
    assert letter.unit == unit
    file = file_of(root.id, letter)
    assert holds(file, "由各部门分别提出") is (len(asking) > 1)
    assert holds(file, "许昌市城市管理局：sign不符")


def test_what_follows_later_stands_on_the_receipt_with_its_day() -> None:
    """R-RQ-1: told at once what is missing and by when."""
    root = filed("sign")
    accepted(root.id, gaps=[("租赁合同", date(2026, 3, 20), True)])
    (letter,) = written(root.id)
    assert holds(file_of(root.id, letter), "容缺补交租赁合同2026年3月20日")


def test_a_denial_is_always_a_letter_and_a_grant_where_the_flow_says_so() -> None:
    """行政许可法 第三十八条: reasons, article and remedy in writing; where a licence is issued, it is the writing."""
    denied, plain = filed("sign", key="a"), filed("sign", key="b")
    decided(accepted(denied.id), Outcome.DENIED)
    decided(accepted(plain.id))
    assert {one.kind for one in written(denied.id)} == {Kind.ACCEPTED, Kind.DENIED}
    assert {one.kind for one in written(plain.id)} == {Kind.ACCEPTED}
    steps = tuple(replace(step, letter=step.code == "decide") for step in testing.SIGN.steps)
    testing.flows_loaded(replace(testing.SIGN, steps=steps))
    told = filed("sign", key="c")
    decided(accepted(told.id))
    assert {one.kind for one in written(told.id)} == {Kind.ACCEPTED, Kind.GRANTED}


def test_an_untrue_promise_and_what_it_costs_are_given_in_writing() -> None:
    """R-GC-2"""
    root = decided(accepted(filed("safety", said=said({"route": "promise"})).id))
    cases.verify_promise(case_id=root, true=False, because=NO, by=OFFICER, at=later(days=9))
    cases.settle_promise(case_id=root, mended=False, because=NO, by=APPROVER, at=later(days=40))
    found = {one.kind: one for one in written(root)}
    assert set(found) == {Kind.ACCEPTED, Kind.UNTRUE, Kind.REVOKED}
    assert holds(file_of(root, found[Kind.UNTRUE]), "15个工作日内改正")
    assert holds(file_of(root, found[Kind.ACCEPTED]), "本件按告知承诺方式办理")


def test_a_line_that_was_taken_back_yields_no_letter() -> None:
    root = filed("sign")
    view = cases.view(root.id)
    assert view is not None
    assert letters.promise(view, since=LONG_AGO) == 0
    assert letters.make(case_id=root.id, seq=1, at=later()) is None
    assert letters.make(case_id=uuid4(), seq=1, at=later()) is None


def test_a_unit_without_a_seal_owes_its_letter_and_the_case_goes_on(settings: Any, tmp_path: Any) -> None:
    root = filed("sign")
    accepted(root.id)
    settings.SEALS = str(tmp_path / "none")
    assert written(root.id) == []
    view = cases.view(root.id)
    assert view is not None
    assert [kind for _, kind in letters.owed(view)] == [Kind.ACCEPTED]


def test_another_bundle_s_letter_does_not_exist() -> None:
    root, other = filed("sign", key="a"), filed("sign", key="b")
    accepted(root.id)
    (letter,) = written(root.id)
    assert letters.fetch(letter_id=letter.id, root=other.id, by="person:2", at=later()) is None


def test_a_letter_is_found_by_its_code_and_an_altered_one_is_told() -> None:
    """R-E-1: any change is found."""
    root = filed("sign")
    accepted(root.id)
    (letter,) = written(root.id)
    assert letters.by_code(rules.shown(letter.code).lower()) == letter
    assert letters.by_code("0" * 16) is None
    data = bytearray(file_of(root.id, letter))
    data[len(data) // 2] ^= 1
    altered = letters.examine(bytes(data))
    assert altered is not None
    assert (altered.same, altered.holds) == (False, False)
    assert letters.examine(b"%PDF-1.7 a stranger's") is None


def test_a_person_s_name_is_masked_outside_of_the_file() -> None:
    """P-9"""
    number = "410999198001010014"
    person = cases.Applicant(
        "person",
        "张三丰",
        identity.find_hash(number, kind="citizen_id"),
        identity.seal(number, kind="citizen_id"),
        "citizen_id",
    )
    root = filed("sign", applicant=person)
    accepted(root.id)
    (letter,) = written(root.id)
    assert letter.holder_shown == "张*丰"
    for value in Letter.objects.values_list().get():
        assert "张三丰".encode() not in (bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode())


def test_a_new_field_key_seals_the_files_anew_and_they_stay_the_same(settings: Any) -> None:
    """P-9: rotation reaches the letters."""
    root = filed("sign")
    accepted(root.id)
    (letter,) = written(root.id)
    before = file_of(root.id, letter)
    settings.FIELD_KEYS = f"{'ab' * 32},{settings.FIELD_KEYS}"
    assert any(rows for column, rows in identity.rotate() if column.model == "letters.Letter")
    assert file_of(root.id, letter) == before


def test_the_database_refuses_to_rewrite_or_remove_a_letter() -> None:
    root = filed("sign")
    accepted(root.id)
    written(root.id)
    for change in (
        lambda: Letter.objects.update(dated=date(2020, 1, 1)),
        lambda: Letter.objects.update(file_digest=bytes(32)),
        lambda: Letter.objects.all().delete(),
    ):
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            change()


def test_what_happened_before_is_not_promised_again() -> None:
    root = filed("sign")
    accepted(root.id)
    view = cases.view(root.id)
    assert view is not None
    assert letters.promise(view, since=later(days=1)) == 0
    assert letters.promise(view, since=later(hours=2) - timedelta(seconds=1)) == 1


def test_a_long_reason_runs_on_to_a_second_page() -> None:
    """It prints, and nothing is cut."""
    from pyhanko.pdf_utils.reader import PdfFileReader

    root = filed("sign")
    cases.refuse(case_id=root.id, because=Because("理由很长。" * 180, NO.law, NO.remedy), by=OFFICER, at=later())
    (letter,) = written(root.id)
    pages = PdfFileReader(io.BytesIO(file_of(root.id, letter))).root["/Pages"]["/Count"]
    assert pages == 2
