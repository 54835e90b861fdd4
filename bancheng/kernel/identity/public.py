"""The face of identity."""

from dataclasses import dataclass
from datetime import datetime

from bancheng.kernel.identity.sealing import SealBroken, Sealer, find_hash, open_sealed, seal

__all__ = ["NOBODY", "Actor", "Grant", "SealBroken", "Sealer", "find_hash", "open_sealed", "seal"]


@dataclass(frozen=True)
class Grant:
    """A role held by an account: P-1, never a bare role name. Empty `unit`, `area`, `service` mean every one."""

    role: str
    unit: str = ""
    area: str = ""
    service: str = ""
    since: datetime | None = None
    before: datetime | None = None


@dataclass(frozen=True)
class Actor:
    """Who is acting, as every door sees it. `ref` is what audit writes: "staff:7", "person:3f…", "nobody"."""

    ref: str
    name: str = ""
    user_id: int | None = None
    person_id: str | None = None  # UUID of the natural person, for citizens
    is_staff: bool = False
    grants: tuple[Grant, ...] = ()

    def has(self, role: str, *, service: str = "", unit: str = "") -> bool:
        """Return whether a grant of `role` covers `service` and `unit` (empty: any)."""
        return any(
            grant.role == role
            and (not grant.service or not service or grant.service == service)
            and (not grant.unit or not unit or grant.unit == unit)
            for grant in self.grants
        )

    def units(self, role: str) -> tuple[str, ...]:
        """Return the codes of the units for which `role` is held."""
        return tuple(grant.unit for grant in self.grants if grant.role == role)


NOBODY = Actor(ref="nobody")
