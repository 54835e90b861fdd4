"""One session from the scan to the last fen."""

from datetime import timedelta

import pytest

from bancheng.kernel.ledger import public as ledger
from bancheng.services.sockets.operations import sessions
from bancheng.services.sockets.rules import money
from bancheng.services.sockets.rules.sessions import State
from bancheng.services.sockets.tests.walking import NINE, Device, socket, started, tell

pytestmark = pytest.mark.django_db


def test_a_session_from_the_scan_to_the_refund() -> None:
    """F1.8, F1.9, F1.10, F1.11: scanned, paid, used, ended, charged by the meter, the rest on its way back."""
    socket()
    device = Device()
    session = started(device)
    assert session.state == State.ACTIVE
    for n in range(1, 31):
        tell(device.reading(NINE + timedelta(seconds=6 + 60 * n), more_10wh=1))
    session.refresh_from_db()
    assert session.used_wh == 300
    sessions.stop(session_id=session.pk, by="payer", at=NINE + timedelta(minutes=31))
    tell(device.open(NINE + timedelta(minutes=31, seconds=1)))
    session.refresh_from_db()
    assert session.state == State.REFUNDING
    assert session.cost_fen == 18  # 0.30 kWh at 0.60
    assert session.refunded_fen == 482
    assert ledger.balance(session.region, money.session(session.pk)) == 0
