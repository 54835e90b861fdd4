"""Flows as they are kept: each version once, read once in a process."""

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from bancheng.kernel.audit import public as audit
from bancheng.kernel.cases.models import FlowVersion
from bancheng.kernel.cases.rules.flow import ClockSpec, Flow, Issue, Join, Promise, Since, Step
from bancheng.kernel.cases.rules.words import Kind, Outcome
from bancheng.kernel.catalogue import public as catalogue
from bancheng.kernel.catalogue.public import Changes
from bancheng.kernel.clocks import public as clocks
from bancheng.lib.conditions import parse
from bancheng.lib.refusal import Refused
from bancheng.lib.text import Text

NO_SUCH = Refused(
    "no_such_flow",
    "本市没有这个办理流程，未作任何改动。",
    en="This city has no such flow; nothing was changed.",
    status=404,
)


def load(flows: Iterable[Flow], *, region: str, by: str, at: datetime) -> Changes:
    """Keep `flows` as the current ones of `region`: one that reads otherwise becomes a version, one that is gone is current no more.

    Cases stay on the version they began with. A second time it changes nothing.
    """
    added: list[str] = []
    changed: list[str] = []
    unchanged = 0
    with transaction.atomic():
        current = {row.code: row for row in FlowVersion.objects.select_for_update().filter(region=region, current=True)}
        for flow in flows:
            definition = to_json(flow)
            digest = _digest(definition)
            row = current.pop(flow.code, None)
            if row is not None and row.digest == digest:
                unchanged += 1
                continue
            (changed if row else added).append(flow.code)
            _keep(region, flow.code, digest, definition, row, at)
        _retire(current)
        if added or changed or current:
            detail = {"added": added, "changed": changed, "retired": sorted(current)}
            audit.record("cases.flows_loaded", who=by, about=f"city:{region}", at=at, region=region, detail=detail)
    return Changes(tuple(added), tuple(changed), tuple(sorted(current)), unchanged)


def _keep(
    region: str, code: str, digest: str, definition: Mapping[str, Any], old: FlowVersion | None, at: datetime
) -> None:
    newest = FlowVersion.objects.filter(region=region, code=code).order_by("-version").first()
    if old is not None:
        _retire({code: old})
    FlowVersion.objects.create(
        region=region,
        code=code,
        version=newest.version + 1 if newest else 1,
        digest=digest,
        definition=definition,
        current=True,
        loaded_at=at,
    )


def _retire(rows: Mapping[str, FlowVersion]) -> None:
    FlowVersion.objects.filter(pk__in=[row.pk for row in rows.values()]).update(current=False)


@catalogue.kept
def _current(region: str) -> Mapping[str, tuple[int, Flow]]:
    """Return the current version of each flow with its id, in the order of their codes."""
    rows = FlowVersion.objects.filter(region=region, current=True).order_by("code")
    return {row.code: (row.pk, _flow(row)) for row in rows}


def current(*, region: str, code: str) -> tuple[int, Flow]:
    """Return the id of the current version of a flow, and the flow. Raises Refused("no_such_flow")."""
    return current_of(region=region, codes=[code])[code]


def all_current(*, region: str) -> list[Flow]:
    """Return the current flows of a city in the order of their codes."""
    return [flow for _, flow in _current(region).values()]


def current_of(*, region: str, codes: Collection[str]) -> dict[str, tuple[int, Flow]]:
    """Return the current versions of several flows. Raises Refused("no_such_flow")."""
    known = _current(region)
    if any(code not in known for code in codes):
        raise NO_SUCH
    return {code: known[code] for code in codes}


def flow_of(version_id: int) -> Flow:
    """Return the flow of a version: it never changes, so it is read once in a process."""
    if (found := _read.get((connection.settings_dict["NAME"], version_id))) is None:
        found = _flow(FlowVersion.objects.get(pk=version_id))
    return found


_read: dict[tuple[str, int], Flow] = {}


def _flow(row: FlowVersion) -> Flow:
    version = (connection.settings_dict["NAME"], row.pk)
    if version not in _read:
        _read[version] = from_json(row.code, row.version, row.definition)
    return _read[version]


def _digest(definition: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(definition, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


# --- the one form a flow is kept in ---


def to_json(flow: Flow) -> dict[str, Any]:
    """Return the flow as JSON; what is not said is left out."""
    said: dict[str, Any] = {
        "name": _both(flow.name),
        "matter": flow.matter,
        "law": flow.law,
        "steps": [_step_to_json(step) for step in flow.steps],
    }
    if flow.promise:
        said["promise"] = _promise_to_json(flow.promise)
    return said | ({"lead": flow.lead} if flow.lead else {})


def _promise_to_json(promise: Promise) -> dict[str, Any]:
    return {
        "element": promise.element,
        "value": promise.value,
        "verify": promise.verify,
        "recheck": promise.recheck,
        "says": _both(promise.says),
        "standards": [_both(one) for one in promise.standards],
        "sample": promise.sample,
        "law": promise.law,
    }


def _promise_from_json(said: Mapping[str, Any]) -> Promise:
    texts = {"says": Text(*said["says"]), "standards": tuple(Text(*one) for one in said["standards"])}
    return Promise(**{**said, **texts})


def _step_to_json(step: Step) -> dict[str, Any]:
    said: dict[str, Any] = {
        "code": step.code,
        "kind": step.kind.value,
        "name": _both(step.name),
        "role": step.role,
        "unit": step.unit,
        "after": list(step.after),
        "join": "" if step.join is Join.ALL else step.join.value,
        "when": step.when.source if step.when.names else "",
        "needs_grant": step.needs_grant,
        "ends_applicant": step.ends_applicant,
        "letter": step.letter,
        "only_if": step.only_if.value if step.only_if else "",
        "matter": step.matter,
        "flow": step.flow,
    }
    if step.clock:
        promised = step.clock.promised
        said["clock"] = {
            "rule": step.clock.rule,
            "since": step.clock.since.value,
            "promised": [promised.n, promised.unit.value] if promised else None,
        }
    if step.issue:
        said["issue"] = {
            "licence_type": step.issue.licence_type,
            "number": step.issue.number,
            "months": step.issue.months,
        }
    return {key: value for key, value in said.items() if value or key == "issue"}


def from_json(code: str, version: int, definition: Mapping[str, Any]) -> Flow:
    """Return the flow that was kept."""
    steps = tuple(_step_from_json(said) for said in definition["steps"])
    name, promise = Text(*definition["name"]), definition.get("promise")
    kept = _promise_from_json(promise) if promise else None
    lead = definition.get("lead", "")
    return Flow(code, name, steps, definition["matter"], version, definition["law"], kept, lead)


def _step_from_json(said: Mapping[str, Any]) -> Step:
    clock, issue = said.get("clock"), said.get("issue")
    return Step(
        code=said["code"],
        kind=Kind(said["kind"]),
        name=Text(*said["name"]),
        role=said.get("role", ""),
        unit=said.get("unit", ""),
        after=tuple(said.get("after", ())),
        join=Join(said.get("join") or Join.ALL),
        when=parse(said.get("when") or "true"),
        needs_grant=said.get("needs_grant", False),
        ends_applicant=said.get("ends_applicant", False),
        letter=said.get("letter", False),
        only_if=Outcome(said["only_if"]) if said.get("only_if") else None,
        clock=_clock_from_json(clock) if clock else None,
        matter=said.get("matter", ""),
        flow=said.get("flow", ""),
        issue=Issue(issue["licence_type"], issue["number"], issue["months"]) if issue else None,
    )


def _clock_from_json(said: Mapping[str, Any]) -> ClockSpec:
    promised = said["promised"]
    length = clocks.Length(promised[0], clocks.Unit(promised[1])) if promised else None
    return ClockSpec(said["rule"], Since(said["since"]), length)


def _both(text: Text) -> list[str]:
    return [text.zh, text.en]
