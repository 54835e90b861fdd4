"""What goes wrong at a socket becomes work of somebody: tickets, and sockets that are not sold until it is done."""

from datetime import datetime

from bancheng.lib.text import Text
from bancheng.services.sockets.models import Meter, Session, Socket, Ticket, Unit
from bancheng.services.sockets.operations.care import close_ticket, raise_ticket
from bancheng.services.sockets.rules import protection, words
from bancheng.services.sockets.rules.care import TicketKind
from bancheng.services.sockets.rules.handwork import HandState


def block(session: Session, *, at: datetime) -> None:
    """Have somebody look at a socket that did not do as it was told.

    One that was paid for and did not switch on is sold no more until then (B1.3). One that does not answer at the end is its session's
    until it does, so that nobody else gets it anyhow.
    """
    if session.started_at is None:
        says = Text("已付款，插座没有通电，已全额退款。", "Paid for and not switched on; all of it goes back.")
        _at_socket(session, TicketKind.NOT_STARTED, says, at)
        return
    says = Text(
        "结束用电后设备没有应答，账单待电表读数。", "No answer at the end of a session; the bill waits for the meter."
    )
    _at_socket(session, TicketKind.OFFLINE, says, at, block=False)


def tripped(session: Session, code: str, *, at: datetime) -> None:
    """Have somebody look where a protection tripped. Where it holds until a look on the spot the socket is not sold meanwhile; else the next scan may clear it."""
    why = words.TRIPS.get(code, Text(code, code))
    on_site = protection.on_site(code)
    says = Text(
        f"{why.zh}（{code}），保护装置已断电{'，现场检查后才能恢复' if on_site else '，重新扫码即可恢复'}。",
        f"{why.en} ({code}); the protection cut the power{' and holds until a look on the spot' if on_site else ', the next scan clears it'}.",
    )
    _at_socket(session, TicketKind.TRIP, says, at, urgent=on_site, block=on_site)


def odd_meter(session: Session, verdict: str, *, at: datetime) -> None:
    """Have somebody look at a meter whose register cannot be (B1.6)."""
    says = Text(
        f"电表示值不可能（{verdict}），读数已隔离，不计费。",
        f"A register that cannot be ({verdict}); set aside, not billed.",
    )
    _at_socket(session, TicketKind.METER_ODD, says, at)


def other_meter(gateway: str, wire: str, *, region: str, address: str, at: datetime) -> None:
    """Have somebody look at a socket whose device does not find the meter the registry has for it; one that was registered by mistake is none."""
    socket = Socket.objects.select_related("unit").get(region=region, unit__gateway=gateway, wire=wire)
    if not Meter.objects.filter(region=region, socket=socket, address=address, removed_at=None).exists():
        return
    raise_ticket(
        kind=TicketKind.METER_ODD,
        cause=f"socket:{socket.pk}:{TicketKind.METER_ODD}",
        region=region,
        says=Text(
            f"登记的新表{address}，设备没有读到；请核对铭牌地址和接线。",
            f"The registered meter {address} is not the one the device reads; check its plate and the wiring.",
        ),
        at=at,
        site=socket.unit.site_id,
        socket=socket,
        block=True,
    )


def welded(session: Session, *, at: datetime) -> None:
    """Have somebody look at once at a relay that says open while current flows (X12)."""
    says = Text(
        "已分闸但仍有电流，疑似继电器粘连，请立即到场。",
        "Opened and current still flows: the relay may be welded. Go at once.",
    )
    _at_socket(session, TicketKind.WELDED, says, at, urgent=True)


def call_finance(session: Session, *, at: datetime) -> None:
    """Hand a refund that is stuck to finance (B1.9); the socket has nothing to do with it."""
    raise_ticket(
        kind=TicketKind.REFUND,
        cause=refund_cause(session),
        region=session.region,
        says=Text("退款没有到账，请财务人工处理。", "A refund did not arrive; finance has to see to it."),
        at=at,
        site=session.site_id,
    )


def refunds_done(session: Session, *, at: datetime) -> None:
    """Close finance's ticket of a session once none of its refunds is under way any more."""
    if session.refunds.exclude(state__in=["success", "closed"]).exists():
        return
    if not session.by_hand.filter(state=HandState.APPROVED).exists():
        close_ticket(cause=refund_cause(session), region=session.region, at=at)


def refund_cause(session: Session) -> str:
    """Return the cause of a ticket about a session's refunds."""
    return f"session:{session.pk}:refund"


def strange_gateway(gateway: str, *, region: str, at: datetime) -> None:
    """Have somebody look at a gateway that says what it must not (B1.12)."""
    unit = Unit.objects.filter(region=region, gateway=gateway).first()
    raise_ticket(
        kind=TicketKind.STRANGE,
        cause=f"gateway:{gateway}:strange"[:80],
        region=region,
        says=Text(
            "设备发来不合规的报文，或不停重复已收到的报文；不合规的已拒收，均已计数，请核对设备和凭证。",
            "A device says what it must not, or without end what was taken already. What was wrong was refused, all of it counted. Check device and credential.",
        ),
        at=at,
        site=unit.site_id if unit else None,
        unit=unit,
        urgent=True,
    )


def _at_socket(
    session: Session, kind: TicketKind, says: Text, at: datetime, *, urgent: bool = False, block: bool = True
) -> Ticket:
    return raise_ticket(
        kind=kind,
        cause=f"socket:{session.socket_id}:{kind}",
        region=session.region,
        says=says,
        at=at,
        site=session.site_id,
        socket=session.socket_id,
        urgent=urgent,
        block=block,
    )
