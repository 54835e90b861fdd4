"""What charge points say, parsed once. What money hangs on has to be right or is Garbled; of samples, what cannot be read is left out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from bancheng.lib.refusal import Garbled

ENERGY = "Energy.Active.Import.Register"
MOST_WH = 10**12
LONGEST_TAG = 20
LINE_TO_LINE = frozenset({"L1-L2", "L2-L3", "L3-L1"})
THOUSAND = {"kWh": 1000, "kW": 1000, "kvarh": 1000}


@dataclass(frozen=True)
class Sample:
    """One look at a meter; None: not said."""

    at: datetime | None
    wh: int | None = None
    voltage_dv: int | None = None
    current_ma: int | None = None
    power_w: int | None = None
    temperature_dc: int | None = None


@dataclass(frozen=True)
class Measured:
    """MeterValues.req."""

    connector: int
    transaction: int | None
    samples: tuple[Sample, ...]


@dataclass(frozen=True)
class Started:
    """StartTransaction.req."""

    connector: int
    id_tag: str
    meter_wh: int
    at: datetime


@dataclass(frozen=True)
class Stopped:
    """StopTransaction.req."""

    transaction: int
    id_tag: str
    meter_wh: int
    at: datetime
    reason: str
    samples: tuple[Sample, ...]


@dataclass(frozen=True)
class Stands:
    """StatusNotification.req."""

    connector: int
    status: str
    error: str
    at: datetime | None


def started(said: Mapping[str, Any]) -> Started:
    """Return a start."""
    return Started(_connector(said), _tag(said), _wh(said.get("meterStart")), _time(said.get("timestamp")))


def stopped(said: Mapping[str, Any]) -> Stopped:
    """Return an end; the reason is `Local` where none is given (OCPP 1.6, 6.47)."""
    transaction = said.get("transactionId")
    if type(transaction) is not int:
        raise Garbled("no transaction")
    tag = _tag(said) if "idTag" in said else ""
    reason = said.get("reason", "Local")
    if not isinstance(reason, str):
        raise Garbled("no reason")
    at = _time(said.get("timestamp"))
    return Stopped(transaction, tag, _wh(said.get("meterStop")), at, reason, _samples(said.get("transactionData", [])))


def measured(said: Mapping[str, Any]) -> Measured:
    """Return samples."""
    transaction = said.get("transactionId")
    return Measured(
        _connector(said), transaction if type(transaction) is int else None, _samples(said.get("meterValue"))
    )


def stands(said: Mapping[str, Any]) -> Stands:
    """Return how a connector stands."""
    status, error = said.get("status"), said.get("errorCode", "NoError")
    if not isinstance(status, str) or not isinstance(error, str):
        raise Garbled("no status")
    return Stands(_connector(said), status, error, _time(said["timestamp"]) if "timestamp" in said else None)


def id_tag(said: Mapping[str, Any]) -> str:
    """Return whom an Authorize.req asks about."""
    return _tag(said)


def firmware(said: Mapping[str, Any]) -> str:
    """Return what a BootNotification.req says of itself, as far as it fits the registry."""
    name = "-".join(
        str(said.get(word, "")) for word in ("chargePointVendor", "chargePointModel", "firmwareVersion")
    ).strip("-")
    return "".join(c if c.isascii() and (c.isalnum() or c in "._+-") else "_" for c in name)[:32]


def _connector(said: Mapping[str, Any]) -> int:
    found = said.get("connectorId")
    if type(found) is not int or not 0 <= found <= 64:
        raise Garbled("no connector")
    return found


def _tag(said: Mapping[str, Any]) -> str:
    found = said.get("idTag")
    if not isinstance(found, str) or len(found) > LONGEST_TAG:
        raise Garbled("no idTag")
    return found


def _wh(value: Any) -> int:
    if type(value) is not int or not 0 <= value <= MOST_WH:
        raise Garbled("no register")
    return value


def _time(value: Any) -> datetime:
    try:
        found = datetime.fromisoformat(value)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (TypeError, ValueError, OverflowError) as wrong:
        raise Garbled("no time") from wrong


# --- samples ---


def _samples(said: Any) -> tuple[Sample, ...]:
    if not isinstance(said, list):
        raise Garbled("no samples")
    return tuple(_sample(one) for one in said if isinstance(one, dict) and isinstance(one.get("sampledValue"), list))


def _sample(said: Mapping[str, Any]) -> Sample:
    try:
        at = _time(said.get("timestamp"))
    except Garbled:
        at = None
    values = [one for one in said["sampledValue"] if isinstance(one, dict) and one.get("format", "Raw") == "Raw"]
    return Sample(
        at,
        wh=_whole(_total(values, ENERGY), least=0, most=MOST_WH),
        voltage_dv=_whole(_mean(values, "Voltage"), times=10, least=0, most=100_000),
        current_ma=_whole(_total(values, "Current.Import"), times=1000, least=-1_000_000, most=1_000_000),
        power_w=_whole(_total(values, "Power.Active.Import"), least=-1_000_000, most=1_000_000),
        temperature_dc=_whole(_celsius(values), times=10, least=-1_000, most=5_000),
    )


def _of(values: Sequence[Mapping[str, Any]], measurand: str) -> list[tuple[str, Decimal]]:
    """Return the values of a measurand in its base unit, each with its phase ("" for all)."""
    found = []
    for one in values:
        if one.get("measurand", ENERGY) == measurand:
            try:
                value = Decimal(str(one.get("value", "")))
            except InvalidOperation:
                continue
            if value.is_finite():
                found.append((str(one.get("phase", "")), value * THOUSAND.get(str(one.get("unit", "")), 1)))
    return found


def _total(values: Sequence[Mapping[str, Any]], measurand: str) -> Decimal | None:
    """Return the value over all phases: as it is said, else the phases added up. The neutral carries nothing more."""
    found = _of(values, measurand)
    whole = [value for phase, value in found if not phase]
    if whole:
        return whole[0]
    by_phase = {phase: value for phase, value in found if phase != "N"}
    return sum(by_phase.values(), Decimal(0)) if by_phase else None


def _mean(values: Sequence[Mapping[str, Any]], measurand: str) -> Decimal | None:
    found = [value for phase, value in _of(values, measurand) if phase not in LINE_TO_LINE]
    return sum(found, Decimal(0)) / len(found) if found else None


def _celsius(values: Sequence[Mapping[str, Any]]) -> Decimal | None:
    """Return the hottest temperature that is said."""
    units = {str(one.get("unit", "")) for one in values if one.get("measurand") == "Temperature"}
    found = [value for _, value in _of(values, "Temperature")]
    if not found:
        return None
    hottest = max(found)
    if "K" in units:
        return hottest - Decimal("273.15")
    return (hottest - 32) * 5 / 9 if "Fahrenheit" in units else hottest


def _whole(value: Decimal | None, *, times: int = 1, least: int, most: int) -> int | None:
    if value is None or not least <= value * times <= most:
        return None
    return int(value * times)
