"""A partner's own numbers of the events it may see: 1, 2, 3 … without a gap, given by whoever dispatches (land register §13.4).

Events have one order for everybody (`outbox`); a bank sees some of them and must be able to tell that none is missing. A number is
given once, in that order, under the stream's row: a process that dies in the middle leaves no number. What a scope shows later is numbered
from then on; numbers given stay.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from bancheng.kernel.exchange import queries
from bancheng.kernel.exchange.facts import Caller, Told
from bancheng.kernel.exchange.models import Event, Numbered, Partner, Stream
from bancheng.lib.refusal import Refused

MOST = 5_000  # numbered at once


@dataclass(frozen=True)
class Standing:
    """How far a stream is."""

    seq: int
    acked: int
    acked_at: datetime | None


def number(partner_id: int, *, service: str) -> int:
    """Number what was placed since; return how many. Ask `settle` before. Run it as often as you like."""
    last = queries.last_position()  # asked before: what is placed after it is looked for the next time
    with transaction.atomic():
        stream = _locked(partner_id, service)
        if stream.position >= last:
            return 0
        shown = queries.visible(queries.scopes_of(partner_id), service=service, ref=f"machine:{stream.partner.user_id}")
        rows = [] if shown is None else _next(shown, stream.position, last)
        Numbered.objects.bulk_create(
            Numbered(region=stream.region, stream=stream, seq=stream.seq + n, event_id=pk)
            for n, (pk, _) in enumerate(rows, 1)
        )
        stream.seq += len(rows)
        stream.position = rows[-1][1] if len(rows) == MOST else last
        stream.save(update_fields=["seq", "position"])
    return len(rows)


def _next(shown: Q, after: int, last: int) -> list[tuple[int, int]]:
    found = Event.objects.filter(shown, position__gt=after, position__lte=last).order_by("position")
    return [(pk, position or 0) for pk, position in found.values_list("pk", "position")[:MOST]]


def _locked(partner_id: int, service: str) -> Stream:
    rows = Stream.objects.select_for_update(of=("self",)).select_related("partner")
    found = rows.filter(partner_id=partner_id, service=service).first()
    if found is None:
        region = Partner.objects.values_list("region", flat=True).get(pk=partner_id)
        Stream.objects.bulk_create(
            [Stream(region=region, partner_id=partner_id, service=service)], ignore_conflicts=True
        )
        found = rows.get(partner_id=partner_id, service=service)
    return found


def numbered_feed(caller: Caller, *, service: str, after: int, limit: int) -> list[Told]:
    """Return the next events behind the number `after`. Ask `settle` before."""
    number(caller.partner_id, service=service)
    rows = Numbered.objects.filter(
        stream__partner_id=caller.partner_id, stream__service=service, seq__gt=after
    ).select_related("event")
    return [queries.told(row.event, seq=row.seq) for row in rows.order_by("seq")[:limit]]


def acknowledge(caller: Caller, *, service: str, seq: int, at: datetime) -> Standing:
    """Note that the partner has all events up to `seq`; a smaller number than before changes nothing. Raises Refused("no_such_seq")."""
    with transaction.atomic():
        stream = _locked(caller.partner_id, service)
        if seq > stream.seq:
            raise Refused(
                "no_such_seq",
                f"事件编号只到{stream.seq}，没有登记确认。",
                en=f"Events are numbered up to {stream.seq}; nothing was acknowledged.",
                status=422,
            )
        if seq > stream.acked:
            stream.acked, stream.acked_at = seq, at
            stream.save(update_fields=["acked", "acked_at"])
    return Standing(stream.seq, stream.acked, stream.acked_at)


def standing(partner_id: int, *, service: str) -> Standing:
    """Return how far a stream is; nothing yet for one that was never asked for."""
    row = Stream.objects.filter(partner_id=partner_id, service=service).first()
    return Standing(row.seq, row.acked, row.acked_at) if row else Standing(0, 0, None)


def heads_of(partner_id: int, *, service: str, position: int, most: int) -> list[Told]:
    """Return the next numbered events behind a position of the one order; what is placed is numbered when there are fewer than `most`."""
    found = _behind(partner_id, service, position, most)
    if len(found) < most and number(partner_id, service=service):
        found = _behind(partner_id, service, position, most)
    return [queries.told(row.event, seq=row.seq) for row in found]


def _behind(partner_id: int, service: str, position: int, most: int) -> list[Numbered]:
    mine = Numbered.objects.filter(stream__partner_id=partner_id, stream__service=service, event__position__gt=position)
    return list(mine.select_related("event").order_by("seq")[:most])
