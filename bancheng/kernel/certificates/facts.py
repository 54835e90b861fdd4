"""What certificates tell, and what they announce."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from bancheng.kernel.certificates.rules import Standing
from bancheng.lib.hooks import Hook


@dataclass(frozen=True)
class Certificate:
    """One certificate and what it is worth at `at`; of a person only the masked name is here."""

    id: UUID
    licence_id: int
    number: int
    code: str
    licence_type: str
    licence_number: str  # for the holder alone: the public sees `tail`
    unit: str
    holder_shown: str
    issued_on: date
    valid_from: date | None
    valid_to: date | None
    sample: bool
    file_size: int
    file_digest: bytes
    made_at: datetime
    stamped_at: datetime | None
    standing: Standing
    at: datetime

    @property
    def tail(self) -> str:
        """Return the last four characters of the licence's number, or none of a number that short."""
        return f"…{self.licence_number[-4:]}" if len(self.licence_number) > 4 else "…"


@dataclass(frozen=True)
class Seal:
    """What was found when a file's seal was checked."""

    intact: bool  # not a byte under the seal has changed
    trusted: bool  # the sealing certificate leads to an authority this city trusts, and was valid then
    whole: bool  # the seal covers the whole file: nothing was added behind it
    signer: str
    stamped_at: datetime | None = None  # by a time-stamping authority that is trusted

    @property
    def holds(self) -> bool:
        """Return whether the seal proves the whole file."""
        return self.intact and self.trusted and self.whole


@dataclass(frozen=True)
class Examined:
    """What an uploaded file turned out to be.

    `certificate` is None for a file that is none of ours; `same` says whether it is, byte for byte, the file that was made;
    `seal` is None where it was not: a stranger's bytes are not taken apart.
    """

    certificate: Certificate | None
    same: bool
    seal: Seal | None

    @property
    def holds(self) -> bool:
        """Return whether the file may be relied on at this second."""
        return (
            self.same
            and self.certificate is not None
            and self.certificate.standing is Standing.VALID
            and self.seal is not None
            and self.seal.holds
        )


made: Hook[Certificate] = Hook("certificates.made")
