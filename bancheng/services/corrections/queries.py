"""Reads: the corrections that wait for somebody's units, and one's own. Whose they are is asked here."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from django.urls import reverse

from bancheng.kernel.catalogue import public as catalogue
from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.forms import public as forms
from bancheng.kernel.identity import public as identity
from bancheng.lib.refusal import Refused
from bancheng.lib.text import Text
from bancheng.web.front import Todo

SERVICE = "corrections"
OFFICER, ADMIN = "section_officer", "unit_admin"


class Show(StrEnum):
    """Which corrections a list shows."""

    OPEN = "open"
    LATE = "late"
    TO_CHANGE = "to_change"
    DECIDED = "decided"


WORDS = {
    Show.OPEN: Text("待核实", "To check"),
    Show.LATE: Text("已超期", "Overdue"),
    Show.TO_CHANGE: Text("待改源头", "Source to change"),
    Show.DECIDED: Text("已处理", "Decided"),
}
STATES = {
    forms.ItemState.OPEN: (Text("待核实", "to check"), "pri"),
    forms.ItemState.ACCEPTED: (Text("已采纳", "accepted"), "ok"),
    forms.ItemState.DECLINED: (Text("未采纳", "declined"), "bad"),
}


@dataclass(frozen=True)
class Line:
    """One correction in a list: no value of it is here (P-3)."""

    item: forms.Item
    unit: Text
    state: Text
    kind: str
    late: bool
    today: bool


def units(actor: identity.Actor) -> set[str] | None:
    """Return the units whose corrections the actor may list; None: of every unit."""
    held = {*actor.units(OFFICER), *actor.units(ADMIN)}
    return None if "" in held else held


def listed(actor: identity.Actor, show: Show, today: date) -> list[Line]:
    """Return the corrections of the actor's units: what is due first on top, decided ones the newest first. Three statements."""
    found = [one for one in _of(actor, show) if show is not Show.LATE or is_late(one, today)]
    return lines(found, today)


def _of(actor: identity.Actor, show: Show) -> list[forms.Item]:
    region, owners = catalogue.city().region, units(actor)
    if show in (Show.OPEN, Show.LATE):
        return forms.items(region=region, owners=owners)
    accepted = forms.items(region=region, owners=owners, state=forms.ItemState.ACCEPTED)
    if show is Show.TO_CHANGE:
        return [one for one in accepted if one.to_change]
    declined = forms.items(region=region, owners=owners, state=forms.ItemState.DECLINED)
    return sorted([*accepted, *declined], key=lambda one: (str(one.decided_at), str(one.id)), reverse=True)


def lines(found: Iterable[forms.Item], today: date) -> list[Line]:
    """Return corrections as lists show them."""
    found = list(found)
    names = _names({one.owner for one in found})
    return [
        Line(one, names.get(one.owner, Text("", "")), *STATES[one.state], is_late(one, today), one.due_on == today)
        for one in found
    ]


def _names(codes: Collection[str]) -> Mapping[str, Text]:
    known = catalogue.units_by_code(codes) if codes else {}
    return {code: Text(unit.name, unit.name_en) for code, unit in known.items()}


def is_late(one: forms.Item, today: date) -> bool:
    """Return whether a correction waits past its day."""
    return one.state is forms.ItemState.OPEN and one.due_on is not None and one.due_on < today


def mine(actor: identity.Actor, at: datetime) -> list[Line]:
    """Return what the actor, or whom he acts for, corrected: the newest first."""
    hashes = identity.person_hashes(actor, at, service=SERVICE)
    return lines(forms.items_of(hashes), clocks.today())


def check_own(actor: identity.Actor, item_id: UUID) -> None:
    """Raise Refused("no_such_item") unless the correction is there and waits for a unit of the officer's."""
    owners = _own(actor)
    if owners is not None and forms.item(item_id).owner not in owners:
        raise Refused("no_such_item", "没有找到这条更正，请核对编号。", en="There is no such correction.", status=404)


def keeper(one: forms.Item) -> Text:
    """Return who changes the source once a correction is accepted, as the officer reads it."""
    kind = one.ref.partition(":")[0]
    return KEEPERS.get(kind, KEEPERS[""])


KEEPERS = {
    "fact": Text(
        "采纳后，本单位共享的这项数据立即改为申请人填写的内容。",
        "Accepted, the datum that your unit shares says at once what the applicant says.",
    ),
    "licence": Text(
        "这项数据来自电子证照：采纳后，请发证单位在证照系统办理变更，改好后回来登记。",
        "It comes from an e-licence: accepted, the issuing unit changes the licence; come back and note it.",
    ),
    "case": Text(
        "这项数据来自申请人以前的申请：采纳后不用再改，以后按这次填写的提供。",
        "It comes from an earlier application: nothing more is to be changed, the next form shows this one.",
    ),
    "": Text(
        "这项数据来自登记库：采纳后，请在登记系统更正，改好后回来登记。",
        "It comes from a register: accepted, have it corrected there, then come back and note it.",
    ),
}


def to_do(actor: identity.Actor) -> list[Todo]:
    """Return what waits for the officers of a unit: one statement."""
    if not actor.has(OFFICER):
        return []
    today = clocks.today()
    found = forms.items(region=catalogue.city().region, owners=_own(actor))
    if not found:
        return []
    late = sum(is_late(one, today) for one in found)
    hint = Text(f"其中{late}条已超期", f"{late} of them overdue") if late else None
    words = Text(f"{len(found)}条数据更正待核实", f"Corrections to check: {len(found)}")
    return [Todo(words, reverse("corrections:queue"), hint, "bad" if late else "")]


def _own(actor: identity.Actor) -> set[str] | None:
    held = set(actor.units(OFFICER))
    return None if "" in held else held
