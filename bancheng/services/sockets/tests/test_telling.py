"""What a payer is told, from the event to the text on his phone: plain words, what to do, in the language of the session."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.test import Client

from bancheng.kernel.clocks import public as clocks
from bancheng.lib.socketwire import EventKind
from bancheng.services.sockets.models import Meter, Session
from bancheng.services.sockets.rules import protection, words
from bancheng.services.sockets.rules.sessions import State
from bancheng.services.sockets.tests import walking
from bancheng.services.sockets.tests.walking import Device, paid, socket, tell

pytestmark = pytest.mark.usefixtures("loaded_city")
MINUTE = timedelta(minutes=1)


def begun(language: str = "zh", fen: str = "100") -> tuple[Client, str, Session, Device, datetime]:
    """Scan, pay, leave a phone, switch on; return what goes on from there."""
    socket(gateway="gw-test")
    phone = Client(headers={"accept-language": language})
    url = phone.post("/sockets/s/XC0001/", {"fen": fen, "channel": "wechat"})["Location"]
    session, now = Session.objects.latest("created_at"), clocks.now()
    paid(session, now)
    assert phone.post(f"{url}phone/", {"mobile": "13900000007"}).status_code == 302
    meter = Meter.objects.get(socket=session.socket).address
    device = Device(gateway="gw-test", began=now - timedelta(hours=1), meter=meter)
    tell(device.close(session, now))
    return phone, url, session, device, now


def told(session: Session) -> dict[str, str]:
    """Return the text message of each kind as the phone would show it, in the language of the session."""
    found = (
        apps.get_model("notices", "Message").objects.filter(subject=f"session:{session.pk}").select_related("template")
    )
    return {one.kind: _sms(one) for one in found}


def _sms(one: Any) -> str:
    shown = one.values | {"hotline": "12345", "stop": "T"}
    return re.sub(r"\{(\w+)\}", lambda found: str(shown[found[1]]), one.template.texts["sms"][one.language])


def test_a_trip_is_told_with_its_reason_and_what_to_do() -> None:
    """F1.19, N-2: by message in the language of the session; the page says the same."""
    phone, url, session, device, now = begun("en")
    tell(device.open(now + MINUTE, "OC", EventKind.TRIPPED))
    assert told(session)["sockets.tripped"] == (
        "XC0001 cut off: More power was drawn than the socket may give. Plug in less, scan again. Complaints 12345, stop: T"
    )
    page = phone.get(url).content.decode()
    assert words.TRIPS["OC"].en in page
    assert "Plug in less" in page
    assert "sockets.ended" not in told(session)


def test_money_that_ran_out_is_told_with_how_to_go_on() -> None:
    """F1.12, N-2: the device cut by its quota; nobody is left to wonder why it is dark."""
    phone, url, session, device, now = begun()
    quota = Session.objects.get(pk=session.pk).quota_wh // 10
    tell(device.reading(now + 60 * MINUTE, more_10wh=quota, power_w=3000), at=now + 60 * MINUTE)
    tell(device.open(now + 61 * MINUTE, "quota"))
    assert Session.objects.get(pk=session.pk).cause == "quota"
    assert told(session)["sockets.emptied"].startswith("插座XC0001预付用完已断电，用电")
    assert "还要用请重新扫码" in told(session)["sockets.emptied"]
    page = phone.get(url).content.decode()
    assert "预付金额用完" in page
    assert "重新扫码" in page


def test_a_refund_that_arrived_is_told_with_its_amount() -> None:
    """F1.11: handed over, arrived; each once."""
    _, _, session, device, now = begun(fen="500")
    tell(device.open(now + MINUTE))
    session = walking.refund_moves(session, "processing", now + 2 * MINUTE)
    assert "sockets.refunded" not in told(session)
    session = walking.refund_moves(session, "success", now + 3 * MINUTE)
    assert session.state == State.CLOSED
    said = told(session)
    assert said["sockets.refunded"] == "余额5.00元已退回原账户。投诉12345，退订T"
    assert set(said) == {"sockets.started", "sockets.ended", "sockets.refunded"}


def test_a_refund_the_account_cannot_take_is_told_with_whom_to_call() -> None:
    """B1.9"""
    phone, url, session, device, now = begun(fen="500")
    tell(device.open(now + MINUTE))
    walking.refund_moves(session, "abnormal", now + 2 * MINUTE)
    assert "sockets.refund_failed" in told(session)
    page = phone.get(url).content.decode()
    assert "人工处理中" in page
    assert "95598" in page


def test_every_protection_has_plain_words_and_a_next_step_in_both_languages() -> None:
    """F1.19: none of the eight is told by its code."""
    for code in protection.PROTECTIONS:
        for table in (words.TRIPS, words.WHAT_TO_DO, words.IN_SHORT):
            assert table[code].zh
            assert table[code].en
            assert code not in table[code].en.split()
