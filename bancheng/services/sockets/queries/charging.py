"""The sessions of a charge point, as its door needs them."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from bancheng.services.sockets.models import Reading, Session
from bancheng.services.sockets.rules import charging
from bancheng.services.sockets.rules.charging import Charging
from bancheng.services.sockets.rules.sessions import HOLDS_SOCKET, State

LATE = timedelta(days=3)


def on(gateway: str) -> list[Charging]:
    """Return the open sessions of a charge point, one a connector at most."""
    rows = Session.objects.filter(gateway=gateway, state__in=[str(state) for state in HOLDS_SOCKET])
    return [
        Charging(row.pk, row.wire, State(row.state), row.started_at, row.e_10wh, row.last_at, _first(row))
        for row in rows.order_by("pk")
    ]


def _first(row: Session) -> int | None:
    """Return the register at the start: where the log of the session begins."""
    if row.first_boot is None or row.first_seq is None:
        return None
    return (
        Reading.objects.filter(
            region=row.region, gateway=row.gateway, wire=row.wire, boot=row.first_boot, seq=row.first_seq
        )
        .values_list("e_10wh", flat=True)
        .first()
    )


def is_over(gateway: str, *, transaction: int, id_tag: str, at: datetime) -> bool:
    """Return whether the transaction of a recent session is meant that has ended: told again, and nothing is to be done."""
    pks = Session.objects.filter(gateway=gateway, created_at__gt=at - LATE).values_list("pk", flat=True)
    return any(charging.number(pk) == transaction or charging.tag(pk) == id_tag.lower() for pk in pks)


def to_bound(gateways: Sequence[str]) -> list[Session]:
    """Return the sessions in use on charge points that are connected."""
    return list(
        Session.objects.filter(gateway__in=gateways, state=str(State.ACTIVE), started_at__isnull=False).only(
            "used_wh", "quota_wh", "most_w", "started_at", "longest_s"
        )
    )
