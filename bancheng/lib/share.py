"""A share that says of what."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Share:
    """A part of a whole, both kept so that anybody can recompute it."""

    part: int
    whole: int

    @property
    def value(self) -> float | None:
        return self.part / self.whole if self.whole else None
