"""Rating of a use after its bill: whoever holds its secret may rate, nobody is asked who he is, and nothing is filled in for him (R-RT-5, R-RT-6).

A use is let be rated when its payer wants to; who does not is 未评价 and stays so. What was said, the call-back after a bad one and the answer are
the ratings' own.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

from django.conf import settings
from django.urls import reverse

from bancheng.kernel.ratings import public as ratings
from bancheng.lib.refusal import Refused
from bancheng.lib.text import Text
from bancheng.pack import ratings as written
from bancheng.pack.reader import Notes, document
from bancheng.services.sockets.models import Session
from bancheng.web import entrances

SERVICE = "sockets"
COMPANY = "power"  # the unit that is rated
FILE = "ratings.toml"
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
        service=SERVICE,
        matter="",
        unit=COMPANY,
        title=Text(
            f"共享电源：{session.site.name} {session.socket.code}",
            f"Shared power: {session.site.name_en or session.site.name} {session.socket.code}",
        ),
    )
    ratings.invite([served], region=session.region, terms=ratings.terms_of(SERVICE), at=at)
    return reverse(PAGE, args=[ratings.of_abouts([served.about])[0].token])


def read_terms(folder: Path) -> ratings.Terms | None:
    """Return by what terms uses are rated here; None where the pack leaves it to the city's. Raises Faulty naming file and line."""
    path = folder / FILE
    if not path.exists():
        return None
    notes = Notes(folder)
    whole = document(path, notes=notes)
    entry = whole.table("terms", required=True)
    whole.finish()
    found = written.terms(entry) if entry else None
    notes.check()
    return found


@cache
def terms() -> ratings.Terms | None:
    """Return what the city's own pack says; read once in the life of a process."""
    return read_terms(Path(settings.PACK) / "services" / "sockets")


def _may(session: Session) -> bool:
    return session.settled_at is not None and any(door.name == PAGE for door in entrances.every())


def _about(session: Session) -> str:
    return f"session:{session.pk}"
