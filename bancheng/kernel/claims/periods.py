"""The period (统计期) over which a service's figures of use are counted: fixed once it is over, so that they stay as they were."""

from dataclasses import dataclass
from datetime import date, datetime

from bancheng.kernel.audit import public as audit
from bancheng.lib.refusal import Refused


@dataclass(frozen=True)
class Period:
    """Two days and all between them."""

    first: date
    last: date


def fixed_period(service: str) -> Period | None:
    """Return the period that was fixed last for a service, or None."""
    for event in audit.timeline(f"{service}.period", limit=1):
        return Period(*(date.fromisoformat(str(event.detail[name])) for name in ("first", "last")))
    return None


def fix_period(service: str, *, first: date, last: date, region: str, by: str, at: datetime) -> None:
    """Fix the period that the figures speak of, both days included; what happens later is not counted in.

    Raises Refused("period_backwards").
    """
    if last < first:
        raise Refused(
            "period_backwards",
            f"统计期的最后一天{last}早于第一天{first}，没有改动。请核对日期。",
            en=f"The period's last day {last} comes before its first {first}; nothing was changed. Check the dates.",
            status=422,
        )
    audit.record(
        "claims.period_fixed",
        who=by,
        about=f"{service}.period",
        at=at,
        region=region,
        detail={"first": first.isoformat(), "last": last.isoformat()},
    )
