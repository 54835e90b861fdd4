"""The days of the log come ahead of time and go whole."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from bancheng.services.sockets.models import Reading
from bancheng.services.sockets.operations.keeping import AHEAD, keep_log
from bancheng.services.sockets.rules.readings import KEPT_DAYS
from bancheng.services.sockets.tests.walking import NINE, Device, reserve, socket, tell

pytestmark = pytest.mark.django_db
DAY = date(2031, 5, 1)


def test_days_are_opened_once_and_dropped_after_a_month() -> None:
    opened, _ = keep_log(today=DAY)
    assert opened == AHEAD + 2
    assert keep_log(today=DAY) == (0, 0)
    opened, dropped = keep_log(today=DAY + timedelta(days=KEPT_DAYS + 3))
    assert dropped == 5


def test_a_session_that_is_not_settled_keeps_its_days() -> None:
    keep_log(today=NINE.date())
    socket()
    reserve()
    before = Reading.objects.count()
    tell(Device().reading(NINE))
    assert keep_log(today=NINE.date() + timedelta(days=90))[1] == 0
    assert Reading.objects.count() == before + 1


@pytest.mark.parametrize("statement", ["UPDATE sockets_reading SET e_10wh = 0", "DELETE FROM sockets_reading"])
def test_the_log_is_only_added_to(statement: str) -> None:
    tell(Device(gateway="gw-append").reading(NINE))
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
