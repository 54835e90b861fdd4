"""The frozen facts of forms: elements, a matter's form, several forms in one, values with where they come from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from bancheng.kernel.forms.elements import CONDITION_KINDS as CONDITION_KINDS
from bancheng.kernel.forms.elements import Choice as Choice
from bancheng.kernel.forms.elements import Column as Column
from bancheng.kernel.forms.elements import Element as Element
from bancheng.kernel.forms.elements import Kind as Kind
from bancheng.kernel.forms.elements import Sensitivity as Sensitivity
from bancheng.lib.conditions import TRUE, Condition, Value
from bancheng.lib.text import Text


class How(StrEnum):
    """Where a value in a draft comes from."""

    TYPED = "typed"
    PREFILLED = "prefilled"
    CORRECTED = "corrected"  # it was prefilled, and the applicant says otherwise


class ItemState(StrEnum):
    """A data-quality item waits for the unit that answers for the datum."""

    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"


# --- what is asked ---


@dataclass(frozen=True)
class Field:
    """An element in one matter's form."""

    element: str
    required: Condition = TRUE
    shown: Condition = TRUE
    note: str = ""  # why this matter asks, when the element's hint does not say
    note_en: str = ""


@dataclass(frozen=True)
class Section:
    """Fields under one heading; forms that share a section share its code and its name."""

    code: str
    name: str
    name_en: str
    fields: tuple[Field, ...]

    @property
    def title(self) -> Text:
        return Text(self.name, self.name_en)


@dataclass(frozen=True)
class Rule:
    """What must hold between fields, once all it speaks of is known; `at` is the field the sentence stands by."""

    holds: Condition
    says: Text
    at: str
    law: str = ""


@dataclass(frozen=True)
class Derived:
    """An answer that follows from what is applied for or was answered: filled in where the form asks for it."""

    element: str
    value: Value
    when: Condition
    because: Text


@dataclass(frozen=True)
class Spec:
    """What one matter asks."""

    matter: str
    sections: tuple[Section, ...]
    rules: tuple[Rule, ...] = ()
    derived: tuple[Derived, ...] = ()  # also of elements that a sister in a bundle asks for

    @property
    def fields(self) -> tuple[Field, ...]:
        return tuple(one for section in self.sections for one in section.fields)


@dataclass(frozen=True)
class Forms:
    """Everything a pack says of forms."""

    elements: tuple[Element, ...] = ()
    specs: tuple[Spec, ...] = ()


@dataclass(frozen=True)
class Ask:
    """How one matter of the bundle asks for an element."""

    matter: str
    required: Condition
    shown: Condition
    note: Text


@dataclass(frozen=True)
class FormField:
    """An element in a form of one or several matters: asked once, for all of them."""

    element: Element
    asks: tuple[Ask, ...]

    @property
    def code(self) -> str:
        return self.element.code

    @property
    def asked_by(self) -> tuple[str, ...]:
        """Return the matters that use the answer."""
        return tuple(ask.matter for ask in self.asks)


@dataclass(frozen=True)
class FormSection:
    """A heading of a form and the fields under it."""

    code: str
    title: Text
    fields: tuple[FormField, ...]


@dataclass(frozen=True)
class Form:
    """The one form of one or several matters. `digest` changes with anything that is asked."""

    matters: tuple[str, ...]
    sections: tuple[FormSection, ...]
    rules: tuple[Rule, ...]
    digest: str
    derived: tuple[Derived, ...] = ()
    fields: Mapping[str, FormField] = field(default_factory=dict)  # by the element's code, in the order of the page

    @property
    def open_codes(self) -> frozenset[str]:
        """Return the elements whose values need no sealing; what is not in the form is not among them."""
        return frozenset(code for code, one in self.fields.items() if not one.element.sealed)


# --- what is answered ---


@dataclass(frozen=True)
class Problem:
    """One thing to correct, and the field it stands by. No sentence repeats what was typed."""

    element: str
    says: Text
    law: str = ""
    missing: bool = False  # a required answer is not there yet: said at submission, not while saving


@dataclass(frozen=True)
class Reading:
    """What was made of what was typed: values that can be kept, and what cannot, with the words as they were typed."""

    values: Mapping[str, Value]
    errors: Mapping[str, Problem]
    typed: Mapping[str, tuple[str, ...]]  # of the fields in `errors`


@dataclass(frozen=True)
class Offered:
    """A value we hold: who says so, under which reference, as of which day."""

    value: Value
    source: Text
    ref: str = ""
    as_of: date | None = None


@dataclass(frozen=True)
class Told:
    """A fact of a holder as a unit shares it; None: the unit holds none any more."""

    holder_hash: bytes
    source: str  # "shared.<unit>.<what>"
    value: Value
    as_of: date


@dataclass(frozen=True)
class Held:
    """A value in a draft and where it comes from. `shown` is what was prefilled before the applicant corrected it."""

    value: Value
    how: How
    version: int  # of the draft, when it was last changed
    by: str
    at: datetime
    source: Text | None = None
    ref: str = ""
    as_of: date | None = None
    shown: Value = None


@dataclass(frozen=True)
class Subject:
    """Whom an application is about: the holder's hash, as identity makes it, and his ref ("person:…", "organisation:…")."""

    ref: str
    holder_hash: bytes
    acting: str = ""  # ref of the person who fills it in


@dataclass(frozen=True)
class Draft:
    """An application that is not handed in yet, opened for one of those it belongs to."""

    id: UUID
    region: str
    purpose: str
    matters: tuple[str, ...]
    subject: Subject
    opened_by: str
    digest: str
    version: int
    held: Mapping[str, Held]
    typed: Mapping[str, tuple[str, ...]]  # what could not be read, as it was typed
    kept_until: date
    updated_at: datetime
    submitted_at: datetime | None = None

    @property
    def values(self) -> dict[str, Value]:
        """Return the values alone, as the evaluator takes them."""
        return {code: one.value for code, one in self.held.items()}


@dataclass(frozen=True)
class Clash:
    """A field that somebody else changed meanwhile."""

    element: str
    by: str
    at: datetime


@dataclass(frozen=True)
class Saved:
    """What one save did: the draft as it stands, and what could not be kept as a value."""

    draft: Draft
    errors: Mapping[str, Problem]


@dataclass(frozen=True)
class Submitted:
    """What was handed in, frozen: the values of the shown fields with where they come from."""

    draft: Draft
    held: Mapping[str, Held]
    items: tuple[UUID, ...]  # data-quality items that were opened
    typed_share: float


@dataclass(frozen=True)
class Item:
    """A correction that waits for its owner. The two values are not here: `open_item` shows them and leaves a trace.

    Accepted, it is not over before the source says so too: `changed_at` is when it did.
    """

    id: UUID
    region: str
    owner: str
    element: str
    title: Text
    source: Text
    ref: str
    about: str
    state: ItemState
    opened_at: datetime
    reason: str = ""
    decided_by: str = ""
    decided_at: datetime | None = None
    due_on: date | None = None
    changed_at: datetime | None = None
    opened_by: str = ""
    holder_hash: bytes = b""

    @property
    def to_change(self) -> bool:
        """Return whether it was accepted and the source still says what was wrong."""
        return self.state is ItemState.ACCEPTED and self.changed_at is None


@dataclass(frozen=True)
class OpenedItem:
    """An item with what we showed, what the applicant says, and what he brings for it."""

    item: Item
    shown: Text
    corrected: Text
    evidence: str
