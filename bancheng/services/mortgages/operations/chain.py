"""A bundle's chain of custody: one way to add a line, and what follows from it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from bancheng.kernel.audit import public as audit
from bancheng.kernel.identity import public as identity
from bancheng.services.mortgages import doors, refusals
from bancheng.services.mortgages.models import Bundle, Custody
from bancheng.services.mortgages.rules import custody as rules
from bancheng.services.mortgages.rules.custody import Act, State

ACTIONS: dict[Act, str] = {
    Act.CREATED: "mortgages.bundle_created",
    Act.MOVED: "mortgages.bundle_moved",
    Act.LENT: "mortgages.bundle_lent",
    Act.RETURNED: "mortgages.bundle_returned",
    Act.INSPECTED: "mortgages.bundle_inspected",
    Act.KEEPER: "mortgages.bundle_keeper",
    Act.HANDED_OVER: "mortgages.bundle_handed_over",
    Act.LOST: "mortgages.bundle_lost",
    Act.FOUND: "mortgages.bundle_found",
}


def line(found: Bundle, act: Act, *, by: str, at: datetime, other: str = "", **told: Any) -> None:
    """Add a line to the chain of a locked bundle, and let its state, place and keeper follow. Raises Refused("bundle_cannot")."""
    found.state = rules.after(State(found.state), act)
    found.lines += 1
    previous, found.head = found.head, rules.link(found.head, str(found.pk), found.lines, act, at, by, other, told)
    Custody.objects.create(
        region=found.region, bundle=found, seq=found.lines, act=act, at=at, by=by, other=other, told=told,
        previous=previous, hash=found.head,
    )  # fmt: skip
    found.save()
    audit.record(
        ACTIONS[act], who=by, about=f"bundle:{found.pk}", at=at, region=found.region, detail={"seq": found.lines}
    )


def locked(bundle_id: UUID, by: identity.Actor) -> Bundle:
    """Return a bundle of the actor's bank or registry, locked. Raises Refused("no_such_bundle")."""
    found = Bundle.objects.select_for_update().filter(doors.own(by), pk=bundle_id).first()
    if found is None:
        raise refusals.absent("no_such_bundle", "这卷档案", "bundle")
    return found
