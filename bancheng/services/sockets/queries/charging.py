"""The sessions of a charge point, as its door needs them."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from bancheng.services.sockets.models import Reading, Session
from bancheng.services.sockets.rules import charging
from bancheng.services.sockets.rules.charging import Charging
from bancheng.services.sockets.rules.sessions import HOLDS_SOCKET, State

LATE = timedelta(days=3)


def on(gateway: str) -> list[Charging]:
    """Return the open sessions of a charge point, one a connector at most."""
    rows = Session.objects.filter(gateway=gateway, state__in=[str(state) for state in HOLDS_SOCKET])
    return [_charging(row) for row in rows.order_by("pk")]


def _charging(row: Session) -> Charging:
    """Return a session with where its log begins: the register at the start, and when that was by the charge point's clock."""
    began, first = row.started_at, None
    if row.first_boot is not None and row.first_seq is not None:
        start = Reading.objects.filter(
            region=row.region, gateway=row.gateway, wire=row.wire, boot=row.first_boot, seq=row.first_seq
        ).first()
        if start is not None:
            first, began = start.e_10wh, datetime.fromtimestamp(start.ts_ms / 1000, UTC)
    return Charging(row.pk, row.wire, State(row.state), began, row.e_10wh, row.last_at, first)


def is_over(gateway: str, *, transaction: int, id_tag: str, at: datetime) -> bool:
    """Return whether the transaction of a recent session is meant that has ended: told again, and nothing is to be done."""
    pks = Session.objects.filter(socket__unit__gateway=gateway, created_at__gt=at - LATE).values_list("pk", flat=True)
    return any(charging.number(pk) == transaction or charging.tag(pk) == id_tag.lower() for pk in pks)


def to_bound(gateways: Sequence[str]) -> list[Session]:
    """Return the sessions in use on charge points that are connected."""
    return list(
        Session.objects.filter(gateway__in=gateways, state=str(State.ACTIVE), started_at__isnull=False).only(
            "used_wh", "quota_wh", "most_w", "started_at", "longest_s"
        )
    )
