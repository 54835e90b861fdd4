"""Whose parcel it is: staff see the counties of their unit, a developer his own parcels, a court its own orders (R7.10)."""

from collections.abc import Iterable

from django.conf import settings

from bancheng.kernel.catalogue import public as catalogue
from bancheng.kernel.identity import public as identity
from bancheng.kernel.titles import public as titles
from bancheng.lib.refusal import Refused

REGISTRY = ("surveyor", "registry_acceptor", "registry_reviewer", "registry_booker", "land_group")
COURT = "court_clerk"


def counties(actor: identity.Actor, roles: Iterable[str] = REGISTRY) -> frozenset[str] | None:
    """Return the counties whose parcels the actor may see by one of `roles`; None: every one of them."""
    units = {unit for role in roles for unit in actor.units(role)}
    if "" in units:
        return None
    known = catalogue.units_by_code(sorted(units))
    return frozenset(area for unit in known.values() for area in unit.areas)


def check_staff(actor: identity.Actor, parcel: str) -> None:
    """Raise Refused("title_no_parcel") unless the parcel lies in a county of the actor's unit: what is not his is not there."""
    own = counties(actor)
    if own is not None and parcel[:6] not in own:
        raise missing()


def check_court(actor: identity.Actor) -> str:
    """Return the court for which the actor serves orders; of several the first."""
    return next(iter(actor.units(COURT)), "")


def check_developer(actor: identity.Actor, found: titles.ParcelView) -> None:
    """Raise Refused("title_no_parcel") unless the actor acts for the parcel's developer."""
    if not found.developer.hashes & set(identity.person_hashes(actor, service="landshares")):
        raise missing()


def missing() -> Refused:
    """Return the refusal of a parcel that is not there for whoever asks."""
    return Refused(
        "title_no_parcel", "没有找到这宗地，请核对代码。", en="There is no such parcel: check the code.", status=404
    )


def region() -> str:
    """Return the city's region."""
    return str(settings.REGION)
