"""The channels' journal across kills: a torn last line was never answered, and does not swallow the next."""

from pathlib import Path

from bancheng.sim.paychannel.books import Books, Order


def order(number: str) -> Order:
    return Order("wechat", number, 500, "用电", "")


def test_a_line_torn_by_a_kill_costs_itself_and_no_other(tmp_path: Path) -> None:
    """X5"""
    file = tmp_path / "pay.jsonl"
    books = Books(file, lambda: 1.0)
    books.order(order("one"))
    books.order(order("two"))
    torn = file.read_bytes()[:-20]
    file.write_bytes(torn)
    again = Books(file, lambda: 2.0)
    assert [number for _, number in again.orders] == ["one"]
    again.pay(again.order(order("three")))
    last = Books(file, lambda: 3.0)
    assert {number: one.state for (_, number), one in last.orders.items()} == {"one": "NOTPAY", "three": "SUCCESS"}
