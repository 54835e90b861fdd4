"""What exchange takes in and gives out: who calls, what happened, a key that is shown once."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from bancheng.kernel.exchange.rules.words import EVERY, OWN, ROLE, Act
from bancheng.kernel.identity import public as identity


@dataclass(frozen=True)
class Held:
    """A scope in force."""

    act: Act
    service: str
    unit: str


@dataclass(frozen=True)
class Caller:
    """A partner whose request was verified, with what it may do."""

    partner_id: int
    user_id: int
    region: str
    code: str
    name: str
    scopes: tuple[Held, ...]
    unit: str = ""  # of a bank
    agreed_until: date | None = None  # the last day of its agreement

    @property
    def ref(self) -> str:
        """Return what audit and the case log call it."""
        return f"machine:{self.user_id}"

    def may(self, act: str, *, service: str) -> bool:
        """Return whether it may do `act` in `service` at all: for which unit is the query's to ask."""
        return any(held.act == act and held.service == service for held in self.scopes)

    def covers(self, act: str, *, service: str, unit: str) -> bool:
        """Return whether it may do `act` for what is `unit`'s, whoever handed it in."""
        return any(
            held.act == act and held.service == service and held.unit != OWN and held.unit in (unit, EVERY)
            for held in self.scopes
        )

    def units(self, act: str, *, service: str) -> tuple[str, ...]:
        """Return the units of its scopes for `act`."""
        return tuple(held.unit for held in self.scopes if held.act == act and held.service == service)

    def actor(self, officer: str = "") -> identity.Actor:
        """Return who acts: the partner, for `officer` when its own register names one; its scopes as the engine's roles."""
        grants = tuple(
            identity.Grant(ROLE[held.act], unit=held.unit, service=held.service)
            for held in self.scopes
            if held.act in ROLE
        )
        made = identity.Actor(self.ref, name=self.name, user_id=self.user_id, grants=grants)
        return replace(made, ref=f"{self.ref}/{officer}") if officer else made


@dataclass(frozen=True)
class Said:
    """An event to publish: codes, numbers and states; never a name, an identifier or a text somebody typed."""

    service: str
    kind: str
    about: str
    region: str
    at: datetime
    unit: str = ""
    owner: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Told:
    """An event as a reader gets it."""

    position: int
    kind: str
    about: str
    unit: str
    at: datetime
    data: Mapping[str, Any]
    seq: int = 0  # in the reader's own stream, when it has one


@dataclass(frozen=True)
class MadeKey:
    """A new key. `secret` is here this once, and never again; empty for a public key."""

    key_id: str
    secret: str = field(repr=False)


@dataclass(frozen=True)
class MadeSubscription:
    """A new webhook. `secret` is here this once, and never again."""

    id: UUID
    secret: str = field(repr=False)
