"""A promise of papers is signed (R-RQ-3): in the pack's words, by whom, in which capacity, and sealed for an organisation."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

from django.conf import settings

from bancheng.kernel.identity import public as identity
from bancheng.lib.refusal import Refused
from bancheng.lib.text import Text
from bancheng.pack.reader import Entry, Notes, document
from bancheng.services.onething import queries
from bancheng.services.onething.queries import Application

FILE = "promises.toml"
POINTS = 5  # true will, knows the notice, papers true, will come in time, answers for it: R-RQ-3 names five

SELF, REPRESENTATIVE, AGENT, COUNTER, PARTNER = "self", "legal_representative", "agent", "counter", "partner"
SIGNED_AS = {
    SELF: Text("本人", "himself"),
    REPRESENTATIVE: Text("法定代表人", "the legal representative"),
    AGENT: Text("委托代理人", "an agent"),
    COUNTER: Text("本人在窗口签字", "in person at the counter"),
    PARTNER: Text("申请人在对接系统签署，由对接单位转交", "the applicant in a partner's system, which handed it on"),
}


@dataclass(frozen=True)
class Words:
    """What somebody promises who lets a paper follow, in a version of the words."""

    version: str
    points: tuple[Text, ...]
    law: Text


@dataclass(frozen=True)
class Signature:
    """In which capacity somebody promised, by which writing, and whether the organisation's seal stands under it."""

    signed_as: str
    document: str
    sealed: bool
    words: str


def read(folder: Path) -> Words:
    """Return the words of the pack. Raises Faulty naming file and line."""
    notes = Notes(folder)
    top = document(folder / FILE, notes=notes)
    entry = top.table("gap", required=True)
    found = _words(entry) if entry else Words("", (), Text("", ""))
    if entry and len(found.points) < POINTS:
        entry.wrong("points", f"承诺内容应有{POINTS}项。", f"A promise has {POINTS} points.")
    notes.check()
    return found


def _words(entry: Entry) -> Words:
    points = tuple(Text(one.text("zh"), one.text("en")) for one in entry.tables("points", required=True))
    return Words(entry.text("version", longest=40), points, Text(entry.text("law"), entry.text("law_en")))


@cache
def words() -> Words:
    """Return the words of the city's own pack; read once in the life of a process."""
    return read(Path(settings.PACK) / "services" / "onething")


def signature(
    found: Application, matters: Iterable[str], *, sealed: bool, by: identity.Actor, at: datetime
) -> Signature:
    """Return how `by` signs for the applicant: himself, by his office, by his writing as far as it goes, or at the counter.

    Raises Refused: not_within_scope, not_sealed.
    """
    subject = found.draft.subject
    organisation = subject.ref.startswith("organisation:")
    if organisation and not sealed:
        raise Refused(
            "not_sealed",
            "单位作出容缺承诺须加盖印章，没有改动；请勾选以单位名义签章后再承诺。",
            en="An organisation's promise bears its seal. Nothing was changed: tick that it is sealed, then promise.",
            law=words().law.zh,
            status=422,
        )
    if found.counter:
        return Signature(COUNTER, "", sealed, words().version)
    if subject.ref == f"person:{by.person_id}":
        return Signature(SELF, "", False, words().version)
    principal = None
    for matter in sorted(set(matters)):
        principal = _principal(by, subject.ref, matter, at)
        if principal is None:
            raise Refused(
                "not_within_scope",
                "您的委托不包括用到这份材料的事项，不能代为承诺，没有改动；请法定代表人承诺，或现在上传。",
                en="Your authority does not cover the matter that uses this paper, so you cannot promise it. Nothing was changed.",
                status=403,
            )
    office = principal is not None and principal.legal_representative
    return Signature(
        REPRESENTATIVE if office else AGENT,
        f"agency:{principal.agency_id}" if principal else "",
        sealed and organisation,
        words().version,
    )


def through_partner(authorisation: str) -> Signature:
    """Return how a promise is signed that a partner's system hands on: the applicant's writing is named, the original is kept there."""
    return Signature(PARTNER, authorisation, False, words().version)


def _principal(by: identity.Actor, ref: str, matter: str, at: datetime) -> identity.Principal | None:
    """Return by which power the actor acts for somebody in a matter: his office before a writing."""
    found = [one for one in identity.principals(by, at, service=queries.SERVICE, matter=matter) if one.ref == ref]
    return min(found, key=lambda one: not one.legal_representative, default=None)
