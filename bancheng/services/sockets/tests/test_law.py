"""What the law asks of every use: who is the customer, what is charged, what never becomes of a debt, and what is not sold."""

import ast
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client

from bancheng.kernel.ledger import public as ledger
from bancheng.lib.refusal import Refused
from bancheng.services.sockets import settlement
from bancheng.services.sockets.models import Session, Site
from bancheng.services.sockets.operations import sessions
from bancheng.services.sockets.pages import host
from bancheng.services.sockets.rules import money
from bancheng.services.sockets.rules.tariff import Band, DayType, Rate
from bancheng.services.sockets.service import HOST, SERVICE
from bancheng.services.sockets.tests import towns
from bancheng.services.sockets.tests.walking import NINE, Device, now_of, refund_moves, reserve, socket, started, tell

pytestmark = pytest.mark.django_db
ROOM = Path(host.__file__).parents[1]


def used(device: Device, *, more_10wh: int = 3) -> Session:
    session = started(device)
    tell(device.reading(NINE + timedelta(minutes=30), more_10wh=more_10wh), device.open(NINE + timedelta(minutes=31)))
    return now_of(session)


def test_the_public_account_is_the_customer_of_record_and_the_passer_by_is_nobody() -> None:
    """R1.3, F1.4, F1.16: the settlement names the account of the site; the use holds no name, no number, no account of a person."""
    socket()
    Site.objects.update(public_account="GGYH41100099")
    session = used(Device())
    kept = {field.name for field in Session._meta.get_fields()}
    assert not kept & {"person", "holder", "name", "mobile", "openid", "citizen_id", "organisation"}
    file = settlement.of("411000", NINE.date()).content
    assert b"GGYH41100099" in file
    assert bytes(session.token_hash).hex().encode() not in file


def test_what_was_used_beyond_the_prepayment_is_our_loss_and_never_a_debt() -> None:
    """R1.5, R1.6: nothing is owed, nothing is told to credit; the room does not even know of it."""
    socket()
    device = Device()
    session = started(device, fen=100)
    for n in range(1, 31):
        tell(device.reading(NINE + n * timedelta(minutes=6), more_10wh=30, power_w=3000))
    tell(device.open(NINE + timedelta(hours=3, minutes=5)))
    session = now_of(session)
    assert session.cost_fen == session.paid_fen == 100
    assert session.lost_fen > 0
    assert ledger.balance("411000", money.session(session.pk)) == 0
    assert ledger.balance("411000", money.OVERRUN) == session.lost_fen
    imported = {
        name
        for path in ROOM.rglob("*.py")
        if "tests" not in path.parts
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module
        for name in [node.module]
    }
    assert not [name for name in imported if name.startswith("bancheng.kernel.credit")]


def test_a_host_has_no_page_on_which_a_price_could_be_set() -> None:
    """R1.2, F1.18: reports, wishes and totals are all he has."""
    his = {page.name for page in SERVICE.pages if HOST in page.who}
    assert his == {"host", "report", "ask"}


def test_one_site_serves_whoever_comes_one_after_another() -> None:
    """F1.15: no contract of a person stands between the socket and its next user."""
    socket()
    device = Device()
    first = used(device)
    refund_moves(first, "success", NINE + timedelta(minutes=32))
    second = reserve(at=NINE + timedelta(hours=1))
    assert second.site_id == first.site_id
    assert bytes(second.token_hash) != bytes(first.token_hash)


def test_meter_acquisition_and_bill_are_one_number() -> None:
    """F1.7, F1.9: what the gateway stored, what the segments keep, what the bill adds up to."""
    socket()
    session = used(Device(), more_10wh=7)
    (segment,) = session.segments.all()
    assert segment.energy_10wh * 10 == session.used_wh == sum(line["wh"] for line in session.bill) == 70


def test_without_a_price_for_now_nothing_is_sold_and_the_page_says_so() -> None:
    """B1.10, R1.1: no tariff row, no start; nothing is charged."""
    towns.site("S9", price_class="nobody-s")
    towns.socket("XC0901", "1", "gw-0901", at_site="S9")
    with pytest.raises(Refused) as no:
        sessions.reserve(code="XC0901", prepay_fen=500, channel="wechat", at=NINE)
    assert no.value.code == "no_tariff"
    assert not Session.objects.exists()
    page = Client().get("/sockets/s/XC0901/").content.decode()
    assert "没有可用的电价" in page
    assert "没有扣款" in page


def test_a_hole_in_the_hours_to_come_is_no_price_either() -> None:
    """B1.10: a session may last twelve hours, so each of them needs its price."""
    till_ten = Rate(towns.ALL, DayType.EVERY, 0, 600, Band.FLAT, towns.FLAT)
    towns.plan(price_class="holed", rates=(till_ten,))
    towns.site("S8", price_class="holed")
    towns.socket("XC0801", "1", "gw-0801", at_site="S8")
    with pytest.raises(Refused) as no:
        reserve("XC0801")
    assert no.value.code == "no_tariff"
