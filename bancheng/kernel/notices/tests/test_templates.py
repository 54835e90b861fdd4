"""Kinds are defined, templates drafted, published and retired; readers stop and start."""

from datetime import datetime

import pytest

from bancheng.kernel.notices import addresses, testing
from bancheng.kernel.notices import public as notices
from bancheng.kernel.notices.models import Kind, OptOut, Template
from bancheng.kernel.notices.rules.ladder import SHANGHAI
from bancheng.lib.refusal import Refused
from bancheng.lib.text import Text

pytestmark = pytest.mark.django_db
AT = datetime(2026, 6, 1, 10, tzinfo=SHANGHAI)
KIND = "test.reminder"
NAME = Text("提醒", "Reminder")


@pytest.fixture(autouse=True)
def _kind():
    notices.define_kind(code=KIND, name=NAME, ladder=testing.LADDER, by="test", at=AT)


def draft(text=None, by="an"):
    return notices.draft(kind=KIND, text=text or testing.plain_text(), by=by, at=AT)


def test_defining_a_kind_again_changes_only_what_differs(django_assert_num_queries):
    with django_assert_num_queries(3):  # savepoint, look, release
        notices.define_kind(code=KIND, name=NAME, ladder=testing.LADDER, by="test", at=AT)
    notices.define_kind(code=KIND, name=NAME, ladder=testing.SMS_ONLY, by="test", at=AT, quiet=None)
    kind = Kind.objects.get()
    assert (kind.ladder[0]["channel"], kind.quiet_first) == ("sms", None)


def test_a_channel_nobody_speaks_is_a_mistake():
    with pytest.raises(ValueError, match="pigeon"):
        notices.define_kind(code="x", name=NAME, ladder=[notices.Rung("pigeon", testing.LADDER[0].wait)], by="t", at=AT)


def test_a_new_version_retires_the_one_before():
    """N-9"""
    first, second = draft(), draft()
    notices.publish(template_id=first, by="an", at=AT)
    notices.publish(template_id=second, by="an", at=AT)
    assert list(Template.objects.order_by("id").values_list("version", "state")) == [(1, "retired"), (2, "published")]
    with pytest.raises(Refused, match="template_not_draft"):
        notices.publish(template_id=first, by="an", at=AT)


def test_an_unfit_draft_is_kept_but_not_published():
    """B10.7"""
    whole = testing.plain_text()
    broken = notices.Draft({**whole.texts, "inbox_title": {"zh": "{nobody}", "en": "{nobody}"}}, whole.variables)
    made = draft(broken)
    with pytest.raises(Refused, match="nobody") as no:
        notices.publish(template_id=made, by="an", at=AT)
    assert "nobody" in no.value.en
    assert Template.objects.get().state == "draft"


def test_a_second_person_may_be_asked_for():
    """P-2"""
    made = draft(by="an")
    with pytest.raises(Refused, match="own_template"):
        notices.publish(template_id=made, by="an", at=AT, second_person=True)
    notices.publish(template_id=made, by="bo", at=AT, second_person=True)


def test_a_draft_is_read_back_as_it_was_written():
    text = testing.plain_text(who=notices.Variable(notices.Type.LIST, ["一", "二"]))
    made = draft(text)
    assert notices.draft_of(Template.objects.get(pk=made)) == text


def accept():
    notices.publish(template_id=draft(), by="an", at=AT)
    to = notices.Recipient.of(mobile="13800000001", holder_hash=b"h" * 32)
    return notices.accept(kind=KIND, region="411002", key="k", subject="s", to=to, values={"due": "2026-11-30"}, at=AT)


def test_the_link_in_a_message_stops_its_kind_for_its_phone_and_starts_it_again():
    """R-ID-7"""
    token = addresses.stop_token(accept())
    phone = notices.Recipient.of(mobile="13800000001").mobile_hash
    for _ in range(2):
        assert notices.stop_by_token(token=token, at=AT) == KIND
    assert notices.stops(mobile_hash=phone) == {notices.Stop(KIND, "")}
    notices.stop_by_token(token=token, at=AT, again=True)
    assert not OptOut.objects.exists()


@pytest.mark.parametrize("token", ["", "-", "1-000000000000", "zz", "１-abc", "9" * 40 + "-x", "é-é"])
def test_a_made_up_link_stops_nothing(token):
    accept()
    with pytest.raises(Refused, match="bad_link"):
        notices.stop_by_token(token=token, at=AT)
    assert not OptOut.objects.exists()


def test_a_link_stays_short_enough_for_a_text():
    assert len(addresses.stop_token(addresses.LONGEST_ID)) == 26
    assert addresses.message_of(addresses.stop_token(123456789)) == 123456789
