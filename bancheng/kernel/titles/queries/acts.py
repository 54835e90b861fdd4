"""What was recorded under a key, and what was disposed of since a day."""

import json
from datetime import datetime

from bancheng.kernel.titles.facts import Recorded
from bancheng.kernel.titles.models import Act, Entry
from bancheng.kernel.titles.queries.ground import entry_number

DISPOSALS = (
    "claim.open",
    "claim.note",
    "transfer.record",
    "transfer.many",
    "mortgage.register",
    "pre_mortgage.register",
    "seizure.register",
    "seizure.exhaust",
)


def recorded(region: str, key: str) -> Recorded | None:
    """Return what was recorded under a key, or None."""
    row = Act.objects.filter(region=region, key=key).select_related("parcel").first()
    return recorded_of(row) if row else None


def recorded_of(act: Act) -> Recorded:
    """Return what an act recorded, as it was told then; its entries with those that close what stood before."""
    content = json.loads(act.content)
    code = act.parcel.code
    numbers = tuple(entry_number(code, number) for number in range(act.first_entry, act.last_entry + 1))
    return Recorded(code, act.seq, numbers, act.seq, act.subject, tuple(content["lots"]), again=True)


def disposed_since(region: str, parcel: str, *, since: datetime, lot: str = "") -> list[str]:
    """Return the registrations by which a parcel, or one of its lots, was disposed of, noticed or seized at `since` or later, each once."""
    acts = Act.objects.filter(region=region, parcel__code=parcel, kind__in=DISPOSALS, at__gte=since)
    if lot:
        acts = acts.filter(pk__in=Entry.objects.filter(region=region, lot__code=lot).values("act"))
    return list(dict.fromkeys(acts.order_by("seq").values_list("registration", flat=True)))
