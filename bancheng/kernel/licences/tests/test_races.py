import threading
from datetime import date

import pytest
from django.db import connection

from bancheng.kernel.jobs import testing as jobs
from bancheng.kernel.licences import public as licences
from bancheng.kernel.licences.models import Licence, LicenceVersion
from bancheng.kernel.licences.public import Channel, Source, merge
from bancheng.kernel.licences.testing import AT, UNIT, issued, row, rows
from bancheng.lib.refusal import Refused

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


def test_two_merges_of_one_list_at_once_add_each_licence_once():
    def work(batch, lines):
        return lambda: merge(lines, batch=batch, unit=UNIT, at=AT)

    lines = list(rows(2_000))
    answers = jobs.together(work("b1", lines), work("b2", lines[::-1]), work("b3", lines))
    assert sorted(answer.added for answer in answers) == [0, 0, 2_000]
    assert sorted(answer.unchanged for answer in answers) == [0, 2_000, 2_000]
    assert Licence.objects.count() == 2_000


def test_two_units_that_list_the_same_numbers_leave_each_to_one_of_them():
    """Opposite orders would deadlock without the locks: both lists begin to merge at one moment."""
    lines, staged = list(rows(6_000)), threading.Barrier(2)

    def listing(order):
        yield from order
        staged.wait()

    one, two = jobs.together(
        lambda: merge(listing(lines), batch="b1", unit="ONE", at=AT),
        lambda: merge(listing(lines[::-1]), batch="b2", unit="TWO", at=AT),
    )
    assert one.added + two.added == one.foreign + two.foreign == 6_000
    assert Licence.objects.count() == 6_000


def test_a_number_entered_between_looking_and_adding_is_decided_again_and_nothing_is_done_twice():
    merge([row("A"), row("B")], batch="b1", unit=UNIT, at=AT)
    entered = []

    def enter_first(execute, sql, params, many, context):
        if "INSERT INTO licences_licence " in sql and not entered:
            entered.append(True)
            jobs.together(
                lambda: issued(number="C", unit="OTHER"), lambda: issued(number="D", issued_on=date(2020, 1, 1))
            )
        return execute(sql, params, many, context)

    with connection.execute_wrapper(enter_first):
        lines = [row("A", contact_name="新"), row("B"), row("C", line=4), row("D"), row("E")]
        merged = merge(lines, batch="b2", unit=UNIT, at=AT)
    assert (merged.added, merged.changed, merged.unchanged, merged.foreign) == (1, 2, 1, 1)
    assert merged.unused[0].line == 4
    assert Licence.objects.get(number="A").version == 2
    assert LicenceVersion.objects.count() == 2


def test_a_list_and_a_renewal_at_once_lose_neither():
    merge(rows(2_000), batch="b1", unit=UNIT, at=AT)
    pk = Licence.objects.get(number="B00001000").pk
    source = Source(UNIT, Channel.SYSTEM, "m")
    changed = (line._replace(contact_name="新") for line in rows(2_000))
    jobs.together(
        lambda: merge(changed, batch="b2", unit=UNIT, at=AT),
        lambda: licences.change(licence_id=pk, valid_to=date(2040, 1, 1), source=source, by="staff:1", at=AT),
    )
    assert Licence.objects.get(pk=pk).version == 3
    assert LicenceVersion.objects.filter(licence=pk).count() == 2


def test_of_eight_revocations_one_counts_and_no_reuse_follows_it():
    pk = issued().pk
    source = Source(UNIT, Channel.SYSTEM, "m")

    def revoke():
        return licences.revoke(licence_id=pk, source=source, by="staff:1", at=AT)

    answers = jobs.contend(*[revoke] * 8)
    assert sorted(answers, key=str) == [2, *["licence_state"] * 7]
    with pytest.raises(Refused, match="licence_not_usable"):
        licences.reuse(licence_id=pk, by="unit:A", case="C", purpose="p", authorisation="a", at=AT)
