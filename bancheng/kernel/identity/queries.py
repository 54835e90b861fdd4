"""Every read: who acts, whose licences he may see, who acts for whom, who holds what."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db import connection
from django.db.models import CharField, F, Q, QuerySet, Value
from django.db.models.functions import Coalesce
from django.utils.timezone import localdate

from bancheng.kernel.identity import rules
from bancheng.kernel.identity.models import Agency, Consent, IdentityProof, Organisation, Person, RoleGrant, User
from bancheng.kernel.identity.rules import NOBODY, AccountKind, Actor, Grant
from bancheng.kernel.identity.sealing import find_hash, open_sealed
from bancheng.lib.rows import Question, question

STAFF = "staff"  # the kind of a staff account's hash


# these two are asked by every request, so they are written out: building them takes longer than answering them
ACTOR = """
SELECT u.kind, u.display_name, u.unit, u.title, u.person_id, p.name, g.role, g.unit, g.area, g.service, g.since, g.before
FROM identity_user u
LEFT JOIN identity_person p ON p.id = u.person_id
LEFT JOIN identity_rolegrant g ON g.user_id = u.id AND g.closed_at IS NULL AND g.in_force
    AND g.since <= %s AND (g.before IS NULL OR g.before > %s)
WHERE u.id = %s AND u.is_active ORDER BY g.id
"""
# agencies as in `_in_force`
HASHES = """
SELECT 0 AS place, citizen_id_hash FROM identity_person WHERE id = %(person)s
UNION SELECT 1, coalesce(p.citizen_id_hash, o.uscc_hash) FROM identity_agency a
LEFT JOIN identity_person p ON p.id = a.principal_person_id
LEFT JOIN identity_organisation o ON o.id = a.principal_organisation_id
WHERE a.agent_id = %(person)s AND a.ended_at IS NULL AND a.first <= %(on)s AND (a.last IS NULL OR a.last >= %(on)s)
    AND (%(service)s::text = '' OR a.services = '{}' OR %(service)s::text = ANY(a.services))
    AND (%(matter)s::text = '' OR a.matters = '{}' OR %(matter)s::text = ANY(a.matters))
ORDER BY 1, 2
"""


def actor(user_id: int, *, at: datetime) -> Actor:
    """Return who the account acts as at `at`, with the grants then in force: one query."""
    with connection.cursor() as cursor:
        cursor.execute(ACTOR, [at, at, user_id])
        rows = cursor.fetchall()
    if not rows:
        return NOBODY
    kind, name, unit, title, person_id, person_name = rows[0][:6]
    if kind == AccountKind.CITIZEN:
        return citizen(user_id, person_id, person_name)
    grants = tuple(Grant(*row[6:]) for row in rows if row[6])
    return of_account(user_id, kind, name, unit, title, grants)


def citizen(user_id: int, person_id: UUID, name: str, hashes: rules.Hashes | None = None) -> Actor:
    """Return who a citizen's account acts as."""
    return Actor(f"person:{person_id}", name=name, user_id=user_id, person_id=str(person_id), hashes=hashes)


def of_account(user_id: int, kind: str, name: str, unit: str, title: str, grants: tuple[Grant, ...]) -> Actor:
    """Return who the account of a member of staff or of a machine acts as."""
    return Actor(
        f"{kind}:{user_id}",
        name=name,
        user_id=user_id,
        is_staff=kind == AccountKind.STAFF,
        grants=grants,
        unit=unit,
        title=title,
    )


def person(person_id: str | UUID) -> Person:
    """Return the person."""
    return Person.objects.get(pk=person_id)


def person_question(person_id: str | UUID) -> Question[Person]:
    """Return the question who a person is, to be asked with others'."""
    return question(Person, "WHERE id = %s", [UUID(str(person_id))]).then(lambda found: found[0])


def organisation_question(organisation_id: str | UUID) -> Question[Organisation]:
    """Return the question which organisation that is, to be asked with others'."""
    return question(Organisation, "WHERE id = %s", [UUID(str(organisation_id))]).then(lambda found: found[0])


def find_person(*, region: str, citizen_id: str) -> Person | None:
    """Return the person with this normalised citizen ID, when he is registered."""
    wanted = find_hash(citizen_id, kind="citizen_id")
    return Person.objects.filter(region=region, citizen_id_hash=wanted).first()


def special_groups(person: Person) -> tuple[str, ...]:
    """Return the special groups of a person: for the rules that help him (F10.8), never for a list on a page."""
    if person.special_sealed is None:
        return ()
    return tuple(open_sealed(bytes(person.special_sealed), kind="special_group").split(","))


def _in_force(agencies: QuerySet[Agency], on: date, service: str, matter: str) -> QuerySet[Agency]:
    agencies = agencies.filter(Q(last=None) | Q(last__gte=on), ended_at=None, first__lte=on)
    if service:
        agencies = agencies.filter(Q(services=[]) | Q(services__contains=[service]))
    if matter:
        agencies = agencies.filter(Q(matters=[]) | Q(matters__contains=[matter]))
    return agencies


@dataclass(frozen=True)
class Principal:
    """Somebody an agent acts for, and the agency that lets him."""

    ref: str
    name: str
    holder_hash: bytes
    agency_id: int
    legal_representative: bool
    last: date | None


def principals(actor: Actor, at: datetime, *, service: str = "", matter: str = "") -> list[Principal]:
    """Return whom `actor` acts for at `at` within `service` and `matter` (empty: any): one query.

    Nobody acts anew for an organisation that was closed; what is left of it is seen by `person_hashes`.
    """
    if actor.person_id is None:
        return []
    rows = (
        _in_force(Agency.objects.filter(agent_id=UUID(actor.person_id)), localdate(at), service, matter)
        .filter(Q(principal_organisation=None) | Q(principal_organisation__closed_at=None))
        .annotate(
            holder=Coalesce("principal_person__citizen_id_hash", "principal_organisation__uscc_hash"),
            holder_name=Coalesce("principal_person__name", "principal_organisation__name"),
        )
        .order_by("id")
    )
    return [
        Principal(
            ref=f"organisation:{row.principal_organisation_id}"
            if row.principal_organisation_id
            else f"person:{row.principal_person_id}",
            name=row.holder_name,
            holder_hash=bytes(row.holder),
            agency_id=row.pk,
            legal_representative=row.legal_representative,
            last=row.last,
        )
        for row in rows
    ]


def person_hashes(actor: Actor, at: datetime, *, service: str = "", matter: str = "") -> list[bytes]:
    """Return the holder hashes `actor` may see: his own first, then those he acts for within scope. One query at most."""
    if actor.person_id is None:
        return []
    if actor.hashes and actor.hashes.on == localdate(at):
        return actor.hashes.within(service, matter)
    asked: dict[str, Any] = {"person": UUID(actor.person_id), "on": localdate(at), "service": service, "matter": matter}
    with connection.cursor() as cursor:
        cursor.execute(HASHES, asked)
        return list(dict.fromkeys(bytes(holder) for _, holder in cursor.fetchall()))


def staff_hash(user_id: int) -> bytes:
    """Return the 32 bytes by which what is said to a staff account is found, as a holder's are by his ID number."""
    return find_hash(staff_text(user_id), kind=STAFF)


def staff_text(user_id: int) -> str:
    """Return what the hash of a staff account is made of."""
    return f"staff:{user_id}"


def mobile_of(citizen_id_hash: bytes) -> tuple[bytes, bytes] | None:
    """Return a person's own mobile number, sealed and hashed, by the hash of his identity number; None when he has none here."""
    found = Person.objects.filter(citizen_id_hash=citizen_id_hash).first()
    if found is None or not found.mobile_sealed or not found.mobile_hash:
        return None
    return bytes(found.mobile_sealed), bytes(found.mobile_hash)


def mailboxes(actor: Actor, at: datetime, *, service: str = "") -> dict[bytes, frozenset[str]]:
    """Return whose messages `actor` may read, by holder hash: each with the services whose messages alone those are (empty: all).

    A staff account reads its own alone; a person his own, and of a principal what the agency covers. `service` is the inbox itself: an
    agency that names it is one for every message. One query.
    """
    if actor.is_staff and actor.user_id is not None:
        return {staff_hash(actor.user_id): frozenset()}
    if actor.person_id is None:
        return {}
    own = Person.objects.filter(pk=actor.person_id).annotate(within=Value([], ArrayField(CharField())))
    others = _in_force(Agency.objects.filter(agent_id=UUID(actor.person_id)), localdate(at), "", "").annotate(
        holder=Coalesce("principal_person__citizen_id_hash", "principal_organisation__uscc_hash")
    )
    found: dict[bytes, frozenset[str]] = {}
    for holder, services in own.values_list("citizen_id_hash", "within").union(
        others.values_list("holder", "services")
    ):
        within = frozenset() if service in services else frozenset(services)
        before = found.get(bytes(holder), within)
        found[bytes(holder)] = before | within if before and within else frozenset()
    return found


def agencies_of(actor: Actor) -> QuerySet[Agency]:
    """Return the agencies in which `actor` is principal or agent, newest first: both see them (P-5)."""
    mine = Q(principal_person_id=actor.person_id) | Q(agent_id=actor.person_id)
    return (
        Agency.objects.filter(mine if actor.person_id else Q(pk=None))
        .select_related("principal_person", "principal_organisation", "agent")
        .order_by("-linked_at", "-id")
    )


@dataclass(frozen=True)
class GrantLine:
    """A grant as the staff room shows it."""

    id: int
    user_id: int
    username: str
    name: str
    role: rules.Role
    unit: str
    area: str
    service: str
    since: datetime
    before: datetime | None
    granted_by: str
    second_by: str
    waiting: bool


def grants(*, unit: str = "", user_id: int | None = None, waiting: bool | None = None) -> list[GrantLine]:
    """Return the open grants of a unit (empty: of all), newest first."""
    rows = RoleGrant.objects.filter(closed_at=None).select_related("user").order_by("-granted_at", "-id")
    if unit:
        rows = rows.filter(unit=unit)
    if user_id is not None:
        rows = rows.filter(user_id=user_id)
    if waiting is not None:
        rows = rows.filter(in_force=not waiting)
    return [
        GrantLine(
            row.pk, row.user_id, row.user.username, row.user.display_name, rules.role(row.role), row.unit, row.area,
            row.service, row.since, row.before, row.granted_by, row.second_by, not row.in_force,
        )
        for row in rows
    ]  # fmt: skip


@dataclass(frozen=True)
class StaffLine:
    """A staff account as the staff room shows it."""

    id: int
    username: str
    name: str
    unit: str
    title: str
    active: bool
    last_login: datetime | None


def staff(*, unit: str = "") -> list[StaffLine]:
    """Return the staff accounts of a unit (empty: of all), by user name."""
    rows = User.objects.filter(kind=AccountKind.STAFF).order_by("username")
    if unit:
        rows = rows.filter(unit=unit)
    return [
        StaffLine(row.pk, row.username, row.display_name, row.unit, row.title, row.is_active, row.last_login)
        for row in rows
    ]


@dataclass(frozen=True)
class Desk:
    """Where somebody sat when he did something: what may be told of a member of staff to the person concerned."""

    unit: str
    roles: tuple[rules.Role, ...]


def desks(seats: Sequence[tuple[str, datetime]]) -> list[Desk]:
    """Return, for each (`staff:7`, instant), the unit and the roles then held; two queries, empty for anybody else."""
    keys = {key for ref, _ in seats for kind, _, key in [ref.partition(":")] if kind == "staff" and key.isdecimal()}
    units = dict(User.objects.filter(pk__in=keys).values_list("pk", "unit"))
    held: dict[int, list[RoleGrant]] = {}
    for given in RoleGrant.objects.filter(user_id__in=keys, in_force=True).order_by("pk"):
        held.setdefault(given.user_id, []).append(given)
    return [_desk(ref, at, units, held) for ref, at in seats]


def _desk(ref: str, at: datetime, units: Mapping[int, str], held: Mapping[int, list[RoleGrant]]) -> Desk:
    kind, _, key = ref.partition(":")
    if kind != "staff" or not key.isdecimal():
        return Desk("", ())
    then = [
        given
        for given in held.get(int(key), [])
        if given.since <= at
        and (given.before is None or at < given.before)
        and (given.closed_at is None or at < given.closed_at)
    ]
    unit = units.get(int(key), "") or next((given.unit for given in then if given.unit), "")
    return Desk(unit, tuple(dict.fromkeys(rules.role(given.role) for given in then)))


def officers(*, unit: str, role: str, at: datetime) -> list[int]:
    """Return the accounts that hold `role` for `unit` at `at`: to whom a task can be given."""
    rows = RoleGrant.objects.filter(
        Q(before=None) | Q(before__gt=at),
        role=role,
        unit=unit,
        closed_at=None,
        in_force=True,
        since__lte=at,
        user__is_active=True,
    )
    return list(rows.order_by("user_id").values_list("user_id", flat=True).distinct())


def role_holders(*, role: str, service: str, at: datetime) -> list[tuple[int, str]]:
    """Return (account, unit) of every active account that holds `role` in `service` at `at`: one query for the city."""
    rows = RoleGrant.objects.filter(
        Q(before=None) | Q(before__gt=at),
        role=role,
        service__in=["", service],
        closed_at=None,
        in_force=True,
        since__lte=at,
        user__is_active=True,
    )
    return list(rows.order_by("user_id", "unit").values_list("user_id", "unit").distinct())


def has_consent(person: Person, purpose: str) -> bool:
    """Return whether `person` consents to `purpose` now."""
    return Consent.objects.filter(person=person, purpose=purpose, withdrawn_at=None).exists()


def has_withdrawn(person_id: str | UUID, purpose: str) -> bool:
    """Return whether the last that a person said of `purpose` was that he does not consent any more."""
    said = Consent.objects.filter(person_id=person_id, purpose=purpose).order_by("-given_at", "-id")
    last = said.values_list("withdrawn_at", flat=True).first()
    return last is not None


def acts_for(agent: str, principal: str, *, service: str, at: datetime) -> bool:
    """Return whether the person `agent` ("person:…") acts for `principal` within `service` at `at`."""
    kind, _, key = principal.partition(":")
    if not agent.startswith("person:") or kind not in ("person", "organisation"):
        return False
    found = Agency.objects.filter(agent_id=UUID(agent.partition(":")[2]), **{f"principal_{kind}_id": UUID(key)})
    return _in_force(found, localdate(at), service, "").exists()


def proofs(hashes: Collection[bytes], *, region: str) -> dict[bytes, str]:
    """Return, by the hash of the citizen ID, how each of these people proved his identity; who did not is left out."""
    rows = IdentityProof.objects.filter(region=region, person__citizen_id_hash__in=list(hashes)).order_by("at", "pk")
    return {bytes(holder): method for holder, method in rows.values_list("person__citizen_id_hash", "method")}


def consents(person: Person) -> Sequence[Consent]:
    """Return every consent given and withdrawn, newest first."""
    return list(Consent.objects.filter(person=person).order_by("-given_at", "-id"))


def names_of(refs: Sequence[str]) -> dict[str, str]:
    """Return the names behind `staff:7`, `person:…`, `organisation:…` references: three queries at most, unknown ones left out."""
    wanted: dict[str, list[str]] = {}
    for ref in refs:
        kind, _, key = ref.partition(":")
        wanted.setdefault(kind, []).append(key)
    found: dict[str, str] = {}
    if keys := wanted.get("staff"):
        rows = User.objects.filter(pk__in=keys).values_list("pk", Coalesce("display_name", F("username")))
        found |= {f"staff:{key}": name for key, name in rows}
    for kind, model in (("person", Person), ("organisation", Organisation)):
        if keys := wanted.get(kind):
            found |= {
                f"{kind}:{key}": name
                for key, name in model._default_manager.filter(pk__in=keys).values_list("pk", "name")
            }
    return found
