"""What is held against whom, at the second it is asked."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from bancheng.kernel.credit import rules
from bancheng.kernel.credit.models import Mark
from bancheng.kernel.credit.rules import Instrument, Kind


@dataclass(frozen=True)
class View:
    """One mark as people see it."""

    kind: Kind
    about: str
    unit: str
    reason: str
    law: str
    noted_at: datetime
    repaired_at: datetime | None
    repaired_because: str

    @property
    def open(self) -> bool:
        """Return whether it still holds."""
        return self.repaired_at is None


def marks_about(abouts: Collection[str]) -> list[View]:
    """Return the marks about these cases or lists, oldest first: one statement."""
    return [_view(row) for row in Mark.objects.filter(about__in=list(abouts)).order_by("noted_at", "pk")]


def marks_of(holder_hash: bytes) -> list[View]:
    """Return everything that was ever held against somebody, oldest first (R-CR-6: he may read it himself)."""
    return [_view(row) for row in Mark.objects.filter(holder_hash=holder_hash).order_by("noted_at", "pk")]


def barred(holder_hash: bytes, instrument: Instrument) -> list[Kind]:
    """Return what bars somebody from `instrument` now, nothing when he may: one statement."""
    rows = Mark.objects.filter(holder_hash=holder_hash, repaired_at=None).order_by("pk").values_list("kind", flat=True)
    return rules.bars(instrument, [Kind(kind) for kind in rows])


def ever(holder_hash: bytes) -> bool:
    """Return whether anything was ever held against somebody, repaired or not: who is looked at more closely."""
    return Mark.objects.filter(holder_hash=holder_hash).exists()


def _view(row: Mark) -> View:
    return View(
        Kind(row.kind),
        row.about,
        row.unit,
        row.reason,
        row.law,
        row.noted_at,
        row.repaired_at,
        row.repaired_because,
    )
