"""What is written, refused and promised when messages are taken in."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from bancheng.kernel.jobs import testing as jobs
from bancheng.kernel.notices import public as notices
from bancheng.kernel.notices import testing
from bancheng.kernel.notices.models import Message
from bancheng.kernel.notices.rules.ladder import SHANGHAI
from bancheng.lib.refusal import Refused
from bancheng.lib.text import Text

pytestmark = pytest.mark.django_db
AT = datetime(2026, 6, 1, 10, tzinfo=SHANGHAI)
KIND = "test.reminder"
ME = b"h" * 32


@pytest.fixture
def _kind():
    testing.published_kind(KIND, at=AT, quiet=notices.Quiet())


def accept(n=1, *, at=AT, mobile="13800000001", holder=ME, due="2026-11-30", kind=KIND, **more):
    to = notices.Recipient.of(mobile=mobile, holder_hash=holder)
    return notices.accept(
        kind=kind, region="411002", key=f"k{n}", subject=f"s{n}", to=to, values={"due": due}, at=at, **more
    )


ROWS = """
SELECT '411002' AS region, 'bulk-' || n AS key, 's' || n AS subject, %(sealed)s::bytea AS mobile_sealed,
    %(hash)s::bytea AS mobile_hash, NULL::bytea AS holder_hash, jsonb_build_object('due', '2026-11-30') AS values
FROM generate_series(1, %(n)s::int) n
"""


def bulk(n=5, *, at=AT, sql=ROWS, **more):
    to = notices.Recipient.of(mobile="13800000001")
    params = {"n": n, "sealed": to.mobile_sealed, "hash": to.mobile_hash}
    return notices.accept_select(kind=KIND, at=at, sql=sql, params=params, **more)


@pytest.mark.usefixtures("_kind")
def test_a_message_is_written_once_and_its_sending_promised():
    """N-4: the same key is accepted once."""
    assert accept() is not None
    assert accept() is None
    assert Message.objects.count() == 1
    assert jobs.promised("notices.dispatch") == [("notices.dispatch", {})]


@pytest.mark.usefixtures("_kind")
def test_one_message_takes_three_statements(django_assert_num_queries):
    with django_assert_num_queries(3):  # settings, one INSERT … SELECT, one promise
        accept()


@pytest.mark.usefixtures("_kind")
def test_the_number_of_the_phone_stands_nowhere_in_plain_text():
    """P-9"""
    accept(mobile="13812345678")
    with connection.cursor() as cursor:
        cursor.execute("SELECT m::text || encode(mobile_sealed, 'escape') FROM notices_message m")
        assert "13812345678" not in cursor.fetchone()[0]


@pytest.mark.usefixtures("_kind")
@pytest.mark.parametrize("way", [accept, bulk])
def test_in_quiet_hours_it_waits_for_the_morning_and_promises_nothing(way):
    """B10.11 N-5"""
    way(at=datetime(2026, 6, 1, 22, tzinfo=SHANGHAI))
    message = Message.objects.first()
    assert message.not_before == datetime(2026, 6, 2, 8, tzinfo=SHANGHAI)
    assert message.step_at == message.not_before + timedelta(minutes=30)
    assert jobs.promised() == []


@pytest.mark.usefixtures("_kind")
def test_a_later_start_is_kept_and_moved_out_of_the_night():
    accept(not_before=datetime(2026, 6, 3, 23, tzinfo=SHANGHAI))
    assert Message.objects.get().not_before == datetime(2026, 6, 4, 8, tzinfo=SHANGHAI)


@pytest.mark.usefixtures("_kind")
def test_a_missing_variable_or_an_id_number_is_refused_and_nothing_written():
    """N-7 N-9"""
    to = notices.Recipient.of(mobile="13800000001")
    for values in ({}, {"due": "2026-11-30", "note": ["号码 41100219900101123X"]}):
        with pytest.raises(notices.Unfit):
            notices.accept(kind=KIND, region="411002", key="k", subject="s", to=to, values=values, at=AT)
    assert jobs.promised() == []


def test_an_unknown_kind_and_a_kind_without_texts_are_told_apart():
    with pytest.raises(notices.UnknownKind):
        accept()
    notices.define_kind(code=KIND, name=Text("提醒", "Reminder"), ladder=testing.LADDER, by="test", at=AT)
    with pytest.raises(notices.NoTemplate):
        accept()


@pytest.mark.usefixtures("_kind")
def test_a_select_is_taken_in_by_one_statement_and_a_second_run_adds_nothing(django_assert_num_queries):
    with django_assert_num_queries(4):  # settings, one INSERT … SELECT, one promise, one audit line
        assert bulk(500) == 500
    assert bulk(500) == 0
    assert bulk(600) == 100
    assert len(jobs.promised("notices.dispatch")) == 1


@pytest.mark.usefixtures("_kind")
def test_one_incomplete_row_refuses_the_whole_select():
    sql = ROWS.replace(
        "jsonb_build_object('due', '2026-11-30')",
        "CASE WHEN n = 3 THEN '{}'::jsonb ELSE '{\"due\":\"2026-11-30\"}' END",
    )
    with pytest.raises(notices.Unfit, match="1 messages"):
        bulk(5, sql=sql)


@pytest.mark.usefixtures("_kind")
def test_a_variant_speaks_in_its_own_texts_and_others_in_the_general_ones():
    own = testing.plain_text(variant="food")
    notices.publish(template_id=notices.draft(kind=KIND, text=own, by="a", at=AT), by="b", at=AT)
    accept(1, variant="food")
    accept(2, variant="tobacco")
    sql = ROWS.replace("AS values", "AS values, CASE WHEN n < 3 THEN 'food' ELSE 'other' END AS variant")
    bulk(4, sql=sql, variant=True)
    variants = list(Message.objects.order_by("id").values_list("template__variant", flat=True))
    assert variants == ["food", "", "food", "food", "", ""]


@pytest.mark.usefixtures("_kind")
@pytest.mark.parametrize("scope", [{"kind": KIND}, {"kind": ""}])
def test_who_stopped_is_kept_in_the_inbox_but_never_sent_to(scope):
    """R-ID-7"""
    notices.opt_out(by="person:1", at=AT, holder_hash=ME, **scope)
    accept(1)
    accept(2, holder=b"x" * 32)
    assert testing.stages(KIND) == [notices.Stage.SUPPRESSED, notices.Stage.WAITING]
    assert [each.reason for each in notices.inbox([ME])] == ["stopped"]


@pytest.mark.usefixtures("_kind")
def test_a_stopped_phone_is_passed_over_by_a_select_and_another_kind_is_not_touched():
    phone = notices.Recipient.of(mobile="13800000001").mobile_hash
    notices.opt_out(by="phone", at=AT, mobile_hash=phone, kind=KIND)
    assert bulk(5) == 0
    testing.published_kind("test.other", at=AT)
    accept(9, kind="test.other")
    assert testing.stages("test.other") == [notices.Stage.WAITING]


def test_a_kind_that_must_reach_everybody_cannot_be_stopped():
    testing.published_kind(KIND, at=AT, may_stop=False)
    notices.opt_out(by="person:1", at=AT, holder_hash=ME)  # everything
    accept()
    assert testing.stages(KIND) == [notices.Stage.WAITING]
    with pytest.raises(Refused, match="cannot_stop"):
        notices.opt_out(by="person:1", at=AT, holder_hash=ME, kind=KIND)


def test_a_kind_without_channels_lives_in_the_inbox_alone():
    testing.published_kind(KIND, at=AT, ladder=[])
    accept()
    assert testing.stages(KIND) == [notices.Stage.REACHED]
    assert jobs.promised() == []
    assert len(notices.inbox([ME])) == 1


@pytest.mark.usefixtures("_kind")
def test_the_same_key_in_another_region_is_another_message():
    accept()
    to = notices.Recipient.of(mobile="13800000001")
    values = {"due": "2026-11-30"}
    assert notices.accept(kind=KIND, region="411003", key="k1", subject="s", to=to, values=values, at=AT)


def test_instants_of_other_zones_are_the_same_instants():
    testing.published_kind(KIND, at=AT, quiet=notices.Quiet())
    accept(at=datetime(2026, 6, 1, 14, tzinfo=UTC))  # 22:00 in Shanghai
    assert Message.objects.get().not_before == datetime(2026, 6, 2, 8, tzinfo=SHANGHAI)
