"""What lies about for too long calls somebody: a site's dispatcher for what waits on a device, finance for what waits on a channel.

The engine ends each of these by its own clock. What is found here was passed over: nobody looked, or what should have answered did not.
"""

from datetime import datetime

from bancheng.lib.text import Text
from bancheng.services.sockets.models import Session
from bancheng.services.sockets.operations import trouble
from bancheng.services.sockets.operations.care import raise_ticket
from bancheng.services.sockets.queries import reconciling as facts
from bancheng.services.sockets.rules.care import TicketKind
from bancheng.services.sockets.rules.sessions import State

OF_FINANCE = (State.REFUNDING, State.ATTENTION)
NAMED = 5  # sockets that a ticket names


def look_for_left_open(*, region: str, at: datetime) -> int:
    """Open a ticket for what has been open for too long, one a site and one a refund; return how many sessions. Run it as often as you like."""
    found = facts.too_old(region, at)
    by_site: dict[int, list[Session]] = {}
    for one in found:
        if State(one.state) in OF_FINANCE:
            trouble.call_finance(one, at=at)
        else:
            by_site.setdefault(one.site_id, []).append(one)
    for site, ones in by_site.items():
        raise_ticket(
            kind=TicketKind.LEFT_OPEN, cause=f"site:{site}:{TicketKind.LEFT_OPEN}", region=region, says=_says(ones), at=at, site=site
        )  # fmt: skip
    return len(found)


def _says(ones: list[Session]) -> Text:
    codes = [one.socket.code for one in ones]
    named, more = "、".join(codes[:NAMED]), len(codes) > NAMED
    return Text(
        f"{len(ones)}单用电没有按时了结：{named}{'等' if more else ''}。请检查设备和网络；持续出现请报运行台。",
        f"{len(ones)} uses did not end in time: {', '.join(codes[:NAMED])}{' and more' if more else ''}. "
        "Check devices and network; tell the operators when it goes on.",
    )
