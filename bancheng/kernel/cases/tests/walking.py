"""Walks through flows, each step chosen by chance: as logs alone, and through the real operations."""

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from bancheng.kernel.cases import public as cases
from bancheng.kernel.cases.flows import flow_of
from bancheng.kernel.cases.models import Case, FlowVersion
from bancheng.kernel.cases.operations.ending import archive, break_gaps
from bancheng.kernel.cases.public import Act, Because, Defect, Flow, Kind, Outcome, State
from bancheng.kernel.cases.rules.standing import EXITS, Logged, Standing, complete, standing, state, steps
from bancheng.kernel.cases.testing import APPROVER, NO, OFFICER, filed, said
from bancheng.kernel.clocks import public as clocks
from bancheng.lib.conditions import Value
from bancheng.lib.refusal import Refused

ENDS = [Outcome.GRANTED, Outcome.DENIED, Outcome.WITHDRAWN, Outcome.TERMINATED, Outcome.NOT_ACCEPTED]


def pack_flows() -> list[Flow]:
    """Return the flows of the loaded city, none as long as its pack has none."""
    found = FlowVersion.objects.filter(current=True).order_by("code").values_list("pk", flat=True)
    return [flow_of(pk) for pk in found]


# --- logs alone ---


def walk(flow: Flow, chance: Random, *, longest: int = 200) -> list[Logged]:
    """Return a log that a case of `flow` may have, until nothing is left to do; every line checked on the way."""
    log = [Logged(1, Act.SUBMITTED, branches=_answers(flow, chance))]
    while len(log) < longest:
        now = standing(log)
        check(flow, now)
        line = _next(flow, now, chance, len(log) + 1)
        if line is None:
            return log
        log.append(line)
        _check_alone(flow, now, standing(log), line)
    raise AssertionError(f"{flow.code} goes on for ever: {log}")


def check(flow: Flow, now: Standing) -> None:
    """Assert that a standing is one there may be: a known state, and something to do unless it is over."""
    assert state(flow, now) in State
    left = steps(flow, now)
    assert now.over or left.open or left.held or now.correcting or complete(flow, now), "stuck"
    assert not set(left.open) & set(left.held) & set(left.waiting) & left.skipped
    if not flow.is_bundle and not now.accepted and now.exit is None:
        assert all(flow.by_code[code].kind is Kind.REVIEW for code in left.open), "open before acceptance"


def _check_alone(flow: Flow, before: Standing, after: Standing, line: Logged) -> None:
    """R14.2: what came of one matter changes nothing of those that do not come after it."""
    if flow.is_bundle and line.act is Act.DONE:
        stood, stand = steps(flow, before), steps(flow, after)
        for step in flow.steps:
            if line.step not in (step.code, *flow.before(step)):
                assert (step.code in stood.open) == (step.code in stand.open)


def _answers(flow: Flow, chance: Random) -> dict[str, bool]:
    return {step.code: chance.random() < 0.7 for step in flow.steps if step.when.names}


def _next(flow: Flow, now: Standing, chance: Random, seq: int) -> Logged | None:
    left = steps(flow, now)
    if complete(flow, now) and not now.over:
        return Logged(seq, Act.CLOSED)
    if not now.over and chance.random() < 0.03:
        return Logged(seq, chance.choice([act for act in EXITS if now.decision is None or act is Act.TERMINATED]))
    if now.correcting:
        return Logged(seq, Act.CORRECTED, branches=_answers(flow, chance) if not flow.is_bundle else now.branches)
    if left.open:
        return _step(flow, now, chance.choice(left.open), chance, seq)
    if left.held and not now.over:
        return Logged(seq, Act.DONE, chance.choice(left.held), Outcome.WITHDRAWN)
    return None


def _step(flow: Flow, now: Standing, code: str, chance: Random, seq: int) -> Logged:
    kind = flow.by_code[code].kind
    if kind is Kind.REVIEW:
        if now.round < 4 and chance.random() < 0.3:
            return Logged(seq, Act.CORRECTION_SENT)
        return Logged(seq, chance.choice([Act.ACCEPTED, Act.ACCEPTED, Act.DEEMED_ACCEPTED, Act.NOT_ACCEPTED]), code)
    if kind is Kind.DECIDE:
        return Logged(seq, Act.DECIDED, code, chance.choice([Outcome.GRANTED, Outcome.DENIED]))
    came = chance.choice(ENDS) if kind is Kind.MATTER else Outcome.DONE
    if flow.promise and code == flow.promise.verify:
        came = chance.choice([Outcome.DONE, Outcome.UNTRUE])
    return Logged(seq, Act.SERVED if kind is Kind.SERVE else Act.DONE, code, came)


# --- the real operations ---


def values_for(flow: Flow, chance: Random) -> dict[str, Value]:
    """Return answers that make conditions of `flow` and its matters true or false by chance."""
    flows = [flow, *(cases.current_flow(region="411000", code=s.flow)[1] for s in flow.steps if s.flow)]
    conditions = [step.when for each in flows for step in each.steps if step.when.names]
    texts = [text for c in conditions for text in re.findall(r"[\"']([^\"']*)[\"']", c.source)] or ["x"]
    wholes = [int(n) + chance.choice([-1, 0, 1]) for c in conditions for n in re.findall(r"\b\d+\b", c.source)] or [0]
    chosen: dict[str, Value] = {}
    for name in sorted({name for c in conditions for name in c.names}):
        chosen[name] = chance.choice([chance.choice(texts), chance.choice(wholes), True, False])
    return chosen


class Walk:
    """A case worked by chance through the operations; after each act everything stored is held against the logs."""

    def __init__(self, flow: Flow, chance: Random, *, key: str, at: datetime) -> None:
        self.flow, self.chance, self.at = flow, chance, at
        self.seen: set[str] = set()
        self.root = filed(
            flow.code, key=key, at=at, unit="" if flow.is_bundle else "market", said=said(values_for(flow, chance))
        ).id
        self.check()

    def run(self, acts: int) -> None:
        for _ in range(acts):
            self.at += timedelta(hours=self.chance.choice([1, 5, 24]))
            with suppress(Refused):
                self.chance.choice([*self.moves()])()
            self.check()

    def check(self) -> None:
        ids = list(Case.objects.filter(root_id=self.root).values_list("pk", flat=True))
        assert list(cases.verify(ids)) == []
        found = cases.view(self.root)
        assert found is not None
        for one in (found.case, *found.matters):
            self.seen.add(one.state)
            assert one.over or one.steps.open or one.steps.held or one.state == State.CORRECTING, "stuck"
            for clock in one.clocks:
                for deadline in filter(None, (clock.decision.statutory, clock.decision.promised)):
                    assert deadline.explain.zh
                    assert deadline.explain.en

    def night(self) -> None:
        today = self.at.date()
        clocks.fire_due(today=today, at=self.at)
        cases.send_corrections(today=today, at=self.at)
        break_gaps(today=today, at=self.at)
        archive(today=today, at=self.at, keep_days=1)

    def moves(self) -> Iterator[Callable[[], object]]:
        """Yield what may be tried, allowed or not: who may not is refused and nothing changes."""
        found = cases.view(self.root)
        assert found is not None
        yield self.night
        yield from self._root_moves(found.case)
        for one in (found.case, *found.matters):
            if not one.flow.is_bundle:
                yield from self._matter_moves(one)

    def _root_moves(self, root: cases.Matter) -> Iterator[Callable[[], object]]:
        given: dict[str, Any] = {"case_id": self.root, "by": "person:1", "at": self.at}
        if root.state == State.CORRECTING:
            answer = said(values_for(self.flow, self.chance))
            for _ in range(4):
                yield lambda: cases.correct(said=answer, **given)
        for step in self.flow.steps:
            if self.flow.is_bundle:
                yield lambda code=step.code: cases.retry(step=code, **given)
                yield lambda code=step.code: cases.give_up(step=code, reason="不办了", **given)
        if self.chance.random() < 0.05:
            yield lambda: cases.withdraw(reason="不办了", **given)
            yield lambda: cases.terminate(because=Because("终止", "法"), **given)

    def _matter_moves(self, one: cases.Matter) -> Iterator[Callable[[], object]]:
        officer: dict[str, Any] = {"case_id": one.id, "by": OFFICER, "at": self.at}
        approver = officer | {"by": APPROVER}
        for code in one.steps.open:
            kind = one.flow.by_code[code].kind
            yield lambda c=code: cases.take(step=c, **officer)
            yield lambda c=code: cases.give_back(step=c, **officer)
            if kind is Kind.REVIEW:
                yield from self._review_moves(officer)
            elif kind is Kind.DECIDE:
                yield from self._decide_moves(approver)
            elif kind is Kind.SERVE:
                yield lambda: cases.serve(how="窗口", **officer)
            elif one.flow.promise and code in (one.flow.promise.verify, one.flow.promise.recheck):
                yield from self._promise_moves(one.flow.promise, code, officer, approver)
            else:
                for _ in range(2):
                    yield lambda c=code: cases.do(step=c, result="好", **officer)
        yield lambda: cases.undo(reason="点错了", **officer)
        yield from self._timing_moves(one, approver)
        yield lambda: cases.supply_gap(material="premises", **officer)
        if self.chance.random() < 0.1:
            yield lambda: cases.withdraw(reason="不办了", **officer)
            yield lambda: cases.transfer(to_unit="urban", because=Because("不属本机关"), **officer)
            yield lambda: cases.hand_over(to_unit="fire", because=Because("属消防职权", "消防法"), **officer)
            yield lambda: cases.waive(because=Because("逾期未补正"), **officer)

    def _promise_moves(
        self, promise: cases.Promise, code: str, officer: dict[str, Any], approver: dict[str, Any]
    ) -> Iterator[Callable[[], object]]:
        if code == promise.verify:
            yield lambda: cases.verify_promise(true=True, because=Because("属实"), **officer)
            yield lambda: cases.verify_promise(true=False, because=NO, **officer)
        else:
            yield lambda: cases.settle_promise(mended=True, because=Because("已改正"), **approver)
            yield lambda: cases.settle_promise(mended=False, because=NO, **approver)

    def _review_moves(self, officer: dict[str, Any]) -> Iterator[Callable[[], object]]:
        abouts = self.chance.sample(["field:a", "field:b", "material:c"], 2)
        gap = [("premises", self.at.date() + timedelta(days=self.chance.choice([1, 9])), self.chance.random() < 0.5)]
        for _ in range(3):
            yield lambda: cases.accept(**officer)
        yield lambda: cases.accept(gaps=gap, **officer)
        yield lambda: cases.refuse(because=NO, **officer)
        yield lambda: cases.ask_correction(defects=[Defect(a, "不符") for a in abouts], **officer)
        late = officer | {"overridden_by": "staff:5"}
        yield lambda: cases.ask_correction(defects=[Defect(a, "不符") for a in abouts], **late)

    def _decide_moves(self, approver: dict[str, Any]) -> Iterator[Callable[[], object]]:
        for _ in range(2):
            yield lambda: cases.decide(outcome=Outcome.GRANTED, because=Because(""), **approver)
        yield lambda: cases.decide(outcome=Outcome.DENIED, because=NO, **approver)

    def _timing_moves(self, one: cases.Matter, approver: dict[str, Any]) -> Iterator[Callable[[], object]]:
        for clock in one.clocks:
            rule, last = clock.rule.id, self.at.date() + timedelta(days=5)
            yield lambda r=rule, on=last: _pause(r, on, approver)
            yield lambda r=rule: cases.resume(rule=r, document="结束1号", **approver)
            longer = clocks.Length(3, clocks.Unit.WD)
            yield lambda r=rule, n=longer: cases.extend(rule=r, length=n, reason="复杂", approver="局长", **approver)


def _pause(rule: str, planned_last: date, approver: dict[str, Any]) -> None:
    papers = {"document": "评审1号", "notice": "告知书1号", "approver": "局长", "basis": "行政许可法 第四十五条"}
    cases.pause(rule=rule, cause="expert_review", planned_last=planned_last, **papers, **approver)
