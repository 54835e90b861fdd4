"""A day of shared power: whoever scans on it is followed to the last fen, in the order of time, through the operations behind the doors.

What devices say goes in as bytes on topics, as from the broker, and what they are told comes out of the outbox; the channels are the replay's own
(`tills`). Readings on the way are heard by the hour, together, as a gateway process hears what has gathered; whatever moves a session is heard in
its own second. Lived again, a day says the same words and asks for the same things: nothing is added.
"""

import heapq
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from itertools import count
from pathlib import Path
from uuid import UUID

from django.db import connection

from bancheng.kernel.identity import public as identity
from bancheng.kernel.payments import channels
from bancheng.kernel.payments.models import Refund
from bancheng.kernel.payments.operations import orders, refunds
from bancheng.kernel.payments.rules import FINAL
from bancheng.lib import socketwire as wire
from bancheng.lib import staying
from bancheng.lib.days import start_of
from bancheng.lib.socketwire import Op, Result
from bancheng.services.sockets.gateway.hearing import Hearing, hear
from bancheng.services.sockets.models import Session, Ticket
from bancheng.services.sockets.operations import care, commands, scanning, sessions
from bancheng.services.sockets.queries import registry
from bancheng.services.sockets.queries.registry import Registered
from bancheng.services.sockets.rules.care import TicketState
from bancheng.services.sockets.rules.sessions import GIVE_UP_SECONDS, RESERVE_SECONDS
from bancheng.sim import uses
from bancheng.sim.uses import BOOT, HOUR, MINUTE, SECOND, Ending, Use, Word
from bancheng.site.replay import cast
from bancheng.site.replay.tills import Till

COMPANY = "power"
Parcel = tuple[str, bytes]
VOLTS_DV, WARM_DC = 2231, 310
DAY = timedelta(days=1)
EXPIRES = (RESERVE_SECONDS + 1) * SECOND
GIVES_UP = GIVE_UP_SECONDS * SECOND
ACCEPTED, ARRIVED = (
    SECOND,
    40 * SECOND,
)  # a channel takes a refund at once, and the money is back within a minute or three
ASSIGNED, FIXED, CHECKED = 30 * MINUTE, 90 * MINUTE, 120 * MINUTE
FIX = "已到场检查，排除故障，试验合格"


@dataclass
class Field:
    """What a day needs to know: the year, who may speak, the channels' tills, who repairs and who checks."""

    year: uses.Year
    registered: Mapping[str, Registered]
    keeper: identity.Actor
    dispatcher: identity.Actor
    now: datetime
    tills: dict[str, Till] = field(default_factory=dict)
    hearing: Hearing = field(default_factory=Hearing)


@contextmanager
def opened(year: uses.Year, *, folder: Path, name: str) -> Iterator[Field]:
    """Keep what the days of a year need, with books called `name` in `folder`: tills that stand in for the channels, people, a quick commit."""
    first = start_of(year.start)
    keeper, dispatcher = (cast.of_the_city(role, first, unit=COMPANY) for role in ("device_keeper", "dispatcher"))
    city = Field(year, registry.gateways(), keeper, dispatcher, first)
    city.tills = {channel: Till(folder, channel, name, lambda: city.now) for channel in ("wechat", "alipay")}
    with connection.cursor() as cursor:  # what a crash of the database's machine would take is lived again
        cursor.execute("SET synchronous_commit = off")
    staying.spare()
    try:
        with channels.standing_in(city.tills):
            yield city
    finally:
        for till in city.tills.values():
            till.end()


class Day:
    """One day being lived."""

    def __init__(self, city: Field, day: date) -> None:
        self.city, self.day = city, day
        self.queue: list[tuple[datetime, int, Callable[[datetime], None]]] = []
        self.turn = count()
        self.gathered: list[Parcel] = []
        self.flush_at: datetime | None = None
        self.held: dict[int, UUID] = {}  # number of a use: its session
        self.ordered: dict[int, UUID] = {}  # and its order
        self.known: dict[tuple[str, datetime], tuple[UUID, UUID]] = {}
        self.at_socket: dict[tuple[str, str], Use] = {}  # by gateway and socket: the use that goes on there

    def live(self) -> int:
        """Live it to the end of all that begins on it; return how many scans there were."""
        found = self.city.year.by_day.get(self.day, ())
        begun = Session.objects.filter(
            socket__code__in={one.place.code for one in found},
            created_at__gte=start_of(self.day),
            created_at__lt=start_of(self.day + DAY),
        )
        rows = begun.values_list("socket__code", "created_at", "pk", "prepays__order_id")
        self.known = {(code, at): (pk, order_id) for code, at, pk, order_id in rows}
        for use in found:
            self._later(use.at, partial(self._scan, use))
        while self.queue:
            at, _, step = heapq.heappop(self.queue)
            if self.flush_at and at >= self.flush_at:
                self._hear([], self.flush_at)
            self.city.now = at
            step(at)
        for use in found:
            use.forget()
        return len(found)

    def _later(self, at: datetime, step: Callable[[datetime], None]) -> None:
        heapq.heappush(self.queue, (at, next(self.turn), step))

    # --- scan, pay, switch on ---

    def _scan(self, use: Use, at: datetime) -> None:
        found = self.known.get((use.place.code, at))
        if found is None:
            made = sessions.reserve(code=use.place.code, prepay_fen=use.prepay_fen, channel=use.channel, at=at, language=use.language)  # fmt: skip
            found = made.session.pk, made.order_id
        self.held[use.number], self.ordered[use.number] = found
        self.at_socket[use.place.gateway, use.place.wire] = use
        orders.prepare(found[1])
        if use.ending is Ending.UNPAID:
            self._later(at + EXPIRES, partial(self._expire, use))
        else:
            self._later(use.paid_at, partial(self._pay, use))

    def _expire(self, use: Use, at: datetime) -> None:
        scanning.look(self.held[use.number], at=at)
        orders.end(self.ordered[use.number], at=at)

    def _pay(self, use: Use, at: datetime) -> None:
        number = self.ordered[use.number].hex
        orders.take(self.city.tills[use.channel].pay(number, use.prepay_fen), channel=use.channel, at=at)
        self._later(use.on_at, partial(self._switch_on, use))

    def _switch_on(self, use: Use, at: datetime) -> None:
        if use.ending is Ending.NOT_STARTED:
            self._hear(self._obeyed(use.place.gateway, at), at)
            self._send_back(use, at)
            self._later(use.paid_at + GIVES_UP, partial(self._give_up, use))
            return
        self._hear([*self._obeyed(use.place.gateway, at), self._said(use, 0)], at)
        self._go_on(use)

    def _give_up(self, use: Use, at: datetime) -> None:
        """Where the refusal was never heard, because a replay ended between the command and its answer, time brings the money back."""
        if scanning.look(self.held[use.number], at=at):
            self._send_back(use, at)

    # --- use it, end it ---

    def _go_on(self, use: Use) -> None:
        words = list(enumerate(use.words))
        over = use.ends_at
        for n, word in words[1:]:
            if word.at < over:
                self._later(word.at, partial(self._gather, use, n))
        rest = [n for n, word in words if n and word.at >= over]
        self._later(over, partial(ENDS[use.ending], self, use, rest))

    def _stopped(self, use: Use, rest: Sequence[int], at: datetime) -> None:
        """He presses 结束; the relay opens and the meter is looked at."""
        sessions.stop(session_id=self.held[use.number], by=sessions.PAYER, at=at)
        self._off(use, rest, at)

    def _off(self, use: Use, rest: Sequence[int], at: datetime) -> None:
        self._later(at + 2 * SECOND, partial(self._opened, use, rest, told=True))

    def _opened(self, use: Use, rest: Sequence[int], at: datetime, *, told: bool = False) -> None:
        """The device opens its relay, by command or by itself, and says so with its last reading: the session is settled."""
        self._hear([*(self._obeyed(use.place.gateway, at) if told else ()), *(self._said(use, n) for n in rest)], at)
        self._send_back(use, at)

    def _unplugged(self, use: Use, rest: Sequence[int], at: datetime) -> None:
        self._hear([self._said(use, rest[0])], at)
        self._off(use, rest[1:], at)

    def _idle(self, use: Use, rest: Sequence[int], at: datetime) -> None:
        for n in rest[:3]:
            self._later(use.words[n].at, partial(self._say, use, n))
        self._later(use.words[rest[2]].at, partial(self._off, use, rest[3:]))

    def _by_itself(self, use: Use, rest: Sequence[int], at: datetime) -> None:
        if use.code == "UV":
            self._hear([self._said(use, rest[0])], at)
            self._later(at + 3 * MINUTE, partial(self._gone_for_good, use, rest[1:]))
        else:
            self._later(at + SECOND, partial(self._opened, use, rest))

    def _gone_for_good(self, use: Use, rest: Sequence[int], at: datetime) -> None:
        scanning.look(self.held[use.number], at=at)
        self._off(use, rest, at)

    # --- the money, and whoever has to look ---

    def _send_back(self, use: Use, at: datetime) -> None:
        for row in Refund.objects.filter(order=self.ordered[use.number]).exclude(state__in=FINAL):
            self._later(at + ACCEPTED, partial(self._ask_back, use, row))
        if use.ending in (Ending.NOT_STARTED, Ending.TRIP):
            self._later(at + CHECKED, partial(self._repair, use))

    def _ask_back(self, use: Use, row: Refund, at: datetime) -> None:
        refunds.carry_on(row.pk, at=at)
        self._later(at + ARRIVED + use.number % 120 * SECOND, partial(self._arrived, use, row))

    def _arrived(self, use: Use, row: Refund, at: datetime) -> None:
        refunds.take(self.city.tills[use.channel].sent_back(row.number, row.amount_fen), channel=use.channel, at=at)

    def _repair(self, use: Use, at: datetime) -> None:
        """Let a keeper be sent, look, and another person check before the socket is sold again."""
        began, keeper = at - CHECKED, self.city.keeper
        for ticket in Ticket.objects.filter(socket__code=use.place.code, closed_at=None):
            assert keeper.user_id
            if ticket.state == TicketState.OPEN:
                care.assign(ticket_id=ticket.pk, to=keeper.user_id, by=self.city.dispatcher, at=began + ASSIGNED)
            if ticket.state != TicketState.FIXED:
                care.fix(ticket_id=ticket.pk, words=FIX, by=keeper, at=began + FIXED)
            care.check(ticket_id=ticket.pk, passed=True, by=self.city.dispatcher, at=at)

    # --- what devices say ---

    def _gather(self, use: Use, n: int, at: datetime) -> None:
        self.gathered.append(self._said(use, n))
        self.flush_at = self.flush_at or at.replace(minute=0, second=0, microsecond=0) + HOUR

    def _say(self, use: Use, n: int, at: datetime) -> None:
        self._hear([self._said(use, n)], at)

    def _hear(self, parcels: Sequence[Parcel], at: datetime) -> None:
        batch, self.gathered, self.flush_at = [*self.gathered, *parcels], [], None
        if batch:
            hear(batch, gateways=self.city.registered, hearing=self.city.hearing, at=at)

    def _obeyed(self, gateway: str, at: datetime) -> list[Parcel]:
        """Take what the outbox holds for a gateway, and return what each of its sockets answers."""
        return [self._answer(told) for _, told in commands.to_send([gateway], at=at)]

    def _answer(self, told: wire.Command) -> Parcel:
        use = self.at_socket[told.gateway, told.socket]
        starts = told.op is Op.START
        result = Result.LATCHED if starts and use.ending is Ending.NOT_STARTED else Result.DONE
        closed = starts and result is Result.DONE
        return _bytes(wire.CommandAck(told.gateway, told.socket, told.command, result, closed, use.from_10wh, BOOT, use.first_seq))  # fmt: skip

    def _said(self, use: Use, n: int) -> Parcel:
        """Return what the device numbers as the use's n-th word, as bytes on its topic."""
        return _bytes(_message(use, n, use.words[n], self.held[use.number].hex, self.city.year.began))


ENDS: Mapping[Ending, Callable[[Day, Use, Sequence[int], datetime], None]] = {
    Ending.USER: Day._stopped,
    Ending.UNPLUGGED: Day._unplugged,
    Ending.IDLE: Day._idle,
    Ending.QUOTA: Day._by_itself,
    Ending.TRIP: Day._by_itself,
}


def _message(use: Use, n: int, word: Word, session: str, began: datetime) -> wire.Reading | wire.Event:
    place = use.place
    head = (place.gateway, place.wire, BOOT, use.first_seq + n, (word.at - began) // timedelta(milliseconds=1))
    ts_ms = int(word.at.timestamp() * 1000)
    of = session if word.at < use.over_at else ""  # the last look is nobody's any more
    if word.kind:
        return wire.Event(*head, ts_ms, word.kind, word.code, place.meter, session, word.closed, word.e_10wh, 0)
    current = word.power_w * 10_000 // VOLTS_DV
    flags = int(wire.Flag.EDGE) if word.edge else 0
    return wire.Reading(*head, ts_ms, place.meter, of, word.e_10wh, VOLTS_DV, current, word.power_w, WARM_DC, flags)


def _bytes(message: wire.Message) -> Parcel:
    parcel = wire.write(message)
    return parcel.topic, parcel.payload


def births(city: Field, at: datetime) -> None:
    """Let every gateway say that it is there."""
    said = [_bytes(wire.Status(name, True, BOOT, "replay")) for name in city.year.gateways]
    hear(said, gateways=city.registered, hearing=city.hearing, at=at)
