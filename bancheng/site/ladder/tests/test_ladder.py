"""The ladder's own arithmetic: what is killed when, and that its books would notice a lost fen, a double refund, a relay that stays on."""

import json
import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from bancheng.site import bench, house
from bancheng.site.bench import faults
from bancheng.site.ladder import books, rounds
from bancheng.site.ladder.houses import PARTS, few_units, units_of
from bancheng.site.ladder.rounds import Ladder, Plan, Relays, Told

ONE, TWO = "0" * 31 + "1", "0" * 31 + "2"


class Paper:
    """A house of answers on paper: whoever asks is answered by the beginning of his question."""

    def __init__(
        self, folder: Path, answers: Mapping[str, list[tuple[Any, ...]]], channel: list[dict[str, Any]]
    ) -> None:
        self.folder, self.answers = folder, answers
        self.web = self.sim = self.mqtt = "127.0.0.1:1"
        self.units = units_of(house.pack())
        (folder / "sim").mkdir(exist_ok=True)
        lines = "".join(json.dumps(one) + "\n" for one in channel)
        (folder / "sim" / "pay.jsonl").write_text(lines + '{"kind": "torn', encoding="utf-8")

    def kill(self, part: str, chance: random.Random) -> None:
        raise AssertionError("nobody is killed on paper")

    def given_up(self) -> str:
        return ""

    def ask(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        return self.answers.get(sql, [])

    def verb(self, *words: str) -> int:
        return 0


def paid(number: str, fen: int = 500, state: str = "SUCCESS") -> dict[str, Any]:
    return {"kind": "Order", "number": number, "fen": fen, "state": state}


def back(number: str, fen: int, counter: int = 1, state: str = "SUCCESS") -> dict[str, Any]:
    return {"kind": "Refund", "number": f"{number}-{counter}", "order": number, "fen": fen, "state": state}


RIGHT: Mapping[str, list[tuple[Any, ...]]] = {
    books.ORDERS: [(ONE, 500)],
    books.REFUNDS: [(f"{ONE}-1", 490, "success")],
    books.PAID_FOR: [(ONE, "closed")],
    books.MONEY: [("s", "closed", 500, 10, 490, 490, 500, 0, 0)],
}
CHANNEL = [paid(ONE, state="NOTPAY"), paid(ONE), back(ONE, 490)]


def wrong(folder: Path, answers: Mapping[str, Any], channel: list[dict[str, Any]]) -> list[str]:
    paper = Paper(folder, {**RIGHT, **answers}, channel)
    return [*books._money(paper), *books._channels(paper)]


def test_books_that_are_in_order_say_nothing(tmp_path: Path) -> None:
    assert wrong(tmp_path, {}, CHANNEL) == []
    assert wrong(tmp_path, {}, [*CHANNEL, paid(TWO, state="CLOSED")]) == []


@pytest.mark.parametrize(
    ("answers", "channel", "says"),
    [
        ({}, [*CHANNEL, paid(TWO)], "theirs 500, ours None"),
        ({}, [*CHANNEL, back(ONE, 490, 2)], "500 came in and 980 went back"),
        ({}, [paid(ONE)], "theirs None, ours 490"),
        ({}, [paid(ONE), back(ONE, 490, state="PROCESSING")], "is PROCESSING"),
        ({books.PAID_FOR: [(ONE, "active")]}, CHANNEL, "its use is active"),
        ({books.PAID_FOR: []}, CHANNEL, "its use is not there"),
        ({books.MONEY: [("s", "closed", 500, 11, 490, 490, 500, 0, 0)]}, CHANNEL, "paid 500 (500 counted), cost 11"),
        ({books.MONEY: [("s", "closed", 500, 10, 490, 0, 500, 0, 0)]}, CHANNEL, "0 gone back"),
        ({books.MONEY: [("s", "closed", 500, 10, 490, 490, 0, 0, 0)]}, CHANNEL, "0 counted"),
        (
            {books.MONEY: [("s", "closed", 500, 10, 490, 490, 500, 0, 500)]},
            CHANNEL,
            "500 came in too late, 0 went back",
        ),
    ],
)
def test_a_fen_that_is_lost_or_doubled_is_noticed(
    answers: Mapping[str, Any], channel: list[dict[str, Any]], says: str, tmp_path: Path
) -> None:
    assert any(says in one for one in wrong(tmp_path, answers, channel))


def test_what_is_still_under_way_is_waited_for_but_a_reservation_nobody_paid(tmp_path: Path) -> None:
    under_way = {
        books.OPEN: [("a", "paying"), ("b", "paying"), ("c", "active")],
        books.PAYING: [("a", ONE), ("b", TWO)],
        books.REFUNDS: [(f"{ONE}-1", 490, "processing")],
    }
    paper = Paper(tmp_path, {**RIGHT, **under_way}, [paid(ONE)])
    assert books.unsettled(paper, unpaid_too=False) == [
        "session a paying",
        "session c active",
        f"refund {ONE}-1 processing",
    ]
    assert "session b paying" in books.unsettled(paper, unpaid_too=True)


def test_a_relay_that_stays_on_for_a_use_that_is_over_or_beyond_its_lease_is_told_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rounds, "OVER_SECONDS", -1.0)
    name = "00000000-0000-0000-0000-000000000001"
    paper = Paper(tmp_path, {rounds.ENDED: [(name, "closed")]}, [])
    relays = Relays(paper)
    relays.look([{"code": "XC01-01", "session": name.replace("-", ""), "lease_s": 5}])
    relays.look([{"code": "XC01-01", "session": name.replace("-", ""), "lease_s": 5}])
    assert relays.wrong == [f"socket XC01-01 stays on beyond {name} (closed)"]
    relays = Relays(Paper(tmp_path, {}, []))
    relays.look([{"code": "XC01-02", "session": "x", "lease_s": 0}])
    assert relays.wrong == ["socket XC01-02 stays on beyond its lease ()"]


def test_a_seed_kills_the_same_parts_again_and_every_part_comes_about(tmp_path: Path) -> None:
    paper = Paper(tmp_path, {}, [])
    first, again, other = (Ladder(paper, Plan(21, seed))._order() for seed in (7, 7, 8))
    assert first == again != other
    assert [sum(parts[0] == part for parts in first) for part in PARTS] == [3] * len(PARTS)
    assert any(len(parts) == 2 for parts in first)


def test_the_ladder_runs_when_it_is_named_and_writes_counts() -> None:
    assert "faults" in bench.names()
    assert "faults" not in bench.usual()
    told = Told(7, recoveries=[(3.0, "web"), (9.5, "broker")])
    told.kills.update({"web": 2, "broker": 1})
    written = faults.figures(told)
    assert all(figure.reached for figure in written)
    assert (written[1].ours, written[1].note) == (9.5, "of broker, until everything answers again")
    told.wrong.append("a fen")
    assert [figure.name for figure in faults.figures(told) if not figure.reached] == ["violations"]


def test_a_few_strong_sockets_are_enough() -> None:
    rows = few_units(units_of(house.pack())).splitlines()
    assert len(rows) == 5
    assert all(",32," in row for row in rows[1:])
