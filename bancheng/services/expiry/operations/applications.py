"""An application to renew, and what the law makes of the agency's silence on it (行政许可法 第五十条).

Accepting an application starts the kernel's clock C-05.decide on the watch; it ends on the licence's own last day. A decision,
to renew or not to, finishes the clock and a withdrawal cancels it; the clock's warning opens the unit's task, and its silence renews the term. Nothing here looks
at the calendar: whether the day has come is the clock's to say.
"""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.utils.timezone import localdate

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.licences import public as licences
from bancheng.lib.refusal import Refused
from bancheng.services.expiry import rules
from bancheng.services.expiry.models import Task, Term, Watch
from bancheng.services.expiry.operations.watches import move, note_licences
from bancheng.services.expiry.rules import State

DECIDE = "C-05.decide"  # the renewal decision, due by the day the licence expires
DELIVER = "C-04"  # the paper that follows a decision
ABOUT = "expiry:"


def accept_application(*, watch_id: int, on: date, by: str, at: datetime) -> Watch:
    """Note that the unit accepted an application to renew: the holder's alarm stops, the agency's clock runs (R10.5, R10.2).

    Raises Refused("not_renewable") when the watch is not waiting for one, Refused("term_over") after its last day: what has
    run out is applied for anew, and no silence renews it.
    """
    with transaction.atomic():
        watch = move(watch_id, State.PENDING, by=by, at=at, action="expiry.applied", applied_on=on)
        if watch.expires_on is None or on > watch.expires_on:
            raise Refused(
                "term_over",
                "该证照已过有效期，不能再按延续受理，未作任何改动。请告知持证人重新申请。",
                en="This licence has run out and can no longer be renewed; nothing was changed. The holder must apply anew.",
                law="行政许可法 第五十条",
            )
        clocks.start(
            region=watch.region, about=f"{ABOUT}{watch_id}", rule=DECIDE, started_on=watch.expires_on, by=by, at=at
        )
    return watch


def withdraw_application(*, watch_id: int, by: str, at: datetime) -> Watch:
    """Note that the applicant took his application back: nothing was decided, so the clock is cancelled.

    The holder's alarm goes on where it stood. Raises Refused("not_renewable") without an application,
    Refused("clock_ended") when silence acts this very moment.
    """
    return _end_application(watch_id, clocks.cancel, action="expiry.application_withdrawn", by=by, at=at)


def refuse_application(*, watch_id: int, by: str, at: datetime) -> Watch:
    """Note that the unit decided not to renew (不予延续): a decision like any other, so the clock is finished.

    The licence stays valid until its last day and the holder's alarm goes on. Raises as `withdraw_application` does.
    """
    return _end_application(watch_id, clocks.finish, action="expiry.application_refused", by=by, at=at)


def _end_application(watch_id: int, end: Callable[..., clocks.Clock], *, action: str, by: str, at: datetime) -> Watch:
    with transaction.atomic():
        # the clock is locked before the watch, as silence does
        for clock in _running(Watch.objects.get(pk=watch_id)):
            end(clock_id=clock.id, on=localdate(at), by=by, at=at)
        watch = move(
            watch_id,
            State.LIVE,
            by=by,
            at=at,
            action=action,
            among={State.PENDING},
            applied_on=None,
        )
        _settle_warning(watch, at)
    return watch


def follow_licences(fact: licences.Fact | licences.Batch) -> None:
    """End the clocks that this change of licences decides, then bring the watches up to date (`note_licences`)."""
    _end_decided(fact)
    note_licences(fact)


def _end_decided(fact: licences.Fact | licences.Batch) -> None:
    """End the clocks of terms that are over: a later last day, or none, is the decision; any other end cancels.

    One question for a batch of any size: few of its licences have an application under way.
    """
    over = ~Q(licence__valid_to=F("expires_on")) | Q(licence__status__in=["revoked", "cancelled", "changed"])
    for watch in Watch.objects.filter(over, licence_id__in=fact.ids, state=State.PENDING).select_related("licence"):
        last: date | None = watch.licence.valid_to
        renewed = watch.licence.status == "valid" and (last is None or last > (watch.expires_on or last))
        end = clocks.finish if renewed else clocks.cancel
        for clock in _running(watch):
            end(clock_id=clock.id, on=localdate(fact.at), by="system:expiry", at=fact.at)


def warn_agency(fact: clocks.DueSoon) -> None:
    """Open the unit's task: the application is undecided and its licence about to expire (R10.2)."""
    if watch := _pending(fact):
        Task.objects.update_or_create(
            region=watch.region,
            watch=watch,
            unit=watch.unit,
            kind=Task.Kind.AGENCY,
            stage="",
            expires_on=fact.due_on,
            # an application that was withdrawn and made again is warned of again
            defaults={"due_on": fact.due_on, "opened_at": fact.at, "closed_at": None, "result": ""},
        )


def renew_by_silence(fact: clocks.Silence) -> None:
    """Count the application as granted: the last day passed and nobody decided (R10.2, R-CLK-7). The paper is owed."""
    watch = _pending(fact)
    if watch is None:
        return
    watch.state, watch.updated_at = State.DEEMED, fact.at
    watch.save(update_fields=["state", "updated_at"])
    term: dict[str, Any] = {"region": watch.region, "watch": watch, "unit": watch.unit, "expires_on": fact.due_on}
    Term.objects.create(**term, item_id=watch.item_id, outcome=rules.Outcome.DEEMED, ended_on=localdate(fact.at))
    _settle_warning(watch, fact.at)
    Task.objects.create(**term, kind=Task.Kind.DEEMED, due_on=deliver_by(fact.due_on).on, opened_at=fact.at)


def hold_undecided(fact: licences.Due) -> set[int]:
    """Return the licences whose renewal was asked for and not decided: they do not run out (行政许可法 第五十条)."""
    states = [State.PENDING, State.DEEMED]
    return set(Watch.objects.filter(licence_id__in=fact.ids, state__in=states).values_list("licence_id", flat=True))


def decide_by(watch: Watch) -> clocks.Clock | None:
    """Return the clock that runs on an application, or None: its date explains itself and its silence has an effect."""
    return next(iter(_running(watch)), None)


def deliver_by(decided_on: date) -> clocks.Deadline:
    """Return until when the paper of a decision, spoken or silent, is to be handed over (行政许可法 第四十四条)."""
    rule = clocks.rule(DELIVER)
    return clocks.decide(rule=rule, started_on=decided_on, calendar=clocks.calendar()).statutory


def _running(watch: Watch) -> list[clocks.Clock]:
    found = clocks.clocks_of(region=watch.region, about=f"{ABOUT}{watch.pk}")
    return [clock for clock in found if clock.rule.id == DECIDE and clock.state == "running"]


def _pending(fact: clocks.DueSoon | clocks.Silence) -> Watch | None:
    """Return the watch whose application this clock runs for, locked; None for somebody else's clock."""
    if fact.rule != DECIDE or not fact.about.startswith(ABOUT):
        return None
    return Watch.objects.select_for_update().get(pk=int(fact.about.removeprefix(ABOUT)), state=State.PENDING)


def _settle_warning(watch: Watch, at: datetime) -> None:
    Task.objects.filter(watch=watch, kind=Task.Kind.AGENCY, closed_at=None).update(
        closed_at=at, result=Task.Result.SETTLED
    )
