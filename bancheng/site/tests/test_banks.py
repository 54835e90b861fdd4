"""Six simulated banks and the conformance kit against the real application, through the signed interface (F13.9)."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.exchange import public as exchange
from bancheng.kernel.jobs import testing as jobs
from bancheng.lib import bankkeys
from bancheng.services.partners import demo
from bancheng.sim import banks
from bancheng.site import bankcheck

ESTATES = Path("packs/xuchang/services/landshares/estates.toml")


@pytest.fixture
def house(loaded_city: None, tmp_path: Path) -> Iterator[tuple[httpx.Client, Path]]:
    """The demonstration's banks let in, and a client of the real application on the test's own connection."""
    for sent in (request_started, request_finished):
        sent.disconnect(close_old_connections)
    demo.open_banks(tmp_path, region="411000", at=clocks.now())
    with httpx.Client(
        base_url="http://testserver", transport=httpx.WSGITransport(app=get_wsgi_application())
    ) as client:
        yield client, tmp_path
    for sent in (request_started, request_finished):
        sent.connect(close_old_connections)


def wire(house: tuple[httpx.Client, Path], bank: bankkeys.Bank) -> banks.Wire:
    client, var = house
    return banks.Wire(client, bankkeys.held(var, bank), bankkeys.key_id(var, bank.unit))


def test_the_demo_s_banks_are_in_once_and_one_whose_key_was_revoked_stays_out(house: Any) -> None:
    _, var = house
    assert demo.open_banks(var, region="411000", at=clocks.now()) == 0
    key_id = bankkeys.key_id(var, "abc")
    exchange.revoke_key(key_id=key_id, by=demo.OPERATOR, at=clocks.now())
    demo.open_banks(var, region="411000", at=clocks.now())
    assert wire(house, bankkeys.BANKS[1]).ask("GET", "events").status_code == 401


def test_the_kit_finds_all_promises_kept(house: Any, monkeypatch: Any) -> None:
    """55 checks of signatures, once, events, filing, batches, papers and files."""
    monkeypatch.setattr(bankcheck.filing.time, "sleep", lambda _: jobs.run_all())
    client, var = house
    bank = bankkeys.BANKS[0]
    held = bankkeys.held(var, bank)
    kit = bankcheck.Kit(client, bankkeys.key_id(var, bank.unit), held.private, held.algorithm, bank.user)
    results = list(bankcheck.run(kit))
    assert len(results) >= 55
    assert {str(one.what): one.seen for one in results if one.seen} == {}


def test_the_kit_finds_a_house_that_lets_anybody_in(house: Any) -> None:
    """The kit itself can fail: with another's key nothing that needs one passes."""
    client, var = house
    stranger = bankkeys.held(var, bankkeys.BANKS[2])
    kit = bankcheck.Kit(client, bankkeys.key_id(var, "boc"), stranger.private, stranger.algorithm)
    failed = [one for one in bankcheck.run(kit) if one.seen]
    assert len(failed) > 15


def test_six_banks_of_all_manners_file_once_and_miss_nothing(house: Any) -> None:
    """B13.1: repeated, in another order, forged: one case for each loan, every number of every event, every answer ours."""
    homes, today = banks.homes(ESTATES), clocks.today()
    live = [banks.Bank(wire(house, bank), homes=homes) for bank in bankkeys.BANKS]
    for _ in range(3):
        for one in live:
            one.round(today)
    for one in live:
        one.read_events()
        tally, unit = one.wire.tally, one.wire.held.bank.unit
        assert (tally.unsigned, tally.lost) == (0, 0), unit
        assert one.seen == set(range(1, len(one.seen) + 1))
        assert set(tally.answered) <= {200, 202, 401, 404, 409, 422}, (unit, tally.answered)
        assert bool(tally.answered.get(401)) <= bool(one.manners.forged)
        listed = one.wire.ask("GET", "applications?limit=500").json()["items"]
        assert len(listed) == len({(row["loan_no"], tuple(row["lots"])) for row in listed})
        assert {row["id"] for row in listed} == tally.filed
    assert any(one.wire.tally.filed for one in live)
