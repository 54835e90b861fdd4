"""For the generated tests of every door: the people of a small world, and what a service lays out for them to try.

A service whose doors need more than stand-ins has `tests/samples.py` with `samples(world)` and, when its lists grow, `fill(world, first, last)`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class World:
    """Two units and two citizens of a loaded city: everything the samples lay out belongs to `unit` and to `holder`."""

    region: str
    unit: str
    other_unit: str
    admin: Any  # the accounts: of the unit's administrator and of the citizen
    holder: Any
    at: datetime


@dataclass(frozen=True)
class Samples:
    """What one service gives the generated tests. A door is named as in the matrix: `expiry:task`, `api:expiry:tasks`."""

    values: Mapping[str, object] = field(
        default_factory=dict
    )  # for a path: by the value's name, or by "door's name/value's name"
    sends: Mapping[str, Mapping[str, object]] = field(
        default_factory=dict
    )  # by door: what its owner sends; bytes are a file
    marks: tuple[str, ...] = ()  # what stands on the owner's lists and on nobody else's
    figures: frozenset[str] = frozenset()  # doors that show figures only: no mark stands there
    own: frozenset[str] = frozenset()  # doors that change something of whoever asks, and can name nobody else's
