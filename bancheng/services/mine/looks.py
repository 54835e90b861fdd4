"""Who read my data, who used my licences, and what my agents did in my name (P-3, P-4, P-5).

Of a member of staff the person concerned is told the unit and the role, never the name: the account can be asked for from the
unit, which answers for it.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bancheng.kernel.audit import public as audit
from bancheng.kernel.catalogue import public as catalogue
from bancheng.kernel.identity import public as identity
from bancheng.kernel.licences import public as licences
from bancheng.lib.text import Text

READ = "identity.revealed"
VALUES = {
    "mobile": Text("完整手机号", "Whole mobile number"),
    "citizen_id": Text("完整身份证号", "Whole citizen ID"),
    "uscc": Text("统一社会信用代码", "Credit code"),
    "name": Text("完整姓名", "Whole name"),
    "rating_contact": Text("评价人的姓名和手机号", "Name and mobile number of a rater"),
}
SELF, AGENT = Text("本人", "You"), Text("代办人", "Your agent")
PLATFORM = Text("平台自动办理", "The platform itself")
TASK = re.compile(r"task (\d+)")


@dataclass(frozen=True)
class Look:
    """One time somebody read, used or did something."""

    at: datetime
    what: Text
    who: Text
    thing: audit.Thing | None
    why: Text | None = None


@dataclass(frozen=True)
class Looks:
    """Both lists, newest first."""

    reads: Sequence[Look]
    acts: Sequence[Look]  # by agents


def looks(actor: identity.Actor, *, at: datetime, limit: int = 200) -> Looks:
    """Return what the record holds about the actor and the organisations he stands for by office."""
    own = identity.person_hashes(actor, at)[:1]
    firms = [each for each in identity.principals(actor, at) if each.legal_representative]
    hashes = [*own, *(firm.holder_hash for firm in firms)]
    things = {thing.about: thing for found in audit.things_of.fire(audit.Holders(hashes)) for thing in found}
    events = audit.about_any([actor.ref, *(firm.ref for firm in firms), *things], limit=limit)
    names = identity.names_of([event.who for event in events if _by_another(event, actor)])
    acts = [
        Look(event.at, audit.label(event.action), _agent(event.who, names), _thing(event, things))
        for event in events
        if _by_another(event, actor) and event.action != READ
    ]
    return Looks(_reads(actor, [event for event in events if event.action == READ], things, hashes, limit), acts)


def _by_another(event: audit.Event, actor: identity.Actor) -> bool:
    return event.who.startswith("person:") and event.who != actor.ref


def _agent(ref: str, names: Mapping[str, str]) -> Text:
    name = names.get(ref, "")
    return Text(f"{AGENT.zh} {name}".strip(), f"{AGENT.en} {name}".strip())


def _thing(event: audit.Event, things: Mapping[str, audit.Thing]) -> audit.Thing | None:
    return things.get(event.about) or things.get(str(event.detail.get("thing", "")))


def _reads(
    actor: identity.Actor,
    events: Sequence[audit.Event],
    things: Mapping[str, audit.Thing],
    hashes: Sequence[bytes],
    limit: int,
) -> list[Look]:
    uses = licences.uses(hashes, limit=limit)
    desks = iter(identity.desks([(e.who, e.at) for e in events] + [(use.asked_by, use.at) for use in uses]))
    units = {unit.code: unit.title for unit in catalogue.units()}
    found = [
        Look(
            event.at,
            VALUES.get(str(event.detail.get("kind")), Text("加密信息", "A sealed value")),
            _who(event.who, next(desks), units, actor),
            things.get(event.about),
            _why(str(event.detail.get("why", ""))),
        )
        for event in events
    ]
    found += [
        Look(
            use.at,
            Text("调用证照", "Licence used"),
            _who(use.asked_by, next(desks), units, actor),
            None,
            Text(f"{use.purpose}；授权：{use.authorisation}", f"{use.purpose}; leave: {use.authorisation}"),
        )
        for use in uses
    ]
    return sorted(found, key=lambda look: look.at, reverse=True)


def _who(ref: str, desk: identity.Desk, units: Mapping[str, Text], actor: identity.Actor) -> Text:
    if ref == actor.ref:
        return SELF
    if ref.startswith("person:"):
        return AGENT
    unit = units.get(desk.unit) or units.get(ref.rpartition(":")[2])
    role = next((role.name for role in desk.roles if role.opens_personal), None) or next(
        (role.name for role in desk.roles), None
    )
    words = [each for each in (unit, role) if each]
    if not words:
        return PLATFORM if not ref.startswith("staff:") else Text("工作人员", "A member of staff")
    return Text(" ".join(each.zh for each in words), ", ".join(each.en for each in words))


def _why(text: str) -> Text | None:
    """Return the stated reason; a task is named in the reader's language."""
    if found := TASK.fullmatch(text):
        return Text(f"办理联系任务{found[1]}", f"Working on task {found[1]}")
    return Text(text, text) if text else None
