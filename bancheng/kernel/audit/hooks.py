"""Whose things the record tells of: asked by the page on which people see who read their data, answered by the services."""

from collections.abc import Sequence
from dataclasses import dataclass

from bancheng.lib.hooks import Hook
from bancheng.lib.text import Text


@dataclass(frozen=True)
class Holders:
    """Somebody and those he stands for by office, by the keyed hashes of their identifiers."""

    hashes: Sequence[bytes]


@dataclass(frozen=True)
class Thing:
    """One of their things: `about` as events name it, what it is called, and its page."""

    about: str
    words: Text
    url: str = ""


# a service answers with a list of Thing; what it does not name, its holder does not find
things_of: Hook[Holders] = Hook("audit.things_of")
