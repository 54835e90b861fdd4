"""What was given in writing about a case (R-OT-2), and what is being written still."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from bancheng.kernel.cases import public as cases
from bancheng.kernel.letters import public as letters
from bancheng.lib.refusal import Refused
from bancheng.lib.text import Text


@dataclass(frozen=True)
class Writings:
    """The letters of a case, newest first, and the names of those that are owed."""

    made: list[letters.View]
    owed: list[tuple[Text, Text]]  # of which matter, which letter

    def __bool__(self) -> bool:
        return bool(self.made or self.owed)


def of(view: cases.View, only: UUID | None = None) -> Writings:
    """Return the letters of a bundle, or what one desk may see of them: those of its matter and the merged notice."""
    seen = None if only is None else {only, view.case.id}
    made = [one for one in letters.of_bundles([view.case.id]) if seen is None or one.case in seen]
    owed = [(one.title, letters.TITLES[kind]) for one, kind in letters.owed(view) if seen is None or one.id in seen]
    return Writings(made, owed)


def fetch(*, root: UUID, letter_id: UUID, only: UUID | None, by: str, at: datetime) -> tuple[letters.View, bytes]:
    """Return a letter with its file; who fetched it is on record. Raises Refused("no_such_letter")."""
    found = letters.fetch(letter_id=letter_id, root=root, by=by, at=at)
    if found is None or (only is not None and found[0].case not in (only, root)):
        raise Refused(
            "no_such_letter",
            "没有找到这份文书，请回到办件页面再试。",
            en="There is no such letter; go back to the case and try again.",
            status=404,
        )
    return found
