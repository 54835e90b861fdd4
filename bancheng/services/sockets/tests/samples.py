"""What the generated tests of every door try of shared power: a socket, and uses of it known by their secrets."""

from datetime import timedelta

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.identity import public as identity
from bancheng.lib.text import Text
from bancheng.services.sockets import codes
from bancheng.services.sockets.models import Site, SiteRequest, Socket, Ticket
from bancheng.services.sockets.operations import care, sessions
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
    device = walking.Device(wire=wire, boot=1 + Socket.objects.count(), began=now - timedelta(hours=1))
    walking.tell(device.close(session, now))
    walking.tell(device.reading(now + timedelta(seconds=10), more_10wh=1), device.open(now + timedelta(seconds=20)))
    return made.secret


def fill(world: World, first: int, last: int) -> None:
    """Lay out sockets with a use each, and sites of the unit with a ticket."""
    for number in range(first, last + 1):
        use(f"FILL{number:04d}", f"f{number}")
        site = towns.site(
            f"H{number:04d}", host=world.unit, name=f"{MARK}{number:04d}", name_en=f"Sample site {number}"
        )
        asked(world, number)
        ticket(site, number)


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
    waiting = sessions.reserve(code=f"FREE{number}", prepay_fen=500, channel="wechat", at=clocks.now())
    values = {
        "code": "FILL0001",
        "secret": use("FILL0002", "f2"),
        "sockets:sheet/secret": waiting.secret,
        "site_code": "HOST",
        "printed": codes.printed("FILL0001", region=world.region),
        "ticket_id": ticket(site, number).pk,
        "request_id": asked(world, number).pk,
        "plan_id": towns.plan().pk,
        "change_id": 0,
        "refund_id": "0190aaaa-0000-7000-8000-000000000000",
        "finding_id": 0,
        "outage_id": "0190aaaa-0000-7000-8000-000000000000",
    }
    sends = {
        "sockets:find_refund": {"outcome": "arrived", "why": "渠道后台已转账"},
        "sockets:compare_bill": {"channel": "wechat", "day": "2026-03-01"},
        "sockets:report": {"code": mine, "words": "插座松动"},
        "sockets:ask": {"place": "示例广场", "scenario": "fair", "sockets": "4"},
    }
    return Samples(values=values, sends=sends, marks=(MARK,), own=frozenset({"sockets:ask"}))
