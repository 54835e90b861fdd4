"""A draft's row and its facts: what is personal goes into the sealed column and comes out of it, here and nowhere else."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from bancheng.kernel.forms import codec, models
from bancheng.kernel.forms.facts import Draft, Form, Held, How, Subject
from bancheng.kernel.forms.rules import asking
from bancheng.kernel.identity import public as identity

KIND = "form_values"


@dataclass
class State:
    """What a draft holds: values, and what could not be read. `held` keeps cleared fields too, with who cleared them."""

    held: dict[str, Held] = field(default_factory=dict)
    typed: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def same(self, other: "State", code: str) -> bool:
        """Return whether both say the same of a field."""
        mine, theirs = self.held.get(code), other.held.get(code)
        values = (mine.value if mine else None, theirs.value if theirs else None)
        return values[0] == values[1] and self.typed.get(code) == other.typed.get(code)

    def copied(self) -> "State":
        return State(dict(self.held), dict(self.typed))

    def settle(self, form: Form, today: date, *, version: int, by: str, at: datetime) -> list[str]:
        """Fill in what follows from the answers, drop what does not any more, and return the fields that moved."""
        moved = asking.settled(form, self.held, today, version=version, by=by, at=at)
        for code, one in moved.items():
            if code in self.typed:
                continue
            if one is None:
                self.held[code] = Held(None, How.TYPED, version, by, at)
            else:
                self.held[code] = one
        return sorted(code for code in moved if code not in self.typed)

    def part(self, codes: Collection[str]) -> bytes:
        """Return these fields as they stand, sealed: what a change keeps so that it can be undone."""
        held = {code: codec.held_as_json(self.held[code]) if code in self.held else None for code in codes}
        return seal({"held": held, "typed": {code: self.typed[code] for code in codes if code in self.typed}})

    def put_back(self, codes: Collection[str], before: bytes) -> None:
        """Make these fields say what they said before a change."""
        was = unseal(before)
        for code in codes:
            row = was["held"].get(code)
            self.held.pop(code, None)
            self.typed.pop(code, None)
            if row:
                self.held[code] = codec.held_from_json(row)
            if code in was["typed"]:
                self.typed[code] = tuple(was["typed"][code])


def seal(content: Mapping[str, Any]) -> bytes:
    return identity.seal(json.dumps(content), kind=KIND)


def unseal(blob: bytes | memoryview) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(identity.open_sealed(bytes(blob), kind=KIND))
    return found


def state_of(row: models.Draft) -> State:
    """Return what the row holds."""
    sealed = unseal(row.sealed)
    whole = {**row.open_held, **sealed["held"]}
    held = {code: codec.held_from_json(one) for code, one in whole.items()}
    return State(held, {code: tuple(texts) for code, texts in sealed["typed"].items()})


def keep(row: models.Draft, state: State, *, open_codes: Collection[str]) -> None:
    """Put `state` into the row's columns: only what is in `open_codes` is left readable."""
    row.open_held, sealed = _parted(state.held, open_codes)
    row.sealed = seal({"held": sealed, "typed": state.typed})


def _parted(held: Mapping[str, Held], open_codes: Collection[str]) -> tuple[dict[str, Any], dict[str, Any]]:
    as_json = {code: codec.held_as_json(one) for code, one in held.items()}
    return (
        {code: one for code, one in as_json.items() if code in open_codes},
        {code: one for code, one in as_json.items() if code not in open_codes},
    )


@dataclass(frozen=True)
class Frozen:
    """Values with where they come from, as another part keeps them: a JSON column and a sealed column of kind KIND."""

    open_held: Mapping[str, Any]
    sealed: bytes


def freeze(form: Form, held: Mapping[str, Held]) -> Frozen:
    """Return `held` fit for the columns of an application; only open elements of `form` are left readable.

    Whoever keeps it registers the sealed column: `identity.register_sealed_column(model, field, forms.KIND)`.
    """
    open_held, sealed = _parted(held, form.open_codes)
    return Frozen(open_held, seal({"held": sealed}))


def thaw(open_held: Mapping[str, Any], sealed: bytes | memoryview) -> dict[str, Held]:
    """Return what `freeze` was given."""
    return {code: codec.held_from_json(one) for code, one in {**open_held, **unseal(sealed)["held"]}.items()}


def draft_of(row: models.Draft, state: State | None = None) -> Draft:
    """Return the row as a fact."""
    state = state or state_of(row)
    return Draft(
        id=row.id,
        region=row.region,
        purpose=row.purpose,
        matters=tuple(row.matters),
        subject=Subject(row.subject_ref, bytes(row.subject_hash), row.acting_ref),
        opened_by=row.opened_by,
        digest=row.digest,
        version=row.version,
        held=dict(state.held),
        typed=dict(state.typed),
        kept_until=row.kept_until,
        updated_at=row.updated_at,
        submitted_at=row.submitted_at,
    )
