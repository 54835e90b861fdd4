"""No fen lost, none sent back twice: web, worker, database and the channels are killed while people pay and are repaid."""

import json
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from tests.whole.city import City, answers

pytestmark = [pytest.mark.fault, pytest.mark.timeout(300)]
COUNT = 40
DONE = "select count(*) from payments_refund where state = 'success'"


def channels(city: City, **faults: Any) -> None:
    """Switch faults of the simulated channels, once they answer."""
    asked = urllib.request.Request(f"http://{city.sim}/pay.json", data=json.dumps(faults).encode())
    city.until(lambda: answers(asked), "the simulated channels")


def books(city: City) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the orders and refunds that the channels keep, by their journal."""
    journal = city.folder / "sim" / "pay.jsonl"
    lines = journal.read_text(encoding="utf-8").splitlines() if journal.exists() else []
    kept = {(one["kind"], one["number"]): one for one in map(json.loads, lines)}
    orders, refunds = ([one for one in kept.values() if one["kind"] == kind] for kind in ("Order", "Refund"))
    return orders, refunds


def pay(city: City) -> None:
    """Open every sheet that is there, and press pay on what is not paid yet."""
    with httpx.Client(trust_env=False, timeout=5, follow_redirects=True) as phone:
        for (url,) in city.ask("select sheet->>'url' from payments_order where state = 'open'"):
            with suppress(httpx.HTTPError):
                phone.get(url)
        for one in books(city)[0]:
            if one["state"] == "NOTPAY":
                with suppress(httpx.HTTPError):
                    phone.post(f"http://{city.sim}/pay/sheet/{one['code']}", content=urlencode({"press": "pay"}))


@pytest.fixture
def payer(city: City) -> Iterator[threading.Event]:
    """Somebody who pays whatever there is to pay, until told to stop."""
    stopped = threading.Event()
    own = City(city.ground, city.folder, city.url)  # a connection of his own

    def pays() -> None:
        while not stopped.wait(0.2):
            with suppress(Exception):  # the database is killed under him too
                pay(own)

    thread = threading.Thread(target=pays, daemon=True)
    thread.start()
    yield stopped
    stopped.set()
    thread.join(20)
    own._line.close()


def check_every_payment_went_back_once(city: City, count: int) -> None:
    orders, refunds = books(city)
    assert [one["state"] for one in orders] == ["SUCCESS"] * count
    assert {one["state"] for one in refunds} == {"SUCCESS"}
    assert sorted((one["order"], one["fen"]) for one in refunds) == sorted(
        (one["number"], one["fen"]) for one in orders
    )
    ours = city.ask(
        "select replace(o.id::text, '-', ''), o.amount_fen, o.refunded_fen, r.amount_fen, r.state, r.counter"
        " from payments_order as o join payments_refund as r on r.order_id = o.id order by 1"
    )
    assert ours == [
        (one["number"], *(one["fen"],) * 3, "success", 1) for one in sorted(orders, key=lambda o: o["number"])
    ]
    told = city.ask("select about, count(*) from audit_event where action = 'payments.paid' group by about")
    assert (len(told), {times for _about, times in told}) == (count, {1})
    ended = "select count(*) from audit_event where action = 'payments.refund_moved' and detail->>'to' = 'success'"
    assert city.count(ended) == count
    city.check_audit()


def test_across_kills_of_everything_each_payment_comes_in_and_goes_back_once(
    city: City, payer: threading.Event
) -> None:
    """X1 X5 X15: kill -9 of worker, channel, web and database while forty people pay and are repaid."""
    for name in ("sim", "web"):
        city.start(name)
    channels(city, repeat_calls=1)
    city.work("order", str(COUNT))
    city.start("worker")
    city.start("repay")
    for step, victims in enumerate(
        [["worker"], ["sim"], ["postgres"], ["web"], ["worker", "sim", "postgres", "web"]], start=1
    ):
        city.until(lambda reached=step * COUNT // 8: city.count(DONE) >= reached, f"refunds of step {step}", seconds=90)
        assert city.count(DONE) < COUNT, "everything had gone back before the kill: the test proves nothing"
        for victim in victims:
            city.kill(victim)
        for victim in reversed(victims):
            city.revive(victim)
    city.until(lambda: city.count(DONE) == COUNT, "every refund", seconds=150)
    check_every_payment_went_back_once(city, COUNT)


def test_killed_at_the_worst_moments_a_payment_comes_in_and_goes_back_once(city: City) -> None:
    """X1 X5 X15: the web while it takes a call in, the worker while the channel has acted and not answered, the channel likewise."""
    for name in ("sim", "web"):
        city.start(name)
    channels(city, pace=1)
    city.work("order", "1")
    city.start("worker")
    city.until(lambda: city.count("select count(*) from payments_order where state = 'open'"), "the sheet")
    with city.halted("lock table payments_order in exclusive mode", then=lambda: pay(city)):
        city.kill("web")  # it had verified the call and written nothing
    city.start("web")
    city.start("repay")
    channels(city, hang_after_acting=True)
    city.until(lambda: books(city)[1], "the channel to send it back")
    assert city.count(DONE) == 0
    city.kill("worker")  # it has asked, and will never hear the answer
    city.start("worker")
    city.kill("sim")
    city.start("sim")  # without the fault
    city.until(lambda: city.count(DONE) == 1, "the refund", seconds=120)
    check_every_payment_went_back_once(city, 1)
