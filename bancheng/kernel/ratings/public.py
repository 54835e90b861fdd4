"""The face of ratings: let a service be rated, rate it, call back, appeal, read and count."""

from collections.abc import Sequence
from uuid import UUID

from bancheng.kernel.ratings.facts import Happened, Occasion, Said, Served, What, happened
from bancheng.kernel.ratings.operations.appeals import appeal, decide, no_such_appeal, object_to
from bancheng.kernel.ratings.operations.call_backs import (
    answer,
    no_such_call_back,
    note_attempt,
    note_check,
    settle,
    take,
)
from bancheng.kernel.ratings.operations.opening import invite
from bancheng.kernel.ratings.operations.rating import no_such_rating, rate
from bancheng.kernel.ratings.operations.slips import slip
from bancheng.kernel.ratings.queries import figures
from bancheng.kernel.ratings.queries.reading import (
    Appeal,
    AppealBrief,
    CallBack,
    Line,
    Rating,
    Waiting,
    agent_of,
    answers,
    appeals_to_review,
    briefs,
    by_slip,
    by_token,
    call_back,
    call_backs,
    contact,
    is_of,
    occasion,
    of_abouts,
    of_rater,
    of_raters,
    recipient,
    said,
    settled,
    waiting,
)
from bancheng.kernel.ratings.queries.reading import appeal as appeal_of
from bancheng.kernel.ratings.rules import (
    ACTS,
    BAD,
    BASIS,
    FLAWS,
    GRADES,
    MOST_WORDS,
    NEXT,
    ROUTES,
    RULINGS,
    STATES,
    UNRATED,
    Act,
    Flaw,
    Grade,
    Mode,
    Route,
    Ruling,
    State,
    Terms,
    may_rate,
)
from bancheng.kernel.ratings.terms import declare_terms, own_terms, terms_of

__all__ = [
    "ACTS", "BAD", "BASIS", "FLAWS", "GRADES", "MOST_WORDS", "NEXT", "ROUTES", "RULINGS", "STATES", "UNRATED", "Act", "Appeal", "AppealBrief",
    "CallBack", "Flaw", "Grade", "Happened", "Line", "Mode", "Occasion", "Rating", "Route", "Ruling", "Said", "Served", "State", "Terms",
    "Waiting", "What", "agent_of", "answer", "answers", "appeal", "appeal_of", "appeals_to_review", "briefs", "by_slip", "by_token", "call_back", "call_backs",
    "contact", "decide", "declare_terms", "figures", "happened", "invite", "is_of", "may_rate", "no_such_appeal", "no_such_call_back", "no_such_rating",
    "note_attempt", "note_check", "object_to", "occasion", "of_abouts", "of_cases", "of_rater", "of_raters", "own_terms", "rate", "recipient",
    "said", "settle", "settled", "slip", "take", "terms_of", "waiting",
]  # fmt: skip


def of_cases(case_ids: Sequence[UUID]) -> list[Occasion]:
    """Return what may be rated of these cases, for the page that shows them: one statement."""
    return of_abouts([f"case:{case_id}" for case_id in case_ids])
