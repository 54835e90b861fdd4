"""What a certificate prints: worked out once, in the transaction that recorded it, from the book; so that it says the same for ever.

The fields are those of the standard forms (不动产权证书、不动产登记证明).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from bancheng.kernel.certificates import public as certificates
from bancheng.kernel.registrations import book, shipped
from bancheng.kernel.registrations.models import Application
from bancheng.kernel.registrations.rules.checks import square
from bancheng.kernel.registrations.rules.kinds import Role
from bancheng.kernel.registrations.rules.numbers import Gives
from bancheng.kernel.titles import public as titles
from bancheng.lib.money import yuan

CAN_HAVE_TITLE = (titles.Category.SALEABLE, titles.Category.KEPT, titles.Category.HANDED)


@dataclass(frozen=True)
class Sheet:
    """A certificate to be made: of what, for whom, and what it says, row by row: Chinese name, English name, value."""

    kind: Gives
    subject: str
    lots: tuple[str, ...]
    holders: tuple[bytes, ...]
    unit: str
    rows: tuple[tuple[str, str, str], ...]
    pre: bool = False  # an advance notice of a mortgage: gives way to the mortgage's own proof

    @property
    def said(self) -> dict[str, Any]:
        """Return what is kept of it."""
        return {"rows": [list(row) for row in self.rows], "pre": self.pre}


# what leaves every certificate true: a survey and a plan divide the land-use right, they do not end it before the final adjustment
ENDS_NOTHING = ("mortgage.set", "mortgage.pre", "land.first", "claim.notice", "plan.survey", "plan.quantify")


def subjects(row: Application) -> list[str]:
    """Return of what the certificates are that this registration ends or replaces."""
    if row.kind in ENDS_NOTHING or row.kind.startswith("objection."):
        return []
    if row.kind.startswith("mortgage."):
        return [f"right:{row.payload['right']}"]
    if row.kind == "claim.cancel":
        return [f"right:{row.payload['claim']}"]
    found = [f"lot:{code}" for code in book.lots_of(row)]
    return found + ([f"right:{row.payload['claim']}"] if row.payload.get("claim") else [])


def sheets(row: Application, recorded: titles.Recorded) -> list[Sheet]:
    """Return the certificates that a recording calls for."""
    if row.kind.startswith("mortgage."):
        return _of_mortgage(row, recorded)
    if row.kind == "claim.notice":
        return [_notice(row)]
    if row.kind == "building.first":
        return [_title(row, unit) for unit in _units(row)]
    if row.kind in book.AREA:
        return _land_titles(row)
    if row.kind in ("land.first", "transfer", "correction.holder", "correction.own_holder"):
        return [_title(row, code) for code in book.lots_of(row)]
    return []


def _land_titles(row: Application) -> list[Sheet]:
    """Return the title of the whole land with its corrected area, while the plan is not final: after that its units have theirs (阶段五)."""
    (code,) = book.lots_of(row)
    lot = book.lot(row.region, code)
    return [_title(row, code)] if lot is not None and lot.open else []


def _units(row: Application) -> list[str]:
    (building,) = book.lots_of(row)
    found = titles.lots(row.region, building[:19], open_only=True)
    return [
        each.code
        for each in found
        if each.kind == "unit" and each.code.startswith(building[:24]) and each.category in CAN_HAVE_TITLE and each.dm2
    ]


def _of_mortgage(row: Application, recorded: titles.Recorded) -> list[Sheet]:
    number = row.payload.get("right") or recorded.right or row.number
    right = book.right(row.region, number)
    lots = [each for each in right.lots if each.open] if right else []
    if right is None or not lots:
        return []
    return [proof(row, right)]


def proof(row: Application, right: titles.RightView) -> Sheet:
    """Return the proof of a mortgage as it stands in the book now."""
    lots = tuple(each.lot for each in right.lots if each.open)
    pre = right.kind == titles.RightKind.PRE_MORTGAGE
    owners = [each for each in row.parties.order_by("seq") if each.role in (Role.MORTGAGOR, Role.CO_HOLDER, Role.BUYER)]
    rows = (
        ("证明权利或事项", "Right or matter", "预告登记（抵押权预告）" if pre else "抵押权"),
        ("权利人（申请人）", "Holder (applicant)", right.party.name if right.party else ""),
        ("义务人", "Obligor", "、".join(each.name for each in owners) or _holders(row.region, lots)),
        ("坐落", "Location", _location(row, lots[0])),
        ("不动产单元号", "Unit code", _codes(lots)),
        ("其他", "Other", _terms(row, right)),
        ("附记", "Notes", _coverage(right)),
    )
    hashes = tuple(bytes(each.id_hash) for each in owners if each.id_hash)
    unit = right.party.unit if right.party else ""
    return Sheet(Gives.PROOF, f"right:{right.number}", lots, hashes, unit, rows, pre)


def _terms(row: Application, right: titles.RightView) -> str:
    first, last = row.payload.get("first") or right.detail.get("term_first"), right.until or row.payload.get("last")
    ranks = sorted({each.rank for each in right.lots if each.open and each.rank})
    parts = _secured(right)
    if first or last:
        parts.append(f"债务履行期限：{first or ''}至{last or ''}")
    if ranks:
        parts.append(f"抵押顺位：{'、'.join(str(rank) for rank in ranks)}")
    parts.append(f"是否存在禁止或限制转让的约定：{'是' if right.transfer_restricted else '否'}")
    return "；".join(parts)


def _secured(right: titles.RightView) -> list[str]:
    """Return how and how much is secured; of a maximum amount the maximum stays readable beside what was fixed."""
    amount = yuan(right.amount_fen or 0)
    if right.form != titles.Form.MAXIMUM:
        return ["抵押方式：一般抵押", f"担保债权数额：{amount}元"]
    parts = ["抵押方式：最高额抵押" + ("（债权已确定）" if right.fixed_on else ""), f"最高债权额：{amount}元"]
    if right.fixed_on:
        parts.append(f"债权确定日：{certificates.day_zh(right.fixed_on)}")
    if right.fixed_fen is not None:
        parts.append(f"确定的债权额：{yuan(right.fixed_fen)}元")
    return parts


def _coverage(right: titles.RightView) -> str:
    covered = sum(each.dm2 for each in right.lots if each.open)
    return f"抵押建设用地使用权份额合计{square(covered)}㎡；登记簿记载号{right.entry}"


def _notice(row: Application) -> Sheet:
    (code,) = book.lots_of(row)
    number = row.payload["contract_no"]
    buyers = [each for each in row.parties.order_by("seq") if each.role == Role.BUYER]
    sellers = [each.name for each in row.parties.order_by("seq") if each.role == Role.DEVELOPER]
    rows = (
        ("证明权利或事项", "Right or matter", "预告登记（预购商品房）"),
        ("权利人（申请人）", "Holder (applicant)", "、".join(each.name for each in buyers)),
        ("义务人", "Obligor", "、".join(sellers)),
        ("坐落", "Location", _location(row, code)),
        ("不动产单元号", "Unit code", _codes([code])),
        ("其他", "Other", f"预售合同号：{number}"),
        ("附记", "Notes", "未经预告登记的权利人同意，处分该不动产的，不发生物权效力（民法典第二百二十一条）"),
    )
    return Sheet(Gives.PROOF, f"right:{number}", (code,), tuple(bytes(each.id_hash) for each in buyers), "", rows)


def _title(row: Application, code: str) -> Sheet:
    lot, holder = book.lot(row.region, code), titles.holders(row.region, code)
    assert lot is not None  # it was just recorded
    parcel = titles.parcel(row.region, code[:19])
    house = lot.kind == "unit"
    names = "、".join(each.party.name for each in holder.members)
    rows = (
        ("权利人", "Holder", names),
        ("共有情况", "Joint holding", _sharing(holder)),
        ("坐落", "Location", _location(row, code)),
        ("不动产单元号", "Unit code", _codes([code])),
        ("权利类型", "Kind of right", "国有建设用地使用权/房屋所有权" if house else "国有建设用地使用权"),
        ("权利性质", "Nature of the right", "出让/市场化商品房" if house else "出让"),
        ("用途", "Use", str(parcel.use or row.payload.get("use") or "—")),
        ("面积", "Area", _area(lot, parcel)),
        ("使用期限", "Term", _until(parcel.term_until)),
        ("权利其他状况", "Other", _state(lot)),
    )
    hashes = tuple(bytes(each.party.hash) for each in holder.members if each.party.hash)
    units = [each.party.unit for each in holder.members if each.party.unit]
    return Sheet(Gives.TITLE, f"lot:{code}", (code,), hashes, units[0] if units else "", rows)


def _sharing(holder: titles.HolderView) -> str:
    if len(holder.members) == 1:
        return "单独所有"
    if holder.joint:
        return "共同共有"
    return "按份共有：" + "、".join(f"{each.party.name}{each.num}/{each.den}" for each in holder.members)


def _area(lot: titles.LotView, parcel: titles.ParcelView) -> str:
    if lot.kind != "unit":
        return f"宗地面积{square(parcel.area_dm2)}㎡"
    return f"共有宗地面积{square(parcel.area_dm2)}㎡/房屋建筑面积{square(lot.floor_dm2 or 0)}㎡"


def _state(lot: titles.LotView) -> str:
    if lot.kind != "unit":
        return "独用土地面积为宗地面积"
    fraction = f"，份额{lot.num}/{lot.den}" if lot.num and lot.den else ""
    return f"分摊建设用地使用权{square(lot.dm2)}㎡{fraction}"


def _until(last: date | None) -> str:
    return f"国有建设用地使用权至{certificates.day_zh(last)}止" if last else "—"


def _location(row: Application, code: str) -> str:
    return str(row.payload.get("location") or f"宗地{code[:19]}")


def _codes(lots: Sequence[str]) -> str:
    shown = "、".join(titles.spaced(code) for code in lots[:3])
    return shown if len(lots) <= 3 else f"{shown}等{len(lots)}个单元（清单附后）"


def _holders(region: str, lots: Sequence[str]) -> str:
    names = [each.party.name for code in lots for each in titles.holders(region, code).members]
    return "、".join(dict.fromkeys(names))


def title_of(kind: Gives, code: str) -> str:
    """Return what the reason in a seal says: the kind of paper and the registration it came from."""
    return f"制发{'不动产权证书' if kind is Gives.TITLE else '不动产登记证明'}（{shipped.kind(code).name.zh}）"
