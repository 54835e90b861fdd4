"""What the city sets of mortgages: read from its pack where it stands.

terms.toml      the registry, days of the archive and of requests, when the end of an agreement is told, the rules of conduct
channels.toml   which of the nine channels may file what
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from django.conf import settings

from bancheng.kernel.clocks import public as clocks
from bancheng.lib.dated import Row, in_force
from bancheng.lib.text import Text
from bancheng.pack.reader import Entry, Notes, document
from bancheng.services.mortgages.rules.channels import Channel, Kind

FILE, CHANNELS = "terms.toml", "channels.toml"
NO_LENGTH = clocks.Length(0, clocks.Unit.WD)


@dataclass(frozen=True)
class Terms:
    """The city's days and shares; every one of them is its own choice, no law names it."""

    registry: str
    remind_days: tuple[int, ...]
    sort: clocks.Length
    on_spot: clocks.Length
    coordinated: clocks.Length
    look_up: clocks.Length
    explain: clocks.Length
    index: Sequence[Row[clocks.Length]]
    sample_percent: int
    sample_least: int
    conduct: tuple[Text, ...]
    goals: tuple[tuple[Text, Text], ...]

    def index_length(self, on: date) -> clocks.Length:
        """Return within what a bundle recorded on that day is to be filed."""
        return in_force(self.index, on).value


@dataclass(frozen=True)
class Offer:
    """A channel as the city runs it: what it files."""

    channel: Channel
    name: Text
    files: tuple[Kind, ...]


def read(folder: Path) -> Terms:
    """Return what the pack sets. Raises Faulty naming file and line."""
    notes = Notes(folder)
    whole = document(folder / FILE, notes=notes)
    requests, archive = whole.table("requests", required=True), whole.table("archive", required=True)
    found = Terms(
        registry=whole.text("registry"),
        remind_days=_days(whole),
        sort=_length(requests, "sort"),
        on_spot=_length(requests, "on_spot"),
        coordinated=_length(requests, "coordinated"),
        look_up=_length(archive, "look_up"),
        explain=_length(archive, "explain"),
        index=[_index(entry) for entry in whole.tables("index", required=True)],
        sample_percent=(archive.whole("sample_percent") or 1) if archive else 1,
        sample_least=(archive.whole("sample_least") or 1) if archive else 1,
        conduct=tuple(_words(entry) for entry in whole.tables("conduct")),
        goals=tuple(_goal(entry) for entry in whole.tables("goal")),
    )
    for entry in (requests, archive, whole):
        if entry:
            entry.finish()
    notes.check()
    return found


def _days(entry: Entry) -> tuple[int, ...]:
    value = entry.values.get("remind_days", [])
    entry.asked.add("remind_days")
    if not isinstance(value, list) or not value or any(type(one) is not int or one < 1 for one in value):
        entry.wrong("remind_days", "“remind_days”应为天数的列表。", "“remind_days” is a list of days.")
        return (30,)
    return tuple(sorted(value, reverse=True))


def _length(entry: Entry | None, key: str) -> clocks.Length:
    return (entry.length(key) if entry else None) or NO_LENGTH


def _index(entry: Entry) -> Row[clocks.Length]:
    found = Row(
        entry.day("since", required=True) or date.min, _length(entry, "within"), entry.text("law", required=False)
    )
    entry.finish()
    return found


def _words(entry: Entry) -> Text:
    found = Text(entry.text("zh"), entry.text("en"))
    entry.finish()
    return found


def _goal(entry: Entry) -> tuple[Text, Text]:
    found = (Text(entry.text("name"), entry.text("name_en")), Text(entry.text("how"), entry.text("how_en")))
    entry.finish()
    return found


def read_channels(folder: Path) -> Mapping[Channel, Offer]:
    """Return the channels of the pack. Raises Faulty naming file and line."""
    notes = Notes(folder)
    whole = document(folder / CHANNELS, notes=notes)
    found: dict[Channel, Offer] = {}
    for entry in whole.tables("channel", required=True):
        code = entry.choice("code", Channel)
        if code in found:
            entry.wrong("code", f"渠道“{code}”写了两次。", f"Channel “{code}” is listed twice.")
        found[code] = Offer(code, Text(entry.text("name"), entry.text("name_en")), entry.choices("files", Kind))
        entry.finish()
    whole.finish()
    notes.check()
    return found


def folder() -> Path:
    """Return the section of the city's own pack."""
    return Path(settings.PACK) / "services" / "mortgages"


@cache
def of_pack() -> Terms:
    """Return what the city's own pack sets; read once in the life of a process."""
    return read(folder())


@cache
def channels() -> Mapping[Channel, Offer]:
    """Return the channels of the city's own pack; read once in the life of a process."""
    return read_channels(folder())
