"""What was recorded under a key."""

import json

from bancheng.kernel.titles.facts import Recorded
from bancheng.kernel.titles.models import Act
from bancheng.kernel.titles.queries.ground import entry_number


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
