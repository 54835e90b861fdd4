"""Custody of the paper: a bundle opened by its recording, filed by the bank's archivist, moved, lent, handed over; each act a line of its chain."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from bancheng.kernel.audit import public as audit
from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.documents import public as documents
from bancheng.kernel.identity import public as identity
from bancheng.lib.days import day_of
from bancheng.lib.identifiers import uuid7
from bancheng.lib.refusal import Refused
from bancheng.services.mortgages import digests, doors, refusals, terms
from bancheng.services.mortgages.models import Bundle, Handover, Listed
from bancheng.services.mortgages.operations import chain, supervising
from bancheng.services.mortgages.rules import custody as rules
from bancheng.services.mortgages.rules.custody import Act, Cause, State


@dataclass(frozen=True)
class Recorded:
    """A recorded application, as far as its paper goes."""

    region: str
    registry: str
    bank: str
    about: str
    number: str
    proof: str
    kind: str
    title: str
    at: datetime


@dataclass(frozen=True)
class Scan:
    """A document filed with it: its use in the documents, or the digest alone that the bank told."""

    material: str
    pages: int
    use: UUID | None
    sha256: str = ""
    about: str = ""  # of what the use is, where it is not of the application


def open_bundle(*, recorded: Recorded, scans: Sequence[Scan], at: datetime) -> Bundle:
    """Open the bundle that a recording owes, with its list; the same recording again changes nothing (R13.7).

    Each document is read once, for its digests: outside of a transaction, and with a line in the record.
    """
    known = Bundle.objects.filter(region=recorded.region, about=recorded.about).first()
    if known:
        return known
    listed = [_listed(recorded, n, scan, at) for n, scan in enumerate(scans, 1)]
    day = day_of(recorded.at)
    due = clocks.due(started_on=day, length=terms.of_pack().index_length(day), calendar=clocks.calendar()).on
    with transaction.atomic():
        made, new = Bundle.objects.get_or_create(
            region=recorded.region,
            about=recorded.about,
            defaults={
                "id": uuid7(at), "registry": recorded.registry, "bank": recorded.bank, "number": recorded.number,
                "proof": recorded.proof, "kind": recorded.kind, "title": recorded.title, "recorded_at": recorded.at,
                "due_on": due, "state": State.OWED, "pages": sum(one.pages for one in listed),
            },
        )  # fmt: skip
        if new:
            for one in listed:
                one.bundle = made
            Listed.objects.bulk_create(listed)
            audit.record("mortgages.bundle_owed", who=identity.MACHINE.ref, about=f"bundle:{made.pk}", at=at, region=made.region, detail={"documents": len(listed)})  # fmt: skip
    return made


def _listed(recorded: Recorded, n: int, scan: Scan, at: datetime) -> Listed:
    one = Listed(region=recorded.region, n=n, material=scan.material, pages=scan.pages, size=0, sha256=scan.sha256)
    if scan.use:
        content = documents.read(use_id=scan.use, about=scan.about or recorded.about, by=identity.MACHINE.ref, at=at)
        one.use, (one.sha256, one.sm3, one.size) = scan.use, digests.of(content.pieces)
    return one


def file_away(
    *,
    bundle_id: UUID,
    box: str,
    shelf: str,
    pages: int,
    keeper: int | None = None,
    sm3: Mapping[str, str] | None = None,
    by: identity.Actor,
    at: datetime,
) -> None:
    """File the paper: counted, in a box, on a shelf, with one of the bank's archivists as its keeper: whoever files it, or `keeper`.

    `sm3`: digests of scans that stayed at the bank, by place in the list; they are kept in the chain.
    Raises Refused: no_such_bundle, not_your_step, bundle_cannot, pages_differ (B13.8), no_keeper, say_what.
    """
    with transaction.atomic():
        found = _of_archivist(bundle_id, by)
        rules.after(State(found.state), Act.CREATED)
        rules.check_pages(pages, found.pages)
        found.box, found.shelf = refusals.words(box, most=40), refusals.words(shelf, most=40)
        found.keeper, found.filed_at = by.account if keeper is None else _keeper(found, keeper, at), at
        told: dict[str, Any] = {"box": found.box, "shelf": found.shelf, "keeper": found.keeper, "pages": pages}
        if sm3:
            told["sm3"] = dict(sm3)
        chain.line(found, Act.CREATED, by=by.ref, at=at, **told)
        supervising.settle(found, Cause.LATE_INDEX, by=by, at=at)


def _keeper(found: Bundle, account: int, at: datetime) -> int:
    if account in identity.officers(unit=found.bank, role=doors.ARCHIVIST, at=at):
        return account
    raise Refused(
        "no_keeper",
        "保管人应是本行的档案保管员，没有归档；请填其用户名。",
        en="The keeper is one of the bank's archivists; the bundle was not filed. Give the user name.",
        status=422,
    )


def move(*, bundle_id: UUID, box: str, shelf: str, by: identity.Actor, at: datetime) -> None:
    """Put a bundle elsewhere. Raises Refused: no_such_bundle, not_your_step, bundle_cannot, say_what."""
    with transaction.atomic():
        found = _of_archivist(bundle_id, by)
        found.box, found.shelf = refusals.words(box, most=40), refusals.words(shelf, most=40)
        chain.line(found, Act.MOVED, by=by.ref, at=at, box=found.box, shelf=found.shelf)


def lend(*, bundle_id: UUID, to: str, until: date, by: identity.Actor, at: datetime) -> None:
    """Lend a bundle until a day. Raises Refused: no_such_bundle, not_your_step, bundle_cannot, say_what, day_is_past."""
    if until < day_of(at):
        raise Refused("day_is_past", "归还日期已过，没有借出。", en="That day is past; nothing was lent.", status=422)
    with transaction.atomic():
        found = _of_archivist(bundle_id, by)
        said = refusals.words(to, most=200)
        found.lent_until = until
        chain.line(found, Act.LENT, by=by.ref, at=at, to=said, until=until.isoformat())


def give_back(*, bundle_id: UUID, pages: int, by: identity.Actor, at: datetime) -> None:
    """Take a lent bundle back, counted; pages that are missing open a finding. Raises Refused: no_such_bundle, not_your_step, bundle_cannot."""
    with transaction.atomic():
        found = _of_archivist(bundle_id, by)
        found.lent_until = None
        chain.line(found, Act.RETURNED, by=by.ref, at=at, pages=pages)
        supervising.settle(found, Cause.OVERDUE_LOAN, by=by, at=at)
        if pages != found.pages:
            supervising.open_finding(found, Cause.PAGES, f"{pages}/{found.pages}", by=by.ref, at=at)


def lose(*, bundle_id: UUID, words: str, by: identity.Actor, at: datetime) -> None:
    """Report a bundle lost: the registry is told. Raises Refused: no_such_bundle, not_your_step, bundle_cannot, say_what."""
    with transaction.atomic():
        found = _of_archivist(bundle_id, by)
        said = refusals.words(words, most=300)
        found.lent_until = None
        chain.line(found, Act.LOST, by=by.ref, at=at, words=said)
        supervising.open_finding(found, Cause.LOST, said, by=by.ref, at=at)


def find_again(*, bundle_id: UUID, box: str, shelf: str, pages: int, by: identity.Actor, at: datetime) -> None:
    """Note that a lost bundle is there again, whole. Raises as `file_away`."""
    with transaction.atomic():
        found = _of_archivist(bundle_id, by)
        rules.after(State(found.state), Act.FOUND)
        rules.check_pages(pages, found.pages)
        found.box, found.shelf = refusals.words(box, most=40), refusals.words(shelf, most=40)
        found.keeper, found.filed_at = by.account, found.filed_at or at
        chain.line(found, Act.FOUND, by=by.ref, at=at, box=found.box, shelf=found.shelf, keeper=by.account, pages=pages)


def offer(*, bundle_id: UUID, act: str, taker: int | None, words: str, by: identity.Actor, at: datetime) -> Handover:
    """Sign a bundle away: to another archivist of the bank, or to the registry. It changes hands when the other has signed.

    Raises Refused: no_such_bundle, not_your_step, bundle_cannot, no_taker, offered_already, say_what.
    """
    if act not in rules.TWO_SIGN:
        raise Refused(
            "no_taker", "请选择交给谁，没有登记。", en="Choose who takes it; nothing was entered.", status=422
        )
    with transaction.atomic():
        found = _of_archivist(bundle_id, by)
        rules.after(State(found.state), Act(act))
        archivists = identity.officers(unit=found.bank, role=doors.ARCHIVIST, at=at)
        if act == Act.KEEPER and (taker not in archivists or taker == by.user_id):
            raise Refused("no_taker", "请选择本行另一位档案保管员，没有登记。", en="Choose another archivist of the bank; nothing was entered.", status=422)  # fmt: skip
        if found.handovers.filter(signed_at=None).exists():
            raise Refused(
                "offered_already",
                "已有一件交接在等对方签认，没有重复登记。",
                en="A handing over waits to be signed already.",
            )
        return Handover.objects.create(
            id=uuid7(at), region=found.region, bundle=found, act=act, giver=by.ref, taker=taker if act == Act.KEEPER else None,
            words=refusals.words(words, most=300), given_at=at,
        )  # fmt: skip


def take_over(*, handover_id: UUID, by: identity.Actor, at: datetime) -> None:
    """Sign for a bundle that is handed over. Raises Refused: no_such_handover, not_your_step, two_sign, bundle_cannot."""
    with transaction.atomic():
        given = Handover.objects.select_related("bundle").filter(pk=handover_id, signed_at=None).first()
        if given is None:
            raise refusals.absent("no_such_handover", "等您签认的交接", "handing over that waits for you")
        if not _takes(given, by):
            raise refusals.not_yours("接收这卷档案的一方", "who takes the bundle over")
        found = Bundle.objects.select_for_update().get(pk=given.bundle_id)
        act = Act(given.act)
        rules.check_signatures(act, given.giver, by.ref)
        if act is Act.KEEPER:
            found.keeper = by.account
        chain.line(found, act, by=given.giver, other=by.ref, at=at, keeper=found.keeper, words=given.words)
        given.signed_by, given.signed_at = by.ref, at
        given.save(update_fields=["signed_by", "signed_at"])


def _takes(given: Handover, by: identity.Actor) -> bool:
    if given.act == Act.KEEPER:
        return by.user_id == given.taker
    return doors.is_registry(by, given.bundle.registry)


def _of_archivist(bundle_id: UUID, by: identity.Actor) -> Bundle:
    found = chain.locked(bundle_id, by)
    if not doors.is_bank(by, found.bank, doors.ARCHIVIST):
        raise refusals.not_yours("保管银行的档案人员", "the archivist of the bank that keeps it")
    return found
