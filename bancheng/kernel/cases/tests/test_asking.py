"""Questions asked together (lib.rows): the rows are the ones the library reads, and what one question raises is heard."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bancheng.kernel.cases import public as cases
from bancheng.kernel.cases.models import Case, CaseAction, FlowVersion, Submission, Task
from bancheng.kernel.cases.testing import accepted, applicant, filed, later
from bancheng.lib import rows

pytestmark = pytest.mark.usefixtures("flows")


@pytest.mark.parametrize("model", [Case, CaseAction, FlowVersion, Submission, Task])
def test_a_row_that_is_asked_with_others_is_the_row_the_library_reads(model: Any) -> None:
    """Every column: numbers, days, instants with their microseconds, bytes, JSON, what is not there."""
    accepted(filed("sign", at=later().replace(microsecond=120)).id)
    with connection.cursor() as cursor:
        asked = rows.question(model, "WHERE id IS NOT NULL ORDER BY id", []).alone(cursor)
        read = rows.read(cursor, model, "ORDER BY id", [])
    names = [field.attname for field in model._meta.concrete_fields]
    kept = list(model.objects.order_by("id").values(*names))
    assert kept
    for found in (asked, read):
        assert [{name: getattr(row, name) for name in names} for row in found] == kept


def test_questions_are_answered_in_their_order_by_one_statement() -> None:
    holder = applicant().hash
    first, second = filed("sign", key="a"), filed("sign", key="b", at=later(hours=1))
    found: dict[str, Any] = {"region": "411000", "service": "sample"}
    with CaptureQueriesContext(connection) as asked, connection.cursor() as cursor:
        by_key, mine, nobody_s, none = rows.ask(
            cursor,
            cases.by_key_question(**found, key="b"),
            cases.of_applicants_question([holder], size=1),
            cases.of_applicants_question([bytes(32)]),
            cases.by_key_question(**found, key="c"),
        )
    assert len(asked) == 1
    assert by_key == cases.Filed(second.id, second.number, again=True)
    assert [one.id for one in mine] == [second.id]
    assert [one.id for one in cases.of_applicants([holder], service="sample")] == [second.id, first.id]
    assert (nobody_s, none, cases.of_applicants([holder], service="other")) == ([], None, [])


def test_what_a_question_raises_is_raised() -> None:
    def no(_value: object) -> None:
        raise LookupError("nothing there")

    with pytest.raises(LookupError, match="nothing there"), connection.cursor() as cursor:
        rows.Question("1", (), no).then(str).alone(cursor)
