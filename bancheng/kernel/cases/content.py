"""What was said in a round, as it is kept: open values as JSON, personal ones as one sealed text."""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from bancheng.kernel.identity import public as identity
from bancheng.lib.conditions import Value

KIND = "case_values"


def encode(values: Mapping[str, Value]) -> dict[str, Any]:
    """Return `values` as JSON that `decode` reads back as they were."""
    return {name: {"day": value.isoformat()} if isinstance(value, date) else value for name, value in values.items()}


def decode(kept: Mapping[str, Any]) -> dict[str, Value]:
    """Return the values that were kept."""
    return {name: _value(value) for name, value in kept.items()}


def _value(kept: Any) -> Value:
    if isinstance(kept, dict):
        return date.fromisoformat(kept["day"])
    return tuple(kept) if isinstance(kept, list) else kept


def seal(values: Mapping[str, Value]) -> bytes:
    """Return personal values sealed as one."""
    return identity.seal(json.dumps(encode(values), ensure_ascii=False, sort_keys=True), kind=KIND)


def unseal(blob: bytes | memoryview) -> dict[str, Value]:
    """Return the personal values inside `blob`. Raises SealBroken."""
    return decode(json.loads(identity.open_sealed(bytes(blob), kind=KIND)))
