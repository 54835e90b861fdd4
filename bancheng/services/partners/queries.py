"""What waits for whom: keys to let in, webhooks that stand, differences to clear up."""

from collections.abc import Collection

from django.urls import reverse

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.exchange import public as exchange
from bancheng.kernel.identity import public as identity
from bancheng.lib.text import Text
from bancheng.web.front import Todo

KEEPERS = ("unit_admin", "bank_approver")  # of a bank's own system
CLEARERS = ("registry_reviewer", "service_officer")  # of what differs, for their unit


def own_partner(actor: identity.Actor) -> int | None:
    """Return the system of the actor's own unit."""
    units = sorted({unit for role in KEEPERS for unit in actor.units(role) if unit})
    return next((found for unit in units if (found := exchange.partner_of_unit(unit))), None)


def owners(actor: identity.Actor) -> Collection[str] | None:
    """Return for which units the actor clears differences up; None for all: an operator sees every one."""
    if actor.has("operator", service="partners") or actor.has("auditor", service="partners"):
        return None
    return {unit for role in CLEARERS for unit in actor.units(role)}


def to_do(actor: identity.Actor) -> list[Todo]:
    """Return what waits for the actor."""
    found = []
    if actor.has("operator", service="partners"):
        found += _operator()
    if any(actor.has(role) for role in CLEARERS):
        found += _differences(owners(actor))
    return found


def _operator() -> list[Todo]:
    now = clocks.now()
    found, proven = [], [one for one in exchange.offers(at=now) if one.proven_at]
    if proven:
        words = Text(f"{len(proven)}把银行公钥待核对启用", f"Banks' keys to check and let in: {len(proven)}")
        found.append(Todo(words, reverse("partners:list"), None, ""))
    halted = sum(one.halted for one in exchange.partners(at=now))
    if halted:
        words = Text(f"{halted}个推送地址多次失败，待处理", f"Webhooks that stand and wait for a person: {halted}")
        found.append(Todo(words, reverse("partners:list"), None, "bad"))
    return found + _differences(None)


def _differences(units: Collection[str] | None) -> list[Todo]:
    open_ = exchange.differences(owners=units)
    if not open_:
        return []
    late = sum(one.due_on < clocks.today() for one in open_)
    hint = Text(f"其中{late}条已超期", f"{late} of them overdue") if late else None
    words = Text(f"{len(open_)}条对账差异待结清", f"Differences to clear up: {len(open_)}")
    return [Todo(words, reverse("partners:differences"), hint, "bad" if late else "")]
