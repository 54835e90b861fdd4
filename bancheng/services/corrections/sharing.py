"""What a department's system shares of people and firms, so that no form asks them for it: read in the words of the form, kept as a value."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from bancheng.kernel.catalogue import public as catalogue
from bancheng.kernel.exchange import public as exchange
from bancheng.kernel.forms import public as forms
from bancheng.kernel.identity import public as identity
from bancheng.lib import identifiers
from bancheng.lib.days import day_of
from bancheng.lib.refusal import Refused
from bancheng.lib.text import Text

SERVICE = "corrections"
IDENTIFIERS = {"organisation": "uscc", "person": "citizen_id"}


@dataclass(frozen=True)
class Given:
    """One fact as it comes in: of whom, which, as somebody would type it; nothing typed: the unit holds it no more."""

    kind: str  # person | organisation
    identifier: str
    what: str
    value: Sequence[str]
    as_of: date


class Unreadable(Refused):
    """Facts that cannot be kept; nothing was. `wrong` says which, by their places, and never what stood there."""

    def __init__(self, wrong: Mapping[int, tuple[str, Text]]) -> None:
        super().__init__(
            "facts_unfit",
            f"有{len(wrong)}条不能保存，这一批都没有保存，请按 fields 所列更正后重报。",
            en=f"{len(wrong)} cannot be kept, so nothing of this batch was: correct what is listed.",
            status=422,
        )
        self.wrong = wrong


def share(caller: exchange.Caller, unit: str, given: Sequence[Given], *, at: datetime) -> int:
    """Keep what a unit's system tells and return how much of it was new. Raises Unreadable, Refused("no_such_unit")."""
    if not caller.covers(exchange.Act.HANDLE, service=SERVICE, unit=unit):
        raise Refused(
            "no_such_unit",
            "没有授权共享这个单位的数据，没有保存，请核对单位代码。",
            en="You may not share for this unit; nothing was kept. Check the unit's code.",
            status=404,
        )
    elements = _by_source(caller.region)
    facts: list[forms.Told] = []
    wrong: dict[int, tuple[str, Text]] = {}
    for n, one in enumerate(given):
        try:
            facts.append(_told(one, unit, elements, today=day_of(at)))
        except _Wrong as no:
            wrong[n] = (no.at, no.says)
    if wrong:
        raise Unreadable(wrong)
    return forms.share(region=caller.region, unit=unit, facts=facts, by=caller.ref, at=at)


class _Wrong(Exception):
    def __init__(self, at: str, says: Text) -> None:
        super().__init__(at)
        self.at, self.says = at, says


def _by_source(region: str) -> dict[str, forms.Element]:
    known = forms.elements(region or catalogue.city().region)
    return {source: one for one in known.values() for source in one.source}


def _told(one: Given, unit: str, elements: Mapping[str, forms.Element], *, today: date) -> forms.Told:
    source = f"shared.{unit}.{one.what}"
    element = elements.get(source)
    if element is None:
        raise _Wrong("what", Text("没有表单用到这一项，不用共享", "no form uses this: it need not be shared"))
    if one.as_of > today:
        raise _Wrong("as_of", Text("截至日期在今天之后", "the day lies ahead"))
    kind = IDENTIFIERS[one.kind]
    try:
        number = (
            identifiers.check_uscc(one.identifier)
            if kind == "uscc"
            else identifiers.check_citizen_id(one.identifier, today=today)
        )
    except identifiers.Invalid as no:
        raise _Wrong("identifier", Text(no.says, no.en)) from None
    value = forms.fixed(element, list(one.value)) if one.value else None
    if one.value and value is None:
        raise _Wrong("value", Text(f"不是“{element.name}”应有的内容", f"not what “{element.name_en}” takes"))
    return forms.Told(identity.find_hash(number, kind=kind), source, value, one.as_of)
