"""Who sees whose: a bank its own, a registry what its own officers answer for."""

from django.db.models import Q

from bancheng.kernel.identity.public import Actor

SERVICE = "mortgages"
CLERK, APPROVER, ARCHIVIST, OFFICER = "bank_clerk", "bank_approver", "bank_archivist", "service_officer"
BANK = (CLERK, APPROVER, ARCHIVIST)
REGISTRY = ("registry_acceptor", "registry_reviewer", "registry_booker", OFFICER)


def units(actor: Actor, *roles: str) -> set[str]:
    """Return the units for which the actor holds one of the roles; "" among them: every one."""
    return {grant.unit for grant in actor.grants if grant.role in roles and grant.service in ("", SERVICE)}


def own(actor: Actor, prefix: str = "", *, bank: tuple[str, ...] = BANK, registry: tuple[str, ...] = REGISTRY) -> Q:
    """Return what narrows rows to those of the actor's bank or registry."""
    return _of(f"{prefix}bank", units(actor, *bank)) | _of(f"{prefix}registry", units(actor, *registry))


def _of(column: str, held: set[str]) -> Q:
    return Q(pk__isnull=False) if "" in held else Q(**{f"{column}__in": sorted(held)})


def is_bank(actor: Actor, bank: str, *roles: str) -> bool:
    """Return whether the actor holds one of the roles (any, when none is named) for a bank."""
    return any(actor.has(role, service=SERVICE, unit=bank) for role in roles or BANK)


def is_registry(actor: Actor, registry: str, *roles: str) -> bool:
    """Return whether the actor holds one of the roles (any, when none is named) for a registry."""
    return any(actor.has(role, service=SERVICE, unit=registry) for role in roles or REGISTRY)


def unit_of(actor: Actor, *roles: str) -> str:
    """Return the unit for which the actor acts in one of the roles: where he works, if he holds it there; "" for none."""
    held = units(actor, *roles)
    if actor.unit in held or "" in held:
        return actor.unit
    return min(held, default="")
