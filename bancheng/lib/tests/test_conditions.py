"""Conditions that are data: read as Python reads them, safe whatever is written, mistakes told before anybody is asked."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bancheng.lib.conditions import DEEPEST, LONGEST, Kind, Unreadable, parse

TYPES = {
    "area": Kind.WHOLE,
    "seats": Kind.WHOLE,
    "cooked": Kind.TRUTH,
    "alone": Kind.TRUTH,
    "sort": Kind.TEXT,
    "opens": Kind.DAY,
    "items": Kind.MANY,
}
VALUES = {
    "area": 25000,
    "cooked": True,
    "alone": False,
    "sort": "canteen",
    "opens": date(2026, 3, 1),
    "items": ("hot", "cold"),
}


@pytest.mark.parametrize(
    ("source", "holds"),
    [
        ("true", True),
        ("false", False),
        ("cooked", True),
        ("not alone and cooked", True),
        ("area >= 25000", True),
        ("area < -1", False),
        ("30000 > area", True),
        ("sort == 'canteen'", True),
        ('sort in ["stall", "canteen"]', True),
        ('sort not in ["stall"]', True),
        ('"hot" in items', True),
        ('"raw" not in items', True),
        ('opens == "2026-03-01"', True),
        ('opens > "2026-02-28" and "2026-03-02" > opens', True),
        ('opens in ["2026-03-01"]', True),
        ("alone or cooked and alone", False),  # and binds closer
        ("(alone or cooked) and alone", False),
        ("not (alone or cooked)", False),
        ("not cooked or cooked", True),  # not binds closest
    ],
)
def test_a_condition_reads_as_it_is_written(source, holds):
    assert parse(source).check(TYPES) == []
    assert parse(source).holds(VALUES) is holds


@pytest.mark.parametrize(
    "source",
    ["area == 1", "area != 1", "area < 9", "1 != area", "sort in ['a']", "sort not in ['a']", "'a' in items",
     "'a' not in items", "opens < '2026-01-01'", "cooked", "cooked == false", "area == seats"],
)  # fmt: skip
@pytest.mark.parametrize("values", [{}, dict.fromkeys(TYPES)])
def test_what_is_not_known_makes_its_comparison_false_and_only_that(source, values):
    assert parse(source).holds(values) is False
    assert parse(f"not ({source})").holds(values) is True


@pytest.mark.parametrize(
    "source", ["cooked == 1", "area == true", "area != '25000'", "sort != 1", "opens != '2026-02-30'"]
)
def test_values_of_different_kinds_are_neither_equal_nor_unequal(source):
    assert parse(source).holds(VALUES) is False


def test_the_names_it_asks_about_are_told():
    assert parse("cooked and (area > 1 or 'x' in items) and not alone").names == {"cooked", "area", "items", "alone"}


def test_the_values_written_in_it_are_told():
    assert parse("area > 30 and (sort in ['a', 'b'] or cooked == false)").literals == {30, "a", "b", False}


@pytest.mark.parametrize(
    ("source", "position"),
    [
        ("", 0),
        ("cooked and", 10),
        ("area > ", 7),
        ("area = 1", 5),
        ("area == “1”", 8),
        ("area == 1 2", 10),
        ("1 < area < 9", 9),
        ("(cooked", 7),
        ("cooked)", 6),
        ("sort in ['a',]", 13),
        ("sort == 'a", 8),
        ("'canteen'", 9),
        ("area.real", 4),
        ("cooked()", 6),
        ("area == 1.5", 8),
        ("__import__", 0),
        ("area == 12345678901234567890", 8),
        ("sort == 'a\\'b'", 8),
        ("cooked; alone", 6),
        ("(cooked) == true", 9),
        ("sort not ['a']", 9),
        ("sort in [area]", 9),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place_in_both_languages(source, position):
    with pytest.raises(Unreadable) as no:
        parse(source)
    assert no.value.position == position
    assert no.value.zh.endswith("。")
    assert no.value.en.endswith(".")


@pytest.mark.parametrize(
    "source",
    ["(" * 5000 + "cooked", "not " * (DEEPEST + 2) + "cooked", "(" * (DEEPEST + 2) + "cooked" + ")" * (DEEPEST + 2),
     "cooked and " * 1000 + "cooked"],
)  # fmt: skip
def test_length_and_depth_are_bounded(source):
    with pytest.raises(Unreadable):
        parse(source)


def test_as_deep_and_as_long_as_is_allowed_is_read():
    assert parse("(" * DEEPEST + "cooked" + ")" * DEEPEST).holds(VALUES)
    assert parse("cooked".rjust(LONGEST)).holds(VALUES)


@pytest.mark.parametrize(
    ("source", "part"),
    [
        ("flat", "“flat” in the condition is not known"),
        ("area", "no yes-or-no"),
        ("sort or cooked", "no yes-or-no"),
        ("area == '1'", "cannot be compared"),
        ("cooked == 1", "cannot be compared"),
        ("area == cooked", "cannot be compared"),
        ("sort < 'b'", "has no order"),
        ("cooked > false", "has no order"),
        ("opens > 'next week'", "compared with a text such as"),
        ("opens == sort", "compared with a text such as"),
        ("opens > 20260101", "cannot be compared"),
        ("items == 'hot'", "Compare a list with"),
        ("sort == ['hot']", "Compare a list with"),
        ("items in ['hot']", "A single value stands left"),
        ("area in items", "holds texts"),
        ("sort in []", "The list is empty"),
        ("sort in [1]", "cannot be compared"),
        ("'a' in sort", "A list or a multiple choice"),
        ("sort == 'cafe'", "has no choice “cafe”"),
        ("sort in ['stall', 'cafe']", "has no choice “cafe”"),
        ("'raw' in items", "has no choice “raw”"),
    ],
)
def test_mistakes_of_type_are_told_before_anybody_is_asked(source, part):
    told = parse(source).check(TYPES, {"sort": ("stall", "canteen"), "items": ("hot", "cold")})
    assert len(told) == 1
    assert part in told[0].en
    assert told[0].zh


# --- against Python itself: the same text, evaluated by another reader ---


class Unknown:
    """Compares false with everything, as a value that is not there should."""

    def _no(self, other: object) -> bool:
        return False

    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = __contains__ = _no  # type: ignore[assignment]
    __hash__ = None  # type: ignore[assignment]

    def __bool__(self) -> bool:
        return False


ORDER = st.sampled_from(["==", "!=", "<", "<=", ">", ">="])
EQUAL = st.sampled_from(["==", "!="])
NUMBER = st.integers(-3, 3).map(str)
WORD = st.sampled_from(["'a'", '"b"', "'乙'"])
DAYS = [date(2026, 2, 27) + timedelta(days=n) for n in range(4)]
DAY = st.sampled_from([f'"{day}"' for day in DAYS])
TRUTH = st.sampled_from(["true", "false"])


def some(values: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.lists(values, min_size=1, max_size=3).map(lambda all_: f"[{', '.join(all_)}]")


def join(*parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.tuples(*parts).map(" ".join)


WHOLES, TEXTS = st.sampled_from(["area", "seats"]), st.just("sort")
LEAF = st.one_of(
    TRUTH,
    st.sampled_from(["cooked", "alone"]),
    join(WHOLES, ORDER, st.one_of(NUMBER, WHOLES)),
    join(NUMBER, ORDER, WHOLES),
    join(TEXTS, EQUAL, WORD),
    join(st.just("cooked"), EQUAL, TRUTH),
    join(st.just("opens"), ORDER, DAY),
    join(WORD, st.just("in items")),
    join(TEXTS, st.just("in items")),
    join(TEXTS, st.just("in"), some(WORD)),
    join(WHOLES, st.just("in"), some(NUMBER)),
    join(st.just("opens in"), some(DAY)),
)
SOURCE = st.recursive(
    LEAF,
    lambda inner: st.one_of(
        join(st.just("not"), inner),
        join(inner, st.sampled_from(["and", "or"]), inner),
        inner.map(lambda text: f"({text})"),
        inner.map(lambda text: f"( \t{text}\n)"),
    ),
    max_leaves=12,
)
MAYBE = {
    "area": st.integers(-3, 3),
    "seats": st.integers(-3, 3),
    "cooked": st.booleans(),
    "alone": st.booleans(),
    "sort": st.sampled_from(["a", "b", "乙"]),
    "opens": st.sampled_from(DAYS),
    "items": st.lists(st.sampled_from(["a", "b", "乙"]), unique=True).map(tuple),
}
SOME_VALUES = st.fixed_dictionaries({name: st.none() | one for name, one in MAYBE.items()})


def by_python(source, values):
    seen = {name: Unknown() if value is None else value for name, value in values.items()}
    if isinstance(seen["opens"], date):
        seen["opens"] = seen["opens"].isoformat()  # ISO days sort as texts do
    return bool(eval(f"({source})", {"__builtins__": {}, "true": True, "false": False}, seen))


@given(SOURCE, SOME_VALUES)
def test_it_says_what_python_says_of_the_same_text(source, values):
    condition = parse(source)
    assert condition.check(TYPES) == []
    assert condition.holds(values) is by_python(source, values)


SCRAPS = st.lists(
    st.sampled_from(["area", "cooked", "items", "and", "or", "not", "in", "(", ")", "[", "]", ",", "==", "<", "'a'", "1",
                     "true", " ", "-", ".", '"', "\\", "，", "A", "\x00"])
).map("".join)  # fmt: skip
ANYTHING = st.one_of(
    st.none(), st.text(), st.integers(), st.booleans(), st.dates(), st.lists(st.text(), max_size=3).map(tuple)
)


@given(st.one_of(st.text(), SCRAPS, SOURCE), st.fixed_dictionaries(dict.fromkeys(TYPES, ANYTHING)))
def test_whatever_is_written_is_read_or_refused_and_whatever_is_read_can_be_asked(source, values):
    condition = read(source)
    if isinstance(condition, Unreadable):
        assert 0 <= condition.position <= max(len(source), LONGEST)
        return
    assert condition.holds(values) in (True, False)
    condition.check(TYPES)
    condition.check({})
    compile(f"({source})", "condition", "eval")  # what we read is Python too


def read(source):
    try:
        return parse(source)
    except Unreadable as no:
        return no
