"""Meters are exchanged, while somebody uses the socket too: his use goes on over both, each counted by its own registers.

The bill rests on what the device read: the old meter's last register and the new one's first, which it tells as it loses the one and finds the
other. What the fitter reads off on the spot stays on both meters' records, and a slip of the pen is refused while it can still be mended.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction

from bancheng.kernel.audit import public as audit
from bancheng.kernel.identity import public as identity
from bancheng.lib.days import day_of
from bancheng.lib.text import Text
from bancheng.services.sockets.models import Meter, Reading, Session, Socket
from bancheng.services.sockets.operations import commands, following, locking, writing
from bancheng.services.sockets.queries.grounds import most_w
from bancheng.services.sockets.rules import meters as rules
from bancheng.services.sockets.rules.places import Protocol, no_such_socket
from bancheng.services.sockets.rules.readings import KEPT_DAYS
from bancheng.services.sockets.rules.sessions import HOLDS_SOCKET

audit.labels({"sockets.meter_swapped": Text("更换电表", "Meter replaced")})


@dataclass(frozen=True)
class Fitted:
    """What a fitter writes down of an exchange: the new meter, and both registers in steps of 10 Wh."""

    address: str
    verified_until: date
    first_10wh: int | None  # None: what he wrote is no register
    old_last_10wh: int | None


def swap(*, code: str, new: Fitted, by: identity.Actor, at: datetime) -> Meter:
    """Replace the meter of a socket; a use that runs is counted over both, and the device is told which meter to find.

    Raises Refused: bad_meter, bad_register, register_unlikely, no_such_socket, built_in_meter, unit_known.
    """
    rules.check_plate(new.address, new.verified_until, on=day_of(at))
    with transaction.atomic():
        # its row first and then the socket's, as everybody does who has both
        session = _in_use(code)
        found = Socket.objects.select_for_update(of=("self",)).select_related("unit").filter(code=code).first()
        if found is None:
            raise no_such_socket()
        if session is not None and found.unit.protocol == Protocol.OCPP16:
            raise rules.built_in()
        if Meter.objects.filter(region=found.region, address=new.address).exists():
            raise rules.known()
        made = _exchange(found, new, at)
        commands.meter(found, new.address, at=at)
        if session is not None:
            following.recount(session)
            writing.keep(session)
        _record(found, made, session, by, at)
    return made


def _in_use(code: str) -> Session | None:
    """Return the session that has the socket, its row held."""
    pk = Session.objects.filter(socket__code=code, state__in=HOLDS_SOCKET).values_list("pk", flat=True).first()
    session = locking.one(pk) if pk else None
    return session if session and session.state in HOLDS_SOCKET else None


def _exchange(found: Socket, new: Fitted, at: datetime) -> Meter:
    old = Meter.objects.filter(socket=found, removed_at=None).first()
    first = rules.register(new.first_10wh)
    if old is not None:
        last = rules.register(new.old_last_10wh)
        _check_last(found, old, last, at)
        old.removed_at, old.last_10wh = at, last
        old.save(update_fields=["removed_at", "last_10wh"])
    made = Meter.objects.create(
        region=found.region,
        address=new.address,
        socket=found,
        verified_until=new.verified_until,
        fitted_at=at,
        first_10wh=first,
    )
    if old is not None:
        old.replaced_by = made
        old.save(update_fields=["replaced_by"])
    return made


def _check_last(found: Socket, old: Meter, last_10wh: int, at: datetime) -> None:
    """Raise Refused("register_unlikely") unless the old meter can have come so far since the device last read it."""
    heard = (
        Reading.objects.filter(region=found.region, gateway=found.unit.gateway, wire=found.wire, meter=old.address)
        .filter(day__gte=day_of(at) - timedelta(days=KEPT_DAYS))
        .order_by("-boot", "-seq")
        .values_list("e_10wh", "received_at")
        .first()
    )
    if heard:
        rules.check_last(last_10wh, heard_10wh=heard[0], since=heard[1], at=at, most_w=most_w(found))


def _record(found: Socket, made: Meter, session: Session | None, by: identity.Actor, at: datetime) -> None:
    old = Meter.objects.filter(replaced_by=made).first()
    detail = {
        "old": old.address if old else "",
        "new": made.address,
        "last_10wh": old.last_10wh if old else None,
        "first_10wh": made.first_10wh,
    }
    if session is not None:
        detail["session"] = str(session.pk)
    audit.record(
        "sockets.meter_swapped",
        who=by.ref,
        about=f"sockets.socket:{found.pk}",
        at=at,
        region=found.region,
        detail=detail,
    )
