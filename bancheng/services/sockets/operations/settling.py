"""Settling: the bill of a session from its stored log, rounded once, posted, and kept line by line."""

from datetime import datetime, timedelta

from bancheng.services.sockets.models import Segment, Session
from bancheng.services.sockets.operations import refunding
from bancheng.services.sockets.queries import logs, places, tariffs
from bancheng.services.sockets.rules import bills, money, quota, readings
from bancheng.services.sockets.rules.places import Protocol

UNBOUNDED_WH = 10**9  # a charge point cannot be given a limit of energy


def settle(session: Session, *, at: datetime) -> None:
    """Work out the bill of a metered session and have it posted. The caller has the session written.

    All that is stored of it counts, in the device's order, up to where the relay opened; without that, up to the last verified reading.
    """
    points = [entry.point for entry in logs.of_session(session)]
    found = readings.sort_out(points, most_w=session.most_w, meters=places.meters_of(session))
    bill = bills.bill(found, tariffs.prices(session.plan_id))
    billed = quota.billed_fen(bill.nano, paid_fen=session.paid_fen, refunded_fen=session.refunded_fen)
    session.cost_fen, session.lost_fen = billed, bill.fen - billed
    session.bill, session.used_wh, session.spent_nano = bill.rows, bill.wh, bill.nano
    session.settled_at = at
    session.clock_suspect = any(point.clock_suspect for point in points)
    session.aside = len(found.aside)
    session.made.segments += [_segment(session, no, segment) for no, segment in enumerate(found.segments, 1)]
    if bill.fen:
        lines = money.cost(session.pk, billed_fen=billed, lost_fen=session.lost_fen)
        refunding.post(session, "cost", lines, "sockets.cost", at)


def _segment(session: Session, no: int, found: readings.Segment) -> Segment:
    first, last = found.points[0], found.points[-1]
    return Segment(
        region=session.region,
        session=session,
        no=no,
        meter=found.meter,
        first_at=first.at,
        from_10wh=found.from_10wh,
        last_at=last.at,
        to_10wh=last.e_10wh,
        energy_10wh=found.energy_10wh,
    )


def left_fen(session: Session) -> int:
    """Return what is still owed to whoever paid for a settled session."""
    return session.paid_fen - (session.cost_fen or 0) - session.refunded_fen


def sure_fen(session: Session, *, at: datetime) -> int:
    """Return what surely goes back while the device is silent."""
    since = session.last_at or session.paid_at or at
    until = min(at, session.lease_until or at)
    silent = max(0, (until - since) // timedelta(milliseconds=1))
    cuts_itself = session.socket.unit.protocol == Protocol.MQTT
    bound_wh = session.quota_wh if cuts_itself else UNBOUNDED_WH
    worst = quota.worst_wh(used_wh=session.used_wh, quota_wh=bound_wh, most_w=session.most_w, silent_ms=silent)
    return quota.sure_fen(
        paid_fen=session.paid_fen,
        spent_nano=session.spent_nano,
        used_wh=session.used_wh,
        worst_wh=worst,
        highest=session.highest_price,
    )
