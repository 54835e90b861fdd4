"""Finance's pages: the days, what is stuck, the account of a session, files; two people for a refund by hand."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.identity import testing as people
from bancheng.services.sockets.models import HandRefund, MasterReading, Meter, Session
from bancheng.services.sockets.tests import samples, towns
from bancheng.services.sockets.tests.walking import refund_moves

pytestmark = pytest.mark.django_db
MASTER = "202611079001"


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
    heading, line, end = text.split("\r\n")
    assert heading.startswith("用电单,站点,公共用户档案,插座")
    cells = line.split(",")
    assert cells[0] == session.pk.hex
    assert cells[7:10] == ["0.02", "5.00", f"{(session.cost_fen or 0) / 100:.2f}"]
    assert end == ""


def test_registers_of_master_meters_come_by_file_or_typed(one: Client) -> None:
    Meter.objects.create(region=towns.REGION, address=MASTER, site=towns.site(), fitted_at=towns.LONG_AGO)
    file = SimpleUploadedFile("总表.csv", f"表号,日期,示数\n{MASTER},2026-03-16,1234.56\n".encode("utf-8-sig"))
    assert one.post("/sockets/finance/masters/", {"file": file}).status_code == 302
    assert one.post("/sockets/finance/masters/", {"rows": f"{MASTER},2026-03-17,1250"}).status_code == 302
    assert list(MasterReading.objects.order_by("day").values_list("e_10wh", flat=True)) == [123_456, 125_000]
    for rows in ("", "x", f"{MASTER},2026-03-18", f"{MASTER},2026-03-18,1.234", f"{MASTER},2026-03-18,1e999"):
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


def test_a_stuck_refund_is_looked_into_and_decided(one: Client, two: Client, session: Session) -> None:
    """B1.9."""
    refund_moves(session, "abnormal", clocks.now())
    page = one.get("/sockets/finance/refunds/").content.decode()
    assert "异常" in page
    refund = session.refunds.get()
    address = f"/sockets/finance/refunds/{refund.refund_id}/"
    assert one.post(address, {"kind": "anew", "reason": ""}).status_code == 422
    assert one.post(address, {"kind": "anew", "reason": "渠道后台显示卡已注销"}).status_code == 302
    assert "待第二人批准" in one.get("/sockets/finance/refunds/").content.decode()
    row = HandRefund.objects.get()
    assert two.post(f"/sockets/finance/hand/{row.pk}/", {"decision": "approve"}).status_code == 302
    assert session.refunds.count() == 2


def test_an_auditor_reads_and_changes_nothing(session: Session) -> None:
    auditor = people.client_for(people.staff("auditor"))
    page = auditor.get(f"/sockets/finance/sessions/{session.pk}/").content.decode()
    assert "退还已收电费" not in page
    answer = auditor.post(f"/sockets/finance/sessions/{session.pk}/charge/", {"yuan": "0.01", "reason": "投诉单031"})
    assert answer.status_code == 403
