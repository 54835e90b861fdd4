"""What a bank's own system asks of the archive (land register §13.5): file the catalogue of a bundle it keeps, hear what the registry wants to
look at, answer with the scan. Its signature makes it the archivist of its own bank, and of no other; the operations are those behind the pages.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from bancheng.kernel.exchange import public as exchange
from bancheng.kernel.identity import public as identity
from bancheng.lib.refusal import Refused
from bancheng.services.mortgages import doors
from bancheng.services.mortgages.banking import bank_of
from bancheng.services.mortgages.operations import custody, supervising
from bancheng.services.mortgages.queries import keeping
from bancheng.services.mortgages.rules import catalogues
from bancheng.web.api import Unfit


@dataclass(frozen=True)
class Catalogue:
    """What a bank says of the paper of one application."""

    application: UUID
    documents: Sequence[catalogues.Document]
    box: str
    shelf: str
    keeper: str  # the user name of one of the bank's archivists


def _archivist(caller: exchange.Caller, bank: str) -> identity.Actor:
    grant = identity.Grant(doors.ARCHIVIST, unit=bank, service=doors.SERVICE)
    return identity.Actor(caller.ref, name=caller.name, user_id=caller.user_id, grants=(grant,))


def archive(caller: exchange.Caller, application_id: UUID) -> keeping.Kept:
    """Return the bundle of one of the bank's applications. Raises Refused: not_a_bank, no_such_bundle."""
    return keeping.archive(bank_of(caller), caller.region, application_id)


def look_ups(caller: exchange.Caller, *, after: UUID | None, waiting: bool, limit: int) -> list[keeping.Asked]:
    """Return what the registry asks to look at of the bank's bundles. Raises Refused("not_a_bank")."""
    return keeping.look_ups(bank_of(caller), after=after, waiting=waiting, limit=limit)


def file(caller: exchange.Caller, told: Catalogue, *, at: datetime) -> keeping.Kept:
    """File a bundle by its catalogue, which has to be what was filed with the application, document for document (B13.8).

    Raises Refused: not_a_bank, no_such_bundle, catalogue_differs with every difference, no_keeper, bundle_cannot, say_what.
    """
    bank = bank_of(caller)
    found = keeping.archive(bank, caller.region, told.application)
    listed = [catalogues.Document(one.material, one.pages, one.sha256, one.sm3) for one in found.documents]
    if differ := catalogues.differences(told.documents, listed):
        raise Unfit(_differs(len(differ)), [_said(one) for one in differ])
    custody.file_away(
        bundle_id=found.bundle.pk, box=told.box, shelf=told.shelf, pages=sum(one.pages for one in told.documents),
        keeper=keeping.account_of(bank, told.keeper), sm3=catalogues.sm3_of(told.documents, listed),
        by=_archivist(caller, bank), at=at,
    )  # fmt: skip
    return keeping.archive(bank, caller.region, told.application)


def _differs(number: int) -> Refused:
    return Refused(
        "catalogue_differs",
        f"目录与随申请申报的材料有{number}处不符，没有归档；请逐件核对后再报。",
        en=f"The catalogue differs in {number} place(s) from what was filed with the application; the bundle was not filed. Check each and send it again.",
        status=422,
    )


def _said(one: catalogues.Difference) -> dict[str, object]:
    at = ["documents", str(one.place)] if one.place is not None else ["documents"]
    return {"at": at, "code": one.code, "says": one.says.zh, "en": one.says.en}


def answer(
    caller: exchange.Caller, look_up_id: UUID, *, name: str, scan: bytes, sha256: str, words: str, at: datetime
) -> keeping.Asked:
    """Answer a look-up with its scan, whose digest has to be what the bank says it is; the same answer again changes nothing.

    Outside of a transaction. Raises Refused: not_a_bank, no_such_look_up, digest_differs, answered_already, and what documents.store raises.
    """
    bank = bank_of(caller)
    found = keeping.asked(bank, look_up_id)
    if hashlib.sha256(scan).hexdigest() != sha256:
        raise Refused(
            "digest_differs",
            "收到的扫描件与所报SHA-256不符，没有保存；请核对文件后重发。",
            en="The scan that arrived has another SHA-256 than you say; nothing was kept. Check the file and send it again.",
            status=422,
        )
    if not (found.look_up.answered_at and found.look_up.sha256 == sha256):
        supervising.answer(
            look_up_id=look_up_id, name=name, pieces=[scan], size=len(scan), words=words, by=_archivist(caller, bank), at=at
        )  # fmt: skip
    return keeping.asked(bank, look_up_id)
