"""Appeals: a unit asks to leave a rating out; who decides has had no part in it; the rater is told and may object (R-RT-4)."""

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from bancheng.kernel.audit import public as audit
from bancheng.kernel.ratings import content, facts, rules
from bancheng.kernel.ratings.facts import Happened, What
from bancheng.kernel.ratings.models import Appeal, AppealLine, Occasion
from bancheng.kernel.ratings.operations import call_backs
from bancheng.kernel.ratings.operations.rating import RATER, no_such_rating
from bancheng.kernel.ratings.rules import Flaw, Ruling, Terms
from bancheng.lib import identifiers
from bancheng.lib.refusal import Refused


def appeal(*, occasion_id: UUID, flaw: Flaw, reason: str, evidence: str, by: str, at: datetime) -> UUID:
    """Ask to leave a bad rating out, with reason and evidence; the call-back goes on meanwhile. Return the appeal.

    Raises Refused: no_such_rating, say_what, nothing_to_appeal, appealed_already.
    """
    rules.check_reason(reason, "")
    rules.check_reason(evidence, "")
    with transaction.atomic():
        row = Occasion.objects.select_for_update().filter(pk=occasion_id).first()
        if row is None:
            raise no_such_rating()
        if row.grade not in {grade.value for grade in rules.BAD}:
            raise Refused(
                "nothing_to_appeal",
                "只有差评可以申请不予采纳，未作任何改动。",
                en="Only a bad rating can be appealed; nothing was changed.",
            )
        made = Appeal(
            id=identifiers.uuid7(at),
            region=row.region,
            occasion=row,
            unit=row.unit,
            rated=row.handlers,
            flaw=flaw.value,
            state=Ruling.WAITING.value,
            asked_by=by,
            asked_at=at,
        )
        _insert(made)
        _line(made, by=by, at=at, words=reason, evidence=evidence)
        _tell(What.APPEALED, made, at)
    return made.pk


def _insert(made: Appeal) -> None:
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except IntegrityError as error:
        if "one_appeal_per_service" not in str(error):
            raise
        raise Refused(
            "appealed_already",
            "这条评价已经申请过复核，每条评价只能申请一次，未作任何改动。",
            en="A review of this rating was asked for already; it can be asked for once. Nothing was changed.",
        ) from error


def decide(*, appeal_id: UUID, leave_out: bool, reason: str, by: str, unit: str, terms: Terms, at: datetime) -> Ruling:
    """Decide an appeal, or the objection of the rater: leave the rating out or let it stand. Nothing is deleted.

    `unit` is where the reviewer works. Raises Refused: no_such_appeal, say_what, appeal_moved_on, not_your_review.
    """
    rules.check_reason(reason, "")
    with transaction.atomic():
        found, row = _locked(appeal_id)
        state = Ruling(found.state)
        if state not in rules.TO_REVIEW:
            rules.check_appeal_next(state, Ruling.EXCLUDED)
        others = [found.asked_by, found.decided_by]
        rules.check_reviewer(by, unit, rated_unit=found.unit, rated=found.rated, others=others)
        found.state = rules.DECIDES[state, leave_out].value
        if state is Ruling.WAITING:
            found.decided_by, found.decided_unit = by, unit
        else:
            found.again_by, found.again_unit = by, unit
        found.save()
        _line(found, by=by, at=at, words=reason)
        _act_on(found, row, terms, by=by, at=at)
        _tell(What.DECIDED, found, at)
    return Ruling(found.state)


def _act_on(found: Appeal, row: Occasion, terms: Terms, *, by: str, at: datetime) -> None:
    """Leave the rating out of the figures and end its call-back, or let both stand again."""
    left_out = Ruling(found.state) in rules.LEFT_OUT
    if row.excluded != left_out:
        row.excluded = left_out
        row.save(update_fields=["excluded"])
    if left_out:
        call_backs.drop(row, by=by, at=at)
    elif found.state == Ruling.RESTORED:
        call_backs.open_for(row, seq=row.ratings.count(), terms=terms, at=at)


def object_to(*, occasion_id: UUID, reason: str, at: datetime) -> None:
    """Let the rater object that his rating was left out: somebody else looks again.

    Raises Refused: no_such_appeal, say_what, appeal_moved_on.
    """
    rules.check_reason(reason, "")
    with transaction.atomic():
        found_id = Appeal.objects.filter(occasion_id=occasion_id).values_list("pk", flat=True).first()
        if found_id is None:
            raise no_such_appeal()
        found, _ = _locked(found_id)
        rules.check_appeal_next(Ruling(found.state), Ruling.OBJECTED)
        found.state = Ruling.OBJECTED.value
        found.save(update_fields=["state"])
        _line(found, by=RATER, at=at, words=reason)
        _tell(What.OBJECTED, found, at)


def no_such_appeal() -> Refused:
    """Return the refusal for an appeal that is not there."""
    return Refused(
        "no_such_appeal",
        "没有找到这件复核申请，请从列表中选择。",
        en="There is no such appeal; choose from the list.",
        status=404,
    )


def _locked(appeal_id: UUID) -> tuple[Appeal, Occasion]:
    """Lock the rating, then its appeal: the order in which everybody takes them."""
    row = Occasion.objects.select_for_update().filter(appeals=appeal_id).first()
    if row is None:
        raise no_such_appeal()
    return Appeal.objects.select_for_update().get(pk=appeal_id), row


def _line(found: Appeal, *, by: str, at: datetime, words: str, evidence: str = "") -> None:
    AppealLine.objects.create(
        region=found.region,
        appeal=found,
        seq=found.lines.count() + 1,
        state=found.state,
        by=by,
        at=at,
        words_sealed=content.seal_words(words.strip()),
        evidence_sealed=content.seal_words(evidence.strip()),
    )
    about = f"rating:{found.occasion_id}"
    audit.record(f"ratings.appeal_{found.state}", who=by, about=about, at=at, region=found.region)


def _tell(what: What, found: Appeal, at: datetime) -> None:
    facts.happened.fire(Happened(what, found.occasion_id, found.region, found.unit, at, appeal=found.pk))
