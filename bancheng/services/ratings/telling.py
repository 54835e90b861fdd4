"""Who is told what about ratings. The rater is never named to a unit, and no grade is ever asked for (R-RT-5).

What happened promises a job in its transaction, and the job tells: no rating fails because of a message.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.conf import settings

from bancheng.kernel.catalogue import public as catalogue
from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.identity import public as identity
from bancheng.kernel.jobs import public as jobs
from bancheng.kernel.notices import public as notices
from bancheng.kernel.ratings import public as ratings
from bancheng.lib.days import day_of
from bancheng.services.ratings.queries import CALL_BACK, REVIEW, SERVICE

What = ratings.What


def note(fact: ratings.Happened) -> None:
    """Promise to tell of what happened, where somebody has to be told."""
    if fact.what not in TELL:
        return
    thing = fact.call_back or fact.appeal or fact.occasion
    jobs.later(
        "ratings.tell",
        key=f"ratings-tell-{fact.what}-{thing}-{fact.at.isoformat()}",
        what=fact.what.value,
        occasion=str(fact.occasion),
        call_back=str(fact.call_back or ""),
        appeal=str(fact.appeal or ""),
        detail=dict(fact.detail or {}),
        happened_at=fact.at.isoformat(),
    )


def tell(fact: ratings.Happened) -> None:
    """Tell whoever has to be told; run again it adds nothing (N-4)."""
    TELL[fact.what](fact, ratings.occasion(fact.occasion))


def invite(made: Sequence[UUID], *, at: datetime) -> None:
    """Ask each applicant to rate; what comes to one phone at once is one message (N-8)."""
    for occasion_id in made:
        found = ratings.occasion(occasion_id)
        fact = ratings.Happened(What.INVITED, found.id, found.region, found.unit, at)
        _rater("invite", fact, found, key=f"{found.id}", day=found.closes_on)


def _called(fact: ratings.Happened, found: ratings.Occasion) -> None:
    """Tell the unit's call-back officers, none of those who did the work."""
    call_back = ratings.call_back(_id(fact.call_back))
    due = min((_ends(clock) for clock in call_back.clocks), default=day_of(call_back.opened_at))
    officers = identity.officers(unit=found.unit, role=CALL_BACK, at=fact.at)
    wanted = [one for one in officers if f"staff:{one}" not in call_back.handlers]
    _staff("call_back", fact, found, wanted, key=f"{call_back.id}", link=f"call-backs/{call_back.id}/", day=due)


def _ends(clock: clocks.Clock) -> date:
    promised = clock.decision.promised
    return min(clock.due.on, promised.on) if promised else clock.due.on


def _late(fact: ratings.Happened, found: ratings.Occasion) -> None:
    detail = fact.detail or {}
    key = f"{fact.call_back}-{detail['rule']}-{detail['due_on']}"
    _staff("late", fact, found, _supervisors(fact), key=key, link="reviews/", day=date.fromisoformat(detail["due_on"]))


def _review(fact: ratings.Happened, found: ratings.Occasion) -> None:
    appeal = _appeal(fact)
    again = "-again" if fact.what is What.OBJECTED else ""
    _staff("review", fact, found, _supervisors(fact), key=f"{appeal.id}{again}", link=f"reviews/{appeal.id}/")


def _supervisors(fact: ratings.Happened) -> list[int]:
    return sorted({account for account, _ in identity.role_holders(role=REVIEW, service=SERVICE, at=fact.at)})


def _answered(fact: ratings.Happened, found: ratings.Occasion) -> None:
    _rater("answered", fact, found, key=f"{fact.call_back}")


def _decided(fact: ratings.Happened, found: ratings.Occasion) -> None:
    """Tell the unit, and the rater of what concerns him: that his rating was left out, or what came of his objection."""
    appeal = _appeal(fact)
    said = ratings.RULINGS[appeal.state]
    outcome, key = {"outcome": said.zh, "outcome_en": said.en}, f"{appeal.id}-{appeal.state}"
    if appeal.state is not ratings.Ruling.KEPT:
        _rater("decided", fact, found, key=key, **outcome)
    officers = identity.officers(unit=found.unit, role=CALL_BACK, at=fact.at)
    wanted = [one for one in officers if f"staff:{one}" not in appeal.rated]
    _staff("ruled", fact, found, wanted, key=key, link="call-backs/", **outcome)


def _appeal(fact: ratings.Happened) -> ratings.Appeal:
    found = ratings.appeal_of(appeal_id=_id(fact.appeal))
    assert found
    return found


def _id(given: UUID | None) -> UUID:
    assert given
    return given


TELL: Mapping[What, Callable[[ratings.Happened, ratings.Occasion], None]] = {
    What.CALL_BACK: _called,
    What.LATE: _late,
    What.ANSWERED: _answered,
    What.APPEALED: _review,
    What.OBJECTED: _review,
    What.DECIDED: _decided,
}


def _rater(kind: str, fact: ratings.Happened, found: ratings.Occasion, *, key: str, **more: Any) -> None:
    """Tell the rater, on his own phone; nobody known, nobody told.

    Who rated at a counter is told by whoever calls back: the clerk knows the code, so no page shows him an answer.
    """
    if found.mode is not ratings.Mode.ONLINE:
        return
    to = ratings.recipient(found.id)
    if to.holder_hash or to.mobile_hash:
        _accept(kind, fact, found, to, key=key, link=f"r/{found.token}/", **more)


def _staff(
    kind: str, fact: ratings.Happened, found: ratings.Occasion, accounts: list[int], *, key: str, link: str, **more: Any
) -> None:
    for account in accounts:
        _accept(kind, fact, found, notices.to_staff(account), key=f"{key}-{account}", link=link, **more)


def _accept(
    kind: str,
    fact: ratings.Happened,
    found: ratings.Occasion,
    to: notices.Recipient,
    *,
    key: str,
    link: str,
    **more: Any,
) -> None:
    unit = catalogue.unit(found.unit)
    values = {
        "title": found.title.zh,
        "title_en": found.title.en,
        "unit": unit.name,
        "unit_en": unit.name_en,
        "link": f"{settings.SITE_URL}/ratings/{link}",
    }
    notices.accept(
        kind=f"{SERVICE}.{kind}",
        region=found.region,
        key=f"{SERVICE}-{kind}-{key}",
        subject=f"rating:{found.id}",
        to=to,
        values=values | {name: str(value) for name, value in more.items()},
        at=fact.at,
    )


def still_wanted(fact: notices.Check) -> set[str]:
    """Return the invitations that are not needed any more: rated meanwhile, or over (N-3)."""
    if fact.kind != f"{SERVICE}.invite":
        return set()
    ids = [UUID(subject.removeprefix("rating:")) for subject in fact.subjects]
    settled = ratings.settled(ids, today=day_of(fact.at))
    return {f"rating:{one}" for one in settled}
