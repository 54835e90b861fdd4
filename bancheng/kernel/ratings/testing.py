"""Ratings for other parts' tests: a service served, said of it, a call-back opened, somebody who works it."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.identity import public as identity
from bancheng.kernel.ratings.facts import Said, Served
from bancheng.kernel.ratings.models import CallBack, Occasion
from bancheng.kernel.ratings.operations import opening, rating
from bancheng.kernel.ratings.rules import Mode, Terms
from bancheng.lib.text import Text

REGION = "411000"
AT = datetime(2026, 3, 2, 9, 0, tzinfo=clocks.SHANGHAI)  # a Monday
TERMS = Terms()
WORKER = "staff:1"  # did the work that is rated
OFFICER, REVIEWER, SECOND = "staff:11", "staff:21", "staff:22"  # had no part in it
RATER_ID = "11010519491231002X"


def rater(citizen_id: str = RATER_ID) -> bytes:
    """Return the hash by which a rater is known."""
    return identity.find_hash(citizen_id, kind="citizen_id")


def later(**time: float) -> datetime:
    """Return an instant so long after AT."""
    return AT + timedelta(**time)


def served(key: str = "case:1", *, at: datetime = AT, **over: Any) -> Occasion:
    """Return a service that may be rated: a matter of the unit `market`, done by WORKER."""
    given: dict[str, Any] = {
        "about": key,
        "mode": Mode.ONLINE,
        "service": "sample",
        "matter": "sign",
        "unit": "market",
        "title": Text("户外招牌", "Sign-board"),
        "rater_hash": rater(),
        "contact": "王芳\n13900000007",
        "handlers": (WORKER,),
    }
    (made,) = opening.invite([Served(**(given | over))], region=REGION, terms=TERMS, at=at)
    return made


def rated(found: Occasion, grade: int, *, words: str = "", at: datetime = AT, **over: Any) -> None:
    """Let the rater say it."""
    rating.rate(occasion_id=found.pk, said=Said(grade, words=words, **over), terms=TERMS, at=at)


def called(key: str = "case:1", *, grade: int = 2, at: datetime = AT, **over: Any) -> UUID:
    """Return the call-back of a bad rating."""
    rated(served(key, at=at, **over), grade, words="等了三天", at=at)
    return CallBack.objects.get(occasion__about=key).pk
