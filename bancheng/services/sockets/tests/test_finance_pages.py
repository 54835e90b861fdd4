"""Finance's pages: the days, the bills, what is stuck, the account of a session, files; two people where money goes back by hand."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.identity import testing as people
from bancheng.kernel.jobs import testing as jobs
from bancheng.kernel.payments import public as payments
from bancheng.kernel.payments import testing as paying
from bancheng.services.sockets.models import HandRefund, MasterReading, Meter, Session
from bancheng.services.sockets.rules import finance as words
from bancheng.services.sockets.tests import samples, towns
from bancheng.services.sockets.tests.walking import refund_moves

pytestmark = pytest.mark.django_db
MASTER = "202611079001"
BILLS, REFUNDS = "/sockets/finance/bills/", "/sockets/finance/refunds/"


@pytest.fixture
def one() -> Client:
    return people.client_for(people.staff("power_finance", name="周会计"))


@pytest.fixture
def two() -> Client:
    return people.client_for(people.staff("power_finance", name="吴审核"))


@pytest.fixture
def session() -> Session:
    samples.use("XC0001", "1")
    return Session.objects.get()


def test_a_day_is_reconciled_and_read(one: Client, session: Session) -> None:
    yesterday = (clocks.today() - timedelta(days=1)).isoformat()
    assert "还没有对过账" in one.get("/sockets/finance/").content.decode()
    answer = one.post("/sockets/finance/reconcile/", {"day": yesterday}, follow=True)
    page = answer.content.decode()
    for word in ("三方对账", "全部相符", "当天没有账单"):
        assert word in page
    english = one.get(f"/sockets/finance/days/{yesterday}/", headers={"accept-language": "en"}).content.decode()
    assert "everything fits" in english


@pytest.mark.parametrize("day", ["", "2026-13-01", "9999-01-01"])
def test_a_day_that_cannot_be_reconciled_comes_back_with_one_sentence(one: Client, day: str) -> None:
    answer = one.post("/sockets/finance/reconcile/", {"day": day})
    assert answer.status_code == 422
    assert "没有办成" in answer.content.decode()


def test_a_day_nobody_reconciled_is_not_there(one: Client) -> None:
    for day in ("2020-01-01", "x"):
        assert one.get(f"/sockets/finance/days/{day}/").status_code == 404


def test_the_settlement_file_has_a_line_a_session_and_names_nobody(one: Client, session: Session) -> None:
    """F1.7: what the billing system takes."""
    text = one.get(f"/sockets/finance/days/{clocks.today()}/settlement.csv").content.decode("utf-8-sig")
    heading, line, total, check, end = text.split("\r\n")
    assert heading.startswith("类别,用电单,站点,公共用户档案,插座")
    cells = line.split(",")
    assert cells[:2] == ["用电", session.pk.hex]
    assert cells[8:11] == ["0.02", "5.00", f"{(session.cost_fen or 0) / 100:.2f}"]
    assert (total.startswith("合计,1,"), check.startswith("校验,sha256,"), end) == (True, True, "")


def test_registers_of_master_meters_come_by_file_or_typed(one: Client) -> None:
    Meter.objects.create(region=towns.REGION, address=MASTER, site=towns.site(), fitted_at=towns.LONG_AGO)
    file = SimpleUploadedFile("总表.csv", f"表号,日期,示数\n{MASTER},2026-03-16,1234.56\n".encode("utf-8-sig"))
    assert one.post("/sockets/finance/masters/", {"file": file}).status_code == 302
    assert one.post("/sockets/finance/masters/", {"rows": f"{MASTER},2026-03-17,1250"}).status_code == 302
    assert list(MasterReading.objects.order_by("day").values_list("e_10wh", flat=True)) == [123_456, 125_000]
    for rows in ("", "x", f"{MASTER},2026-03-18", f"{MASTER},2026-03-18,1.234", f"{MASTER},2026-03-18,1e99999999"):
        answer = one.post("/sockets/finance/masters/", {"rows": rows})
        assert (answer.status_code, MasterReading.objects.count()) == (422, 2)
        assert "一行也没有保存" in answer.content.decode()


def test_a_session_is_found_by_any_of_its_numbers(one: Client, session: Session) -> None:
    order, refund = session.prepays.get().order_id.hex, session.refunds.get()
    for number in (str(session.pk), session.pk.hex, order, f"{order}-1"):
        assert one.get("/sockets/finance/find/", {"q": number})["Location"].endswith(f"/{session.pk}/")
    missing = one.get("/sockets/finance/find/", {"q": refund.refund_id.hex})
    assert missing.status_code == 404
    assert "没有找到" in missing.content.decode()
    page = one.get(f"/sockets/finance/sessions/{session.pk}/").content.decode()
    for word in ("收到预付款", "应付用电人", "结算电费", "退还已收电费"):
        assert word in page


def test_a_charge_goes_back_when_another_approves(one: Client, two: Client, session: Session) -> None:
    address = f"/sockets/finance/sessions/{session.pk}/charge/"
    for typed in ({"yuan": "x", "reason": "投诉单031"}, {"yuan": "99", "reason": "投诉单031"}, {"yuan": "0.01"}):
        assert one.post(address, typed).status_code == 422
    assert one.post(address, {"yuan": "0.01", "reason": "投诉单031"}).status_code == 302
    row = HandRefund.objects.get()
    page = one.get("/sockets/finance/refunds/").content.decode()
    assert "由另一人批准" in page
    assert "周会计" in page
    own = one.post(f"/sockets/finance/hand/{row.pk}/", {"decision": "approve"})
    assert own.status_code == 409
    assert two.post(f"/sockets/finance/hand/{row.pk}/", {"decision": "approve"}).status_code == 302
    assert "已批准，退款中" in one.get("/sockets/finance/refunds/").content.decode()


@pytest.fixture
def stuck(session: Session) -> Session:
    """A use whose rest the channel cannot send back."""
    return refund_moves(session, "abnormal", clocks.now())


def put(client: Client, session: Session, outcome: str = "not_sent", why: str = "商户平台显示退款失败") -> Any:
    address = f"{REFUNDS}{session.refunds.get().refund_id}/"
    return client.post(address, {"outcome": outcome, "why": why})


def finding(session: Session) -> str:
    (found,) = payments.findings(session.region).values()
    return f"/sockets/finance/findings/{found.id}/"


def refunds(session: Session) -> list[tuple[str, int]]:
    rows = payments.refunds_of(session.prepays.get(counts=True).order_id)
    return [(one.state, one.amount_fen) for one in rows]


def test_an_abnormal_refund_is_seen_to_by_two_people(one: Client, two: Client, stuck: Session) -> None:
    """B1.9 R1.8: one says what the channel shows, another agrees; only then it goes, under a new number."""
    assert "渠道退不回去，需人工处理" in one.get(REFUNDS).content.decode()
    assert put(one, stuck, why=" ").status_code == 422
    assert put(one, stuck, outcome="").status_code == 422
    assert put(one, stuck).status_code == 302
    assert put(two, stuck).status_code == 409
    page = one.get(REFUNDS).content.decode()
    assert ("由另一人同意" in page, "周会计" in page) == (True, True)
    assert "商户平台显示退款失败" in two.get(REFUNDS).content.decode()
    where, before = finding(stuck), refunds(stuck)
    assert one.post(where, {"decision": "agree"}).status_code == 409
    assert refunds(stuck) == before
    assert two.post(where, {"decision": "agree"}).status_code == 302
    assert refunds(stuck) == [("closed", before[0][1]), ("planned", before[0][1])]
    assert two.post(where, {"decision": "agree"}).status_code == 409


def test_what_was_typed_comes_back_in_its_own_form(one: Client, stuck: Session) -> None:
    page = put(one, stuck, outcome="", why="商户平台截图已存").content.decode()
    assert page.count('value="商户平台截图已存"') == 1


def test_what_another_declines_changes_nothing(one: Client, two: Client, stuck: Session) -> None:
    put(one, stuck, "arrived")
    two.post(finding(stuck), {"decision": "decline"})
    assert ([state for state, _ in refunds(stuck)], payments.findings(stuck.region)) == (["abnormal"], {})


def test_a_refund_that_has_arrived_closes_the_use(one: Client, two: Client, stuck: Session) -> None:
    put(one, stuck, "arrived")
    two.post(finding(stuck), {"decision": "agree"})
    stuck.refresh_from_db()
    assert stuck.state == "closed"
    assert "没有待处理的退款" in one.get(REFUNDS).content.decode()


def test_a_refund_of_another_service_is_not_here(one: Client) -> None:
    """Default deny: power's finance sees to power's refunds."""
    order = payments.order(
        region=towns.REGION, key="other-1", channel="wechat", amount_fen=300, description="别的服务",
        about="other:1", pay_before=clocks.now() + timedelta(minutes=3), at=clocks.now(),
    )  # fmt: skip
    paying.paid(order.id, clocks.now())
    refund = payments.refund(
        region=towns.REGION, key="other-1-1", order_id=order.id, amount_fen=300, reason="别的服务", at=clocks.now()
    )
    paying.refund_moves(refund.id, "abnormal", clocks.now())
    assert one.post(f"{REFUNDS}{refund.id}/", {"outcome": "arrived", "why": "平台显示到账"}).status_code == 404
    payments.find(
        region=towns.REGION, refund_id=refund.id, succeeded=True, why="平台显示到账", by="staff:9", at=clocks.now()
    )
    found = payments.findings(towns.REGION)[refund.id]
    assert one.post(f"/sockets/finance/findings/{found.id}/", {"decision": "agree"}).status_code == 404
    assert "没有待处理的退款" in one.get(REFUNDS).content.decode()


def test_a_day_is_compared_again_when_somebody_asks(one: Client) -> None:
    day = (clocks.today() - timedelta(days=1)).isoformat()
    assert one.post(f"{BILLS}compare/", {"channel": "wechat", "day": day}).status_code == 302
    assert ("payments.compare_day", {"region": "411000", "channel": "wechat", "day": day}) in jobs.promised()
    for wrong in (clocks.today().isoformat(), "", "2026-13-45"):
        assert one.post(f"{BILLS}compare/", {"channel": "alipay", "day": wrong}).status_code == 422
    assert one.post(f"{BILLS}compare/", {"channel": "cash", "day": day}).status_code == 404


def test_the_bills_are_shown_with_what_does_not_fit(one: Client, django_assert_max_num_queries: Any) -> None:
    """Section 9.1: equal, ours only, theirs only, amount differs."""
    assert "还没有核对过的账单" in one.get(BILLS).content.decode()
    for n in range(4):
        day = clocks.today() - timedelta(days=n + 1)
        odd = [("n-1", "theirs_only", None, 500)] if n == 0 else []
        paying.compared(region="411000", channel="wechat", day=day, at=clocks.now(), differences=odd)
    with django_assert_max_num_queries(12):
        page = one.get(BILLS).content.decode()
    assert ("1笔不符" in page, "只有渠道有" in page, page.count("重新核对")) == (True, True, 4)
    english = one.get(BILLS, headers={"accept-language": "en"}).content.decode()
    assert "theirs only" in english


def test_every_channel_state_and_class_has_words() -> None:
    assert set(words.CHANNELS) == set(payments.Channel)
    assert set(words.REFUNDS) == set(payments.RefundState)
    assert set(words.MATCHES) == set(payments.Match)


def test_finance_finds_on_its_home_page_what_waits_for_it(one: Client, two: Client, stuck: Session) -> None:
    assert "1笔退款渠道退不回去" in one.get("/").content.decode()
    put(one, stuck)
    assert "待您批准" not in one.get("/").content.decode()
    assert "1笔退款待您批准" in two.get("/").content.decode()
    assert "退款" not in people.client_for(people.staff("dispatcher")).get("/").content.decode()


def test_an_auditor_reads_and_changes_nothing(session: Session) -> None:
    auditor = people.client_for(people.staff("auditor"))
    page = auditor.get(f"/sockets/finance/sessions/{session.pk}/").content.decode()
    assert "退还已收电费" not in page
    answer = auditor.post(f"/sockets/finance/sessions/{session.pk}/charge/", {"yuan": "0.01", "reason": "投诉单031"})
    assert answer.status_code == 403
    refund_moves(session, "abnormal", clocks.now())
    page = auditor.get(REFUNDS).content.decode()
    assert ("渠道退不回去" in page, "提出，由另一人同意" in page) == (True, False)
    assert put(auditor, session).status_code == 403
    assert people.client_for(people.staff("dispatcher")).get(REFUNDS).status_code == 403
