"""Up to five hundred in one: each answered for itself, done once whatever dies."""

from typing import Any

import pytest

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.exchange import public as exchange
from bancheng.kernel.exchange import testing
from bancheng.kernel.exchange.models import BatchItem
from bancheng.kernel.exchange.operations import batches
from bancheng.kernel.jobs import testing as jobs
from bancheng.lib.refusal import Refused

pytestmark = pytest.mark.django_db
DONE: list[tuple[int, str]] = []


class Killed(BaseException):
    """As by a signal."""


@pytest.fixture(autouse=True)
def _worker(monkeypatch: Any) -> None:
    DONE.clear()
    monkeypatch.setitem(batches._workers, "test.work", work)


def work(caller: exchange.Caller, asked: Any, key: str, at: Any) -> exchange.ItemAnswer:
    if asked["n"] == 3:
        raise Refused("lot_blocked", "该不动产已查封。", en="Seized.", law="民法典 399")
    DONE.append((asked["n"], key))
    return exchange.ItemAnswer(202, {"n": asked["n"]})


def taken(count: int) -> tuple[exchange.Caller, Any]:
    caller = testing.caller(testing.bank()[0])
    items = [{"n": n, "name": "张三"} for n in range(count)]
    return caller, exchange.take_batch(caller, worker="test.work", items=items, at=clocks.now())


def test_each_item_has_an_answer_of_its_own_and_nobody_s_name_is_kept() -> None:
    caller, batch_id = taken(120)
    assert exchange.batch(caller, batch_id).done == 0
    assert "张三".encode() not in b"".join(
        bytes(one) for one in BatchItem.objects.values_list("asked_sealed", flat=True)
    )
    jobs.run_all()
    found = exchange.batch(caller, batch_id)
    assert (found.count, found.done, found.done_at is not None) == (120, 120, True)
    assert [one.status for one in found.items[:5]] == [202, 202, 202, 409, 202]
    assert found.items[3].said["code"] == "lot_blocked"  # type: ignore[index]
    assert [n for n, _ in DONE] == [n for n in range(120) if n != 3]
    assert set(map(bytes, BatchItem.objects.values_list("asked_sealed", flat=True))) == {b""}


def test_a_worker_that_dies_leaves_each_item_done_or_not_begun() -> None:
    caller, batch_id = taken(6)

    def dies(*given: Any) -> exchange.ItemAnswer:
        if len(DONE) == 2:
            raise Killed
        return work(*given)

    batches._workers["test.work"] = dies
    with pytest.raises(Killed):
        batches.work_batch(batch_id, at=clocks.now())
    assert exchange.batch(caller, batch_id).done == 2
    batches._workers["test.work"] = work
    batches.work_batch(batch_id, at=clocks.now())
    assert exchange.batch(caller, batch_id).done == 6
    assert len({key for _, key in DONE}) == len(DONE) == 5


def test_a_batch_has_one_to_five_hundred_and_is_its_sender_s_alone() -> None:
    caller, batch_id = taken(1)
    for count in (0, 501):
        with pytest.raises(Refused, match="batch_size"):
            exchange.take_batch(caller, worker="test.work", items=[{"n": 1}] * count, at=clocks.now())
    with pytest.raises(Refused, match="no_such_batch"):
        exchange.batch(testing.caller(testing.bank(unit="icbc")[0]), batch_id)
