"""Reads how a city's matters are handled: flows/*.toml, flows of single matters and bundles of them.

A flow that names what does not exist, that nobody handles, that can stop for ever or has a step nobody ever reaches is
refused on its line. A pack without flows handles nothing online.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from bancheng.kernel.cases import public as cases
from bancheng.kernel.catalogue import public as catalogue_
from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.forms import public as forms
from bancheng.kernel.identity import public as identity
from bancheng.lib.text import Text
from bancheng.pack.forms import condition
from bancheng.pack.reader import Entry, Notes, tables


def read(
    folder: Path, *, notes: Notes, catalogue: catalogue_.Catalogue | None, asked: forms.Forms
) -> tuple[cases.Flow, ...]:
    """Return the flows of the pack in `folder`; problems go to `notes`."""
    entries = [entry for path in sorted(folder.glob("flows/*.toml")) for entry in tables(path, "flow", notes=notes)]
    units = {matter.code: matter.unit for matter in catalogue.matters} if catalogue else {}
    found = [_Flow(entry, units) for entry in entries]
    _check_twins(found)
    if catalogue is not None:
        known = _known(catalogue, asked, [one.flow for one in found])
        for one in found:
            one.check(known, cases.faults(one.flow, known))
    return tuple(one.flow for one in found)


class _Flow:
    """A flow as it was read, and the entry each of its steps stands in."""

    def __init__(self, entry: Entry, units: Mapping[str, str]) -> None:
        self.entry = entry
        self.entries = entry.tables("steps", required=True)
        steps = tuple(_step(one, units) for one in self.entries)
        self.at = {step.code: one for step, one in zip(steps, self.entries, strict=True)}
        self.flow = cases.Flow(
            code=entry.text("code", longest=64),
            name=_both(entry),
            steps=steps,
            matter=entry.text("matter", required=False),
            law=entry.text("law", required=False),
            promise=_promise(entry),
            lead=entry.text("lead", required=False),
        )
        entry.finish()

    def check(self, known: cases.Known, faults: Sequence[cases.Fault]) -> None:
        """Note what is wrong; a flow whose words are right is walked through."""
        if self.flow.matter and self.flow.matter not in known.matters:
            zh, en = f"没有“{self.flow.matter}”这个事项。", f"There is no matter “{self.flow.matter}”."
            self.entry.wrong("matter", zh, en)
        for fault in faults or cases.stuck(self.flow):
            self.at.get(fault.step, self.entry).wrong("code", fault.says.zh, fault.says.en)


def _step(entry: Entry, units: Mapping[str, str]) -> cases.Step:
    matter = entry.text("matter", required=False)
    kind = entry.choice("kind", cases.Kind)
    step = cases.Step(
        code=entry.text("code", longest=64),
        kind=kind,
        name=_both(entry),
        role=entry.text("role", required=False),
        unit=entry.text("unit", required=False) or units.get(matter, ""),
        after=entry.texts("after"),
        join=entry.choice("join", cases.Join) if "join" in entry.values else cases.Join.ALL,
        when=condition(entry, "when"),
        needs_grant=entry.flag("needs_grant"),
        ends_applicant=entry.flag("ends_applicant"),
        letter=entry.flag("letter"),
        only_if=entry.choice("only_if", cases.Outcome) if "only_if" in entry.values else None,
        clock=_clock(entry),
        matter=matter,
        flow=entry.text("flow", required=False) or (matter if kind is cases.Kind.MATTER else ""),
        issue=_issue(entry),
    )
    entry.finish()
    return step


def _promise(entry: Entry) -> cases.Promise | None:
    inner = entry.table("promise")
    if inner is None:
        return None
    sample = inner.whole("sample", required=False)
    promise = cases.Promise(
        element=inner.text("element"),
        value=inner.text("value"),
        verify=inner.text("verify"),
        recheck=inner.text("recheck"),
        says=Text(inner.text("says"), inner.text("says_en")),
        standards=tuple(_standard(one) for one in inner.tables("standards", required=True)),
        sample=100 if sample is None else sample,
        law=inner.text("law", required=False),
    )
    inner.finish()
    return promise


def _standard(entry: Entry) -> Text:
    said = Text(entry.text("zh"), entry.text("en"))
    entry.finish()
    return said


def _both(entry: Entry) -> Text:
    return Text(entry.text("name", longest=120), entry.text("name_en", longest=160))


def _clock(entry: Entry) -> cases.ClockSpec | None:
    inner = entry.table("clock")
    if inner is None:
        return None
    spec = cases.ClockSpec(
        inner.text("rule"), inner.choice("since", cases.Since), inner.length("promised", required=False)
    )
    inner.finish()
    return spec


def _issue(entry: Entry) -> cases.Issue | None:
    inner = entry.table("issues")
    if inner is None:
        return None
    issue = cases.Issue(inner.text("licence_type"), inner.text("number"), inner.whole("months", required=False))
    inner.finish()
    return issue


def _known(catalogue: catalogue_.Catalogue, asked: forms.Forms, flows: Sequence[cases.Flow]) -> cases.Known:
    return cases.Known(
        roles=frozenset(identity.ROLES),
        units=frozenset(unit.code for unit in catalogue.units),
        matters=frozenset(matter.code for matter in catalogue.matters),
        flows=frozenset(flow.code for flow in flows if flow.matter),
        licence_types=frozenset(one.code for one in catalogue.licence_types),
        elements={element.code: element.condition_kind for element in asked.elements},
        rules=clocks.rules(),
        concerns={
            matter.code: [catalogue_.NAMES[one] for one in matter.concerns]
            for matter in catalogue.matters
            if matter.concerns
        },
    )


def _check_twins(found: Sequence[_Flow]) -> None:
    seen: set[str] = set()
    for one in found:
        if one.flow.code in seen:
            one.entry.wrong("code", f"“{one.flow.code}”重复。", f"“{one.flow.code}” stands twice.")
        seen.add(one.flow.code)
