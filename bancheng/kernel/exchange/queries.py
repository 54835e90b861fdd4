"""Reads: the feed of a partner, and what an operator sees of partners, keys and deliveries."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Q

from bancheng.kernel.exchange.facts import Caller, Held, Told
from bancheng.kernel.exchange.models import Delivery, Event, Partner, PartnerKey, Scope, Subscription
from bancheng.kernel.exchange.operations.partners import no_such_partner
from bancheng.kernel.exchange.rules.words import EVERY, OWN, Act, State


def visible(scopes: Collection[Held], *, service: str, ref: str) -> Q | None:
    """Return which events of a service these scopes show; None for none."""
    units = {held.unit for held in scopes if held.act is Act.EVENTS and held.service == service}
    if not units:
        return None
    whole = Q(service=service, position__isnull=False)
    if EVERY in units:
        return whole
    return whole & (Q(owner=ref) | Q(unit__in=sorted(units - {OWN})))


def feed(caller: Caller, *, service: str, after: int, limit: int) -> list[Told]:
    """Return the next events behind the position `after` that the caller may see, in their one order. One statement.

    Ask `settle` before: what was committed and not placed yet is not seen.
    """
    shown = visible(caller.scopes, service=service, ref=caller.ref)
    if shown is None:
        return []
    rows = Event.objects.filter(shown, position__gt=after).order_by("position")[:limit]
    return [told(row) for row in rows]


def told(row: Event) -> Told:
    """Return an event as readers get it."""
    assert row.position is not None
    return Told(row.position, row.kind, row.about, row.unit, row.at, row.data)


def last_position() -> int:
    """Return the position of the last event that has one."""
    found = (
        Event.objects.filter(position__isnull=False).order_by("-position").values_list("position", flat=True).first()
    )
    return found or 0


def scopes_of(partner_id: int) -> tuple[Held, ...]:
    """Return the scopes of a partner in force."""
    rows = Scope.objects.filter(partner_id=partner_id, closed_at=None).order_by("pk")
    return tuple(Held(Act(row.act), row.service, row.unit) for row in rows)


def subscriptions(partner_id: int, *, service: str = "", ended: bool = False) -> list[Subscription]:
    """Return the webhooks of a partner, oldest first; those that ended when asked for."""
    rows = Subscription.objects.filter(partner_id=partner_id).order_by("made_at", "pk")
    rows = rows.filter(service=service) if service else rows
    return list(rows if ended else rows.filter(ended_at=None))


@dataclass(frozen=True)
class PartnerLine:
    """A partner in the operators' list."""

    id: int
    code: str
    name: str
    opened_at: datetime
    closed_at: datetime | None
    keys: int  # that work
    webhooks: int
    halted: int


def partners(*, at: datetime) -> list[PartnerLine]:
    """Return the partners by code: one statement."""
    works = Q(keys__revoked_at=None) & (Q(keys__before=None) | Q(keys__before__gt=at))
    open_ = Q(subscriptions__ended_at=None)
    rows = Partner.objects.annotate(
        working=Count("keys", filter=works, distinct=True),
        webhooks=Count("subscriptions", filter=open_, distinct=True),
        halted=Count("subscriptions", filter=open_ & Q(subscriptions__halted_at__isnull=False), distinct=True),
    ).order_by("code")
    return [PartnerLine(p.pk, p.code, p.name, p.opened_at, p.closed_at, p.working, p.webhooks, p.halted) for p in rows]


@dataclass(frozen=True)
class KeyLine:
    """A key without its secret."""

    key_id: str
    algorithm: str
    made_at: datetime
    before: datetime | None
    revoked_at: datetime | None
    works: bool


@dataclass(frozen=True)
class ScopeLine:
    """A scope in force."""

    id: int
    act: Act
    service: str
    unit: str


@dataclass(frozen=True)
class Webhook:
    """A webhook with the deliveries at its end: the one at the head, then the latest."""

    id: UUID
    service: str
    url: str
    position: int
    made_at: datetime
    next_at: datetime | None
    halted_at: datetime | None
    ended_at: datetime | None
    deliveries: Sequence[Delivery]

    @property
    def head(self) -> Delivery | None:
        """Return the delivery that waits."""
        return next((one for one in self.deliveries if one.state == State.WAITING), None)


@dataclass(frozen=True)
class PartnerView:
    """A partner as an operator sees it."""

    line: PartnerLine
    keys: Sequence[KeyLine]
    scopes: Sequence[ScopeLine]
    webhooks: Sequence[Webhook]


def partner(partner_id: int, *, at: datetime, latest: int = 10) -> PartnerView:
    """Return a partner whole. Raises Refused("no_such_partner"). Five statements."""
    line = next((one for one in partners(at=at) if one.id == partner_id), None)
    if line is None:
        raise no_such_partner()
    keys = [
        KeyLine(
            key.key_id,
            key.algorithm,
            key.made_at,
            key.before,
            key.revoked_at,
            key.revoked_at is None and (key.before is None or key.before > at) and line.closed_at is None,
        )
        for key in PartnerKey.objects.filter(partner_id=partner_id).order_by("-made_at", "-pk")
    ]
    scopes = [
        ScopeLine(row.pk, Act(row.act), row.service, row.unit)
        for row in Scope.objects.filter(partner_id=partner_id, closed_at=None).order_by("service", "pk")
    ]
    hooks = subscriptions(partner_id, ended=True)
    latest_of = _latest([hook.pk for hook in hooks], latest)
    webhooks = [
        Webhook(
            hook.pk,
            hook.service,
            hook.url,
            hook.position,
            hook.made_at,
            hook.next_at,
            hook.halted_at,
            hook.ended_at,
            latest_of.get(hook.pk, []),
        )
        for hook in hooks
    ]
    return PartnerView(line, keys, scopes, webhooks)


LATEST = """
SELECT d.id, d.region, d.subscription_id, d.position, d.state, d.tries, d.error, '' AS body, d.made_at, d.ended_at
FROM unnest(%s::uuid[]) AS asked (id) CROSS JOIN LATERAL (
    SELECT * FROM exchange_delivery WHERE subscription_id = asked.id ORDER BY position DESC LIMIT %s
) AS d
"""


def _latest(ids: list[UUID], count: int) -> dict[UUID, list[Delivery]]:
    found: dict[UUID, list[Delivery]] = {}
    if ids:
        for row in Delivery.objects.raw(LATEST, [ids, count]):
            found.setdefault(row.subscription_id, []).append(row)
    return found
