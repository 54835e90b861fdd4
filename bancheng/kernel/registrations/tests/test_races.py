"""Several at the same moment: one home filed by eight channels is one case, one case is recorded once, no number is given twice."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bancheng.kernel.jobs import testing as jobs
from bancheng.kernel.registrations import offices, testing
from bancheng.kernel.registrations.models import Application, Certificate, Letter, LetterFile, Series, Wanted
from bancheng.kernel.registrations.operations import booking, certifying, filing, handling, writing
from bancheng.kernel.registrations.queries import reading
from bancheng.kernel.registrations.testing import AT, REGION, REGISTRY
from bancheng.lib.refusal import Refused

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
CHANNELS = ("bank", "developer", "notary", "one_window", "mini_program", "wechat", "app", "kiosk")


@pytest.fixture
def office() -> Iterator[testing.Office]:
    before = list(offices._told)
    yield testing.office()
    offices._told[:] = before


def at_once(do: Callable[[int], Any]) -> list[Any]:
    """Do it eight times at the same moment, and return what came back; a refusal comes back as nothing."""
    answers: list[Any] = []

    def one(number: int) -> None:
        with suppress(Refused):
            answers.append(do(number))

    jobs.together(*(lambda number=number: one(number) for number in range(len(CHANNELS))))
    return answers


def test_a_home_filed_by_eight_channels_at_once_is_one_case(office: testing.Office) -> None:
    """B13.1: eight keys, one loan contract."""

    def do(number: int) -> Any:
        asked = replace(testing.request(office), channel=CHANNELS[number])
        return filing.file(asked, key=f"k{number}", by=office.banker, at=AT).id

    assert len(set(at_once(do))) == 1
    assert Application.objects.count() == 1


def test_a_case_recorded_by_eight_at_once_is_recorded_once(office: testing.Office) -> None:
    """B7.7: two officers record simultaneously; the others fail cleanly."""
    made = testing.reviewed(office)
    assert len(at_once(lambda _: booking.book_in(application_id=made, by=office.booker, at=AT))) == 1
    assert Wanted.objects.count() == 1


def test_eight_workers_that_write_one_letter_leave_one_number_and_one_file(
    office: testing.Office, settings: Any, tmp_path: Path
) -> None:
    settings.VAR = tmp_path  # a test authority of its own seals
    made = testing.accepted(office)
    handling.refuse(application_id=made, reason="有争议", law="条例 第二十二条", by=office.reviewer, at=AT)
    line = reading.view(made).lines[-1].seq
    assert sum(at_once(lambda _: writing.write(application_id=made, line=line, at=AT))) == 1
    assert (Letter.objects.count(), LetterFile.objects.count()) == (1, 1)
    assert Series.objects.get(kind=writing.SERIES).last == 1


def test_eight_workers_that_number_at_once_leave_no_gap_and_no_double(office: testing.Office) -> None:
    testing.recorded(office)
    wanted = Wanted.objects.get()
    for place in range(2, 21):
        wanted.pk, wanted.seq, wanted.subject = None, place, f"right:{place}"
        wanted.save(force_insert=True)
    at_once(lambda _: certifying.allot(region=REGION, registry=REGISTRY, at=AT))
    assert sorted(Certificate.objects.values_list("seq", flat=True)) == list(range(1, 21))
    assert Series.objects.get().last == 20
