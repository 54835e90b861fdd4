"""The passer-by's pages: scan, pay, live, stop, bill, without an account and without JavaScript."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.jobs import testing as jobs
from bancheng.kernel.payments import testing as payments
from bancheng.services.sockets.models import Contact, Meter, Session
from bancheng.services.sockets.operations import keeping
from bancheng.services.sockets.tests import walking
from bancheng.services.sockets.tests.walking import Device, paid, socket, tell

pytestmark = pytest.mark.django_db


@pytest.fixture
def phone() -> Client:
    socket()
    return Client()


def scanned(phone: Client, fen: str = "500") -> tuple[Session, str]:
    answer = phone.post("/sockets/s/XC0001/", {"fen": fen, "channel": "wechat"})
    assert answer.status_code == 302, answer.content.decode()
    return Session.objects.latest("created_at"), answer["Location"]


def test_a_scan_shows_place_number_price_and_amounts(phone: Client) -> None:
    """F1.8, F1.13: no account, no service fee, the number to compare with the sticker (X17)."""
    page = phone.get("/sockets/s/XC0001/").content.decode()
    for word in ("夜市", "XC0001", "元/度", "5.00元", "没有服务费", "微信支付并通电"):
        assert word in page
    assert "Night market" in phone.get("/sockets/s/XC0001/", headers={"accept-language": "en"}).content.decode()


def test_an_unknown_code_is_refused(phone: Client) -> None:
    """B1.1"""
    assert phone.get("/sockets/s/ZZ9999/").status_code == 404


def test_a_busy_socket_says_so_and_offers_the_next(phone: Client) -> None:
    """B1.2"""
    socket("XC0002", "2")
    scanned(phone)
    page = Client().get("/sockets/s/XC0001/").content.decode()
    assert "现在不能用" in page
    assert "XC0002" in page
    late = Client().post("/sockets/s/XC0001/", {"fen": "500", "channel": "wechat"})
    assert late.status_code == 409
    assert "正在使用" in late.content.decode()


@pytest.mark.parametrize("fen", ["", "0", "-5", "1000000", "abc", "500.5"])
def test_bad_amounts_come_back_with_one_sentence(phone: Client, fen: str) -> None:
    """B1.8"""
    answer = phone.post("/sockets/s/XC0001/", {"fen": fen, "channel": "wechat"})
    assert answer.status_code == 422
    assert "预付金额应为" in answer.content.decode()


def test_from_the_payment_to_the_bill(phone: Client) -> None:
    """F1.6, F1.9 to F1.12: each page says where it stands; the bill is exact and says how it was worked out."""
    session, url = scanned(phone)
    assert "去支付" in phone.get(url).content.decode()
    assert "正在打开支付" in phone.get(f"{url}pay/").content.decode()
    payments.opened(session.prepays.get().order_id, "https://pay.example/sheet")
    assert phone.get(f"{url}pay/")["Location"] == "https://pay.example/sheet"
    now = clocks.now()
    paid(session, now)
    assert "正在接通" in phone.get(url).content.decode()
    device = Device(began=now - timedelta(hours=1))
    tell(device.close(session, now))
    tell([device.reading(now + timedelta(seconds=30 * n), more_10wh=n % 2) for n in range(1, 5)])
    page = phone.get(url).content.decode()
    for word in ("223.1", "0.02", "结束用电", "还剩"):
        assert word in page
    assert phone.get(f"{url}live/?phase=live&state=active").status_code == 200
    assert phone.post(f"{url}stop/").status_code == 302
    assert phone.post(f"{url}stop/").status_code == 302
    assert phone.get(f"{url}live/?phase=live")["HX-Refresh"] == "true"
    tell(device.open(now + timedelta(minutes=3)))
    page = phone.get(url).content.decode()
    for word in ("您结束了用电", "退回微信", "怎么算的", "0.020", "四舍五入一次"):
        assert word.replace("0.020", "0.02") in page
    assert "共享电源电费收据" in phone.get(f"{url}receipt/").content.decode()
    assert "XC0001" in phone.get("/sockets/mine/").content.decode()
    english = phone.get(url, headers={"accept-language": "en"}).content.decode()
    assert "How it was worked out" in english


def test_who_waits_has_his_payment_looked_for(phone: Client) -> None:
    """X1: the channel's call is lost; the page that waits has it asked, at most once in five seconds."""
    session, url = scanned(phone)
    payments.opened(session.prepays.get().order_id, "https://pay.example/sheet")
    for _ in range(3):
        phone.get(f"{url}live/?phase=pay")
    assert jobs.promised("payments.ask") == [("payments.ask", {"order_id": str(session.prepays.get().order_id)})]


def test_another_phone_sees_nothing_of_it(phone: Client) -> None:
    scanned(phone)
    assert "还没有记录" in Client().get("/sockets/mine/").content.decode()
    assert Client().get("/sockets/u/made-up/").status_code == 404
    assert Client().get(f"/sockets/u/{'x' * 90}/").status_code == 404


def test_a_trip_is_told_in_plain_words_with_what_to_do(phone: Client) -> None:
    """F1.19"""
    session, url = scanned(phone)
    now = clocks.now()
    paid(session, now)
    device = Device(began=now - timedelta(hours=1))
    tell(device.close(session, now), device.open(now + timedelta(seconds=20), "OC", walking.EventKind.TRIPPED))
    page = phone.get(url).content.decode()
    assert "减少同时使用的电器" in page
    assert "没有用电" in page


def test_a_cancelled_one_costs_nothing(phone: Client) -> None:
    _, url = scanned(phone)
    phone.post(f"{url}stop/")
    assert "没有支付，也没有扣款" in phone.get(url).content.decode()


def test_the_number_of_statements_of_a_page_is_constant(phone: Client, django_assert_max_num_queries: object) -> None:
    _, url = scanned(phone)
    with django_assert_max_num_queries(6):  # type: ignore[operator]
        phone.get(url)
    with django_assert_max_num_queries(8):  # type: ignore[operator]
        phone.get("/sockets/s/XC0001/")


def test_a_phone_that_was_left_gets_the_bill_by_message(loaded_city: None) -> None:
    """N-2: told once for each state, with the link; nobody has to leave one."""
    socket(gateway="gw-test")
    phone = Client()
    session, url = scanned(phone)
    now = clocks.now()
    paid(session, now)
    wrong = phone.post(f"{url}phone/", {"mobile": "12345"})
    assert wrong.status_code == 422
    assert "手机号" in wrong.content.decode()
    assert phone.post(f"{url}phone/", {"mobile": "139 0000 0007"}).status_code == 302
    device = Device(
        gateway="gw-test", began=now - timedelta(hours=1), meter=Meter.objects.get(socket=session.socket).address
    )
    tell(device.close(session, now))
    tell(device.open(now + timedelta(minutes=1)))
    walking.refund_moves(session, "success", now + timedelta(minutes=2))
    assert _kinds(session) == ["sockets.ended", "sockets.refunded", "sockets.started"]
    contact = Contact.objects.get()
    assert b"139" not in bytes(contact.mobile_sealed)
    assert keeping.forget_phones(at=now + timedelta(days=40)) == 1


def _kinds(session: Session) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT kind FROM notices_message WHERE subject = %s ORDER BY 1", [f"session:{session.pk}"])
        return [row[0] for row in cursor.fetchall()]
