"""Webhooks: made and ended by their partner, carried by the worker, looked at by an operator when they halt.

A webhook is a line: only the delivery at its head is sent. It is written, with the id its receiver knows it by, before it is sent;
a worker killed in between leaves it there, and the next one sends it again. One worker has a line at a time, by a lease that runs
out. Tried in vain `TRIES` times the line halts: nothing is thrown away and nothing overtakes, until a person tries again
or passes over it.
"""

import base64
import json
import secrets
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q, Value
from django.db.models.functions import Greatest

from bancheng.kernel.audit import public as audit
from bancheng.kernel.exchange import gateway, house, queries
from bancheng.kernel.exchange.facts import Caller, MadeSubscription, Told
from bancheng.kernel.exchange.gateway import Post
from bancheng.kernel.exchange.models import Delivery, Event, Subscription
from bancheng.kernel.exchange.operations import streams
from bancheng.kernel.exchange.operations.outbox import DISPATCH
from bancheng.kernel.exchange.rules.words import TRIES, State, wait_after
from bancheng.kernel.identity import public as identity
from bancheng.kernel.jobs import public as jobs
from bancheng.lib import httpsig, identifiers, signing
from bancheng.lib.refusal import Refused, Unavailable

SECRET_KIND = "webhook_secret"
DELIVER = "exchange.deliver"
LEASE = timedelta(minutes=1)  # longer than one try may take
AT_ONCE = 50  # deliveries of one job: then the others have their turn
MOST = 10  # webhooks of one partner
ID = "Bancheng-Delivery"


def subscribe(caller: Caller, *, service: str, url: str, at: datetime, own_numbers: bool = False) -> MadeSubscription:
    """Make a webhook for the events the caller may see from now on; its secret is returned this once.

    With `own_numbers` each event carries its number in the partner's stream, and the house's own key signs: there is no secret.

    Raises Refused: unfit_url, too_many_webhooks.
    """
    gateway.check_url(url)
    secret = b"" if own_numbers else secrets.token_bytes(32)
    with transaction.atomic():
        if len(queries.subscriptions(caller.partner_id)) >= MOST:
            raise Refused(
                "too_many_webhooks",
                f"每个合作系统最多登记{MOST}个推送地址，尚未登记，请先撤销不用的。",
                en=f"A partner has at most {MOST} webhooks. Nothing was made: end one first.",
            )
        made = Subscription.objects.create(
            id=identifiers.uuid7(at),
            region=caller.region,
            partner_id=caller.partner_id,
            service=service,
            url=url,
            secret_sealed=identity.seal(secret.hex(), kind=SECRET_KIND) if secret else b"",
            position=queries.last_position(),
            made_at=at,
        )
        _note("exchange.subscribed", made, caller.ref, at)
    return MadeSubscription(made.pk, base64.b64encode(secret).decode())


def unsubscribe(caller: Caller, subscription_id: UUID, *, service: str, at: datetime) -> None:
    """End a webhook of the caller's own; ended before, nothing changes. Raises Refused("no_such_webhook")."""
    with transaction.atomic():
        row = Subscription.objects.select_for_update().filter(
            pk=subscription_id, partner_id=caller.partner_id, service=service
        )
        found = row.first()
        if found is None:
            raise no_such_webhook()
        if found.ended_at is None:
            row.update(ended_at=at)
            _note("exchange.unsubscribed", found, caller.ref, at)


def no_such_webhook() -> Refused:
    """Return the refusal for a webhook that is not there, or another's."""
    return Refused("no_such_webhook", "没有这个推送地址，未作任何改动。", en="There is no such webhook.", status=404)


# --- the worker ---


def dispatch(*, at: datetime) -> int:
    """Promise a job to each line that may go on; return how many. Run it as often as you like."""
    due = Subscription.objects.filter(
        Q(next_at=None) | Q(next_at__lte=at), Q(busy_until=None) | Q(busy_until__lte=at), ended_at=None, halted_at=None
    ).filter(Q(position__lt=queries.last_position()) | Q(tries__gt=0))
    lines = list(due.values_list("pk", flat=True))
    jobs.later_many(DELIVER, ({"key": f"{DELIVER}-{pk}", "subscription_id": str(pk)} for pk in lines))
    return len(lines)


def deliver(subscription_id: UUID, *, now: Callable[[], datetime], post: Post) -> int:
    """Bring a line as far as it goes, in order, for a minute at most; return how many deliveries were taken."""
    began = now()
    line = _lease(subscription_id, began)
    if line is None:
        return 0
    last = queries.last_position()  # asked before: what is placed after it is looked for the next time
    waiting = Delivery.objects.filter(subscription=line, state=State.WAITING).first()
    events = _next(line, after=waiting.position if waiting else line.position)
    taken, whole = 0, len(events) < AT_ONCE
    for head in _heads(line, waiting, events, now):
        try:
            post(line.url, body=head.body.encode(), headers=_headers(line, head))
        except Unavailable as no:
            _in_vain(line, head, str(no), now())
            return taken
        if not _taken(line, head, now()):
            return taken
        taken += 1
        if now() - began >= LEASE:  # what the partner may see was asked a minute ago
            whole = False
            break
    _let_go(line, whole=whole, last=last)
    return taken


def _lease(subscription_id: UUID, at: datetime) -> Subscription | None:
    """Take a line for this worker; None when another has it, or it must not go on now."""
    rows = Subscription.objects.filter(pk=subscription_id, ended_at=None, halted_at=None)
    free = rows.filter(Q(busy_until=None) | Q(busy_until__lte=at), Q(next_at=None) | Q(next_at__lte=at))
    if not free.update(busy_until=at + LEASE):
        return None
    return rows.first()


def _heads(
    line: Subscription, waiting: Delivery | None, events: Sequence[Told], now: Callable[[], datetime]
) -> Iterator[Delivery]:
    """Yield the delivery that waits and one of each event, each written down before anybody hears of it."""
    if waiting is not None:
        yield waiting
    places = [event.position for event in events]
    known = {one.position: one for one in Delivery.objects.filter(subscription=line, position__in=places)}
    for event in events:
        if again := known.get(event.position):  # asked for once more: under the id the receiver knows it by
            again.state, again.ended_at = State.WAITING, None
            again.save(update_fields=["state", "ended_at"])
            yield again
        else:
            yield _written(line, event, now())


def _written(line: Subscription, event: Told, at: datetime) -> Delivery:
    pk = identifiers.uuid7(at)
    return Delivery.objects.create(
        id=pk,
        region=line.region,
        subscription=line,
        position=event.position,
        state=State.WAITING,
        body=_body(pk, line.service, event),
        made_at=at,
    )


def _next(line: Subscription, *, after: int) -> list[Told]:
    """Return the events behind a position that are the partner's, as many as one job brings."""
    if not line.secret_sealed:
        return streams.heads_of(line.partner_id, service=line.service, position=after, most=AT_ONCE)
    held = queries.scopes_of(line.partner_id)
    shown = queries.visible(held, service=line.service, ref=f"machine:{line.partner.user_id}")
    if shown is None:
        return []
    return [queries.told(row) for row in Event.objects.filter(shown, position__gt=after).order_by("position")[:AT_ONCE]]


def _let_go(line: Subscription, *, whole: bool, last: int) -> None:
    """Let others have the line: with nothing left up to `last`, or promised to go on."""
    rows = Subscription.objects.filter(pk=line.pk)
    if whole:
        rows.update(busy_until=None, position=Greatest("position", Value(last)))
    else:
        rows.update(busy_until=None)
        jobs.later(DISPATCH, key=DISPATCH)


def _body(delivery_id: UUID, service: str, event: Told) -> str:
    said = {
        "delivery": str(delivery_id),
        "service": service,
        "position": event.position,
        "kind": event.kind,
        "about": event.about,
        "unit": event.unit,
        "at": event.at.isoformat(),
        "data": dict(event.data),
    }
    if event.seq:
        said["seq"] = event.seq
    return json.dumps(said, ensure_ascii=False, separators=(",", ":"))


def _headers(line: Subscription, head: Delivery) -> dict[str, str]:
    message = httpsig.Message.to("POST", line.url, body=head.body.encode())
    if not line.secret_sealed:
        return {**house.request_headers(message), ID: str(head.pk)}
    secret = bytes.fromhex(identity.open_sealed(bytes(line.secret_sealed), kind=SECRET_KIND))
    signed = httpsig.sign(
        message, key_id=str(line.pk), key=secret, at=signing.seconds(), nonce=secrets.token_urlsafe(12)
    )
    return {**signed, ID: str(head.pk)}


def _taken(line: Subscription, head: Delivery, at: datetime) -> bool:
    """Note that a delivery was taken and keep the line; False when it was ended, or set back, meanwhile."""
    with transaction.atomic():
        mine = Delivery.objects.filter(pk=head.pk, state=State.WAITING)
        if not mine.update(state=State.DONE, ended_at=at, tries=F("tries") + 1, error=""):
            return False
        line.tries = 0
        rows = Subscription.objects.filter(pk=line.pk, ended_at=None, position__lt=head.position)
        return bool(rows.update(position=head.position, tries=0, next_at=None, busy_until=at + LEASE))


def _in_vain(line: Subscription, head: Delivery, why: str, at: datetime) -> None:
    tries = line.tries + 1
    with transaction.atomic():
        Delivery.objects.filter(pk=head.pk).update(tries=F("tries") + 1, error=why[:200])
        rows = Subscription.objects.filter(pk=line.pk)
        rows.update(tries=tries, next_at=at + wait_after(tries), busy_until=None)
        if tries >= TRIES and rows.filter(halted_at=None).update(halted_at=at):
            _note("exchange.halted", line, "system", at, delivery=str(head.pk))


# --- the operator ---


def retry(*, subscription_id: UUID, by: str, at: datetime) -> None:
    """Let a line go on with its head, now and with all its tries. Raises Refused: no_such_webhook."""
    with transaction.atomic():
        line = _locked(subscription_id)
        line.tries, line.next_at, line.halted_at = 0, None, None
        line.save(update_fields=["tries", "next_at", "halted_at"])
        _note("exchange.retried", line, by, at)
        jobs.later(DELIVER, key=f"{DELIVER}-{line.pk}", subscription_id=str(line.pk))


def replay(*, subscription_id: UUID, after: int, by: str, at: datetime) -> None:
    """Bring the events behind a position once more, each under its old id. Raises Refused: no_such_webhook."""
    with transaction.atomic():
        line = _locked(subscription_id)
        line.deliveries.filter(state=State.WAITING).update(state=State.PASSED, ended_at=at)
        line.position, line.tries, line.next_at, line.halted_at = min(after, line.position), 0, None, None
        line.save(update_fields=["position", "tries", "next_at", "halted_at"])
        _note("exchange.replayed", line, by, at, after=str(after))
        jobs.later(DELIVER, key=f"{DELIVER}-{line.pk}", subscription_id=str(line.pk))


def pass_over(*, subscription_id: UUID, by: str, at: datetime) -> None:
    """Pass over the delivery at the head of a halted line, which goes on behind it. Raises Refused: no_such_webhook, not_halted."""
    with transaction.atomic():
        line = _locked(subscription_id)
        head = line.deliveries.filter(state=State.WAITING).first()
        if head is None or line.halted_at is None:
            raise Refused(
                "not_halted",
                "该推送没有暂停，未作任何改动，请刷新后再看。",
                en="This webhook is not halted; nothing was changed. Reload and look again.",
            )
        head.state, head.ended_at = State.PASSED, at
        head.save(update_fields=["state", "ended_at"])
        line.position, line.tries, line.next_at, line.halted_at = head.position, 0, None, None
        line.save(update_fields=["position", "tries", "next_at", "halted_at"])
        _note("exchange.passed", line, by, at, delivery=str(head.pk))
        jobs.later(DELIVER, key=f"{DELIVER}-{line.pk}", subscription_id=str(line.pk))


def _locked(subscription_id: UUID) -> Subscription:
    line = Subscription.objects.select_for_update().filter(pk=subscription_id, ended_at=None).first()
    if line is None:
        raise no_such_webhook()
    return line


def forget_deliveries(*, before: datetime) -> int:
    """Forget deliveries that ended before an instant; return how many."""
    return Delivery.objects.filter(ended_at__lt=before).delete()[0]


def _note(action: str, line: Subscription, who: str, at: datetime, **detail: str) -> None:
    audit.record(action, who=who, about=f"webhook:{line.pk}", at=at, region=line.region, detail=detail)
