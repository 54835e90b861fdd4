"""Rating: said once or changed, kept as another row; a bad one opens its call-back in the same transaction."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from bancheng.kernel.audit import public as audit
from bancheng.kernel.ratings import content, facts, rules
from bancheng.kernel.ratings.facts import Happened, Said, What
from bancheng.kernel.ratings.models import Occasion, Rating
from bancheng.kernel.ratings.operations import call_backs
from bancheng.kernel.ratings.operations.opening import about
from bancheng.kernel.ratings.rules import Grade, Mode, Terms
from bancheng.lib.days import day_of
from bancheng.lib.refusal import Refused

RATER = "rater"  # the record does not name him either (R-RT-5): who he is stands, sealed, on the occasion


def rate(*, occasion_id: UUID, said: Said, terms: Terms, at: datetime) -> Grade:
    """Keep what was said of a service; the same said again writes nothing.

    Nothing of it holds up a case (R-RT-5). A bad one opens a call-back, or goes to the one that is open.
    Raises Refused: no_such_rating, no_grade, too_long, rating_closed, rated_already.
    """
    grade = rules.check_said(said.grade, said.words)
    with transaction.atomic():
        row = _locked(occasion_id)
        if _says_the_same(row, grade, said):
            return grade
        _check_open(row, at)
        seq = row.ratings.count() + 1
        Rating.objects.create(
            region=row.region,
            occasion=row,
            seq=seq,
            grade=grade.value,
            tags=list(dict.fromkeys(said.tags)),
            words_sealed=content.seal_words(said.words),
            agent_sealed=content.seal_agent(said.agent),
            at=at,
        )
        _put(row, grade, said, terms, at)
        detail = {"seq": seq} | ({"agent": True} if said.agent else {})
        audit.record("ratings.rated", who=RATER, about=about(row), at=at, region=row.region, detail=detail)
        facts.happened.fire(Happened(What.RATED, row.pk, row.region, row.unit, at))
        if grade in rules.BAD:
            call_backs.open_for(row, seq=seq, terms=terms, at=at)
    return grade


def _locked(occasion_id: UUID) -> Occasion:
    row = Occasion.objects.select_for_update().filter(pk=occasion_id).first()
    if row is None:
        raise no_such_rating()
    return row


def no_such_rating() -> Refused:
    """Return the refusal for what is not there, or not the reader's."""
    return Refused(
        "no_such_rating",
        "没有找到这次服务的评价，请从办件页面或通知中的链接打开。",
        en="There is no such service to rate; open it from the page of the case or the link of the notice.",
        status=404,
    )


def _says_the_same(row: Occasion, grade: Grade, said: Said) -> bool:
    last = row.ratings.order_by("-seq").first()
    return (
        last is not None
        and last.grade == grade
        and set(last.tags) == set(said.tags)
        and content.words(last.words_sealed) == said.words
        and content.agent(last.agent_sealed) == said.agent
    )


def _check_open(row: Occasion, at: datetime) -> None:
    rated = row.grade is not None
    open_ = rules.may_rate(
        mode=Mode(row.mode),
        rated=rated,
        closes_on=row.closes_on,
        changeable_until=row.changeable_until,
        today=day_of(at),
    )
    if row.excluded or (rated and not open_):
        raise Refused(
            "rated_already",
            "这次服务已经评价过，现在不能再改，原评价已保留；有新的意见请拨打投诉电话12345。",
            en="This service was rated and can no longer be changed; the rating stands. For more, call 12345.",
        )
    if not open_:
        raise Refused(
            "rating_closed",
            f"评价已于{row.closes_on}截止，这次服务记为未评价，没有提交；有意见请拨打投诉电话12345。",
            en=f"Rating ended on {row.closes_on}; the service counts as not rated and nothing was sent. For more, call 12345.",
        )


def _put(row: Occasion, grade: Grade, said: Said, terms: Terms, at: datetime) -> None:
    """Write what stands now; a first rating sets until when it may be changed."""
    if row.rated_at is None:
        row.rated_at, row.changeable_until = at, rules.changeable_until(day_of(at), terms)
    if said.contact and not row.contact_sealed:
        row.contact_sealed = content.seal_contact(said.contact)
    row.grade = grade.value
    row.save(update_fields=["grade", "rated_at", "changeable_until", "contact_sealed"])
