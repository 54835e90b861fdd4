"""The API for the systems shared power is joined with: who may read, pages by a cursor, and a settlement file that can be trusted."""

import csv
import hashlib
import io
from datetime import date, timedelta
from typing import Any

import pytest

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.exchange import testing as exchange
from bancheng.kernel.identity import public as identity
from bancheng.kernel.identity import testing as people
from bancheng.kernel.ledger import public as ledger
from bancheng.kernel.payments import testing as paying
from bancheng.lib.httpsig import digest
from bancheng.services.sockets.models import Session
from bancheng.services.sockets.operations import handwork, sessions
from bancheng.services.sockets.rules import money
from bancheng.services.sockets.tests.walking import NINE, REGION, Device, now_of, refund_moves, socket, started, tell

pytestmark = pytest.mark.django_db
API = "/api/v1/sockets"
DAY = date(2026, 3, 17)
SPAN = {"first": "2026-03-17", "last": "2026-03-17"}
READS = (
    "/sockets/XC0001/readings?first=2026-03-17&last=2026-03-17",
    "/sites/S1/readings?first=2026-03-17&last=2026-03-17",
    "/sessions?day=2026-03-17",
    "/settlements/2026-03-17",
    "/settlements/2026-03-17/file.csv",
)


@pytest.fixture
def billing() -> Any:
    """The marketing system's program."""
    return exchange.client(exchange.partner(("read", "sockets", "*")))


def use(device: Device, minutes: int, code: str = "XC0001", tens: int = 30) -> Session:
    at = NINE + timedelta(minutes=minutes)
    session = started(device, at, code=code)
    tell(device.reading(at + timedelta(minutes=20), more_10wh=tens))
    sessions.stop(session_id=session.pk, by="payer", at=at + timedelta(minutes=21))
    tell(device.open(at + timedelta(minutes=21, seconds=1)))
    return refund_moves(session, "success", at + timedelta(minutes=22))


def given(client: Any, path: str, **query: Any) -> Any:
    answer = client.get(f"{API}{path}", query)
    assert answer.status_code == 200, answer.content
    return answer.json()


def whole(client: Any, path: str, **query: Any) -> list[Any]:
    """Read all pages."""
    found, after = [], ""
    while True:
        page = given(client, path, after=after, **query)
        found += page["items"]
        if page["next"] is None:
            return found
        after = page["next"]


@pytest.mark.parametrize("path", READS)
def test_nobody_reads_but_a_system_that_may_read_every_unit(path: str) -> None:
    """R-PRM-1, P-1: default deny; a host's own system gets nobody's session."""
    socket()
    use(Device(), 0)
    for scopes, code in (
        ((), "out_of_scope"),
        ((("read", "onething", "*"),), "out_of_scope"),
        ((("read", "sockets", "night-market"),), "every_unit_needed"),
        ((("read", "sockets", ""),), "every_unit_needed"),
    ):
        answer = exchange.client(exchange.partner(*scopes)).get(f"{API}{path}")
        assert (answer.status_code, answer.json()["code"], answer["Content-Type"]) == (
            403,
            code,
            "application/problem+json",
        )
    for role in ("power_finance", "venue_host", "auditor"):
        assert people.client_for(people.staff(role)).get(f"{API}{path}").status_code == 403
    assert people.client_for(people.citizen()).get(f"{API}{path}").status_code in (401, 403)


def test_a_sockets_log_is_read_page_by_page_and_nothing_twice(billing: Any, django_assert_max_num_queries: Any) -> None:
    """F1.7: what the acquisition system takes."""
    socket()
    socket("XC0002", "2")
    device = Device()
    session = use(device, 0)
    use(Device(wire="2", meter="202411070047"), 1, code="XC0002")
    of_one = whole(billing, "/sockets/XC0001/readings", size=2, **SPAN)
    assert [(one["boot"], one["seq"]) for one in of_one] == [(1, n) for n in range(1, len(device.said) + 1)]
    assert {one["session"] for one in of_one if one["kind"] == ""} <= {session.pk.hex, ""}
    last = of_one[-1]
    assert (last["energy_wh"], last["meter"]) == (device.e_10wh * 10, device.meter)
    assert last["device_at"].startswith("2026-03-17T")
    of_site = whole(billing, "/sites/S1/readings", size=3, **SPAN)
    assert [one["socket"] for one in of_site] == sorted(one["socket"] for one in of_site)
    assert len(of_site) == 2 * len(of_one)
    for path in ("/sockets/XC0001/readings", "/sites/S1/readings"):
        with django_assert_max_num_queries(9):
            given(billing, path, **SPAN)
    assert whole(billing, "/sockets/XC0001/readings", first="2026-03-18", last="2026-03-19") == []


def test_what_cannot_be_read_is_a_problem_in_one_sentence(billing: Any) -> None:
    socket()
    for path, query, code in (
        ("/sockets/XC0001/readings", {"first": "2026-03-18", "last": "2026-03-17"}, "bad_span"),
        ("/sockets/XC0001/readings", {"first": "2026-03-01", "last": "2026-04-01"}, "bad_span"),
        ("/sockets/XC0001/readings", {**SPAN, "after": "x"}, "bad_after"),
        ("/sockets/XC0001/readings", {**SPAN, "after": f"XC0001.1.{2**63}"}, "bad_after"),
        ("/sites/S1/readings", {**SPAN, "size": 1001}, "invalid"),
        ("/sessions", {"day": "2026-03-17", "after": "2026.x"}, "bad_after"),
        ("/sessions", {"day": "2026-03-17", "after": f"2026-03-17.{'0' * 32}"}, "bad_after"),
        ("/sessions", {"day": "2026-02-30"}, "invalid"),
    ):
        answer = billing.get(f"{API}{path}", query)
        assert (answer.status_code, answer.json()["code"]) == (422, code)
    for path in ("/sockets/NONE/readings", "/sites/NONE/readings"):
        assert billing.get(f"{API}{path}", SPAN).status_code == 404
    for path in ("", "/file.csv"):
        assert billing.get(f"{API}/settlements/{clocks.today()}{path}").json()["code"] == "day_not_over"


def test_the_sessions_of_a_day_are_read_page_by_page(billing: Any, django_assert_max_num_queries: Any) -> None:
    socket()
    device = Device()
    made = [use(device, 30 * n) for n in range(5)]
    found = whole(billing, "/sessions", day="2026-03-17", size=2)
    assert [one["id"] for one in found] == [str(one.pk) for one in made]
    one = found[0]
    assert (one["site"], one["socket"], one["energy_wh"], one["paid_fen"], one["charged_fen"], one["refunded_fen"]) == (
        "S1", "XC0001", 300, 500, 18, 482,
    )  # fmt: skip
    assert one["bill"][0]["wh"] == 300
    with django_assert_max_num_queries(7):
        given(billing, "/sessions", day="2026-03-17")
    assert given(billing, "/sessions", day="2026-03-18") == {"items": [], "next": None}


def gave_back(session: Session, fen: int) -> Any:
    """Let two people give a charge back on the same day."""
    at = NINE + timedelta(hours=5)
    one, two = identity.Actor(ref="staff:1"), identity.Actor(ref="staff:2")
    row = handwork.propose_charge(session_id=session.pk, fen=fen, reason="投诉单2026-031", by=one, at=at)
    return handwork.decide(hand_id=row.pk, approve=True, by=two, at=at)


def test_the_settlement_says_the_same_in_both_forms_and_as_the_ledger(
    billing: Any, django_assert_max_num_queries: Any
) -> None:
    """F1.7, R1.4: its total is the ledger's income of the day; its hash is in its last line; the same day is the same bytes."""
    socket()
    device = Device()
    made = [use(device, 30 * n) for n in range(3)]
    row = gave_back(made[0], 10)
    with django_assert_max_num_queries(8):
        found = given(billing, "/settlements/2026-03-17")
    total = found["total"]
    income = sum(
        one.amount
        for one in ledger.statement(
            REGION, money.INCOME, since=NINE - timedelta(hours=9), before=NINE + timedelta(hours=15)
        )
    )
    assert total["charged_fen"] + total["lost_fen"] == -income == 3 * 18 - 10
    assert (total["lines"], total["energy_wh"], total["paid_fen"]) == (4, 900, 1500)
    (account,) = found["accounts"]
    assert {name: account[name] for name in total} == total
    file = billing.get(f"{API}/settlements/2026-03-17/file.csv")
    assert file["Content-Digest"] == digest(file.content)
    assert file.content == billing.get(f"{API}/settlements/2026-03-17/file.csv").content
    body, _, last = file.content.rstrip(b"\r\n").rpartition(b"\r\n")
    assert last.decode() == f"校验,sha256,{found['sha256']}"
    assert hashlib.sha256(body + b"\r\n").hexdigest() == found["sha256"]
    heading, *lines, sums = csv.reader(io.StringIO(body.decode("utf-8-sig")))
    assert [line[0] for line in lines] == ["用电"] * 3 + ["退还电费"]
    assert dict(zip(heading, lines[-1], strict=True))["电费元"] == "-0.10"
    assert (sums[:2], sums[8:13]) == (["合计", "4"], ["0.90", "15.00", "0.44", "14.46", "0.00"])
    paying.refund_moves(row.refund_id, "closed", NINE + timedelta(days=1))
    assert given(billing, "/settlements/2026-03-17")["sha256"] == found["sha256"]
    (again,) = given(billing, "/settlements/2026-03-18")["lines"]
    assert (again["kind"], again["charged_fen"]) == ("charge_back_failed", 10)


def test_no_payer_is_named_anywhere(billing: Any) -> None:
    """R1.9, P-3."""
    socket()
    session = use(Device(), 0)
    text = "".join(billing.get(f"{API}{path}").content.decode() for path in READS)
    prepay = now_of(session).prepays.get()
    for secret in (prepay.order_id.hex, session.token_hash.hex(), "openid"):
        assert secret not in text
