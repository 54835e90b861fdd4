"""Rating: what is kept, what is refused, what a bad one sets going."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection

from bancheng.kernel.ratings import facts
from bancheng.kernel.ratings.facts import Happened, Said, Served, What
from bancheng.kernel.ratings.models import CallBack, Occasion, Rating
from bancheng.kernel.ratings.operations import opening, rating
from bancheng.kernel.ratings.queries import reading
from bancheng.kernel.ratings.rules import Grade, Mode
from bancheng.kernel.ratings.testing import AT, REGION, TERMS, later, rated, rater, served
from bancheng.lib.refusal import Refused
from bancheng.lib.text import Text

pytestmark = pytest.mark.django_db


def test_a_service_is_asked_about_once_however_often_it_is_named() -> None:
    """R-RT-2: 一事一评."""
    served()
    again = Served("case:1", Mode.ONLINE, "sample", "sign", "market", Text("招牌", "Sign"))
    assert opening.invite([again], region=REGION, terms=TERMS, at=later(days=1)) == []
    assert Occasion.objects.count() == 1


def test_what_nobody_answered_is_not_rated_and_never_satisfied() -> None:
    """R-RT-6."""
    row = served()
    found = reading.occasion(row.pk)
    assert (found.grade, found.rated_at) == (None, None)
    with pytest.raises(Refused) as no:
        rated(row, 5, at=later(days=31))
    assert no.value.code == "rating_closed"
    assert reading.occasion(row.pk).grade is None


def test_a_rating_is_kept_and_a_change_of_it_is_another_row() -> None:
    """R-RT-2."""
    row = served()
    rated(row, 4, words="办得快", tags=("quick",))
    rated(row, 5, at=later(days=2))
    assert [(one.grade, one.words, one.tags) for one in reading.said(row.pk)] == [
        (Grade.SATISFIED, "办得快", ("quick",)),
        (Grade.VERY_SATISFIED, "", ()),
    ]
    assert reading.occasion(row.pk).grade is Grade.VERY_SATISFIED


def test_the_same_said_twice_is_one_row() -> None:
    row = served()
    rated(row, 4, words="好", tags=("quick", "kind"))
    rated(row, 4, words="好", tags=("kind", "quick"), at=later(minutes=1))
    assert Rating.objects.count() == 1


def test_after_its_days_a_rating_stands() -> None:
    row = served()
    rated(row, 4)
    with pytest.raises(Refused) as no:
        rated(row, 5, at=later(days=6))
    assert no.value.code == "rated_already"
    assert reading.occasion(row.pk).grade is Grade.SATISFIED


def test_on_the_spot_a_service_is_rated_once() -> None:
    """R-RT-2: 一次一评."""
    row = served("visit:1", mode=Mode.ON_SITE, rater_hash=b"", contact="")
    rated(row, 5)
    with pytest.raises(Refused) as no:
        rated(row, 1, at=later(minutes=1))
    assert no.value.code == "rated_already"


def test_a_rating_without_a_grade_writes_nothing() -> None:
    row = served()
    with pytest.raises(Refused):
        rating.rate(occasion_id=row.pk, said=Said(None, words="还行"), terms=TERMS, at=AT)
    assert Rating.objects.count() == 0


def test_what_is_not_there_cannot_be_rated() -> None:
    with pytest.raises(Refused) as no:
        rating.rate(occasion_id=uuid4(), said=Said(5), terms=TERMS, at=AT)
    assert no.value.status == 404


@pytest.mark.parametrize(("grade", "opens"), [(5, 0), (4, 0), (3, 0), (2, 1), (1, 1)])
def test_bad_ratings_alone_open_a_call_back(grade: int, opens: int) -> None:
    """R-RT-1, R-RT-3."""
    rated(served(), grade)
    assert CallBack.objects.count() == opens


def test_a_better_grade_does_not_end_the_call_back_nor_a_worse_one_open_a_second() -> None:
    """R-RT-5: nobody is talked out of a bad rating."""
    row = served()
    for n, grade in enumerate((2, 5, 1)):
        rated(row, grade, at=later(hours=n))
    assert CallBack.objects.filter(closed_at=None).count() == 1


def test_neither_the_tables_nor_the_record_name_the_rater_or_show_his_words() -> None:
    """R-RT-5, P-9: confidential."""
    rated(served(), 1, words="窗口人员态度恶劣")
    with connection.cursor() as cursor:
        tables = ("ratings_occasion", "ratings_rating", "ratings_callback", "ratings_callbackline")
        kept = ""
        for table in tables:
            cursor.execute(f"select coalesce(string_agg(t::text, ' '), '') from {table} t")
            kept += cursor.fetchone()[0]
    for secret in ("窗口人员态度恶劣", "王芳", "13900000007"):
        assert secret not in kept
        assert secret.encode().hex() not in kept
    events = _events()
    assert {who for _, who, _ in events} == {"system", "rater"}
    assert all("grade" not in detail for _, _, detail in events)


def _events() -> list[tuple[str, str, str]]:
    with connection.cursor() as cursor:
        cursor.execute("select action, who, detail::text from audit_event where action like 'ratings.%' order by id")
        return list(cursor.fetchall())


def test_what_happened_is_told_to_who_listens() -> None:
    heard: list[Happened] = []
    facts.happened.connect(heard.append)
    try:
        rated(served(), 1)
    finally:
        facts.happened._listeners.remove(heard.append)
    assert [one.what for one in heard] == [What.INVITED, What.RATED, What.CALL_BACK]


def test_a_rater_reads_his_own_and_an_agent_what_his_paper_covers() -> None:
    """P-5."""
    row = served(service="onething")
    other = rater("110105194912310038")
    assert [one.id for one in reading.of_raters({rater(): frozenset()})] == [row.pk]
    assert reading.of_raters({rater(): frozenset({"expiry"})}) == []
    assert reading.of_raters({other: frozenset(), b"": frozenset()}) == []
    assert reading.of_rater(row.pk, {rater(): frozenset({"onething"})}).id == row.pk
    with pytest.raises(Refused) as no:
        reading.of_rater(row.pk, {other: frozenset()})
    assert no.value.status == 404


def test_only_what_is_open_is_offered() -> None:
    one, two = served(), served("case:2")
    rated(one, 5)
    today = AT.date()
    limits = {rater(): frozenset[str]()}
    assert [each.id for each in reading.of_raters(limits, open_on=today)] == [two.pk]
    assert reading.of_raters(limits, open_on=today + timedelta(days=31)) == []
    assert reading.settled([one.pk, two.pk], today=today) == {one.pk}
