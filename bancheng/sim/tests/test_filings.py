"""The made-up filings: as many as wanted, each loan once, what is cancelled stood before; and a bank's own book, which notices what is odd."""

from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from bancheng.sim import estates, filings
from bancheng.sim.filings import Kind, Slip
from bancheng.sim.lending import Book, Entry

CITY = estates.make(scale=0.05).estates
SEASON = filings.make(CITY, count=703)
DAY = date(2026, 3, 2)


def test_the_season_has_as_many_filings_as_wanted_and_its_figures_add_up() -> None:
    """A13.1: counted by kind, by bank, by what goes wrong."""
    figures = SEASON.figures
    assert figures["filed"] == 703 == figures["set_up"] + figures["before_handover"] + figures["cancelled"]
    assert figures["standing"] == figures["set_up"] + figures["before_handover"] - figures["cancelled"]
    assert {one.bank for one in SEASON.filings} == set(filings.SHARES)
    share = Counter(one.slip for one in SEASON.filings)
    assert 0.02 < share[Slip.OVERTAKEN] / 703 < 0.09
    assert 0.02 < figures["again"] / 703 < 0.09
    assert 0.005 < figures["forged"] / 703 < 0.05


def test_what_is_sent_again_on_the_next_day_is_not_expected_before_it() -> None:
    """A season that was stopped on a day, and the whole one: its last day has no next."""
    late = next(one for one in SEASON.filings if one.slip is Slip.NEXT_DAY)
    until = [one for one in SEASON.filings if one.day <= late.day]
    after = [one for one in SEASON.filings if one.day <= late.day + 1]
    at_once = [sum(one.slip in filings.AT_ONCE for one in some) for some in (until, after)]
    earlier = sum(one.slip is Slip.NEXT_DAY and one.day < late.day for one in until)
    assert filings.Season(tuple(until)).figures["again"] == at_once[0] + earlier
    assert filings.Season(tuple(after)).figures["again"] > at_once[1] + earlier


def test_no_home_is_mortgaged_twice_and_what_is_cancelled_stood_for_some_days() -> None:
    set_up = {one.loan: one for one in SEASON.filings if one.kind is not Kind.CANCEL}
    over = [one for one in SEASON.filings if one.kind is Kind.CANCEL]
    assert len({one.home.lot for one in set_up.values()}) == len(set_up) == 703 - len(over)
    assert len({one.loan for one in over}) == len(over)
    assert all(one.day >= set_up[one.loan].day + filings.REST for one in over)
    assert max(one.day for one in SEASON.filings) == filings.DAYS - 1
    assert all(one.slip is not Slip.NEXT_DAY for one in over)


def test_the_same_seed_makes_the_same_filings_and_too_few_homes_are_told() -> None:
    assert filings.make(CITY, count=703) == SEASON
    assert filings.make(CITY, count=703, seed=7) != SEASON
    with pytest.raises(ValueError, match="homes for"):
        filings.make(CITY, count=filings.FILINGS)


def entry(number: str = "1", **over: Any) -> Entry:
    values = {
        "application": f"a{number}",
        "number": number,
        "kind": "mortgage.set",
        "loan": f"L{number}",
        "lot": "X",
        "dm2": 12,
        "fen": 500,
    }
    return Entry(**{**values, **over})


def told(seq: int, kind: str, application: str, **data: str) -> dict[str, Any]:
    return {"seq": seq, "kind": kind, "at": "2026-03-02T09:00:00+08:00", "data": {"application": application, **data}}


def test_a_bank_s_book_takes_events_in_any_order_and_knows_what_is_missing(tmp_path: Path) -> None:
    """F13.9: `seq` tells, whatever comes first and however often."""
    book = Book(entries={"a1": entry()})
    issued = told(3, "certificate.issued", "a1", certificate="豫1", digest="ff")
    assert book.take([issued, told(1, "application.accepted", "a1"), issued]) == 2
    assert (book.lost, book.entries["a1"].proof, book.entries["a1"].recorded_on) == (1, "豫1", "")
    assert book.take([told(2, "application.recorded", "a1")]) == 1
    assert (book.lost, book.entries["a1"].recorded_on) == (0, "2026-03-02")
    book.save(tmp_path / "boc.json")
    assert Book.read(tmp_path / "boc.json") == book
    assert Book.read(tmp_path / "abc.json") == Book()


def test_a_bank_answers_each_line_from_its_own_book_and_tells_what_is_not_there() -> None:
    """F13.9: MATCH, DIFF, MISSING, and a line of its own that the registry has not."""
    mine = {f"a{n}": entry(str(n), proof=f"豫{n}", recorded_on=str(DAY)) for n in (1, 2, 3)}
    book = Book(entries=mine)
    lines = [
        "head",
        "豫1|1|X:12|500|mortgage.set|recorded|…",
        "豫2|2|X:12|501|mortgage.set|recorded|…",
        "豫9|9|X:1|1|mortgage.set|recorded|…",
    ]
    said = {one["number"]: one["answer"] for one in book.answers("\n".join(lines), DAY)}
    assert said == {"豫1": "MATCH", "豫2": "DIFF", "豫9": "MISSING", "豫3": "MATCH"}
    assert book.differ == 3
