"""What a bank's own system reads of the archive: a bundle by its application, and what the registry asks to look at. Of its own bank only."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet

from bancheng.kernel.identity import public as identity
from bancheng.services.mortgages import refusals
from bancheng.services.mortgages.models import Bundle, Listed, LookUp


@dataclass(frozen=True)
class Kept:
    """A bundle with its list; `keeper` is a user name, "" before it is filed."""

    bundle: Bundle
    application: str
    keeper: str
    documents: Sequence[Listed]


@dataclass(frozen=True)
class Asked:
    """A look-up of the registry's, and of which bundle."""

    look_up: LookUp
    bundle: Bundle
    application: str


def _application(about: str) -> str:
    return about.removeprefix("registration:")


def archive(bank: str, region: str, application: UUID) -> Kept:
    """Return the bundle of an application. Raises Refused("no_such_bundle"), also for another bank's."""
    found = Bundle.objects.filter(bank=bank, region=region, about=f"registration:{application}").first()
    if found is None:
        raise refusals.absent("no_such_bundle", "这卷档案", "bundle")
    names = {one.id: one.username for one in identity.staff(unit=bank)} if found.keeper else {}
    return Kept(found, _application(found.about), names.get(found.keeper or 0, ""), list(found.listed.order_by("n")))


def account_of(bank: str, username: str) -> int:
    """Return the account of somebody who works at a bank; 0, which is nobody's, where there is none."""
    return next((one.id for one in identity.staff(unit=bank) if one.username == username), 0)


def _look_ups(bank: str) -> QuerySet[LookUp]:
    return LookUp.objects.select_related("bundle").filter(bundle__bank=bank)


def asked(bank: str, look_up_id: UUID) -> Asked:
    """Return one look-up. Raises Refused("no_such_look_up"), also for another bank's."""
    found = _look_ups(bank).filter(pk=look_up_id).first()
    if found is None:
        raise refusals.absent("no_such_look_up", "这次调阅", "look-up")
    return Asked(found, found.bundle, _application(found.bundle.about))


def look_ups(bank: str, *, after: UUID | None, waiting: bool, limit: int) -> list[Asked]:
    """Return the look-ups of a bank's bundles in the order they were asked, from behind `after`; `waiting`: those without an answer."""
    found = _look_ups(bank).order_by("pk")
    if after:
        found = found.filter(pk__gt=after)
    if waiting:
        found = found.filter(answered_at=None)
    return [Asked(one, one.bundle, _application(one.bundle.about)) for one in found[:limit]]
