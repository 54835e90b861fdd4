"""What is written by statements of arrays names every column: one that is added without its line here would stay empty."""

from typing import Any

import pytest

from bancheng.kernel.cases.models import Case, CaseAction, Task
from bancheng.kernel.cases.operations import writing

LATER = {"escalated_at", "ended_at"}  # of a task: nothing yet when it opens


@pytest.mark.parametrize(
    ("model", "columns", "left_out"),
    [(Case, writing.NEW_CASE, set()), (CaseAction, writing.ACTION, {"id"}), (Task, writing.NEW_TASK, {"id", *LATER})],
)
def test_a_new_row_has_every_column(model: Any, columns: dict[str, str], left_out: set[str]) -> None:
    assert set(columns) == {field.column for field in model._meta.concrete_fields} - left_out


@pytest.mark.parametrize(("model", "columns"), [(Case, writing.CASE), (Task, writing.TASK)])
def test_what_is_changed_are_columns(model: Any, columns: dict[str, str]) -> None:
    assert set(columns) <= {field.column for field in model._meta.concrete_fields}
