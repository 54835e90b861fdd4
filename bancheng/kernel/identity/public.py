"""The face of identity: who acts and what he may, people and those who act for them, and sealed identifiers."""

from datetime import datetime
from typing import Any

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.identity import queries
from bancheng.kernel.identity.content import ContentKey
from bancheng.kernel.identity.demo import DemoPerson, demo_people, demo_sign_in, load_demo
from bancheng.kernel.identity.facts import Cancelled, Withdrawn, consent_withdrawn, organisation_cancelled
from bancheng.kernel.identity.hashed_columns import register as register_hashed_column
from bancheng.kernel.identity.hashed_columns import rehash
from bancheng.kernel.identity.models import Agency, Organisation, Person
from bancheng.kernel.identity.operations import (
    appoint_first_operators,
    approve_grant,
    close_organisation,
    end_agency,
    expire_grants,
    give_consent,
    grant,
    link_agent,
    note_agent_act,
    open_machine_account,
    open_staff_account,
    prove_identity,
    register_organisation,
    register_person,
    reveal,
    revoke,
    set_account_active,
    withdraw_consent,
)
from bancheng.kernel.identity.queries import (
    Desk,
    GrantLine,
    Principal,
    StaffLine,
    acts_for,
    agencies_of,
    consents,
    desks,
    find_person,
    grants,
    has_consent,
    has_withdrawn,
    mobile_of,
    names_of,
    officers,
    organisation_question,
    person,
    person_question,
    principals,
    proofs,
    role_holders,
    special_groups,
    staff,
    staff_hash,
)
from bancheng.kernel.identity.rules import (
    MACHINE,
    NOBODY,
    PROOFS,
    PURPOSES,
    ROLES,
    AccountKind,
    Actor,
    Grant,
    Role,
    may_grant,
    may_open,
)
from bancheng.kernel.identity.sealed_columns import register as register_sealed_column
from bancheng.kernel.identity.sealed_columns import rotate, still_old
from bancheng.kernel.identity.sealing import SealBroken, Sealer, find_hash, open_sealed, seal, sealer
from bancheng.kernel.identity.sessions import bring_along

__all__ = [
    "MACHINE", "NOBODY", "PROOFS", "PURPOSES", "ROLES", "AccountKind", "Actor", "Agency", "Cancelled", "ContentKey", "DemoPerson", "Desk", "Grant", "GrantLine",
    "Organisation", "Person", "Principal", "Role", "SealBroken", "Sealer", "StaffLine", "Withdrawn", "actor_of", "acts_for", "agencies_of",
    "appoint_first_operators", "approve_grant", "bring_along", "close_organisation", "consent_withdrawn", "consents", "demo_people", "demo_sign_in", "desks", "end_agency",
    "expire_grants", "find_hash", "find_person", "give_consent", "grant", "grants", "has_consent", "has_withdrawn", "link_agent",
    "load_demo", "mailboxes", "may_grant", "may_open", "mobile_of", "names_of", "note_agent_act", "officers", "open_machine_account", "open_sealed", "open_staff_account", "organisation_cancelled", "organisation_question", "person",
    "person_hashes", "person_question", "principals", "proofs", "prove_identity", "register_hashed_column", "register_organisation", "register_person",
    "register_sealed_column", "rehash", "reveal", "revoke", "role_holders", "rotate", "seal", "sealer", "set_account_active",
    "special_groups", "staff", "staff_hash", "still_old", "withdraw_consent",
]  # fmt: skip


def actor_of(user: Any, *, at: datetime | None = None) -> Actor:
    """Return who a signed-in account acts as now (or at `at`): one query, none for the account of a request's session; NOBODY for an anonymous or
    closed account."""
    if not getattr(user, "is_authenticated", False):
        return NOBODY
    if at is None and user.acts_as:
        return user.acts_as  # type: ignore[no-any-return]  # anonymous users have none
    return queries.actor(user.pk, at=at or clocks.now())


def person_hashes(actor: Actor, at: datetime | None = None, *, service: str = "", matter: str = "") -> list[bytes]:
    """Return the holder hashes `actor` may see now (or at `at`): his own first, then those he acts for within scope."""
    return queries.person_hashes(actor, at or clocks.now(), service=service, matter=matter)


def mailboxes(actor: Actor, at: datetime | None = None, *, service: str = "") -> dict[bytes, frozenset[str]]:
    """Return whose messages `actor` may read now (or at `at`), each holder hash with the services it is limited to (none: all)."""
    return queries.mailboxes(actor, at or clocks.now(), service=service)
