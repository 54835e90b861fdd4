"""What the console's pages read: its own tables, and the kernel's, with whose rows they are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from bancheng.kernel.catalogue import public as catalogue
from bancheng.kernel.identity import public as identity
from bancheng.kernel.notices import public as notices
from bancheng.lib.text import Text
from bancheng.services.console.models import AuditCheck


def latest_checks(*, limit: int = 10) -> list[AuditCheck]:
    """Return the latest verifications, newest first."""
    return list(AuditCheck.objects.order_by("-id")[:limit])


def check(check_id: int) -> AuditCheck | None:
    """Return one verification."""
    return AuditCheck.objects.filter(pk=check_id).first()


# -- accounts and roles: an operator keeps all of them, a unit administrator those of his units


@dataclass(frozen=True)
class Held:
    """A grant as the pages show it."""

    grant: identity.GrantLine
    unit: Text
    may_approve: bool  # by whoever asks: not his own proposal, not his own role
    may_revoke: bool
    by: str = ""

    @property
    def needs_second(self) -> bool:
        return self.grant.role.needs_second


@dataclass(frozen=True)
class Account:
    """A staff account with the roles it holds or waits for."""

    line: identity.StaffLine
    unit: Text
    held: Sequence[Held]


def accounts(actor: identity.Actor, *, q: str = "", unit: str = "") -> list[Account]:
    """Return the accounts that `actor` keeps, by user name, `q` in the name or the user name."""
    wanted = q.strip().lower()
    lines = [
        line
        for line in _kept(actor)
        if (not unit or line.unit == unit) and (not wanted or wanted in f"{line.username} {line.name}".lower())
    ]
    return _with_roles(actor, lines)


def account(actor: identity.Actor, user_id: int) -> Account | None:
    """Return one account that `actor` keeps, or None."""
    found = _with_roles(actor, [line for line in _kept(actor) if line.id == user_id])
    return found[0] if found else None


def waiting_grants(actor: identity.Actor) -> list[Held]:
    """Return what waits for a second person among the accounts that `actor` keeps."""
    kept = {line.id for line in _kept(actor)}
    return _held(actor, [grant for grant in identity.grants(waiting=True) if grant.user_id in kept])


def grantee(actor: identity.Actor, grant_id: int) -> int | None:
    """Return whose open grant this is when `actor` keeps the account, or None."""
    kept = {line.id for line in _kept(actor)}
    return next((g.user_id for g in identity.grants() if g.id == grant_id and g.user_id in kept), None)


def _kept(actor: identity.Actor) -> list[identity.StaffLine]:
    if actor.has("operator", service="console"):
        return identity.staff()
    return [line for unit in actor.units("unit_admin") if unit for line in identity.staff(unit=unit)]


def _with_roles(actor: identity.Actor, lines: Sequence[identity.StaffLine]) -> list[Account]:
    names, held = unit_names(), _held(actor, identity.grants())
    return [
        Account(line, names.get(line.unit, Text(line.unit, line.unit)), [h for h in held if h.grant.user_id == line.id])
        for line in lines
    ]


def _held(actor: identity.Actor, grants: Sequence[identity.GrantLine]) -> list[Held]:
    units = unit_names()
    names = identity.names_of(sorted({grant.granted_by for grant in grants if grant.granted_by.startswith("staff:")}))
    return [
        Held(
            grant,
            units.get(grant.unit, Text(grant.unit, grant.unit)),
            may_approve=grant.waiting and actor.ref != grant.granted_by and actor.user_id != grant.user_id,
            may_revoke=identity.may_grant(actor, grant.role.code, unit=grant.unit),
            by=names.get(grant.granted_by, ""),
        )
        for grant in grants
    ]


def unit_names() -> dict[str, Text]:
    """Return the units' names by code."""
    return {unit.code: unit.title for unit in catalogue.units()}


# -- the texts of notices


@dataclass(frozen=True)
class Variant:
    """The texts of one kind for one licence type (or for all, or the digest): what is published, what is drafted."""

    words: Text
    latest: notices.Version
    published: notices.Version | None

    @property
    def draft(self) -> notices.Version | None:
        """Return the newest version when it is not published yet."""
        return self.latest if self.latest.state == notices.Template.DRAFT else None


def variant(versions: Sequence[notices.Version], names: Mapping[str, Text]) -> Variant:
    """Return one variant from its versions, newest first."""
    published = next((line for line in versions if line.state == notices.Template.PUBLISHED), None)
    code = versions[0].variant
    return Variant(names.get(code, Text(code, code)), versions[0], published)


def variant_names() -> dict[str, Text]:
    """Return what each variant is called: a licence type, the digest, the text for all."""
    types = {kind.code: kind.title for kind in catalogue.licence_types()}
    return types | {
        notices.DIGEST: Text("多件合并", "Digest of many"),
        "others": Text("只有其他任务", "Other work only"),
        "": Text("通用", "For all"),
    }


# -- the catalogue


@dataclass(frozen=True)
class Guide:
    """A matter with what its guide lacks: `faults` would keep it from being published, `gaps` would make it better."""

    matter: catalogue.Matter
    unit: Text
    faults: Sequence[Text]
    gaps: Sequence[Text]


def matters(*, q: str = "", unit: str = "", lacking: bool = False) -> list[Guide]:
    """Return the matters, found as people find them, with what their guides lack."""
    names = unit_names()
    found = catalogue.search(q, unit=unit, limit=200).matters if q else catalogue.matters(unit=unit)
    guides = [
        Guide(
            matter,
            names.get(matter.unit, Text(matter.unit, matter.unit)),
            [fault.says for fault in catalogue.faults(matter)],
            gaps(matter),
        )
        for matter in found
    ]
    return [guide for guide in guides if not lacking or guide.faults or guide.gaps]


def gaps(matter: catalogue.Matter) -> list[Text]:
    """Return what a lawful guide could still have: a way online, a shorter promise, nothing to bring twice."""
    promised, statutory = matter.promised, matter.statutory
    found = [
        (matter.online is None, Text("不能网上申请", "no way online")),
        (
            promised is not None and promised == statutory,
            Text("承诺时限没有比法定时限短", "promises no less than the law"),
        ),
        (
            bool(matter.materials) and not any(paper.source is catalogue.Source.SHARED for paper in matter.materials),
            Text("没有免交材料", "no paper is fetched for the applicant"),
        ),
        (not matter.keywords, Text("没有检索词", "no search words")),
    ]
    return [words for lacks, words in found if lacks]


def units(*, q: str = "") -> list[tuple[catalogue.Unit, int]]:
    """Return the units with how many matters each has, `q` in the name or the code."""
    counted: dict[str, int] = {}
    for matter in catalogue.matters():
        counted[matter.unit] = counted.get(matter.unit, 0) + 1
    return [
        (unit, counted.get(unit.code, 0)) for unit in catalogue.units() if _holds(q, unit.code, unit.name, unit.name_en)
    ]


def areas(*, today: date, q: str = "") -> list[tuple[catalogue.Area, Text, bool]]:
    """Return the areas with the name of their kind and whether each is in force on `today`."""
    return [
        (area, catalogue.NAMES[area.kind], area.in_force(today))
        for area in catalogue.areas()
        if _holds(q, area.code, area.name, area.name_en)
    ]


def _holds(q: str, *texts: str) -> bool:
    return q.strip().lower() in " ".join(texts).lower()
