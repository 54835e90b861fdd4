"""The made-up city: the same seed makes the same one, its numbers are as promised, and its year is worked out by itself."""

from collections import Counter
from datetime import date, timedelta
from functools import cache

import pytest
from openpyxl import load_workbook

from bancheng.lib import identifiers
from bancheng.sim import ledgers
from bancheng.sim.ledgers import Item, Known

START = date(2025, 3, 3)
ITEMS = [
    Item("tobacco", "tobacco", "烟草专卖零售许可证", "tobacco", 30, "nd", 5),
    Item("food", "market", "食品经营许可证", "food", 15, "wd", 5),
    Item("drug", "market", "药品经营许可证", "drug", 2, "month", 5),
    Item("seed", "agriculture", "种子生产经营许可证", "seed", 6, "month", 5),
    Item("gas", "urban", "燃气经营许可证", "gas", None, "nd", 3),
    Item("hotel", "police", "特种行业许可证", "hotel", None, "nd", 0),
]
SCALE = 0.01


def shop(number, licence_type, days_left, mobile=90_000_001):
    uscc = identifiers.make_uscc("411002", 800_000_000 + number, kind="92")
    phone = identifiers.make_mobile(mobile)
    return Known(f"铺{number}", "统一社会信用代码", uscc, "王芳", phone, licence_type, days_left)


KNOWN = [shop(n, "food", -100) for n in range(6)] + [shop(7, "tobacco", 37), shop(8, "gas", 30, mobile=90_000_002)]


@pytest.fixture(scope="module")
def city(tmp_path_factory):
    return make(tmp_path_factory.mktemp("city"))


def make(folder, **other):
    return ledgers.make(folder, ITEMS, start=START, main="tobacco", **{"scale": SCALE, "known": KNOWN, **other})


@cache
def _lines_of(path):
    book = load_workbook(path, read_only=True)
    found = list(book.worksheets[0].iter_rows(min_row=3, values_only=True))
    book.close()
    return found


def lines(city):
    """Return every line of every workbook, unit by unit, as the cells stand there."""
    return {unit: _lines_of(path) for unit, path in city.books.items()}


def test_the_same_seed_makes_the_same_city_and_another_seed_another(city, tmp_path):
    """A10.4: a replay that is made again from its seed has the same licences and the same year."""
    again, other = make(tmp_path / "again"), make(tmp_path / "other", seed=7)
    assert lines(again) == lines(city)
    assert (again.events, again.messages_on) == (city.events, city.messages_on)
    assert (again.folder / "events.csv").read_bytes() == (city.folder / "events.csv").read_bytes()
    assert lines(other) != lines(city)


def test_the_numbers_are_the_source_s_in_proportion(city):
    """A10.1 A10.4 A10.5: 17,000, 5,200, 62,000 and 24,849, each times the scale."""
    assert city.good == round(62_000 * SCALE)
    assert city.messages == round(24_849 * SCALE)
    assert len({line[1] for line in good_lines(city) if line[0] == ITEMS[0].name}) == round(17_000 * SCALE)
    renewed = Counter(event.licence_type for event in city.events if event.what == "renewed")
    assert renewed["tobacco"] == round(5_200 * SCALE)
    assert city.renewed == sum(renewed.values())


def lawful(line):
    """Whether the platform would take a line in: the checks that its dirty rows break, nothing more."""
    try:
        assert isinstance(line[4], str)
        check = identifiers.check_uscc if line[3] == "统一社会信用代码" else identifiers.check_citizen_id
        check(line[4]) if check is identifiers.check_uscc else check(line[4], today=START)
        identifiers.check_mobile(line[6])
        until = None if line[9] == "长期" else date.fromisoformat(line[9])
        return (
            line[3] in {"统一社会信用代码", "居民身份证"}
            and not line[11]
            and (until is None or until >= date.fromisoformat(line[8]))
        )
    except (AssertionError, ValueError, identifiers.Invalid):
        return False


def good_lines(city):
    """Return the lines the platform would take in, twins too."""
    names = {item.name for item in ITEMS}
    rows = [line for of_unit in lines(city).values() for line in of_unit]
    return [line for line in rows if line[1] and line[0] in names and lawful(line)]


def test_good_and_bad_rows_and_twins_are_as_many_as_promised(city):
    """B10.3 B10.9: every good row passes its check digits, each dirty one is dirty, twins are the same licence, older."""
    good = good_lines(city)
    numbers = Counter(line[1] for line in good)
    assert (len(numbers), sum(map(len, lines(city).values())) - len(good)) == (city.good, city.bad)
    assert sum(number - 1 for number in numbers.values()) == city.twins
    assert city.bad == sum(max(1, round(number * SCALE)) for number in ledgers.DIRTY.values())
    issued = {}
    for line in good:
        issued.setdefault(line[1], []).append(line[7])
    assert all(len(set(days)) == len(days) for days in issued.values())


def test_a_licence_without_end_says_nothing_and_one_that_is_over_was_over_before(city):
    """B10.1 B10.2: 长期 stands only where the item has no years; what has expired did so before the first day."""
    rows = {line[1]: line for line in good_lines(city)}
    endless = [line for line in rows.values() if line[9] == "长期"]
    assert len(endless) == city.endless > 0
    assert {line[0] for line in endless} == {"特种行业许可证"}
    over = [line for line in rows.values() if line[9] != "长期" and date.fromisoformat(line[9]) < START]
    assert len(over) == city.expired == max(1, round(ledgers.EXPIRED * SCALE))


def test_everybody_acts_in_time_after_hearing_and_before_the_next_word(city):
    """A10.6 R10.6: all who fall due act before their last day, so that the rate can come out as 100 percent."""
    until = {line[1]: line[9] for of_unit in lines(city).values() for line in of_unit if line[1]}
    for event in city.events:
        assert START < event.day < date.fromisoformat(until[event.number])
        assert (event.what == "renewed") == (event.new_last_day is not None)
    assert [event.day for event in city.events] == sorted(event.day for event in city.events)
    left = Counter(event.what for event in city.events)
    assert left["given_up"] == max(1, round(ledgers.GIVEN_UP * SCALE))
    assert left["deregistered"] == max(1, round(ledgers.DEREGISTERED * SCALE))


def test_nothing_that_stays_quiet_speaks_within_the_year(city):
    """F10.6: licences that are not in the plan reach no 30 or 7 days within it, whatever their window."""
    spoken_of = {event.number for event in city.events}
    items = {item.name: item for item in ITEMS}
    quiet = [line for line in good_lines(city) if line[1] not in spoken_of and line[9] != "长期" and line[5] != "王芳"]
    days = [(items[line[0]], date.fromisoformat(line[9])) for line in quiet]
    assert days
    assert all(until < START or ledgers._message_days(item, until)[0] > city.end for item, until in days)


def test_six_licences_on_one_phone_on_one_day_count_as_one_message():
    """B10.4: five or more about one thing are put together; four are not, nor is an open window with a closed one."""
    day = date(2025, 6, 2)
    said = Counter({(day, True, "a"): 6, (day, False, "a"): 4, (day, True, "b"): 5, (day + timedelta(1), True, "b"): 1})
    assert ledgers._messages(said) == {day: 1 + 4 + 1, day + timedelta(1): 1}


@pytest.mark.parametrize(
    ("until", "count", "unit", "closes"),
    [
        (date(2026, 8, 31), 2, "month", date(2026, 6, 30)),
        (date(2024, 8, 31), 6, "month", date(2024, 2, 29)),
        (date(2026, 3, 15), 3, "month", date(2025, 12, 15)),
        (date(2026, 3, 15), 30, "nd", date(2026, 2, 13)),
        (date(2026, 10, 9), 1, "wd", date(2026, 10, 8)),
        (date(2026, 10, 8), 1, "wd", date(2026, 9, 30)),  # National Day lies between
        (date(2026, 3, 15), 0, "month", date(2026, 3, 15)),
    ],
)
def test_a_window_is_counted_back_in_its_own_unit(until, count, unit, closes):
    """R10.1: working days, natural days or months, the month's end kept."""
    assert ledgers._back(until, count, unit) == closes


def test_a_city_is_read_back_as_it_was_made(city):
    assert ledgers.is_made(city.folder)
    assert ledgers.read(city.folder) == city
    assert not ledgers.is_made(city.folder.parent / "elsewhere")


def test_more_messages_than_the_licences_can_bring_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(ledgers, "MESSAGES", 200_000)
    with pytest.raises(ValueError, match="cannot come of"):
        make(tmp_path)
