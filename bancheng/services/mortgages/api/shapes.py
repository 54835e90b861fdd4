"""What goes in and out of the bank's interface when it files and follows: mortgages, acts on them, applications."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from ninja import Field
from pydantic import StringConstraints

from bancheng.kernel.registrations import public as registrations
from bancheng.web.api import Shape

Lot = Annotated[str, StringConstraints(pattern=r"^[0-9]{12}[A-Z]{2}[0-9]{5}[A-Z][0-9]{4}(?:[0-9]{4})?$")]
Lots = Annotated[list[Lot], Field(min_length=1, max_length=500)]
NO_NUL = r"^[^\x00]*$"  # the database keeps none
Words = Annotated[str, StringConstraints(max_length=500, pattern=NO_NUL)]
Number = Annotated[str, StringConstraints(max_length=80, pattern=NO_NUL)]
Value = Words | int | bool | None
Fen = Annotated[int, Field(ge=0, le=2**53, strict=True)]


class QuoteIn(Shape):
    """Which units, for what, by whose permission."""

    lots: Lots
    kind: Literal["mortgage.set", "mortgage.pre"] = "mortgage.set"
    authorisation: Words = Field(
        min_length=6,
        max_length=200,
        description="权利人书面授权的文号和用途、期限 · the owner's written power: number, purpose, expiry",
    )


class PartyIn(Shape):
    """Somebody named. The mortgagee is the bank that signs and need not be named."""

    role: registrations.Role
    kind: Literal["person", "organisation", "unit"]
    name: Words = Field(min_length=1, max_length=100)
    identifier: Number = Field("", max_length=40)
    unit: Number = Field("", max_length=64)
    married: bool = False
    spouse_of: Words = Field("", max_length=100)


class PaperIn(Shape):
    """A paper the bank keeps: its scan's digest is filed."""

    material: Number = Field(min_length=1, max_length=40)
    name: Words = Field(min_length=1, max_length=200)
    digest: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")] = Field(description="SHA-256")
    pages: int = Field(1, ge=1, le=10_000)


class PayloadIn(Shape):
    """What the mortgage is. Amounts are whole fen, areas dm² (0.01 m²)."""

    principal_fen: Fen
    currency: Number = Field("CNY", max_length=3)
    first: date
    last: date
    maximum: bool = False
    scope: Words = ""
    location: Words = ""
    transfer_restricted: bool = False
    contract_no: Number = ""
    claim: Number = Field("", description="预告：买卖合同号 · pre-mortgage: number of the sale's contract")
    areas: dict[Lot, int] = Field(default_factory=dict, max_length=500)


class MortgageIn(Shape):
    """A mortgage to set up, or one of a home that is being built."""

    kind: Literal["mortgage.set", "mortgage.pre"]
    lots: Lots
    loan_no: Number = Field(min_length=1)
    expected_version: int | None = Field(
        None, ge=0, le=2**53, description="查询答复的register_version · as the quote said"
    )
    parties: list[PartyIn] = Field(min_length=1, max_length=60)
    payload: PayloadIn
    papers: list[PaperIn] = Field(default_factory=list, max_length=100)


class ActIn(Shape):
    """Something to be done to a mortgage that is registered."""

    lots: list[Lot] = Field(
        default_factory=list, max_length=500, description="部分解押：退出的单元 · release: the units that leave"
    )
    reason: Words = ""
    loan_no: Number = ""
    principal_fen: Fen | None = Field(
        None, description="确定：确定的债权额，不超过最高债权额 · fixing: what is fixed, at most the maximum"
    )
    fixed_on: date | None = Field(
        None,
        description="确定：债权确定日，因查封确定的可不填 · fixing: since which day; after a seizure its day where none is given",
    )
    first: date | None = None
    last: date | None = None
    expected_version: int | None = Field(None, ge=0, le=2**53)
    parties: list[PartyIn] = Field(default_factory=list, max_length=60)
    papers: list[PaperIn] = Field(default_factory=list, max_length=100)


class FiledOut(Shape):
    """It is taken in. Nothing has effect before it is recorded."""

    id: UUID
    number: str
    state: str
    again: bool = Field(description="此前已收，是同一件 · it had been taken in before: this is that case")


class CertificateOut(Shape):
    """A certificate of an application."""

    number: str
    standing: str
    digest: str


class LetterOut(Shape):
    """What the office gave in writing: not accepted, corrections, refused."""

    id: UUID
    kind: str = Field(description="not_accepted, correction_required, refused")
    number: str
    dated: date
    digest: str = Field(description="PDF的SHA-256，空为制作中 · SHA-256 of the PDF; empty while it is being made")


class BankBriefOut(Shape):
    """An application in the bank's list."""

    id: UUID
    number: str
    kind: str
    state: str
    stopped: str
    lots: list[str]
    loan_no: str
    filed_at: datetime
    accepted_at: datetime | None
    recorded_at: datetime | None
    due_on: date | None
    right: str
    cursor: int


class ApplicationOut(BankBriefOut):
    """An application, whole."""

    submitted_at: datetime | None
    waiting_for: list[str] = Field(description="尚待同意的各方 · who has still to agree")
    corrections: list[str]
    correct_by: date | None = Field(description="补正期限 · the day by which it is to be corrected")
    letters: list[LetterOut]
    entries: list[str]
    certificates: list[CertificateOut]


class ListOut(Shape):
    """What moved since."""

    items: list[BankBriefOut]
    next: int


class SupplementIn(Shape):
    """What was asked for."""

    papers: list[PaperIn] = Field(default_factory=list, max_length=100)
    payload: dict[Number, Value] = Field(default_factory=dict, max_length=20)


class WithdrawIn(Shape):
    """Why it is taken back."""

    reason: Words = ""
