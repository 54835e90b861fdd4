"""The book a second time, by exact fractions and lists: slow, plain, and written without the first one."""

from dataclasses import dataclass, field
from fractions import Fraction
from math import floor

Weights = dict[str, int]


def divide(total: int, weights: Weights) -> dict[str, int]:
    """Give everybody the whole part of his exact share, then one each to the largest rests."""
    whole = sum(weights.values())
    exact = {code: Fraction(total) * weight / whole for code, weight in weights.items()}
    given = {code: floor(share) for code, share in exact.items()}
    for code in sorted(exact, key=lambda code: (given[code] - exact[code], code))[: total - sum(given.values())]:
        given[code] += 1
    return given


@dataclass
class Oracle:
    """One parcel: floor areas by building and unit, envelopes, shares, who holds, what rests where and in which order."""

    area: int
    floors: dict[str, Weights]
    envelopes: dict[str, int] = field(default_factory=dict)
    shares: dict[str, int] = field(default_factory=dict)
    holder: dict[str, str] = field(default_factory=dict)
    claims: dict[str, str] = field(default_factory=dict)
    mortgages: dict[str, list[str]] = field(default_factory=dict)
    seizures: dict[str, list[str]] = field(default_factory=dict)

    def split(self) -> None:
        self.envelopes = divide(self.area, {building: sum(units.values()) for building, units in self.floors.items()})
        self.resplit()
        for lot in self.shares:
            self.mortgages[lot], self.seizures[lot], self.holder[lot] = [], [], "developer"

    def resplit(self) -> None:
        for building, units in self.floors.items():
            self.shares |= divide(self.envelopes[building], units)

    def finish(self) -> None:
        self.shares = divide(self.area, {code: area for units in self.floors.values() for code, area in units.items()})
        self.envelopes = {building: sum(self.shares[code] for code in units) for building, units in self.floors.items()}

    def take(self, number: str) -> list[str]:
        """Let a court take what is the developer's and nobody's claim."""
        taken = [lot for lot, who in self.holder.items() if who == "developer" and lot not in self.claims]
        for lot in taken:
            self.seizures[lot].append(number)
        return taken

    @property
    def free(self) -> int:
        return sum(
            dm2
            for lot, dm2 in self.shares.items()
            if self.holder[lot] == "developer"
            and lot not in self.claims
            and not self.mortgages[lot]
            and not self.seizures[lot]
        )
