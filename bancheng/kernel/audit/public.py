"""The face of audit: record what happened in the transaction that makes it true; read it; prove nobody touched it."""

from bancheng.kernel.audit.hooks import Holders, Thing, things_of
from bancheng.kernel.audit.labels import label, labels
from bancheng.kernel.audit.operations import (
    PLATFORM,
    Event,
    open_months,
    record,
    record_many,
    seal,
    together,
)
from bancheng.kernel.audit.queries import (
    EVENTS,
    Anchor,
    SealState,
    about_any,
    anchor,
    is_anchor,
    seal_state,
    search,
    timeline,
)
from bancheng.kernel.audit.verify import Fault, Kind, Report, verify

__all__ = [
    "EVENTS",
    "PLATFORM",
    "Anchor",
    "Event",
    "Fault",
    "Holders",
    "Kind",
    "Report",
    "SealState",
    "Thing",
    "about_any",
    "anchor",
    "is_anchor",
    "label",
    "labels",
    "open_months",
    "record",
    "record_many",
    "seal",
    "seal_state",
    "search",
    "things_of",
    "timeline",
    "together",
    "verify",
]
