"""What the leading group has laid down, as the pack says it: the plan of implementation (F7.2) and the meetings held so far (F7.1, F7.5)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path

from django.conf import settings

from bancheng.kernel.catalogue.public import Changes
from bancheng.lib.text import Text
from bancheng.pack.reader import Entry, Notes, document
from bancheng.services.landshares.models import Matter, Meeting
from bancheng.services.landshares.rules.procedures import KINDS

FILE = "group.toml"


@dataclass(frozen=True)
class Plan:
    """The plan of implementation."""

    title: Text
    number: str
    since: date
    articles: tuple[Text, ...]


@dataclass(frozen=True)
class MatterSaid:
    """A matter of a meeting."""

    parcel: str
    question: str
    kind: str
    decision: str


@dataclass(frozen=True)
class MeetingSaid:
    """A meeting that was held."""

    number: str
    held_on: date
    chair: str
    minutes: str
    matters: tuple[MatterSaid, ...]


@dataclass(frozen=True)
class Group:
    """All that the file says."""

    plan: Plan | None
    meetings: tuple[MeetingSaid, ...]


NOTHING = Group(None, ())


def read(folder: Path, notes: Notes) -> Group:
    """Return what the pack says; what is wrong is noted with file and line."""
    whole = document(folder / FILE, notes=notes)
    said = whole.table("plan", required=True)
    meetings = tuple(_meeting(entry) for entry in whole.tables("meeting"))
    whole.finish()
    return Group(_plan(said) if said else None, meetings)


def _plan(entry: Entry) -> Plan:
    articles = tuple(Text(each.text("zh"), each.text("en")) for each in entry.tables("article", required=True))
    found = Plan(
        Text(entry.text("title"), entry.text("title_en")),
        entry.text("number"),
        entry.day("since", required=True) or date.min,
        articles,
    )
    entry.finish()
    return found


def _meeting(entry: Entry) -> MeetingSaid:
    found = MeetingSaid(
        entry.text("number", longest=40),
        entry.day("held_on", required=True) or date.min,
        entry.text("chair", longest=60),
        entry.text("minutes"),
        tuple(_matter(each) for each in entry.tables("matter")),
    )
    entry.finish()
    return found


def _matter(entry: Entry) -> MatterSaid:
    found = MatterSaid(
        entry.text("parcel"),
        entry.text("question", longest=500),
        entry.text("kind"),
        entry.text("decision", longest=1000),
    )
    if found.kind not in KINDS:
        allowed = "、".join(KINDS)
        entry.wrong("kind", f"类型应为{allowed}之一。", f"The kind is one of {', '.join(KINDS)}.")
    entry.finish()
    return found


def write(wanted: Sequence[MeetingSaid], *, region: str, by: str, at: datetime) -> Changes:
    """Write the meetings that are new; one that is there stays as it was held."""
    known = set(Meeting.objects.filter(region=region).values_list("number", flat=True))
    added = [each for each in wanted if each.number not in known]
    for each in added:
        held = Meeting.objects.create(
            region=region,
            number=each.number,
            held_on=each.held_on,
            chair=each.chair,
            minutes=each.minutes,
            held_by=by,
            at=at,
        )
        Matter.objects.bulk_create(
            Matter(
                region=region,
                meeting=held,
                parcel=one.parcel,
                question=one.question,
                kind=one.kind,
                decision=one.decision,
                decided_by=by,
                at=at,
            )
            for one in each.matters
        )
    return Changes(tuple(each.number for each in added), (), (), len(wanted) - len(added))


@cache
def of_pack() -> Group:
    """Return what the city's own pack says; read once in the life of a process."""
    folder = Path(settings.PACK) / "services" / "landshares"
    return read(folder, Notes(folder)) if (folder / FILE).exists() else NOTHING
