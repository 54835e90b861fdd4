"""Statements of arrays: the text does not depend on how many rows there are, the values stand by column."""

from dataclasses import dataclass

from bancheng.lib import unnest

COLUMNS = {"id": "bigint", "by": "text", "detail": "jsonb"}


@dataclass
class Row:
    id: int
    by: str
    detail: dict[str, int]


def test_rows_become_an_array_a_column_and_a_dict_goes_as_json() -> None:
    rows = [Row(1, "甲", {"n": 1}), Row(2, "乙", {})]
    assert unnest.arrays(rows, COLUMNS) == [[1, 2], ["甲", "乙"], ['{"n": 1}', "{}"]]
    assert unnest.arrays([], COLUMNS) == [[], [], []]


def test_an_insert_names_its_columns_and_their_types() -> None:
    assert unnest.insert("things", COLUMNS) == (
        'INSERT INTO things ("id", "by", "detail") SELECT "id", "by", "detail" '
        'FROM unnest(%s::bigint[], %s::text[], %s::jsonb[]) AS given ("id", "by", "detail")'
    )


def test_an_update_finds_by_its_key_and_never_sets_it() -> None:
    assert unnest.update("things", {"id": "bigint", "by": "text"}, key="id") == (
        'UPDATE things SET "by" = given."by" '
        'FROM unnest(%s::bigint[], %s::text[]) AS given ("id", "by") WHERE things."id" = given."id"'
    )


def test_several_are_done_by_one_statement() -> None:
    assert unnest.together("INSERT A", "UPDATE B") == "WITH part0 AS (INSERT A), part1 AS (UPDATE B) SELECT"
