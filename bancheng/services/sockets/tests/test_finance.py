"""Finance: refunds that did not arrive are seen to by two people; the days' comparisons are shown and made again."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.identity import testing as people
from bancheng.kernel.jobs import testing as jobs
from bancheng.kernel.payments import public as payments
from bancheng.kernel.payments import testing as paying
from bancheng.services.sockets.models import Session
from bancheng.services.sockets.rules import finance as words
from bancheng.services.sockets.tests import walking
from bancheng.services.sockets.tests.walking import Device, paid, reserve, socket, tell

pytestmark = pytest.mark.django_db
PAGE = "/sockets/finance/"


def clerk(name: str, role: str = "power_finance") -> Client:
    client = Client()
    client.force_login(people.staff(role, name=name))
    return client


@pytest.fixture
def stuck() -> Session:
    """A use whose rest the channel cannot send back."""
    socket()
    now = clocks.now()
    session = paid(reserve(at=now), now)
    device = Device(began=now - timedelta(hours=1))
    tell(device.close(session, now))
    tell(device.open(now + timedelta(minutes=1)))
    return walking.refund_moves(session, "abnormal", now + timedelta(minutes=2))


def number(session: Session) -> Any:
    return session.refunds.get().refund_id


def put(client: Client, session: Session, outcome: str = "not_sent", why: str = "商户平台显示退款失败") -> Any:
    return client.post(f"{PAGE}refunds/{number(session)}/", {"outcome": outcome, "why": why})


def test_an_abnormal_refund_is_seen_to_by_two_people(stuck: Session) -> None:
    """B1.9 R1.8: one says what the channel shows, another agrees; only then it goes, under a new number."""
    one, two = clerk("甲"), clerk("乙")
    page = one.get(PAGE).content.decode()
    assert "渠道退不回去，需人工处理" in page
    assert put(one, stuck, why=" ").status_code == 422
    assert put(one, stuck).status_code == 302
    assert put(two, stuck).status_code == 409
    (finding,) = payments.findings(stuck.region).values()
    assert "由另一人同意" in one.get(PAGE).content.decode()
    assert "商户平台显示退款失败" in two.get(PAGE).content.decode()
    where = f"{PAGE}findings/{finding.id}/"
    assert one.post(where, {"decision": "agree"}).status_code == 409
    assert stuck.refunds.count() == 1
    assert two.post(where, {"decision": "agree"}).status_code == 302
    first, second = payments.refunds_of(stuck.prepays.get(counts=True).order_id)
    assert (first.state, second.state, second.amount_fen) == ("closed", "planned", first.amount_fen)
    assert two.post(where, {"decision": "agree"}).status_code == 409


def test_what_another_declines_changes_nothing(stuck: Session) -> None:
    one, two = clerk("甲"), clerk("乙")
    put(one, stuck, "arrived")
    (finding,) = payments.findings(stuck.region).values()
    two.post(f"{PAGE}findings/{finding.id}/", {"decision": "decline"})
    (refund,) = payments.refunds_of(stuck.prepays.get(counts=True).order_id)
    assert (refund.state, payments.findings(stuck.region)) == ("abnormal", {})


def test_a_refund_that_has_arrived_closes_the_use(stuck: Session) -> None:
    one, two = clerk("甲"), clerk("乙")
    put(one, stuck, "arrived")
    (finding,) = payments.findings(stuck.region).values()
    two.post(f"{PAGE}findings/{finding.id}/", {"decision": "agree"})
    stuck.refresh_from_db()
    assert stuck.state == "closed"
    assert "没有待处理的退款" in one.get(PAGE).content.decode()


def test_an_auditor_reads_and_does_nothing(stuck: Session) -> None:
    auditor = clerk("丙", "auditor")
    page = auditor.get(PAGE).content.decode()
    assert ("渠道退不回去" in page, "提出，由另一人同意" in page) == (True, False)
    assert put(auditor, stuck).status_code == 403
    assert clerk("丁", "dispatcher").get(PAGE).status_code == 403


def test_a_day_is_compared_again_when_somebody_asks(stuck: Session) -> None:
    one = clerk("甲")
    day = (clocks.today() - timedelta(days=1)).isoformat()
    assert one.post(f"{PAGE}compare/", {"channel": "wechat", "day": day}).status_code == 302
    assert ("payments.compare_day", {"region": "411000", "channel": "wechat", "day": day}) in jobs.promised()
    for wrong in (clocks.today().isoformat(), "", "2026-13-45"):
        assert one.post(f"{PAGE}compare/", {"channel": "alipay", "day": wrong}).status_code == 422
    assert one.post(f"{PAGE}compare/", {"channel": "cash", "day": day}).status_code == 404


def test_the_days_are_shown_with_what_does_not_fit(django_assert_max_num_queries: Any) -> None:
    """Section 9.1: equal, ours only, theirs only, amount differs."""
    at = clocks.now()
    for n in range(4):
        day = clocks.today() - timedelta(days=n + 1)
        paying.compared(
            "411000", "wechat", day, at, {"equal": 3}, [("n-1", "theirs_only", None, 500)] if n == 0 else []
        )
    one = clerk("甲")
    with django_assert_max_num_queries(14):
        page = one.get(PAGE).content.decode()
    assert ("1笔不符" in page, "只有渠道有" in page, page.count("重新核对")) == (True, True, 4)
    english = one.get(PAGE, headers={"accept-language": "en"}).content.decode()
    assert "theirs only" in english


def test_every_channel_state_and_class_has_words() -> None:
    assert set(words.CHANNELS) == set(payments.Channel)
    assert set(words.REFUNDS) == set(payments.RefundState)
    assert set(words.MATCHES) == set(payments.Match)
