"""One day of ratings: some of those whose bundle is closed say how one of its matters was; the units call the bad ones back.

Most say nothing, as most do. What is said follows from the application's number, so that a year's figures are known beforehand.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from bancheng.kernel.cases import public as cases
from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.identity import public as identity
from bancheng.kernel.ratings import public as ratings
from bancheng.lib.days import day_of, start_of
from bancheng.services.ratings import inviting, terms
from bancheng.sim.bundles import Application

CALLER = "section_officer"
EVERY = 5  # one applicant of five rates
GRADES = (5, 4, 5, 2, 5, 3, 4, 5, 1, 4)  # what the first, the second … of ten of them says
WORDS = {2: "等的时间比承诺的长", 1: "材料要求没有一次说清，跑了两趟"}
CHECKED, SETTLED, ANSWER = "已电话核实，情况属实", "已整改，并对经办人员重新培训", "已按您的意见整改，感谢您的监督"

_CLOSED = """
select id, applicant_hash from cases_case
 where service = 'onething' and step = '' and state in ('closed', 'following_up') and closed_at >= %s and closed_at <= %s
 order by id
"""


def grade_of(one: Application) -> int | None:
    """Return what an applicant will say, None for the four of five who say nothing."""
    return None if one.number % EVERY else GRADES[one.number // EVERY % len(GRADES)]


def rate(by_holder: Mapping[bytes, Application], at: datetime) -> int:
    """Let those whose bundle was closed today rate its first matter; return how many did."""
    with connection.cursor() as cursor:
        cursor.execute(_CLOSED, [start_of(day_of(at)), at])
        closed = [(root, by_holder.get(bytes(holder))) for root, holder in cursor.fetchall()]
    return sum(_rate(root, grade, at) for root, one in closed if one and (grade := grade_of(one)))


def _rate(root: UUID, grade: int, at: datetime) -> int:
    """Rate once; what was rated on this day before stays as it was."""
    inviting.invite(root=root, at=at)
    found = ratings.of_cases([one.id for one in cases.members_of([root])])
    if not found or any(one.grade for one in found):
        return 0
    said = ratings.Said(grade, words=WORDS.get(grade, ""))
    ratings.rate(occasion_id=found[0].id, said=said, terms=terms.of_pack().terms, at=at)
    return 1


def call_back(
    by_holder: Mapping[bytes, Application], desks: Mapping[tuple[str, str], identity.Actor], at: datetime
) -> int:
    """Let the units call the next working day, and put right and answer on another; return how many they worked."""
    worked = 0
    for row in list(ratings.call_backs(units=None)):
        by = desks.get((CALLER, row.unit))
        last = day_of(row.contacted_at or row.opened_at)
        if by and bytes(row.occasion.rater_hash) in by_holder and clocks.calendar().add(last, 1) <= day_of(at):
            _work(row.pk, ratings.State(row.state), by, at)
            worked += 1
    return worked


def _work(call_back_id: UUID, state: ratings.State, by: identity.Actor, at: datetime) -> None:
    given: dict[str, Any] = {"call_back_id": call_back_id, "by": by.ref, "at": at}
    if state is ratings.State.OPEN:
        city = terms.of_pack().terms
        ratings.note_check(route=ratings.Route.FIX, words=CHECKED, law="", terms=city, **given)
    else:
        ratings.settle(words=SETTLED, **given)
        ratings.answer(words=ANSWER, **given)
