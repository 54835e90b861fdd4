"""Every day is compared: channel and ledger, sessions and meters, sockets and master meter, and what lies about for too long.

What does not fit is written down for finance; where somebody has to go and look there is a ticket. Comparing again replaces what stood,
so a channel's file or a meter's message that came late is taken in by a second look.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from bancheng.kernel.audit import public as audit
from bancheng.kernel.jobs import public as jobs
from bancheng.kernel.payments import public as payments
from bancheng.lib.days import day_of
from bancheng.lib.text import Text
from bancheng.services.sockets.models import Finding, MasterReading, Meter, Reconciliation, Session
from bancheng.services.sockets.operations.care import raise_ticket
from bancheng.services.sockets.queries import reconciling as facts
from bancheng.services.sockets.queries.reconciling import Master, SocketDay
from bancheng.services.sockets.rules import finance as words
from bancheng.services.sockets.rules import reconciling as rules
from bancheng.services.sockets.rules.care import TicketKind
from bancheng.services.sockets.rules.readings import KEPT_DAYS
from bancheng.services.sockets.rules.reconciling import Difference, Frozen, Loss, Part
from bancheng.services.sockets.rules.sessions import STATES, State

audit.labels(
    {
        "sockets.reconciled": Text("日对账", "Day reconciled"),
        "sockets.masters_read": Text("登记总表示数", "Registers of master meters taken in"),
    }
)


@dataclass(frozen=True)
class Found:
    """What did not fit, and where."""

    part: Part
    about: str
    says: Text
    site: int | None = None
    socket: int | None = None
    session: Session | None = None


def reconcile(*, region: str, day: date, by: str, at: datetime) -> Reconciliation:
    """Compare a past day and write down what does not fit. Raises Refused: day_not_over, day_too_old."""
    rules.check_day(day, today=day_of(at))
    money = facts.money_of(region, day)
    equal, odd = rules.compare(money.ours, money.ledger)
    files = {one.channel: one for one in payments.days(region, first=day, last=day)}
    sockets = facts.sockets_of(region, day)
    masters = facts.masters_of(region, day)
    where, moved = facts.stood_at(region, day)
    losses = _losses(sockets, masters, where, moved)
    found = [
        *_channels(files, money.channels),
        *(Found(Part.LEDGER, one.key, rules.money_says(one)) for one in odd),
        *_meters(sockets, where),
        *_lost(losses),
        *_open(region, at),
    ]
    with transaction.atomic():
        stood = _stood(region, day)
        Reconciliation.objects.filter(region=region, day=day).delete()
        made = Reconciliation.objects.create(
            region=region,
            day=day,
            at=at,
            by=by,
            sessions=money.sessions,
            charged_fen=money.charged_fen,
            lost_fen=money.lost_fen,
            paid_fen=money.paid_fen,
            refunded_fen=money.refunded_fen,
            equal=equal,
            channels=[_channel(files[name]) for name in sorted(files)],
            unread=sum(not one.registers for one in sockets),
            unmastered=len(masters) - len(losses),
            **_energy(sockets, losses),
        )
        Finding.objects.bulk_create(_finding(made, one) for one in found)
        new = [one for one in found if (one.part, one.site, one.socket) not in stood]
        _tickets(new, region=region, day=day, at=at)
        audit.record(
            "sockets.reconciled",
            who=by,
            about=f"sockets.day:{day}",
            at=at,
            region=region,
            detail={"equal": equal, "findings": len(found)},
        )
    return made


def _stood(region: str, day: date) -> set[tuple[str, int | None, int | None]]:
    """Return what did not fit when the day was last compared: it has had its ticket, and perhaps somebody has been there."""
    rows = Finding.objects.filter(region=region, reconciliation__day=day)
    return set(rows.values_list("part", "site_id", "socket_id"))


def catch_up(*, region: str, today: date, at: datetime) -> int:
    """Compare the days of the last week that were not; return how many. Run it as often as you like."""
    week = [today - timedelta(days=n) for n in range(rules.CAUGHT_UP, 0, -1)]
    done = set(Reconciliation.objects.filter(region=region, day__in=week).values_list("day", flat=True))
    missed = [day for day in week if day not in done and facts.began_by(region, day)]
    for day in missed:
        reconcile(region=region, day=day, by="system", at=at)
    return len(missed)


def note_bill(compared: payments.BillCompared) -> None:
    """Promise to compare the day anew once a channel's bill of it was."""
    today = day_of(compared.at)
    if compared.day < today and compared.day > today - timedelta(days=KEPT_DAYS - 1):
        day = compared.day.isoformat()
        jobs.later("sockets.reconcile_day", key=f"sockets-reconcile-{compared.region}-{day}", day=day)


def _finding(made: Reconciliation, one: Found) -> Finding:
    return Finding(
        region=made.region,
        reconciliation=made,
        part=one.part,
        about=one.about[:120],
        says=one.says.zh[:200],
        says_en=one.says.en[:240],
        site_id=one.site,
        socket_id=one.socket,
        session=one.session,
    )


def _channel(file: payments.DayView) -> dict[str, Any]:
    return {
        "channel": file.channel,
        "equal": file.equal,
        "differences": len(file.differences),
        "ours_fen": file.ours_fen,
        "theirs_fen": file.theirs_fen,
    }


def _channels(files: dict[str, payments.DayView], moved: Iterable[str]) -> Iterator[Found]:
    for name in sorted(set(moved) - set(files)):
        yield Found(
            Part.CHANNEL,
            name,
            Text("渠道账单还没有取到，取到后请重新对账", "its file is not here yet; reconcile again when it is"),
        )
    for file in files.values():
        for number, match, ours, theirs in file.differences:
            one = Difference(number, payments.Match(match), ours, theirs)
            kind, says = words.MATCHES[one.match], rules.money_says(one)
            yield Found(Part.CHANNEL, number, Text(f"{kind.zh}：{says.zh}", f"{kind.en}: {says.en}"))


def _meters(sockets: Sequence[SocketDay], where: Mapping[int, int]) -> Iterator[Found]:
    for one in sockets:
        for meter, day in one.registers.items():
            if rules.day_is_odd(day, most_w=one.most_w):
                yield Found(Part.METER, one.code, rules.odd_day_says(day), where.get(one.unit_id), one.socket_id)
                continue
            idle = rules.idle_10wh(day, one.sessions.get(meter, ()))
            if rules.idle_is_odd(idle):
                yield Found(Part.METER, one.code, rules.idle_says(idle), where.get(one.unit_id), one.socket_id)


def _losses(
    sockets: Sequence[SocketDay], masters: Sequence[Master], where: Mapping[int, int], moved: frozenset[int]
) -> list[tuple[Master, Loss]]:
    """Return what each site lost whose master meter was read, whose sockets all were, and at which no unit came or went."""
    counted: dict[int, list[SocketDay]] = {}
    for one in sockets:
        counted.setdefault(where.get(one.unit_id, 0), []).append(one)
    found = []
    for master in masters:
        here = counted.get(master.site_id, [])
        if master.energy_10wh is None or master.site_id in moved or not all(one.registers for one in here):
            continue
        energy = sum(rules.total(list(one.registers.values())) for one in here)
        found.append((master, Loss(master.energy_10wh, energy, len(here))))
    return found


def _lost(losses: Sequence[tuple[Master, Loss]]) -> Iterator[Found]:
    for master, loss in losses:
        if loss.is_odd:
            yield Found(Part.LOSS, master.name, rules.loss_says(loss), master.site_id)


def _open(region: str, at: datetime) -> Iterator[Found]:
    for one in facts.too_old(region, at):
        state = STATES[State(one.state)]
        minutes = int((at - one.since).total_seconds()) // 60
        says = Text(f"“{state.zh}”已{minutes:,}分钟", f"“{state.en}” for {minutes:,} minutes")
        yield Found(Part.OPEN, one.socket.code, says, one.site_id, one.socket_id, one)


def _energy(sockets: Sequence[SocketDay], losses: Sequence[tuple[Master, Loss]]) -> dict[str, int]:
    spans = [(one, meter, day) for one in sockets for meter, day in one.registers.items()]
    charged = sum(rules.within(day, use) for one, meter, day in spans for use in one.sessions.get(meter, ()))
    return {
        "sockets_10wh": rules.total([day for _, _, day in spans]),
        "sessions_10wh": charged,
        "master_10wh": sum(loss.master_10wh for _, loss in losses),
        "mastered_10wh": sum(loss.sockets_10wh for _, loss in losses),
    }


def _tickets(found: Sequence[Found], *, region: str, day: date, at: datetime) -> None:
    """Have somebody go where a meter or a site does not fit; the same trouble the next day counts on the same ticket."""
    for one in found:
        says = Text(f"{day}对账：{one.says.zh}。"[:300], f"Reconciliation of {day}: {one.says.en}."[:400])
        if one.part is Part.METER:
            raise_ticket(
                kind=TicketKind.METER_ODD, cause=f"socket:{one.socket}:{TicketKind.METER_ODD}", region=region, says=says,
                at=at, site=one.site, socket=one.socket,
            )  # fmt: skip
        elif one.part is Part.LOSS:
            raise_ticket(
                kind=TicketKind.LOSS, cause=f"site:{one.site}:{TicketKind.LOSS}", region=region, says=says, at=at, site=one.site
            )  # fmt: skip


# --- the master meters ---


def take_masters(*, rows: Sequence[Frozen], region: str, by: str, at: datetime) -> int:
    """Take in registers of master meters, all or none; return how many were new. The same again adds nothing.

    Raises Refused: too_many_rows, no_such_master, master_differs, bad_register.
    """
    known = {one.address: one for one in Meter.objects.filter(region=region, site__isnull=False)}
    rules.check_masters(rows, known)
    wanted = {(known[row.meter].pk, row.day): row for row in rows}
    with transaction.atomic():
        stands = {
            (one.meter_id, one.day): one.e_10wh
            for one in MasterReading.objects.filter(region=region, day__in={day for _, day in wanted})
        }
        for key, row in wanted.items():
            rules.check_same(row, stands.get(key))
        new = {key: row for key, row in wanted.items() if key not in stands}
        MasterReading.objects.bulk_create(
            MasterReading(region=region, meter_id=meter, day=day, e_10wh=row.e_10wh, at=at, by=by)
            for (meter, day), row in new.items()
        )
        if new:
            audit.record(
                "sockets.masters_read",
                who=by,
                about="sockets.masters",
                at=at,
                region=region,
                detail={"rows": len(new)},
            )
    return len(new)
