"""An application beside the book, line by line: what a reviewer compares. What differs comes first to the eye, never by colour alone."""

from collections.abc import Iterator
from uuid import UUID

from bancheng.kernel.registrations import book
from bancheng.kernel.registrations.facts import Difference
from bancheng.kernel.registrations.models import Application
from bancheng.kernel.registrations.operations import logging
from bancheng.kernel.registrations.rules.checks import square
from bancheng.kernel.registrations.rules.kinds import OWNERS, Role
from bancheng.kernel.titles import public as titles
from bancheng.lib.money import yuan
from bancheng.lib.text import Text


def differences(application_id: UUID) -> list[Difference]:
    """Return what was filed beside what the book says now. Raises Refused("no_such_application")."""
    row = Application.objects.filter(pk=application_id).first()
    if row is None:
        raise logging.no_such_application()
    found = [each for code in book.lots_of(row) for each in _of_lot(row, code)]
    return found + list(_of_right(row))


def _of_lot(row: Application, code: str) -> Iterator[Difference]:
    lot = book.lot(row.region, code)
    if lot is None:
        yield Difference(code, Text("不动产单元", "Unit"), code, "登记簿中没有")
        return
    owners = [each.name for each in row.parties.order_by("seq") if Role(each.role) in OWNERS]
    held = [each.party.name for each in lot.holder.members] if lot.holder else []
    if owners:
        yield Difference(code, Text("权利人", "Holder"), "、".join(sorted(owners)), "、".join(sorted(held)))
    areas = row.payload.get("areas") or {}
    floor = lot.floor_dm2 or lot.dm2
    if type(given := areas.get(code)) is int:
        yield Difference(code, Text("面积㎡", "Area m²"), square(given), square(floor))
    yield Difference(code, Text("土地份额㎡", "Land share m²"), square(lot.dm2), square(lot.dm2))
    yield from _resting(row, code)


def _resting(row: Application, code: str) -> Iterator[Difference]:
    """Yield each right on the lot that the application does not speak of."""
    own = {row.number, str(row.payload.get("right", "")), str(row.payload.get("claim", ""))}
    own.add(str(row.payload.get("contract_no", "")))
    for each in titles.rights_on(row.region, [code]):
        if each.right not in own:
            said, party = KINDS[str(each.kind)], each.party.name if each.party else ""
            yield Difference(code, said, "未涉及", f"{party} {each.right}".strip())


KINDS = {
    "mortgage": Text("已有抵押", "Mortgage"),
    "pre_mortgage": Text("已有抵押预告", "Pre-mortgage"),
    "seizure": Text("查封", "Seizure"),
    "claim": Text("已有预售（预告）", "Presale or notice"),
    "objection": Text("异议登记", "Objection"),
}


def _of_right(row: Application) -> Iterator[Difference]:
    number = str(row.payload.get("right", ""))
    right = book.right(row.region, number) if number else None
    if right is None:
        return
    bank = row.parties.filter(role=Role.MORTGAGEE.value).values_list("name", flat=True).first() or ""
    yield Difference("", Text("抵押权人", "Mortgagee"), bank, right.party.name if right.party else "")
    fen = row.payload.get("principal_fen")
    if type(fen) is int and right.amount_fen is not None:
        yield Difference("", Text("担保债权（元）", "Claim, yuan"), yuan(fen), yuan(right.amount_fen))
