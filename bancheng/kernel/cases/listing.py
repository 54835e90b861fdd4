"""Lists over many cases at once, each one statement however long: the members of bundles, and cases by whose they are."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from bancheng.kernel.cases.models import Case
from bancheng.lib.text import Text


@dataclass(frozen=True)
class Member:
    """A bundle (or single case) or one of its matters, by name."""

    id: UUID
    root: UUID
    number: str
    title: Text


def members_of(roots: Collection[UUID]) -> list[Member]:
    """Return the bundles of `roots` with all their matters, oldest first."""
    rows = Case.objects.filter(root_id__in=list(roots)).order_by("received_at", "pk")
    return [Member(r.pk, r.root_id, r.number, Text(r.title, r.title_en)) for r in rows]
