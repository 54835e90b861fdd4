"""Every read: the letters of a bundle, one by its code, a file that somebody shows."""

import base64
import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from bancheng.kernel.certificates import public as certificates
from bancheng.kernel.identity import public as identity
from bancheng.kernel.letters import rules
from bancheng.kernel.letters.models import Letter
from bancheng.lib.text import Text

FILE = "letter"  # the kind under which files are sealed


@dataclass(frozen=True)
class View:
    """One letter; of a person only the masked name is here."""

    id: UUID
    root: UUID
    case: UUID
    kind: rules.Kind
    code: str
    number: str
    title: Text
    unit: str
    holder_shown: str
    dated: date
    file_size: int
    file_digest: bytes
    sample: bool
    made_at: datetime
    stamped_at: datetime | None

    @property
    def name(self) -> Text:
        """Return what the letter is called."""
        return rules.TITLES[self.kind]

    @property
    def tail(self) -> str:
        """Return the end of the case's number: enough to know it by."""
        return f"…{self.number[-6:]}"


def of_bundles(roots: Collection[UUID]) -> list[View]:
    """Return the letters of bundles, newest first: one statement."""
    rows = Letter.objects.filter(root__in=list(roots)).defer("file_sealed").order_by("-dated", "-made_at", "pk")
    return [view(row) for row in rows]


def lines_of(root: UUID) -> set[tuple[UUID, int]]:
    """Return the lines of a bundle's logs that have their letter: case and place."""
    return set(Letter.objects.filter(root=root).values_list("case", "seq"))


def by_code(code: str) -> View | None:
    """Return the letter of a code, typed or scanned; None when no letter has it."""
    read = certificates.read_code(code)
    row = Letter.objects.filter(code=read).defer("file_sealed").first() if read else None
    return view(row) if row else None


@dataclass(frozen=True)
class Examined:
    """What an uploaded file turned out to be: the very letter (then its seal is checked), or one that only says it is."""

    letter: View
    same: bool
    seal: certificates.Seal | None

    @property
    def holds(self) -> bool:
        """Return whether the file is the letter, under a seal that holds."""
        return self.same and self.seal is not None and self.seal.holds


def examine(data: bytes) -> Examined | None:
    """Return what a file turns out to be, None when it is no letter of ours. A stranger's bytes are never taken apart."""
    rows = Letter.objects.defer("file_sealed")
    row = rows.filter(file_digest=hashlib.sha256(data).digest()).first()
    if row is not None:
        # judged as of its making: a seal's certificate may end before the letter loses its meaning
        return Examined(view(row), same=True, seal=certificates.check_seal(data, at=row.made_at))
    code = rules.code_in(data)
    row = rows.filter(code=code).first() if code else None
    return Examined(view(row), same=False, seal=None) if row else None


def id_of(case_id: UUID, seq: int) -> UUID | None:
    """Return the letter of a line of a log, None when none is written."""
    return Letter.objects.filter(case=case_id, seq=seq).values_list("pk", flat=True).first()


def key(case_id: UUID, seq: int) -> str:
    """Return the key of the job that writes it."""
    return f"letter-{case_id}-{seq}"


def file(row: Letter) -> bytes:
    """Return the stored file; one that is not what was written is a fault and raises."""
    data = base64.b64decode(identity.open_sealed(bytes(row.file_sealed), kind=FILE))
    if hashlib.sha256(data).digest() != bytes(row.file_digest):
        raise RuntimeError(f"the stored file of letter {row.pk} is not the one that was written")
    return data


def view(row: Letter) -> View:
    """Return the frozen view of a row."""
    return View(
        row.pk,
        row.root,
        row.case,
        rules.Kind(row.kind),
        row.code,
        row.number,
        Text(row.title, row.title_en),
        row.unit,
        row.holder_shown,
        row.dated,
        row.file_size,
        bytes(row.file_digest),
        row.sample,
        row.made_at,
        row.stamped_at,
    )
