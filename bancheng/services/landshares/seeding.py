"""Brings the sample estates of a pack into the book: what was there before the city took the book over, act by act, each once.

The one way into the book is the office; this is what was in it on the first day (存量导入), so each act says so as its registration.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from django.conf import settings

from bancheng.kernel.audit import public as audit
from bancheng.kernel.catalogue import public as catalogue
from bancheng.kernel.catalogue.public import Changes
from bancheng.kernel.titles import public as titles
from bancheng.lib.days import SHANGHAI
from bancheng.services.landshares.models import Estate, Outline
from bancheng.services.landshares.samples import Building, Sample

BY = "pack"
IMPORTED = "存量导入"  # what was in the book on its first day
MORNING = time(10, 0)
FEN = 100


def seed(found: Sequence[Sample], *, region: str, at: datetime) -> Changes:
    """Bring the samples in that are not there; the same again changes nothing."""
    if not found or not settings.DEMO:
        return Changes()
    audit.open_months(first=min(each.opened_on for each in found), last=at.date())
    known = set(Estate.objects.filter(region=region).values_list("parcel", flat=True))
    for each in found:
        _draw(each, region)
        _live(each, region)
    added = tuple(each.parcel for each in found if each.parcel not in known)
    return Changes(added, (), (), len(found) - len(added))


def _draw(each: Sample, region: str) -> None:
    estate, _ = Estate.objects.update_or_create(
        region=region,
        parcel=each.parcel,
        defaults={
            "name": each.name,
            "name_en": each.name_en,
            "address": each.address,
            "address_en": each.address_en,
            "datum": each.datum,
            "ring": each.ring,
            "sample": True,
        },
    )
    for building in each.buildings.values():
        Outline.objects.update_or_create(
            region=region,
            building=building.code,
            defaults={"estate": estate, "name": building.name, "floors": building.floors, "ring": building.ring},
        )


def _live(each: Sample, region: str) -> None:
    titles.open_parcel(
        parcel=each.parcel,
        area_dm2=each.area_dm2,
        holder=titles.sole(each.developer),
        use=each.use,
        term_until=each.term_until,
        origin=titles.Origin(each.origin),
        **_said(each, region, 0, each.opened_on),
    )
    for act in each.acts:
        DO[act.do](each, act.said, _said(each, region, act.number, act.on))


def _said(each: Sample, region: str, number: int, on: date) -> titles.Said:
    """Return who and when: the same act has the same key, and acts of one day follow one another by minutes."""
    at = datetime.combine(on, MORNING, SHANGHAI) + timedelta(minutes=number)
    return {
        "region": region,
        "key": f"pack-{each.parcel}-{number}",
        "registration": f"{IMPORTED}{each.parcel}-{number:02d}",
        "by": BY,
        "at": at,
    }


def _codes(each: Sample, said: Mapping[str, Any]) -> list[str]:
    """Return the lots an act names: units by their last eight digits, buildings whole."""
    units = [f"{each.parcel}F{code}" for code in said.get("units", ())]
    wanted = {f"{each.parcel}F{code}" for code in said.get("buildings", ())}
    return units + [code for code in _open(each, said) if code[:24] in wanted]


def _open(each: Sample, said: Mapping[str, Any]) -> list[str]:
    return [lot.code for lot in titles.lots(settings.REGION, each.parcel, open_only=True)]


def _areas(building: Building, stage: str) -> list[titles.UnitArea]:
    own = building.measured if stage == "measured" else building.predicted
    return [titles.UnitArea(code, dm2) for code, dm2 in own.items()] + [
        titles.UnitArea(code, dm2, titles.Category.COMMON) for code, dm2 in building.common.items()
    ]


def _survey(each: Sample, said: Mapping[str, Any], by: titles.Said) -> None:
    stage = said["stage"]
    for code in said["buildings"]:
        building = each.buildings[code]
        told = by.copy()
        told["key"] = f"{by['key']}-{code}"
        if stage == "planned":
            titles.accept_survey(
                building=building.code, stage=titles.SurveyStage.PLANNED, total_dm2=building.planned_dm2, **told
            )
        else:
            units = _areas(building, stage)
            titles.accept_survey(building=building.code, stage=titles.SurveyStage(stage), units=units, **told)


def _plan(each: Sample, said: Mapping[str, Any], by: titles.Said) -> None:
    titles.quantify(parcel=each.parcel, approval=said.get("paper", ""), **by)


def _buyers(each: Sample, said: Mapping[str, Any]) -> titles.Holder:
    people = [each.people[code] for code in said["buyers"]]
    if parts := said.get("parts"):
        return titles.by_shares(*(titles.Share(one, *part) for one, part in zip(people, parts, strict=True)))
    return titles.sole(people[0]) if len(people) == 1 else titles.jointly(*people)


def contract(parcel: str, unit: str) -> str:
    """Return the number of a sample's presale contract."""
    return f"YS{parcel[-7:]}-{unit}"


def _sell(each: Sample, said: Mapping[str, Any], by: titles.Said) -> None:
    unit = said["unit"]
    titles.open_claim(
        lot=f"{each.parcel}F{unit}",
        buyer=_buyers(each, said),
        number=contract(each.parcel, unit),
        noticed=said.get("noticed", True),
        permit="预售许可（示例）",
        consents=tuple(said.get("consents", ())),
        **by,
    )


def _notice(each: Sample, said: Mapping[str, Any], by: titles.Said) -> None:
    titles.note_claim(number=contract(each.parcel, said["unit"]), **by)


def _hand(each: Sample, said: Mapping[str, Any], by: titles.Said) -> None:
    titles.transfer(lot=f"{each.parcel}F{said['unit']}", to=_buyers(each, said), contract="存量买卖合同（示例）", **by)


def _bank(said: Mapping[str, Any]) -> titles.Party:
    return titles.unit_party(titles.PartyKind.BANK, said["bank"], catalogue.unit(said["bank"]).name)


def _mortgage(each: Sample, said: Mapping[str, Any], by: titles.Said) -> None:
    titles.register_mortgage(
        lots=_codes(each, said) or [titles.land(each.parcel)],
        bank=_bank(said),
        number=said["number"],
        amount_fen=said["yuan"] * FEN,
        form=titles.Form(said.get("form", "ordinary")),
        **by,
    )


def _premortgage(each: Sample, said: Mapping[str, Any], by: titles.Said) -> None:
    titles.register_pre_mortgage(
        lot=f"{each.parcel}F{said['unit']}",
        bank=_bank(said),
        number=said["number"],
        amount_fen=said["yuan"] * FEN,
        **by,
    )


def _release(each: Sample, said: Mapping[str, Any], by: titles.Said) -> None:
    titles.release_mortgage(number=said["number"], lots=_codes(each, said), **by)


def _first(each: Sample, said: Mapping[str, Any], by: titles.Said) -> None:
    titles.first_register(building=f"{each.parcel}F{said['building']}", acceptance="竣工验收备案（示例）", **by)


def _transfer(each: Sample, said: Mapping[str, Any], by: titles.Said) -> None:
    items = [titles.Transfer(f"{each.parcel}F{unit}", claim=contract(each.parcel, unit)) for unit in said["units"]]
    titles.transfer_many(parcel=each.parcel, items=items, **by)


def _seize(each: Sample, said: Mapping[str, Any], by: titles.Said) -> None:
    titles.register_seizure(
        parcel=each.parcel,
        court=titles.unit_party(titles.PartyKind.COURT, said["court"], catalogue.unit(said["court"]).name),
        number=said["number"],
        debtor=each.developer,
        served_at=by["at"],
        until=said["until"],
        amount_fen=said["yuan"] * FEN,
        **by,
    )


def _lift(each: Sample, said: Mapping[str, Any], by: titles.Said) -> None:
    titles.lift_seizure(number=said["number"], lots=_codes(each, said), **by)


def _finalise(each: Sample, said: Mapping[str, Any], by: titles.Said) -> None:
    titles.finalise(parcel=each.parcel, approval=said.get("paper", ""), **by)


DO: Mapping[str, Callable[[Sample, Mapping[str, Any], titles.Said], None]] = {
    "survey": _survey,
    "plan": _plan,
    "sell": _sell,
    "notice": _notice,
    "hand": _hand,
    "mortgage": _mortgage,
    "premortgage": _premortgage,
    "release": _release,
    "first": _first,
    "transfer": _transfer,
    "seize": _seize,
    "lift": _lift,
    "finalise": _finalise,
}
