"""What tests and benches of others need of shared power: sockets that are registered, sessions that are under way."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.db import connection

from bancheng.kernel.payments import testing as payments
from bancheng.lib import identifiers
from bancheng.services.sockets.models import Meter, Refund, Session, Socket, Unit
from bancheng.services.sockets.rules.places import SocketState
from bancheng.services.sockets.rules.sessions import State
from bancheng.services.sockets.tests import towns

REGION = "411000"


def register(gateways: Sequence[str], sockets: int) -> None:
    """Register gateways with so many sockets each, all on sale on one site."""
    site = towns.site()
    units = Unit.objects.bulk_create(Unit(region=REGION, site=site, gateway=gateway) for gateway in gateways)
    made = Socket.objects.bulk_create(
        Socket(
            region=REGION,
            unit=unit,
            code=f"{unit.gateway}-{n + 1}",
            wire=str(n + 1),
            number=n + 1,
            state=SocketState.ON_SALE,
            tested_at=towns.LONG_AGO,
            tested_by="staff:one",
        )
        for unit in units
        for n in range(sockets)
    )
    Meter.objects.bulk_create(
        Meter(
            region=REGION,
            address=f"{202411070046 + n:012d}",
            socket=socket,
            verified_until=date(2040, 12, 31),
            fitted_at=towns.LONG_AGO,
        )
        for n, socket in enumerate(made)
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
                    due_at=at + timedelta(seconds=60 + place % 30),  # as in life: somebody is looked at every second
                    created_at=at,
                    paid_at=at,
                    started_at=at,
                    prepay_fen=5000,
                    paid_fen=5000,
                    plan_id=towns.plan().pk,
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


def pay(session: Session, *, at: datetime) -> None:
    """Let the channel say that a session's prepayment came in."""
    prepay = session.prepays.latest("created_at")
    payments.paid(prepay.order_id, at)


def refunds_planned() -> int:
    """Return how many refunds are written down."""
    return Refund.objects.count()


def planned_at() -> dict[str, float]:
    """Return when each session's refund was planned, in seconds of the epoch."""
    rows = Refund.objects.values_list("session_id", "planned_at")
    return {pk.hex: at.timestamp() for pk, at in rows}


def wipe() -> None:
    """Remove all of it, log and sessions too: of a bench's database, never of a city's."""
    with connection.cursor() as cursor:
        cursor.execute(
            "TRUNCATE sockets_reading, sockets_socketstate, sockets_gatewaystate, sockets_command, sockets_refund, sockets_segment,"
            " sockets_prepay, sockets_session, sockets_socket, sockets_unit, sockets_site CASCADE"
        )
