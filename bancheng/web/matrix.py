"""The permission matrix: every door and who may open it, as a document and as cases for the test that tries them all."""

import re
from collections.abc import Iterable
from itertools import groupby

from bancheng.kernel.identity import public as identity
from bancheng.kernel.identity.public import Actor, Grant
from bancheng.lib.manifest import PUBLIC
from bancheng.web import doors, roles
from bancheng.web.doors import Door

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
    }
    for role in identity.ROLES:
        people[role] = Actor(ref="staff:0", user_id=0, is_staff=True, grants=(Grant(role),))
    return people


def sample_path(door: Door) -> str:
    """Return an address behind `door`, its values filled with stand-ins (Django's `<int:pk>` or ninja's `{pk}`)."""
    path = re.sub(r"<(?:(\w+):)?\w+>", lambda found: VALUES.get(found[1] or "str", "1"), door.path)
    return re.sub(r"\{(?:(\w+):)?\w+\}", lambda found: VALUES.get(found[1] or "int", "1"), path)


def _cell(words: str) -> str:
    return words.replace("|", "/")


def _line(door: Door) -> str:
    name = roles.two(door.title)
    shown = f"{name.zh} / {name.en}" if name.zh != name.en else name.zh
    who = roles.words(door.who)
    owner = door.owner or ("—" if PUBLIC in door.who else "role")
    signed = " (signed)" if door.signed else ""
    return (
        f"| {'/'.join(door.methods)} | `{_cell(door.path)}` | {_cell(shown)} | {_cell(who.zh)} / {_cell(who.en)}{signed}"
        f" | {_cell(owner)} |"
    )


def markdown(every: Iterable[Door] | None = None) -> str:
    """Return docs/permissions.md: every page and operation by service, who may open it, what the owner check compares."""
    listed = list(doors.all_doors() if every is None else every)
    out = [
        "# Who may open what",
        "",
        "Made from the service manifests by `bancheng.web.matrix`; a test tries every door with every role. A door not listed",
        "does not exist. “Owner” is what the view compares besides the role (whose unit, whose licence).",
    ]
    for service, group in groupby(
        sorted(listed, key=lambda door: door.service != "web"), key=lambda door: door.service
    ):
        out += ["", f"## {service}", "", "| method | address | what | who | owner |", "| --- | --- | --- | --- | --- |"]
        out += [_line(door) for door in group]
    return "\n".join(out) + "\n"
