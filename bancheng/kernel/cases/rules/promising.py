"""How closely a promise is looked at: each is verified, some on the spot (R-GC-3)."""

from enum import StrEnum
from uuid import UUID

from bancheng.lib.text import Text


class Look(StrEnum):
    """How a promise is verified."""

    ON_SPOT = "on_spot"
    BY_DATA = "by_data"


SAYS: dict[Look, Text] = {
    Look.ON_SPOT: Text("到现场核查", "on the spot"),
    Look.BY_DATA: Text("以数据比对核查", "by comparing data"),
}


def look(case_id: UUID, *, sample: int, marked: bool) -> Look:
    """Return how the promise of a case is verified: on the spot for whoever ever broke a promise, for the others by lot.

    The lot is drawn from the case's own random digits: nobody chooses it, and anybody can draw it again.
    """
    return Look.ON_SPOT if marked or case_id.int % 100 < sample else Look.BY_DATA
