"""The permission matrix: every door, who may open it, and what becomes of somebody else's; as a document and as cases.

`outcome` is the law; docs/permissions.md prints it and bancheng/site/tests/test_every_door.py tries every door, role and owner against it.
"""

import re
from collections.abc import Callable, Iterable
from enum import StrEnum
from itertools import groupby

from bancheng.kernel.identity import public as identity
from bancheng.kernel.identity.public import Actor, Grant
from bancheng.lib.manifest import PARTNER, PUBLIC
from bancheng.web import doors, entrances, roles
from bancheng.web.doors import Door

VALUE = re.compile(r"<(?:(?P<kind>\w+):)?(?P<name>\w+)>|{(?:(?P<kind_>\w+):)?(?P<name_>\w+)}")

# what stands for a path's value when only the door is tried, by converter
VALUES = {
    "int": "1",
    "str": "x",
    "slug": "x",
    "path": "x",
    "uuid": "00000000-0000-7000-8000-000000000000",
    "date": "2026-11-23",
}


def actors() -> dict[str, Actor]:
    """Return one actor of each kind: nobody, a citizen, staff without a role, and staff with each single role."""
    people = {
        "nobody": identity.NOBODY,
        "citizen": Actor(ref="person:sample", person_id="00000000-0000-7000-8000-000000000001"),
        "staff": Actor(ref="staff:0", user_id=0, is_staff=True),
        "partner": Actor(ref="machine:0", user_id=0),
    }
    for role in identity.ROLES:
        people[role] = Actor(ref="staff:0", user_id=0, is_staff=True, grants=(Grant(role),))
    return people


class Outcome(StrEnum):
    """What becomes of one who knocks."""

    OPENS = "opens"
    SIGN_IN = "sign in"
    REFUSED = "403"  # the wrong role: told who may
    ABSENT = "404"  # another's thing: it does not exist for him
    NOTHING = "none of it"  # a list without another's things, a form that changes none of them


def outcome(door: Door, actor: Actor, *, own: bool) -> Outcome:
    """Return what becomes of `actor` at `door`; `own`: the thing asked for is his, his principal's or his unit's."""
    if not doors.may(actor, door.who, service=door.service):
        return Outcome.SIGN_IN if doors.anonymous(actor) else Outcome.REFUSED
    if own or not bound(door, actor):
        return Outcome.OPENS
    return Outcome.ABSENT if VALUE.search(door.path) else Outcome.NOTHING


def bound(door: Door, actor: Actor) -> bool:
    """Return whether the door looks at whose thing it is for this actor: a supervisor's figures are the whole city's."""
    if door.owner == "unit" and PARTNER not in door.who:
        return any(grant.role in door.who and identity.ROLES[grant.role].needs_unit for grant in actor.grants)
    return bool(door.owner)


def address(door: Door, value: Callable[[str, str], object]) -> str:
    """Return an address behind `door`; `value(name, kind)` gives each part of Django's `<int:pk>` or ninja's `{int:pk}`."""
    return VALUE.sub(
        lambda part: str(value(part["name"] or part["name_"], part["kind"] or part["kind_"] or "str")), door.path
    )


def _cell(words: str) -> str:
    return words.replace("|", "/")


def _line(door: Door) -> str:
    name = roles.two(door.title)
    shown = f"{name.zh} / {name.en}" if name.zh != name.en else name.zh
    who = roles.words(door.who)
    owner = door.owner or ("—" if PUBLIC in door.who else "role")
    signed = f" (signed{''.join(f', {scope}' for scope in door.scopes)})" if door.signed else ""
    return (
        f"| {'/'.join(door.methods)} | `{_cell(door.path)}` | {_cell(shown)} | {_cell(who.zh)} / {_cell(who.en)}{signed}"
        f" | {_cell(owner)} | {_of_another(door)} | {outcome(door, identity.NOBODY, own=False)} |"
    )


def _of_another(door: Door) -> str:
    """Return what becomes of one who holds a right role and asks for another's thing."""
    seen = [
        actor for actor in actors().values() if doors.may(actor, door.who, service=door.service) and bound(door, actor)
    ]
    return str(outcome(door, seen[0], own=False)) if seen else "—"


def markdown(every: Iterable[Door] | None = None) -> str:
    """Return docs/permissions.md: every page and operation by service, who may open it, what the owner check compares."""
    listed = list(entrances.every() if every is None else every)
    out = [
        "# Who may open what",
        "",
        "Made from the service manifests by `bancheng.web.matrix`; bancheng/site/tests/test_every_door.py tries every door with every role, for",
        "one's own and for another's. A door not listed does not exist. “Owner” is what is compared besides the role (whose unit, whose",
        "licence); “another's” what becomes of somebody with the right role who asks for what is not his; “nobody” of an anonymous",
        "reader. Every wrong role gets 403. A partner system is known by its signature alone, and needs one of the scopes named. Besides these there are sign-in below /accounts/ and the API's own document, /api/v1/docs,",
        "which anybody may read.",
    ]
    for service, group in groupby(
        sorted(listed, key=lambda door: door.service != "web"), key=lambda door: door.service
    ):
        out += [
            "",
            f"## {service}",
            "",
            "| method | address | what | who | owner | another's | nobody |",
            "| --- " * 7 + "|",
        ]
        out += [_line(door) for door in group]
    return "\n".join(out) + "\n"
