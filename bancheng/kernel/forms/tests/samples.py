"""A small form with one field of each sort that drafts tell apart."""

from bancheng.kernel.forms.facts import Kind, Sensitivity
from bancheng.kernel.forms.testing import element, field, rule, spec

PERSONAL = Sensitivity.PERSONAL
ELEMENTS = [
    element("firm_name", Kind.NAME, source=("licence.food-business.holder_name", "organisation.name")),
    element("boss_name", Kind.NAME, sensitivity=PERSONAL, source=("organisation.representative_name",), owner="police"),
    element("boss_id", Kind.CITIZEN_ID, source=("organisation.representative_citizen_id",), owner="police"),
    element("mobile", Kind.MOBILE, source=("person.mobile",)),
    element("floor_area", Kind.AREA),
    element("cooked", Kind.YES_NO),
    element("smoke", Kind.TEXT),
    element("opens", Kind.DATE),
    element("remark", Kind.LONG_TEXT),
]
SPEC = spec(
    "food",
    "firm_name",
    "boss_name",
    "boss_id",
    "mobile",
    "floor_area",
    "cooked",
    field("smoke", shown="cooked"),
    field("opens", required="false"),
    field("remark", required="false"),
    rules=[rule("opens >= today", "opens", "开业日期已经过去。")],
)
