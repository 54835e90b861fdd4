"""What registers said of a case, for whoever works on it or follows it; and whose questions are whose."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from bancheng.kernel.cases import public as cases
from bancheng.lib.text import Text
from bancheng.services.onething.models import RegisterCheck, RegisterQuestion
from bancheng.services.onething.registers import operations, rules
from bancheng.services.onething.registers.facts import Known
from bancheng.services.onething.registers.rules import BY_MATTER, Entry, Register


@dataclass(frozen=True)
class Checked:
    """The look into registers that a case calls for: answered as of an instant, or not verified yet."""

    matter: str
    purpose: Text
    law: str
    holder_hash: bytes
    asked: tuple[Register, ...]
    entries: tuple[Entry, ...]
    source: str
    as_of: datetime | None

    @property
    def names(self) -> list[Text]:
        """Return the registers that were asked, or are to be."""
        return [rules.SAYS[one] for one in self.asked]


def of_case(root: UUID) -> Checked | None:
    """Return what registers said of a bundle or single case; None where nothing was to be asked. One statement."""
    row = RegisterCheck.objects.filter(root_id=root).select_related("question").first()
    if row is None:
        return None
    purpose = BY_MATTER[row.matter]
    found = operations.known(row.question) if row.question else Known()
    return Checked(
        row.matter,
        purpose.says,
        purpose.law,
        bytes(row.holder_hash),
        purpose.asked,
        found.entries,
        found.source,
        found.as_of,
    )


def for_officer(root: UUID, matter: str) -> Checked | None:
    """Return it for the officer of a matter: only when it was asked for just that matter (P-3)."""
    found = of_case(root) if matter in BY_MATTER else None
    return found if found is not None and found.matter == matter else None


def for_applicant(view: cases.View) -> Checked | None:
    """Return it for the applicant: only a firm is told what registers say of it, not who names one in a form of his own."""
    found = of_case(view.case.id)
    return found if found is not None and found.holder_hash == view.applicant_hash else None


def questions_about(hashes: Collection[bytes], *, limit: int = 200) -> list[RegisterQuestion]:
    """Return the questions that were asked about these holders, newest first."""
    return list(RegisterQuestion.objects.filter(holder_hash__in=list(hashes)).order_by("-asked_at")[:limit])
