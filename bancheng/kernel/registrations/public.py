"""The face of registrations: file and follow an application, agree or object, accept, review and record it; certificates; enquiries."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from bancheng.kernel.identity import public as identity
from bancheng.kernel.registrations import shipped
from bancheng.kernel.registrations.facts import (
    Brief,
    CertificateView,
    Difference,
    Examined,
    ExaminedLetter,
    Filed,
    Happened,
    LetterView,
    LineView,
    Paper,
    PaperConsent,
    Party,
    PartyView,
    Registry,
    Request,
    View,
    What,
    happened,
)
from bancheng.kernel.registrations.offices import all_of_city as registries
from bancheng.kernel.registrations.offices import declare as declare_registries
from bancheng.kernel.registrations.offices import of_lot as registry_of
from bancheng.kernel.registrations.operations import filing
from bancheng.kernel.registrations.operations.booking import Booked
from bancheng.kernel.registrations.operations.booking import book_in as book
from bancheng.kernel.registrations.operations.certifying import archive, certify, note_delivered
from bancheng.kernel.registrations.operations.consenting import consent, object_to
from bancheng.kernel.registrations.operations.enquiring import PURPOSES, Answer, Purpose, enquire
from bancheng.kernel.registrations.operations.freeing import ask_to_cancel
from bancheng.kernel.registrations.operations.handling import (
    ACCEPTOR,
    BOOKER,
    REVIEWER,
    accept,
    ask_corrections,
    not_accept,
    refuse,
    review,
    send_back,
    supplement,
    withdraw,
)
from bancheng.kernel.registrations.operations.logging import no_such_application
from bancheng.kernel.registrations.operations.sealing import address
from bancheng.kernel.registrations.operations.stopping import announce, go_on, resume, suspend, visit
from bancheng.kernel.registrations.queries.asking import consent_text
from bancheng.kernel.registrations.queries.differences import differences
from bancheng.kernel.registrations.queries.letters import by_code as letter_by_code
from bancheng.kernel.registrations.queries.letters import by_number as letter
from bancheng.kernel.registrations.queries.letters import examine as examine_letter
from bancheng.kernel.registrations.queries.letters import fetch as fetch_letter
from bancheng.kernel.registrations.queries.letters import no_such_letter
from bancheng.kernel.registrations.queries.letters import of_applications as letters_of
from bancheng.kernel.registrations.queries.limits import Limit
from bancheng.kernel.registrations.queries.limits import on_transfer as limits_on_transfer
from bancheng.kernel.registrations.queries.papers import (
    by_code,
    by_id,
    examine,
    fetch,
    no_such_certificate,
    of_holders,
    of_right,
    right_of,
    views,
)
from bancheng.kernel.registrations.queries.papers import by_number as certificate
from bancheng.kernel.registrations.queries.papers import is_of as holds_certificate
from bancheng.kernel.registrations.queries.papers import of_applications as certificates_of
from bancheng.kernel.registrations.queries.papers import of_unit as certificates_of_unit
from bancheng.kernel.registrations.queries.reading import (
    asked_hashes,
    asked_units,
    brief,
    briefs,
    by_key,
    by_number,
    cancellations_of,
    counts,
    desk,
    enquiries_of,
    filed_for,
    finished,
    is_named,
    letter_being_made,
    lots_awaited,
    may_object,
    of_lots,
    of_person,
    of_unit,
    paper_consents_of,
    to_answer,
    to_answer_of_units,
    view,
)
from bancheng.kernel.registrations.rules.checks import Problem, square
from bancheng.kernel.registrations.rules.evidence import CONSENT
from bancheng.kernel.registrations.rules.kinds import ROLES, Channel, Filer, Kind, Role, material
from bancheng.kernel.registrations.rules.numbers import PAPERS, Gives
from bancheng.kernel.registrations.rules.texts import VERSION as TEXT_VERSION
from bancheng.kernel.registrations.rules.words import (
    ACTS,
    CAUSES,
    DONE,
    ENDED,
    OPEN,
    PAUSED,
    STANDINGS,
    STATES,
    STOPS,
    UNDER_WAY,
    WAITING,
    Act,
    Cause,
    Standing,
    State,
)

kinds, channels, kind = shipped.kinds, shipped.channels, shipped.kind


def file(
    *,
    region: str,
    kind: str,
    key: str,
    channel: str,
    by: identity.Actor | str,
    parties: Sequence[Party],
    lots: Sequence[str],
    payload: Mapping[str, Any],
    at: datetime,
    papers: Sequence[Paper] = (),
    loan_no: str = "",
    acting_for_unit: str = "",
    expected_version: int | None = None,
) -> Filed:
    """File an application, once: the same key, or the same thing under way, is that case (F13.11, B13.1).

    `by` is an account, or the ref of a machine for whose unit (`acting_for_unit`) the door has verified a signature. Amounts are fen,
    areas dm². Raises Refused as `operations.filing.file`: the first problem's code, every problem's sentence.
    """
    asked = Request(
        region, kind, channel, tuple(parties), tuple(lots), payload, tuple(papers), loan_no, acting_for_unit
    )
    return filing.file(asked, key=key, by=by, at=at, expected_version=expected_version)


def check(
    *,
    region: str,
    kind: str,
    channel: str,
    by: identity.Actor | str,
    parties: Sequence[Party],
    lots: Sequence[str],
    payload: Mapping[str, Any],
    at: datetime,
    papers: Sequence[Paper] = (),
    loan_no: str = "",
    acting_for_unit: str = "",
) -> list[Problem]:
    """Return all that stands against what would be filed; nothing is written."""
    asked = Request(
        region, kind, channel, tuple(parties), tuple(lots), payload, tuple(papers), loan_no, acting_for_unit
    )
    return filing.check(asked, by=by, at=at)


__all__ = [
    "ACCEPTOR",
    "ACTS",
    "BOOKER",
    "CAUSES",
    "CONSENT",
    "DONE",
    "ENDED",
    "OPEN",
    "PAPERS",
    "PAUSED",
    "PURPOSES",
    "REVIEWER",
    "ROLES",
    "STANDINGS",
    "STATES",
    "STOPS",
    "TEXT_VERSION",
    "UNDER_WAY",
    "WAITING",
    "Act",
    "Answer",
    "Booked",
    "Brief",
    "Cause",
    "CertificateView",
    "Channel",
    "Difference",
    "Examined",
    "ExaminedLetter",
    "Filed",
    "Filer",
    "Gives",
    "Happened",
    "Kind",
    "LetterView",
    "Limit",
    "LineView",
    "Paper",
    "PaperConsent",
    "Party",
    "PartyView",
    "Problem",
    "Purpose",
    "Registry",
    "Request",
    "Role",
    "Standing",
    "State",
    "View",
    "What",
    "accept",
    "address",
    "announce",
    "archive",
    "ask_corrections",
    "ask_to_cancel",
    "asked_hashes",
    "asked_units",
    "book",
    "brief",
    "briefs",
    "by_code",
    "by_id",
    "by_key",
    "by_number",
    "cancellations_of",
    "certificate",
    "certificates_of",
    "certificates_of_unit",
    "certify",
    "channels",
    "check",
    "consent",
    "consent_text",
    "counts",
    "declare_registries",
    "desk",
    "differences",
    "enquire",
    "enquiries_of",
    "examine",
    "examine_letter",
    "fetch",
    "fetch_letter",
    "file",
    "filed_for",
    "finished",
    "go_on",
    "happened",
    "holds_certificate",
    "is_named",
    "kind",
    "kinds",
    "letter",
    "letter_being_made",
    "letter_by_code",
    "letters_of",
    "limits_on_transfer",
    "lots_awaited",
    "material",
    "may_object",
    "no_such_application",
    "no_such_certificate",
    "no_such_letter",
    "not_accept",
    "note_delivered",
    "object_to",
    "of_holders",
    "of_lots",
    "of_person",
    "of_right",
    "of_unit",
    "paper_consents_of",
    "refuse",
    "registries",
    "registry_of",
    "resume",
    "review",
    "right_of",
    "send_back",
    "square",
    "supplement",
    "suspend",
    "to_answer",
    "to_answer_of_units",
    "view",
    "views",
    "visit",
    "withdraw",
]  # fmt: skip
