"""The leading group: a meeting is written down, and in it each matter is decided by itself (F7.1, F7.4, F7.5)."""

from datetime import date, datetime

from django.db import IntegrityError, transaction

from bancheng.kernel.audit import public as audit
from bancheng.kernel.identity import public as identity
from bancheng.kernel.titles import public as titles
from bancheng.lib.refusal import Refused
from bancheng.services.landshares.models import Matter, Meeting
from bancheng.services.landshares.queries import doors
from bancheng.services.landshares.rules.procedures import KINDS


def hold(
    *, number: str, held_on: date, chair: str, minutes: str, by: identity.Actor, today: date, at: datetime
) -> Meeting:
    """Write a meeting down. Raises Refused: meeting_incomplete, meeting_not_yet, meeting_known."""
    if not all(part.strip() for part in (number, chair, minutes)) or len(number) > 40 or len(chair) > 60:
        raise _no("meeting_incomplete", "请写明会议编号、主持人和纪要。", "Give number, chair and minutes.", 422)
    if held_on > today:
        raise _no("meeting_not_yet", "会议日期还没有到。", "The meeting is still to come.", 422)
    try:
        with transaction.atomic():
            made = Meeting.objects.create(
                region=doors.region(),
                number=number.strip(),
                held_on=held_on,
                chair=chair.strip(),
                minutes=minutes.strip(),
                held_by=by.ref,
                at=at,
            )
            audit.record("landshares.meeting_held", who=by.ref, about=f"meeting:{made.pk}", at=at, region=made.region)
    except IntegrityError:
        raise _no("meeting_known", "这个编号的会议已经登记。", "A meeting of that number is on record.", 409) from None
    return made


def decide(
    *, meeting_id: int, parcel: str, question: str, kind: str, decision: str, by: identity.Actor, at: datetime
) -> Matter:
    """Decide one matter of a parcel: of which type it is and what is to be done. A later meeting may decide anew; nothing is recorded in the book,
    and existing land need not be in it yet.

    Raises Refused: title_no_parcel, unit_code_…, matter_incomplete, matter_decided, no_such_meeting.
    """
    doors.check_staff(by, parcel)
    titles.check_parcel(parcel, region=doors.region())
    meeting = Meeting.objects.filter(region=doors.region(), pk=meeting_id).first()
    if meeting is None:
        raise _no("no_such_meeting", "没有找到这次会议。", "There is no such meeting.", 404)
    if kind not in KINDS or not question.strip() or not decision.strip():
        raise _no("matter_incomplete", "请写明议题、类型和决定。", "Give the question, the type and the decision.", 422)
    try:
        with transaction.atomic():
            made = Matter.objects.create(
                region=meeting.region,
                meeting=meeting,
                parcel=parcel,
                question=question.strip()[:500],
                kind=kind,
                decision=decision.strip()[:1000],
                decided_by=by.ref,
                at=at,
            )
            audit.record(
                "landshares.matter_decided",
                who=by.ref,
                about=f"parcel:{parcel}",
                at=at,
                region=meeting.region,
                detail={"kind": kind, "meeting": meeting.number},
            )
    except IntegrityError:
        raise _no(
            "matter_decided", "这次会议已对该宗地作出决定。", "That meeting has decided on the parcel.", 409
        ) from None
    return made


def _no(code: str, zh: str, en: str, status: int) -> Refused:
    return Refused(code, f"{zh}没有登记。", en=f"{en} Nothing was recorded.", status=status)
