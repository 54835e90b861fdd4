"""The restriction sheet on paper: set and sealed by the registry of the parcel's county."""

from datetime import datetime
from pathlib import Path

from django.conf import settings

from bancheng.kernel.catalogue import public as catalogue
from bancheng.kernel.certificates import public as certificates
from bancheng.services.landshares.queries import parcels
from bancheng.services.landshares.rules import amounts

TEMPLATE = Path(__file__).parent / "data" / "sheet.typ"
OFFICE = "registry"  # the city's own; it answers for what is printed


def sheet(found: parcels.Sheet, asked: parcels.AsOf, *, at: datetime) -> bytes:
    """Return the sheet as a sealed PDF. Outside of a transaction. Raises as `certificates.sheet`."""
    unit = catalogue.units_by_code([OFFICE]).get(OFFICE)
    said = {
        "title": f"不动产调查限制信息 {found.head.code}",
        "keywords": [found.head.code],
        "estate": found.head.name.zh,
        "code": found.head.spaced,
        "area": found.head.area,
        "version": str(found.head.parcel.version),
        "day": f"{asked.valid or '今日'}（按{asked.known or '今日'}已登簿的内容）",
        "totals": [[words.zh, found.total[name]] for name, words in parcels.COLUMNS.items()],
        "by": [[who, amounts.shown(dm2)] for who, dm2 in {**found.sheet.mortgaged_by, **found.sheet.seized_by}.items()],
        "lines": [
            [lot.place.zh, lot.code, lot.amount, lot.word.text.zh, "；".join(each.zh for each in lot.rights), lot.entry]
            for building in found.buildings
            for lot in building.lots
        ],
    }
    return certificates.sheet(
        TEMPLATE.read_bytes(),
        said,
        unit=OFFICE,
        unit_name=unit.name if unit else "不动产登记机构",
        address=f"{settings.SITE_URL}/landshares/parcels/{found.head.code}/",
        reason="出具不动产调查限制信息",
        at=at,
    ).data
