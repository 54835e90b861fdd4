"""The lattice of receipts, the ladder, quiet hours, and what makes a template unfit."""

from datetime import UTC, datetime, time, timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bancheng.kernel.notices.rules import ladder, states, texts
from bancheng.kernel.notices.rules.ladder import SHANGHAI, Quiet
from bancheng.kernel.notices.rules.states import NEXT, Known, Stage, State
from bancheng.kernel.notices.rules.texts import Draft, Type, Unfit, Variable
from bancheng.kernel.notices.testing import plain_text

INSTANTS = st.integers(0, 5).map(lambda minute: datetime(2026, 6, 1, 9, minute, tzinfo=UTC))
FACTS = st.builds(
    states.known,
    state=st.sampled_from([State.SENT, State.FAILED, State.DELIVERED, State.READ]),
    at=INSTANTS,
    reason=st.sampled_from(["", "absent", "full"]),
)
BUILT_IN = {
    "stop": "https://x.gov.cn/t/1y2p0ij32e8e7-0123456789ab",
    "hotline": "12345",
    "inbox": "https://x.gov.cn/mine/",
    "count": "40",
}


@given(st.lists(FACTS, max_size=6), st.randoms())
def test_receipts_in_any_order_and_any_number_give_the_same(facts, random):
    once = states.fold(facts)
    shuffled = facts * 2
    random.shuffle(shuffled)
    assert states.fold(shuffled) == once


@given(FACTS, FACTS, FACTS)
def test_merging_is_associative_commutative_and_idempotent(a, b, c):
    assert states.merge(a, states.merge(b, c)) == states.merge(states.merge(a, b), c)
    assert states.merge(a, b) == states.merge(b, a)
    assert states.merge(a, a) == a
    assert states.merge(a, Known()) == a


@given(FACTS, FACTS)
def test_no_receipt_ever_lowers_a_state(a, b):
    assert states.merge(a, b).state >= a.state


def test_a_delivery_reported_after_a_failure_is_believed_and_the_failure_kept():
    failed = states.known(state=State.FAILED, at=datetime(2026, 6, 1, tzinfo=UTC), reason="absent")
    delivered = states.known(state=State.DELIVERED, at=datetime(2026, 6, 2, tzinfo=UTC))
    for one, other in permutations([failed, delivered]):
        both = states.merge(one, other)
        assert both.state is State.DELIVERED
        assert both.reason == "absent"


def test_every_stage_is_in_the_table_and_the_end_is_read():
    assert set(NEXT) == set(Stage)
    assert {stage for stage, after in NEXT.items() if not after} == {Stage.READ}


def test_only_the_ladder_takes_a_message_back():
    back = {(stage, after) for stage, nexts in NEXT.items() for after in nexts if after < stage}
    assert back == {(Stage.UNDERWAY, Stage.WAITING)}


@pytest.mark.parametrize(
    ("at", "expect"),
    [
        ("2026-06-01T20:59", "2026-06-01T20:59"),
        ("2026-06-01T21:00", "2026-06-02T08:00"),
        ("2026-06-01T23:30", "2026-06-02T08:00"),
        ("2026-06-02T00:10", "2026-06-02T08:00"),
        ("2026-06-02T07:59", "2026-06-02T08:00"),
        ("2026-06-02T08:00", "2026-06-02T08:00"),
        ("2026-12-31T22:00", "2027-01-01T08:00"),
    ],
)
def test_in_quiet_hours_a_message_waits_for_the_morning(at, expect):
    """B10.11 N-5: the hours are those of Shanghai, over midnight."""
    moment = datetime.fromisoformat(at).replace(tzinfo=SHANGHAI)
    assert ladder.awake(moment.astimezone(UTC), Quiet()) == datetime.fromisoformat(expect).replace(tzinfo=SHANGHAI)


def test_quiet_hours_may_lie_within_a_day_or_not_exist():
    noon = datetime(2026, 6, 1, 12, 30, tzinfo=SHANGHAI)
    assert ladder.awake(noon, Quiet(time(12), time(14))) == noon.replace(hour=14, minute=0)
    assert ladder.awake(noon.replace(hour=15), Quiet(time(12), time(14))) == noon.replace(hour=15)
    assert ladder.awake(noon, None) == noon


def test_the_pause_of_a_failing_gateway_doubles_to_its_limit_and_is_spread():
    assert ladder.pause(0, 1.0) == timedelta(seconds=2)
    assert ladder.pause(3, 1.0) == timedelta(seconds=16)
    assert ladder.pause(3, 0.0) == timedelta(seconds=8)
    assert ladder.pause(500, 1.0) == timedelta(minutes=2)


def test_only_phones_with_enough_messages_get_a_digest_and_a_missing_phone_never_does():
    """N-8"""
    phones = [b"a"] * 3 + [b"b"] * 2 + [b""] * 9
    assert ladder.digests(phones, at_least=3) == {b"a"}
    assert ladder.digests(phones, at_least=0) == set()


def test_a_client_id_is_ordered_by_time_and_of_version_seven():
    early = ladder.uuid7(datetime(2026, 6, 1, tzinfo=UTC), b"\xff" * 10)
    late = ladder.uuid7(datetime(2026, 6, 1, 0, 0, 1, tzinfo=UTC), b"\x00" * 10)
    assert early.version == late.version == 7
    assert early.variant == "specified in RFC 4122"
    assert early.hex < late.hex


@pytest.mark.parametrize(
    ("type", "value", "zh", "en"),
    [
        (Type.DATE, "2026-11-30", "2026年11月30日（周一）", "Mon 30 Nov 2026"),
        (Type.DATE, "2028-02-29", "2028年2月29日（周二）", "Tue 29 Feb 2028"),
        (Type.LIST, ["申请书", "许可证正本"], "申请书、许可证正本", "申请书, 许可证正本"),
        (Type.INT, 7, "7", "7"),
        (Type.PHONE, "0374-2961234", "0374-2961234", "0374-2961234"),
    ],
)
def test_values_are_shown_as_people_read_them(type, value, zh, en):
    """N-2: dates carry their weekday; B10.6: 29 February is a day like others."""
    assert texts.show(value, type=type, language="zh") == zh
    assert texts.show(value, type=type, language="en") == en


@pytest.mark.parametrize(
    ("type", "value"),
    [
        (Type.DATE, "2026-02-29"),
        (Type.DATE, None),
        (Type.INT, "7"),
        (Type.INT, True),
        (Type.URL, "javascript:alert(1)"),
        (Type.URL, "https://例子"),
        (Type.PHONE, "call me"),
        (Type.LIST, ["a", ""]),
        (Type.LIST, "ab"),
        (Type.TEXT, ""),
        (Type.TEXT, "two\nlines"),
    ],
)
def test_a_value_of_a_wrong_type_is_unfit(type, value):
    with pytest.raises(Unfit):
        texts.show(value, type=type, language="zh")


def test_a_placeholder_without_a_value_is_never_sent():
    with pytest.raises(Unfit, match=r"\{name\}"):
        texts.render("您的{name}", {})


def test_values_are_not_filled_in_twice():
    assert texts.render("{a}", {"a": "{b}", "b": "x"}) == "{b}"


@pytest.mark.parametrize(
    ("text", "count"),
    [("字" * 70, 1), ("字" * 71, 2), ("字" * 134, 2), ("字" * 135, 3), ("a" * 160, 1), ("a" * 161, 2)],
)
def test_sms_parts_are_counted_as_operators_bill_them(text, count):
    assert texts.parts(text) == count


def said(draft: Draft) -> str:
    return "；".join(each.zh for each in texts.problems(draft, built_in=BUILT_IN))


def changed(**slots: str) -> Draft:
    whole = plain_text()
    return Draft(
        {slot: {**both, **({"zh": slots[slot]} if slot in slots else {})} for slot, both in whole.texts.items()},
        whole.variables,
        whole.rows,
    )


def test_plain_texts_may_be_published():
    assert said(plain_text()) == ""
    assert said(plain_text(variant=texts.DIGEST)) == ""
    assert said(plain_text(who=Variable(Type.TEXT, "许昌某某有限公司"))) == ""


@pytest.mark.parametrize(
    ("draft", "why"),
    [
        (changed(inbox_title=" "), "缺少inbox_title的zh文本"),
        (changed(sms="{due}{nobody}。退订{stop} 投诉{hotline}"), "没有声明的变量{nobody}"),
        (Draft(plain_text().texts, {**plain_text().variables, "idle": Variable(Type.TEXT, "x")}), "{idle}没有出现"),
        (changed(sms="{due}{stop}。投诉{hotline}"), "sms没有写明怎样退订"),
        (changed(push_body="{due}退订{stop}"), "push_body没有写明投诉电话"),
        (changed(sms="退订{stop} 投诉{hotline}"), "没有写明截止日期"),
        (changed(sms="{due}退订{stop} 投诉{hotline}" + "字" * 200), "最多3段"),
        (changed(sms="字" * 60 + "{due}退订{stop} 投诉{hotline}"), "不在第一段之内"),
        (changed(inbox_body="41100219900101123X {due}退订{stop}投诉{hotline}"), "文本中有身份证号"),
        (changed(inbox_title="{ due }"), "花括号没有配成变量"),
        (changed(inbox_title="{count}"), "{count}只用于汇总模板"),
        (plain_text(arrears=Variable(Type.INT, 5)), "不得写入消息"),
        (plain_text(stop=Variable(Type.TEXT, "x")), "由系统填写"),
        (plain_text(who=Variable(Type.DATE, "long")), "试填不通过"),
        (plain_text(who=Variable(Type.TEXT, "410702199003071234")), "试填不通过"),
    ],
)
def test_an_unfit_template_is_told_why(draft, why):
    """B10.7 N-2 N-7 N-9: unknown or idle variables, no way out, no date, too long, identifiers."""
    assert why in said(draft)


def test_a_preview_shows_the_longest_values_in_both_languages():
    """N-9"""
    shown = texts.preview(plain_text(who=Variable(Type.TEXT, "最长的名称" * 3)), built_in=BUILT_IN)
    assert "最长的名称" * 3 in shown["zh"].sms
    assert "Wed 30 Dec 2026" in shown["en"].inbox_body
    assert shown["en"].rows.keys() == {"About"}


def test_a_message_with_an_id_number_in_a_value_is_unfit():
    """N-7"""
    with pytest.raises(Unfit, match="ID number"):
        texts.render_all(
            plain_text(who=Variable(Type.TEXT, "x")),
            {"due": "2026-11-30", "who": "证号41100219900101123X"},
            built_in=BUILT_IN,
            language="zh",
        )
