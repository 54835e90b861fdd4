"""The face of audit: record what happened, in the transaction that makes it true; read it; prove that nobody touched it."""

from bancheng.kernel.audit.operations import PLATFORM, Event, record, record_many, record_select

__all__ = ["PLATFORM", "Event", "record", "record_many", "record_select"]
