"""What a flow is, and what is wrong with one. A flow is data of the pack; a case keeps the version it began with."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from bancheng.kernel.cases.rules.words import Kind, Outcome
from bancheng.kernel.clocks import public as clocks
from bancheng.lib.conditions import TRUE, Condition, Value
from bancheng.lib.text import Text


class Join(StrEnum):
    """Whether a step waits for all that stands before it, or for the first."""

    ALL = "all"
    ANY = "any"


class Since(StrEnum):
    """The day a step's clock starts, which is not counted (R-CLK-2)."""

    RECEIVED = "received"  # the papers came, or came corrected
    ACCEPTED = "accepted"
    OPENED = "opened"  # the step became due


@dataclass(frozen=True)
class ClockSpec:
    """The period a step runs on: a row of the clock table, and the city's own shorter promise."""

    rule: str
    since: Since
    promised: clocks.Length | None = None


@dataclass(frozen=True)
class Issue:
    """What a granted decision issues; `months` None is 长期. `number` is how the unit numbers it: "JY{area}{serial:08}"."""

    licence_type: str
    number: str
    months: int | None = None

    def numbered(self, *, area: str, year: int, serial: int) -> str:
        """Return the number of the licence that is `serial` in its order."""
        return self.number.format(area=area, year=year, serial=serial)


@dataclass(frozen=True)
class Promise:
    """告知承诺: conditions promised instead of proved, verified after the grant (R-GC-1 to R-GC-3).

    The applicant chooses it by answering `element` with `value`; any other answer is the ordinary way. Every promise is verified in
    the step `verify`; one that is not true is to be mended by the end of the step `recheck`, or the grant is taken back.
    """

    element: str
    value: str
    verify: str
    recheck: str
    says: Text  # what is promised, in the words that are confirmed
    standards: tuple[Text, ...] = ()  # what each condition means, published with the guide
    sample: int = 100  # of a hundred promises so many are verified on the spot, the others by data
    law: str = ""  # the statute that provides it: without one no matter of R-GC-1's exclusions offers it

    def chosen(self, values: Mapping[str, Value]) -> bool:
        """Return whether the answers choose the promise."""
        return values.get(self.element) == self.value


@dataclass(frozen=True)
class Step:
    """One step. `after` names what stands before it; `when` is asked of the form; who handles it is a role in a unit."""

    code: str
    kind: Kind
    name: Text
    role: str = ""  # empty: nobody's task, a case of its own (MATTER) or done by the machine (SERVE)
    unit: str = ""  # empty: the matter's own unit
    after: tuple[str, ...] = ()
    join: Join = Join.ALL
    when: Condition = TRUE
    needs_grant: bool = False  # waits until what stands before it was granted, not only ended
    only_if: Outcome | None = None  # behind a decision: only after this one
    clock: ClockSpec | None = None
    matter: str = ""  # MATTER: what is applied for …
    flow: str = ""  # … and the flow of that case
    issue: Issue | None = None
    letter: bool = False  # a grant is told in a sealed letter of its own; a denial always is
    ends_applicant: bool = False  # behind a grant the applicant is no more: its registration is cancelled (R14.7)


@dataclass(frozen=True)
class Flow:
    """A flow and its steps in the order people read them."""

    code: str
    name: Text
    steps: tuple[Step, ...]
    matter: str = ""  # empty: a bundle of matters
    version: int = 0
    law: str = ""
    promise: Promise | None = None
    lead: str = ""  # of a bundle: the unit that tells the applicant for all (行政许可法 第二十六条)

    @cached_property
    def by_code(self) -> Mapping[str, Step]:
        """Return the steps by their codes."""
        return {step.code: step for step in self.steps}

    @property
    def is_bundle(self) -> bool:
        """Return whether its steps are cases of their own."""
        return not self.matter

    def of_kind(self, kind: Kind) -> tuple[Step, ...]:
        """Return the steps of `kind`."""
        return tuple(step for step in self.steps if step.kind is kind)

    def before(self, step: Step) -> set[str]:
        """Return the codes of everything that stands before `step`, near and far."""
        seen: set[str] = set()
        waiting = list(step.after)
        while waiting:
            code = waiting.pop()
            if code not in seen and code in self.by_code:
                seen.add(code)
                waiting += self.by_code[code].after
        return seen

    def rules_of(self, code: str) -> frozenset[str]:
        """Return the clocks a step is measured by: its own, or those of what comes after it, whose time it uses up."""
        step = self.by_code[code]
        if step.clock:
            return frozenset({step.clock.rule})
        return frozenset(each.clock.rule for each in self.steps if each.clock and code in self.before(each))

    def the(self, kind: Kind) -> Step | None:
        """Return the one step of `kind`, None when the flow has none."""
        return next((step for step in self.steps if step.kind is kind), None)


@dataclass(frozen=True)
class Fault:
    """One thing wrong with a flow, and the step it stands in ("" for the flow itself)."""

    step: str
    says: Text


@dataclass(frozen=True)
class Known:
    """What a flow may name: roles, units, matters, flows, elements of forms with what they stand for, clock rules."""

    roles: frozenset[str]
    units: frozenset[str]
    matters: frozenset[str]
    flows: frozenset[str]
    licence_types: frozenset[str]
    elements: Mapping[str, object]
    rules: Mapping[str, clocks.Rule]
    bundles: frozenset[str] = frozenset()  # which of the flows are bundles
    concerns: Mapping[str, Sequence[Text]] = field(
        default_factory=dict
    )  # what a matter touches that excludes a promise


def faults(flow: Flow, known: Known) -> list[Fault]:
    """Return everything that is wrong with `flow`: what it names and does not exist, who is missing, where it ends."""
    found = [*_shape(flow), *_lead(flow, known)]
    if flow.promise:
        found += _promise(flow, flow.promise, known)
    for step in flow.steps:
        found += [Fault(step.code, says) for says in _step(flow, step, known)]
    if not found and (loop := _loop(flow)):
        names = " → ".join(loop)
        found.append(
            Fault(loop[0], Text(f"环节互相等待，永远轮不到：{names}。", f"These steps wait for each other: {names}."))
        )
    return found


def _lead(flow: Flow, known: Known) -> Iterator[Fault]:
    if flow.lead and not flow.is_bundle:
        yield Fault("", Text("只有“一件事”有牵头单位。", "Only a bundle has a leading unit."))
    elif flow.lead and flow.lead not in known.units:
        yield Fault("", Text(f"没有“{flow.lead}”这个牵头单位。", f"There is no leading unit “{flow.lead}”."))


def _shape(flow: Flow) -> Iterator[Fault]:
    codes = [step.code for step in flow.steps]
    for code in sorted({code for code in codes if codes.count(code) > 1}):
        yield Fault(code, Text(f"环节“{code}”重复。", f"The step “{code}” stands twice."))
    rules = [step.clock.rule for step in flow.steps if step.clock]
    for rule in sorted({rule for rule in rules if rules.count(rule) > 1}):
        yield Fault("", Text(f"两个环节用同一个期限{rule}。", f"Two steps run on the same clock {rule}."))
    if flow.is_bundle:
        if not flow.of_kind(Kind.MATTER):
            yield Fault("", Text("“一件事”里没有事项。", "This bundle has no matter."))
        for step in flow.steps:
            if step.kind is not Kind.MATTER:
                yield Fault(step.code, Text("“一件事”只由事项组成。", "A bundle is made of matters only."))
        return
    for kind, zh, en in (
        (Kind.REVIEW, "审查受理", "review"),
        (Kind.DECIDE, "决定", "decision"),
        (Kind.SERVE, "送达", "service"),
    ):
        if len(flow.of_kind(kind)) != 1:
            yield Fault("", Text(f"应恰有一个“{zh}”环节。", f"It must have exactly one {en} step."))
    if (review := flow.the(Kind.REVIEW)) and (review.after or review.when.names):
        yield Fault(review.code, Text("审查受理必须在最前。", "The review comes first."))


def _step(flow: Flow, step: Step, known: Known) -> Iterator[Text]:
    yield from _order(flow, step)
    yield from _handler(step, known)
    yield from step.when.check(known.elements)  # type: ignore[arg-type]  # kinds of conditions, kept as they came
    if not step.when.names and not step.when.holds({}):
        yield Text("条件永远不成立。", "Its condition never holds.")
    if step.clock:
        yield from _clock(step, step.clock, known)
    if step.issue and step.issue.licence_type not in known.licence_types:
        yield Text(
            f"没有“{step.issue.licence_type}”这种证照。", f"There is no licence type “{step.issue.licence_type}”."
        )
    if step.issue and not _numbers(step.issue):
        yield Text(
            "证号写法有误，应含{serial}，可用{area}、{year}。",
            "The pattern of its number is wrong: it has {serial}, and may have {area} and {year}.",
        )
    if step.issue and step.kind is not Kind.DECIDE:
        yield Text("只有决定环节可以制发证照。", "Only a decision issues a licence.")


def _numbers(issue: Issue) -> bool:
    try:
        return issue.numbered(area="411000", year=2026, serial=1) != issue.numbered(area="411000", year=2026, serial=2)
    except (KeyError, IndexError, ValueError, AttributeError):
        return False


def _order(flow: Flow, step: Step) -> Iterator[Text]:
    for code in step.after:
        if code not in flow.by_code:
            yield Text(f"前置环节“{code}”不存在。", f"It comes after “{code}”, which does not exist.")
    if step.needs_grant and not flow.is_bundle:
        yield Text(
            "needs_grant 只用于“一件事”；决定之后请用 only_if。",
            "needs_grant is for bundles; behind a decision use only_if.",
        )
    if step.kind is Kind.DECIDE and (step.when.names or step.only_if):
        yield Text("每一件都须作出决定，决定环节不能附条件。", "Every case is decided: the decision has no condition.")
    if step.kind is Kind.MATTER or step.kind is Kind.REVIEW:
        return
    if not step.after:
        yield Text("没有写明在哪个环节之后，永远轮不到。", "It says not what it comes after, so it is never due.")
    if step.only_if and not _behind(flow, step, Kind.DECIDE):
        yield Text("only_if 只能用在决定之后。", "only_if stands only behind the decision.")
    if step.kind in (Kind.SERVE, Kind.FOLLOW_UP) and not _behind(flow, step, Kind.DECIDE):
        yield Text("送达和回访应在决定之后。", "Service and follow-up come behind the decision.")


def _handler(step: Step, known: Known) -> Iterator[Text]:
    if step.kind is Kind.MATTER:
        if step.matter not in known.matters:
            yield Text(f"没有“{step.matter}”这个事项。", f"There is no matter “{step.matter}”.")
        if step.flow not in known.flows:
            yield Text(f"没有“{step.flow}”这个流程。", f"There is no flow “{step.flow}”.")
        elif step.flow in known.bundles:
            yield Text(
                f"“{step.flow}”本身是“一件事”，不能作为事项。", f"“{step.flow}” is a bundle itself, and no matter."
            )
        if step.unit not in known.units:
            yield Text(
                f"没有“{step.unit}”这个单位，无人受理该事项。", f"There is no unit “{step.unit}” to handle this matter."
            )
        return
    if not step.role and step.kind is not Kind.SERVE:
        yield Text("没有写明由谁办理。", "It says not who handles it.")
    if step.role and step.role not in known.roles:
        yield Text(f"没有“{step.role}”这个角色。", f"There is no role “{step.role}”.")
    if step.unit and step.unit not in known.units:
        yield Text(f"没有“{step.unit}”这个单位。", f"There is no unit “{step.unit}”.")


def _clock(step: Step, spec: ClockSpec, known: Known) -> Iterator[Text]:
    rule, promised = known.rules.get(spec.rule), spec.promised
    if step.kind is Kind.REVIEW and spec.since is Since.ACCEPTED:
        yield Text("审查的期限不能自受理起算。", "The period of a review cannot run from acceptance.")
    if rule is None:
        yield Text(f"期限表里没有{spec.rule}。", f"The clock table has no {spec.rule}.")
    elif rule.back or rule.given:
        yield Text(
            f"{spec.rule}不是从某日起算的期限，不能用在环节上。",
            f"{spec.rule} does not run from a day on: no step has it.",
        )
    elif promised and promised.unit is rule.length.unit and promised.n > rule.length.n:
        yield Text(
            f"承诺时限{promised.text.zh}长于{spec.rule}的法定时限{rule.length.text.zh}。",
            f"The promised {promised.text.en} exceed the statutory {rule.length.text.en} of {spec.rule}.",
        )


def _promise(flow: Flow, promise: Promise, known: Known) -> Iterator[Fault]:
    """R-GC-1 to R-GC-3: who may offer a promise, that it is decided at once, and that it is verified by a day."""
    for concern in known.concerns.get(flow.matter, ()):
        if not promise.law:
            yield Fault(
                "",
                Text(
                    f"该事项涉及{concern.zh}，不适用告知承诺；法律另有规定的，请写明依据（law）。",
                    f"This matter touches {concern.en}: no promise may be offered, unless a statute provides it: name it (law).",
                ),
            )
    if promise.element not in known.elements:
        yield Fault("", Text(f"没有“{promise.element}”这个数据项。", f"There is no element “{promise.element}”."))
    if not 1 <= promise.sample <= 100:
        yield Fault("", Text("抽查比例应为1到100。", "The share to verify on the spot is 1 to 100 of a hundred."))
    answers: dict[str, Value] = {promise.element: promise.value}
    decide = flow.the(Kind.DECIDE)
    for code in sorted(flow.before(decide) if decide else ()):
        step = flow.by_code[code]
        if step.kind is not Kind.REVIEW and step.when.holds(answers):
            yield Fault(
                code,
                Text(
                    "作了承诺的应当场决定，受理和决定之间不能再有这个环节。",
                    "With a promise it is decided at once: this step may not stand between acceptance and decision.",
                ),
            )
    yield from _verified(flow, promise, answers)


def _verified(flow: Flow, promise: Promise, answers: Mapping[str, Value]) -> Iterator[Fault]:
    verify, recheck = flow.by_code.get(promise.verify), flow.by_code.get(promise.recheck)
    for step, code in ((verify, promise.verify), (recheck, promise.recheck)):
        if step is None or step.kind is not Kind.FOLLOW_UP or step.clock is None:
            says = Text(
                f"告知承诺须有核查和复查环节（follow_up），并各有期限：“{code}”。",
                f"A promise has a step to verify it and one to check again, follow-ups with periods of their own: “{code}”.",
            )
            yield Fault(step.code if step else "", says)
    if verify and not (verify.when.holds(answers) and verify.only_if is Outcome.GRANTED and verify.when.names):
        says = Text("核查只对选了承诺并获准予的办件。", "Verified is what was promised and granted, and nothing else.")
        yield Fault(verify.code, says)
    if recheck and (recheck.after != (promise.verify,) or recheck.when.names or recheck.only_if):
        says = Text("复查只在核查之后，不另附条件。", "The second check comes after the first and has no condition.")
        yield Fault(recheck.code, says)


def _behind(flow: Flow, step: Step, kind: Kind) -> bool:
    return any(flow.by_code[code].kind is kind for code in flow.before(step))


def _loop(flow: Flow) -> Sequence[str]:
    """Return steps that wait for each other in a ring, nothing when there is no ring."""
    before = {step.code: flow.before(step) for step in flow.steps}
    rings = ([other for other in codes if code in before[other]] for code, codes in before.items() if code in codes)
    return sorted(next(rings, []))
