"""What tests and benches of others need of shared power: sockets that are registered, sessions that are under way."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import connection

from bancheng.lib import identifiers
from bancheng.services.sockets.models import Session, Site, Socket, Unit
from bancheng.services.sockets.rules.sessions import State

REGION = "411000"


def register(gateways: Sequence[str], sockets: int) -> None:
    """Register gateways with so many sockets each, all on one site."""
    site, _ = Site.objects.get_or_create(region=REGION, code="bench", name="压测", name_en="Bench")
    units = Unit.objects.bulk_create(Unit(region=REGION, site=site, gateway=gateway) for gateway in gateways)
    Socket.objects.bulk_create(
        Socket(region=REGION, unit=unit, code=f"{unit.gateway}-{n + 1}", wire=str(n + 1))
        for unit in units
        for n in range(sockets)
    )


def in_use(gateways: Sequence[str], *, per_gateway: int, at: datetime, boot: int) -> dict[str, str]:
    """Bring sessions under way on the first sockets of each gateway; return them by "place of the gateway/socket"."""
    rows, found = [], {}
    sockets = {(s.unit.gateway, s.wire): s for s in Socket.objects.select_related("unit")}
    for place, gateway in enumerate(gateways):
        for n in range(1, per_gateway + 1):
            socket = sockets[gateway, str(n)]
            pk = identifiers.uuid7(at)
            found[f"{place}/{n}"] = pk.hex
            rows.append(
                Session(
                    id=pk,
                    region=REGION,
                    socket=socket,
                    site_id=socket.unit.site_id,
                    gateway=gateway,
                    wire=socket.wire,
                    token_hash=pk.bytes * 2,
                    language="zh",
                    state=str(State.ACTIVE),
                    since=at,
                    due_at=at + timedelta(minutes=30),
                    created_at=at,
                    paid_at=at,
                    started_at=at,
                    prepay_fen=5000,
                    paid_fen=5000,
                    plan_id=1,
                    highest_price=850_000,
                    most_w=3520,
                    quota_wh=58_820,
                    longest_s=43_200,
                    lease_until=at + timedelta(hours=12),
                    first_boot=boot,
                    first_seq=1,
                    boot=boot,
                    seq=0,
                    good_boot=boot,
                    up_ms=0,
                    e_10wh=123_456,
                    last_at=at,
                    meter="202411070046",
                )
            )
    Session.objects.bulk_create(rows, batch_size=500)
    return found


def wipe() -> None:
    """Remove all of it, log and sessions too: of a bench's database, never of a city's."""
    with connection.cursor() as cursor:
        cursor.execute(
            "TRUNCATE sockets_reading, sockets_socketstate, sockets_gatewaystate, sockets_command, sockets_refund, sockets_segment,"
            " sockets_prepay, sockets_session, sockets_socket, sockets_unit, sockets_site CASCADE"
        )
