"""The leader's page: figures of the sessions, each with how it is counted and what it assumes; nobody's use on it."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client

from bancheng.kernel.claims import public as claims
from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.identity import testing as people
from bancheng.services.sockets import assumed, figures
from bancheng.services.sockets.tests.samples import use

pytestmark = pytest.mark.usefixtures("loaded_city")


@pytest.fixture
def leader(client: Client) -> Client:
    client.force_login(people.staff("supervisor", unit=""))
    return client


def test_an_empty_board_says_so_and_what_to_do(leader: Client) -> None:
    page = leader.get("/sockets/board/").content.decode()
    assert "这段时间还没有结算的用电" in page
    assert "bancheng replay sockets" in page


def test_the_board_counts_uses_energy_money_and_shows_what_it_assumes(leader: Client) -> None:
    """A1.1 to A1.6: before beside now, each assumption with its source; the download says the same."""
    for n in (1, 2, 3):
        use(f"XB000{n}", f"b{n}")
    page = leader.get("/sockets/board/").content.decode()
    for word in ("47", "3", "0.06", "每月趋势", "以前与现在", "5个工作日", "495", "由原文倒推", "本平台推算", "3 × 2"):
        assert word in page, word
    english = leader.get("/sockets/board/", headers={"accept-language": "en"}).content.decode()
    assert "our own reckoning" in english
    rows = leader.get("/sockets/board.csv").content.decode("utf-8-sig").splitlines()
    assert any(row.startswith("总计,uses,3,") for row in rows)
    assert any("refunds_within_5_s" in row for row in rows)


def test_a_fixed_period_can_be_looked_at(leader: Client) -> None:
    use("XB0001", "b1")
    today = clocks.today()
    claims.fix_period("sockets", first=today - timedelta(days=1), last=today, region="411000", by="t", at=clocks.now())
    page = leader.get("/sockets/board/?show=period").content.decode()
    assert "统计期" in page
    assert "每月趋势" in page
    claims.fix_period(
        "sockets", first=date(2020, 1, 1), last=date(2020, 1, 2), region="411000", by="t", at=clocks.now()
    )
    assert "还没有结算" in leader.get("/sockets/board/?show=period").content.decode()


def test_only_leaders_and_auditors_see_it(client: Client) -> None:
    assert client.get("/sockets/board/").status_code in (302, 403)
    client.force_login(people.staff("device_keeper", unit=""))
    assert client.get("/sockets/board/").status_code == 403


def test_the_number_of_statements_does_not_grow(django_assert_num_queries: Any) -> None:
    since, before = clocks.now() - timedelta(days=1), clocks.now() + timedelta(days=1)
    for n in range(3):
        use(f"XB000{n}", f"b{n}")
        with django_assert_num_queries(7):
            assert figures.board("411000", since=since, before=before).totals.uses == n + 1


def test_each_assumption_of_the_pack_names_its_source() -> None:
    """A1.4, A1.5, A1.6: what was told and not counted says from where."""
    told = assumed.of_pack()
    assert set(told) == {"papers", "days", "yuan"}
    assert all(one.source.zh and one.source.en and one.says for one in told.values())
