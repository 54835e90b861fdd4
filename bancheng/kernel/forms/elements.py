"""A datum of the city as it is asked for: its kind, how carefully it is kept, its choices and, of a list, the fields of a row."""

from dataclasses import dataclass
from enum import StrEnum

from bancheng.lib import conditions
from bancheng.lib.text import Text


class Kind(StrEnum):
    """How an element is typed, kept and shown."""

    TEXT = "text"
    LONG_TEXT = "long_text"
    WHOLE = "whole"
    AREA = "area"  # whole dm², typed in m²
    MONEY = "money"  # whole fen, typed in yuan
    DATE = "date"
    YES_NO = "yes_no"
    CHOICE = "choice"
    MANY = "many"
    CITIZEN_ID = "citizen_id"
    USCC = "uscc"
    MOBILE = "mobile"
    PHONE = "phone"
    NAME = "name"
    ADDRESS = "address"
    EMAIL = "email"
    ROWS = "rows"  # a list of people or things: the same few fields for each


CONDITION_KINDS = {
    Kind.WHOLE: conditions.Kind.WHOLE,
    Kind.AREA: conditions.Kind.WHOLE,
    Kind.MONEY: conditions.Kind.WHOLE,
    Kind.DATE: conditions.Kind.DAY,
    Kind.YES_NO: conditions.Kind.TRUTH,
    Kind.MANY: conditions.Kind.MANY,
    Kind.ROWS: conditions.Kind.MANY,
}  # every other kind is text


class Sensitivity(StrEnum):
    """How carefully a value is kept: all but open ones are sealed at rest and masked on pages."""

    OPEN = "open"
    PERSONAL = "personal"
    SENSITIVE = "sensitive"  # 个人信息保护法 第二十八条


@dataclass(frozen=True)
class Choice:
    """One of the answers to choose from."""

    code: str
    name: str
    name_en: str

    @property
    def title(self) -> Text:
        return Text(self.name, self.name_en)


@dataclass(frozen=True)
class Column:
    """One of the fields of each row of a list."""

    code: str
    name: str
    name_en: str
    kind: Kind
    longest: int = 0
    optional: bool = False
    choices: tuple[Choice, ...] = ()

    @property
    def title(self) -> Text:
        return Text(self.name, self.name_en)


@dataclass(frozen=True)
class Element:
    """One datum of the city, defined once. `law` lets us ask for it; `owner` is the unit that answers for its truth."""

    code: str
    name: str
    name_en: str
    kind: Kind
    law: str
    owner: str
    sensitivity: Sensitivity = Sensitivity.OPEN
    hint: str = ""
    hint_en: str = ""
    longest: int = 0  # characters; 0: what the kind allows
    least: int | None = None  # in the unit it is kept in
    most: int | None = None
    autocomplete: str = ""
    source: tuple[
        str, ...
    ] = ()  # where it is prefilled from, the best first: "licence.food-business.number", see `prefilling`
    choices: tuple[Choice, ...] = ()
    columns: tuple[Column, ...] = ()  # of rows; `least` and `most` count them

    @property
    def title(self) -> Text:
        return Text(self.name, self.name_en)

    def cell(self, column: Column) -> "Element":
        """Return a column as an element of its own, as careful as the list."""
        return Element(
            column.code, column.name, column.name_en, column.kind, self.law, self.owner, self.sensitivity,
            longest=column.longest, choices=column.choices,
        )  # fmt: skip

    @property
    def explained(self) -> Text:
        return Text(self.hint, self.hint_en)

    @property
    def condition_kind(self) -> conditions.Kind:
        """Return what the element is in a condition."""
        return CONDITION_KINDS.get(self.kind, conditions.Kind.TEXT)

    @property
    def sealed(self) -> bool:
        """Return whether its value is sealed at rest."""
        return self.sensitivity is not Sensitivity.OPEN
