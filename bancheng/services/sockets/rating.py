"""Rating of a use after its bill: whoever holds its secret may rate, nobody is asked who he is, and nothing is filled in for him (R-RT-5, R-RT-6).

A use is let be rated when its payer wants to; who does not is 未评价 and stays so. What was said, the call-back after a bad one and the answer are
the ratings' own.
"""

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from bancheng.kernel.ratings import public as ratings
from bancheng.lib.refusal import Refused
from bancheng.lib.text import Text
from bancheng.services.sockets.models import Session
from bancheng.web import entrances

COMPANY = "power"  # the unit that is rated
PAGE = "ratings:by_link"


@dataclass(frozen=True)
class Rate:
    """Whether a use may be rated, and what was said of it."""

    may: bool
    grade: Text | None = None


def of(session: Session) -> Rate:
    """Return how a use stands with its rating: one statement, none while there is no bill."""
    if not _may(session):
        return Rate(False)
    found = ratings.of_abouts([_about(session)])
    grade = found[0].grade if found else None
    return Rate(True, ratings.GRADES[grade] if grade else None)


def open_for(session: Session, *, at: datetime) -> str:
    """Let a use be rated, once, and return the address of the page to do it on. Raises Refused("not_settled_yet")."""
    if not _may(session):
        raise Refused(
            "not_settled_yet",
            "账单出来后才能评价，没有打开评价；请在用电结束后再试。",
            en="A use can be rated once its bill is there; nothing was opened. Try again after it has ended.",
        )
    served = ratings.Served(
        about=_about(session),
        mode=ratings.Mode.ONLINE,
        service="sockets",
        matter="",
        unit=COMPANY,
        title=Text(
            f"共享电源：{session.site.name} {session.socket.code}",
            f"Shared power: {session.site.name_en or session.site.name} {session.socket.code}",
        ),
    )
    ratings.invite([served], region=session.region, terms=ratings.Terms(), at=at)
    return reverse(PAGE, args=[ratings.of_abouts([served.about])[0].token])


def _may(session: Session) -> bool:
    return session.settled_at is not None and any(door.name == PAGE for door in entrances.every())


def _about(session: Session) -> str:
    return f"session:{session.pk}"
