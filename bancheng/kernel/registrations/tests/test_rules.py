"""The office's rules, without a database: states, who keeps apart from whom, what is judged of an application, numbers, channels."""

from datetime import date

import pytest

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.registrations import shipped
from bancheng.kernel.registrations.rules import checks, numbers, texts, words
from bancheng.kernel.registrations.rules.checks import Named
from bancheng.kernel.registrations.rules.kinds import MATERIALS, Filer, Role
from bancheng.kernel.registrations.rules.numbers import Gives
from bancheng.kernel.registrations.rules.words import Act, Cause, State
from bancheng.lib.refusal import Refused

TODAY = date(2026, 11, 27)
SET = shipped.kind("mortgage.set")
OWNER = Named(Role.MORTGAGOR, "person", "王芳", b"w" * 32)
BANK = Named(Role.MORTGAGEE, "unit", "中国银行", "boc")
TERMS = {"principal_fen": 60_000_000, "currency": "CNY", "first": "2026-12-01", "last": "2046-11-30"}


def codes(problems) -> list[str]:  # type: ignore[no-untyped-def]
    return [each.code for each in problems]


def test_every_state_and_act_has_its_words_and_every_act_its_place() -> None:
    assert set(words.STATES) == set(State)
    assert set(words.ACTS) == set(Act)
    assert set(words.NEXT) == set(Act)
    assert set(State) == words.OPEN | words.DONE | words.ENDED


def test_every_open_state_leads_somewhere() -> None:
    for state in words.OPEN:
        assert [act for act, (come, then) in words.NEXT.items() if state in come and then not in (None, state)], state


def test_until_it_is_recorded_an_application_may_be_taken_back_and_never_after() -> None:
    """R13.1: 条例 第十五条."""
    assert words.NEXT[Act.WITHDRAWN][0] == words.OPEN
    for state in words.DONE:
        with pytest.raises(Refused, match="application_moved_on"):
            words.check_may(Act.WITHDRAWN, state)


def test_a_refusal_to_move_names_what_stopped_it() -> None:
    """B13.5: the court's case number."""
    with pytest.raises(Refused) as no:
        words.check_may(Act.RECORDED, State.SUSPENDED, because="人民法院查封，（2026）豫10执保12号")
    assert "豫10执保12号" in no.value.says


def test_who_had_a_part_before_is_kept_apart() -> None:
    words.check_apart("staff:3", ["staff:1", "staff:2"], act=Act.RECORDED)
    with pytest.raises(Refused, match="four_eyes"):
        words.check_apart("staff:2", ["staff:1", "staff:2"], act=Act.RECORDED)


def test_only_the_closed_list_of_causes_stops_the_clocks() -> None:
    """R7.9: 公告, 实地查看, and what stops the application altogether."""
    for rule in ("C-13", "C-13.henan"):
        assert clocks.rule(rule).causes == {each.value for each in Cause}
    assert set(words.CAUSES) == set(Cause)


def test_a_bank_alone_is_not_enough_all_of_them_have_to_agree() -> None:
    """R13.1, R13.3: mortgagor, co-holder and spouse; the bank files, its consent is the filing."""
    spouse = Named(Role.SPOUSE, "person", "张强", b"z" * 32, spouse_of="王芳")
    joint = Named(Role.CO_HOLDER, "person", "王明", b"m" * 32)
    named = [OWNER, BANK, spouse, joint]
    assert checks.consenting(SET, named, unit="boc") == [0, 2, 3]
    assert checks.consenting(SET, named, unit="") == [0, 1, 2, 3]  # filed by the owner himself: the bank has to agree


def test_a_married_owner_without_the_spouse_is_refused() -> None:
    """B13.3"""
    married = Named(Role.MORTGAGOR, "person", "王芳", b"w" * 32, married=True)
    assert codes(checks.parties(SET, Filer.BANK, [married, BANK])) == ["spouse_missing"]
    spouse = Named(Role.SPOUSE, "person", "张强", b"z" * 32, spouse_of="王芳")
    assert codes(checks.parties(SET, Filer.BANK, [married, BANK, spouse])) == []


def test_all_holders_of_the_book_have_to_be_there() -> None:
    """R13.3: one co-holder missing, or somebody else's home."""
    home = {"411025001001GB00001F00010001": {b"w" * 32: "王芳", b"m" * 32: "王明"}}
    assert codes(checks.owners(SET, [OWNER, BANK], home)) == ["holder_missing"]
    stranger = {"411025001001GB00001F00010001": {b"x" * 32: "李四"}}
    assert codes(checks.owners(SET, [OWNER, BANK], stranger)) == ["not_the_holder"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"currency": "USD"}, "currency_unknown"),
        ({"principal_fen": 6e7}, "amount_absurd"),
        ({"principal_fen": True}, "amount_absurd"),
        ({"principal_fen": 0}, "amount_absurd"),
        ({"last": "2026-11-01"}, "term_absurd"),
        ({"last": "2126-11-30"}, "term_absurd"),
        ({"last": ""}, "term_absurd"),
    ],
)
def test_absurd_amounts_currencies_and_terms_are_refused(change: dict[str, object], code: str) -> None:
    """B13.6, B7.8"""
    assert codes(checks.amounts(SET, TERMS | change, TODAY)) == [code]
    assert codes(checks.amounts(SET, TERMS, TODAY)) == []


def test_an_area_that_is_not_the_book_s_is_told_with_both() -> None:
    """B13.4, B7.8: no floats."""
    (problem,) = checks.areas({"areas": {"u1": 10_000}}, {"u1": 10_010})
    assert problem.code == "area_differs"
    assert "100.00" in problem.says.zh
    assert "100.10" in problem.says.zh
    assert codes(checks.areas({"areas": {"u1": 100.1}}, {"u1": 10_010})) == ["area_differs"]
    assert codes(checks.areas({"areas": {"u1": 10_010}}, {"u1": 10_010})) == []


def test_all_missing_papers_are_told_at_once() -> None:
    found = list(checks.papers(SET, set(), word=False))
    assert len(found) == len(SET.papers) == 2
    with pytest.raises(Refused) as no:
        checks.refuse(found)
    assert "借款合同" in no.value.says
    assert "抵押合同" in no.value.says


def test_nine_channels_of_the_source_and_the_registry_s_own_counter_share_one_number_space() -> None:
    """F13.11"""
    ways = shipped.channels()
    assert len([each for each in ways.values() if not each.counter]) == 9
    assert numbers.application("411000", TODAY, 123) == "411000-20261127-BDC0000123"


def test_promises_are_one_day_three_at_most_and_the_same_day_for_a_cancellation() -> None:
    """R7.9, R13.6: 河南条例 第四十四条."""
    kinds = shipped.kinds()
    assert all(each.promised <= 3 for each in kinds.values())
    assert kinds["mortgage.set"].promised == 1
    assert kinds["mortgage.cancel"].promised == kinds["mortgage.release"].promised == 0


def test_every_kind_asks_for_papers_that_have_a_name() -> None:
    for each in shipped.kinds().values():
        assert each.papers
        assert set(each.papers) <= set(MATERIALS)


def test_certificate_numbers_are_read_however_they_are_typed() -> None:
    number = numbers.certificate(Gives.PROOF, province="豫", place="襄城县", year=2025, seq=1)
    assert number == "豫(2025)襄城县不动产证明第0000001号"
    assert numbers.read(" 豫（2025） 襄城县不动产证明 第1号 ") == number
    assert numbers.read("豫(2025)襄城县不动产证明") == ""


def test_a_consent_says_what_on_what_for_how_much_and_that_one_may_object() -> None:
    """R13.1, R13.5"""
    said = texts.consent(
        SET,
        Role.SPOUSE,
        number="n1",
        lots=["u1"],
        payload=TERMS | {"transfer_restricted": True},
        bank="中国银行",
        area_dm2=10_010,
    )
    for part in ("配偶", "600000.00元", "2046-11-30", "中国银行", "100.10", "不得转让", "异议"):
        assert part in said.zh
    assert "spouse" in said.en
    assert "ban on transfer" in said.en
