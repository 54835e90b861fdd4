"""Reads: the feed of a partner, and what an operator sees of partners, keys and deliveries."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import connection
from django.db.models import Count, Q

from bancheng.kernel.exchange.facts import Caller, Held, Told
from bancheng.kernel.exchange.models import (
    DayFile,
    Delivery,
    Difference,
    Event,
    KeyOffer,
    Partner,
    PartnerKey,
    Scope,
    Stream,
    Subscription,
)
from bancheng.kernel.exchange.operations.offers import challenge_text
from bancheng.kernel.exchange.operations.partners import no_such_partner
from bancheng.kernel.exchange.rules.words import EVERY, OFFER_DAYS, OWN, Act, State
from bancheng.lib import sigalgs


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


def told(row: Event, *, seq: int = 0) -> Told:
    """Return an event as readers get it."""
    assert row.position is not None
    return Told(row.position, row.kind, row.about, row.unit, row.at, row.data, seq)


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
    unit: str = ""
    agreement: str = ""
    agreed_until: date | None = None


def partners(*, at: datetime) -> list[PartnerLine]:
    """Return the partners by code: one statement."""
    works = Q(keys__revoked_at=None) & (Q(keys__before=None) | Q(keys__before__gt=at))
    open_ = Q(subscriptions__ended_at=None)
    rows = Partner.objects.annotate(
        working=Count("keys", filter=works, distinct=True),
        webhooks=Count("subscriptions", filter=open_, distinct=True),
        halted=Count("subscriptions", filter=open_ & Q(subscriptions__halted_at__isnull=False), distinct=True),
    ).order_by("code")
    return [
        PartnerLine(
            p.pk,
            p.code,
            p.name,
            p.opened_at,
            p.closed_at,
            p.working,
            p.webhooks,
            p.halted,
            p.unit,
            p.agreement,
            p.agreed_until,
        )
        for p in rows
    ]


@dataclass(frozen=True)
class KeyLine:
    """A key without its secret."""

    key_id: str
    algorithm: str
    made_at: datetime
    before: datetime | None
    revoked_at: datetime | None
    works: bool
    fingerprint: str = ""  # of a public key


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
            sigalgs.fingerprint(bytes(key.public_key)) if key.public_key else "",
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


def partner_of_unit(unit: str) -> int | None:
    """Return the open partner that is a unit's system."""
    return Partner.objects.filter(unit=unit, closed_at=None).values_list("pk", flat=True).first() if unit else None


@dataclass(frozen=True)
class OfferView:
    """A public key on its way to work."""

    id: int
    partner_id: int
    partner: str
    unit: str
    algorithm: str
    fingerprint: str
    challenge: str  # what is signed
    offered_by: str
    offered_at: datetime
    proven_at: datetime | None


def offers(*, at: datetime, partner_id: int | None = None) -> list[OfferView]:
    """Return the keys that wait for their proof or for the second person, oldest first; one statement."""
    rows = KeyOffer.objects.filter(ended_at=None, offered_at__gt=at - OFFER_DAYS, partner__closed_at=None)
    rows = rows.filter(partner_id=partner_id) if partner_id is not None else rows
    return [
        OfferView(
            row.pk,
            row.partner_id,
            row.partner.name,
            row.partner.unit,
            row.algorithm,
            sigalgs.fingerprint(bytes(row.public_key)),
            challenge_text(row, partner=row.partner.code).decode(),
            row.offered_by,
            row.offered_at,
            row.proven_at,
        )
        for row in rows.select_related("partner").order_by("offered_at", "pk")
    ]


@dataclass(frozen=True)
class DifferenceLine:
    """What does not agree, as people see it."""

    id: int
    partner_id: int
    partner: str
    service: str
    day: date
    line: str
    kind: str
    owner: str
    due_on: date
    opened_at: datetime
    closed_at: datetime | None
    cause: str


def differences(
    *, partner_id: int | None = None, owners: Collection[str] | None = None, closed: bool = False, limit: int = 200
) -> list[DifferenceLine]:
    """Return differences, those due first; of a partner, or owned by some units, when asked for. One statement."""
    rows = Difference.objects.select_related("file__partner").filter(closed_at__isnull=not closed)
    rows = rows.filter(file__partner_id=partner_id) if partner_id is not None else rows
    rows = rows.filter(owner__in=owners) if owners is not None else rows
    return [
        DifferenceLine(
            row.pk,
            row.file.partner_id,
            row.file.partner.name,
            row.file.service,
            row.file.day,
            row.line,
            row.kind,
            row.owner,
            row.due_on,
            row.opened_at,
            row.closed_at,
            row.cause,
        )
        for row in rows.order_by("due_on", "pk")[:limit]
    ]


def days(partner_id: int, *, latest: int = 31) -> list[DayFile]:
    """Return the latest files of a partner, without their bytes."""
    return list(DayFile.objects.filter(partner_id=partner_id).defer("body").order_by("-day", "service")[:latest])


def streams(partner_id: int) -> list[Stream]:
    """Return the numbered streams of a partner, by service."""
    return list(Stream.objects.filter(partner_id=partner_id).order_by("service"))


def partner_of_offer(offer_id: int) -> int | None:
    """Return whose offered key it is."""
    return KeyOffer.objects.filter(pk=offer_id).values_list("partner_id", flat=True).first()


def partner_of_key(key_id: str) -> int | None:
    """Return whose key it is."""
    return PartnerKey.objects.filter(key_id=key_id).values_list("partner_id", flat=True).first()


def difference(difference_id: int) -> Difference | None:
    """Return a difference."""
    return Difference.objects.filter(pk=difference_id).first()


def owners_of_units() -> dict[str, str]:
    """Return by unit what owns its events: the ref of its open system's account. One statement."""
    with connection.cursor() as cursor:  # every act of the book of land asks this
        cursor.execute("SELECT unit, user_id FROM exchange_partner WHERE unit <> '' AND closed_at IS NULL")
        return {unit: f"machine:{user}" for unit, user in cursor.fetchall()}


def owner_of_unit(unit: str) -> str:
    """Return what owns a unit's events, "" when it has no system."""
    user = Partner.objects.filter(unit=unit, closed_at=None).values_list("user_id", flat=True).first() if unit else None
    return f"machine:{user}" if user else ""
