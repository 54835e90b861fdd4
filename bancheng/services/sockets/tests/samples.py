"""What the generated tests of every door try of shared power: a socket, and uses of it known by their secrets."""

from datetime import timedelta

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.identity import public as identity
from bancheng.kernel.payments import public as payments
from bancheng.kernel.payments import testing as paying
from bancheng.lib.text import Text
from bancheng.services.sockets import codes
from bancheng.services.sockets.models import HandRefund, Meter, Session, Site, SiteRequest, Socket, Ticket
from bancheng.services.sockets.operations import care, handwork, reconciling, sessions
from bancheng.services.sockets.rules.care import TicketKind
from bancheng.services.sockets.rules.places import Scenario
from bancheng.services.sockets.tests import towns, walking
from bancheng.web.testing import Samples, World

MARK = "样例站点"


def use(code: str, wire: str) -> str:
    """Bring a session to its bill; return its secret."""
    if not Socket.objects.filter(code=code).exists():
        walking.socket(code, wire)
    now = clocks.now()
    made = sessions.reserve(code=code, prepay_fen=500, channel="wechat", at=now)
    session = walking.paid(made.session, now)
    meter = Meter.objects.get(socket__code=code).address
    boot = 1 + Session.objects.count()
    device = walking.Device(wire=wire, meter=meter, boot=boot, began=now - timedelta(hours=1))
    walking.tell(device.close(session, now))
    walking.tell(device.reading(now + timedelta(seconds=10), more_10wh=2), device.open(now + timedelta(seconds=20)))
    return made.secret


def fill(world: World, first: int, last: int) -> None:
    """Lay out sockets with a use each, and sites of the unit with a ticket."""
    for number in range(first, last + 1):
        use(f"FILL{number:04d}", f"f{number}")
        books(number)
        site = towns.site(
            f"H{number:04d}", host=world.unit, name=f"{MARK}{number:04d}", name_en=f"Sample site {number}"
        )
        asked(world, number)
        ticket(site, number)


def books(number: int) -> HandRefund:
    """Let the last session's refund get stuck, with what somebody found of it; compare a day; put forward to give a charge back."""
    now, session = clocks.now(), Session.objects.latest("created_at")
    then = now - timedelta(days=number - 1)  # each day was compared on the next
    refund, day = session.refunds.get().refund_id, clocks.today() - timedelta(days=number)
    paying.refund_moves(refund, "abnormal", now)
    payments.find(
        region=session.region, refund_id=refund, succeeded=True, why="样例依据", by=identity.MACHINE.ref, at=now
    )
    paying.compared(
        region=session.region, channel="wechat", day=day, at=then, differences=[("X1", "theirs_only", None, 500)]
    )
    reconciling.reconcile(region=session.region, day=day, by="system", at=then)
    return handwork.propose_charge(session_id=session.pk, fen=1, reason="样例依据", by=identity.MACHINE, at=now)


def asked(world: World, number: int) -> SiteRequest:
    """Return a wish of the unit for a site."""
    return care.ask_for_site(
        host=world.unit, region=world.region, place=f"示例地点{number}", scenario=Scenario.FAIR, sockets=4, words="",
        by=identity.MACHINE, at=clocks.now(),
    )  # fmt: skip


def ticket(site: Site, number: int) -> Ticket:
    """Return an open ticket of a site."""
    return care.raise_ticket(
        kind=TicketKind.REPORTED, cause=f"sample:{number}:{Ticket.objects.count()}", region=site.region,
        says=Text("示例工单", "A sample ticket"), at=clocks.now(), site=site,
    )  # fmt: skip


def samples(world: World) -> Samples:
    number = Socket.objects.count() + 1
    walking.socket(f"FREE{number}", f"e{number}")
    site = towns.site("HOST", host=world.unit, name=f"{MARK}主", name_en="Sample site")
    mine = f"MINE{number}"
    towns.socket(mine, "1", f"gw-h{number}", at_site="HOST")
    use("FILL0003", "f3")
    hand = books(1)
    waiting = sessions.reserve(code=f"FREE{number}", prepay_fen=500, channel="wechat", at=clocks.now())
    values = {
        "code": "FILL0001",
        "secret": use("FILL0002", "f2"),
        "sockets:sheet/secret": waiting.secret,
        "site_code": "HOST",
        "api:sockets:site_readings/code": "HOST",
        "printed": codes.printed("FILL0001", region=world.region),
        "ticket_id": ticket(site, number).pk,
        "request_id": asked(world, number).pk,
        "plan_id": towns.plan().pk,
        "change_id": 0,
        "day": (clocks.today() - timedelta(days=1)).isoformat(),
        "session_id": hand.session_id,
        "refund_id": hand.session.refunds.get().refund_id,
        "finding_id": payments.findings(world.region)[hand.session.refunds.get().refund_id].id,
        "hand_id": hand.pk,
        "outage_id": "0190aaaa-0000-7000-8000-000000000000",
    }
    sends = {
        "sockets:finance_reconcile": {"day": (clocks.today() - timedelta(days=1)).isoformat()},
        "sockets:finance_masters": {"rows": "202611079001,2026-03-17,1234.56"},
        "sockets:finance_compare": {"channel": "wechat", "day": "2026-03-01"},
        "sockets:finance_find": {"outcome": "arrived", "why": "渠道后台已转账"},
        "sockets:finance_charge": {"yuan": "0.01", "reason": "样例依据"},
        "sockets:report": {"code": mine, "words": "插座松动"},
        "sockets:ask": {"place": "示例广场", "scenario": "fair", "sockets": "4"},
    }
    return Samples(values=values, sends=sends, marks=(MARK,), own=frozenset({"sockets:ask"}))
