"""Cases for other parts' tests: a small bundle (`restaurant`), a single matter (`sign`), and people to file and work them."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from bancheng.kernel.cases import flows
from bancheng.kernel.cases.facts import Applicant, Attached, Because, Filed, Said
from bancheng.kernel.cases.models import Case
from bancheng.kernel.cases.operations import handling, reviewing
from bancheng.kernel.cases.operations.filing import file
from bancheng.kernel.cases.rules.flow import ClockSpec, Flow, Issue, Promise, Since, Step
from bancheng.kernel.cases.rules.words import Kind, Outcome
from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.identity import public as identity
from bancheng.lib.conditions import Value, parse
from bancheng.lib.text import Text

REGION = "411000"
AT = datetime(2026, 3, 2, 9, 0, tzinfo=clocks.SHANGHAI)  # a Monday
USCC = "91411002MA00000161"
OFFICER, APPROVER = "staff:1", "staff:2"


def text(zh: str) -> Text:
    return Text(zh, zh)


def days(n: int) -> clocks.Length:
    return clocks.Length(n, clocks.Unit.WD)


def matter_flow(code: str, *middle: Step, issue: Issue | None = None, promised: int = 5, serve: str = "") -> Flow:
    """Return a flow of review, `middle`, decision, service."""
    before = tuple(step.code for step in middle) or ("review",)
    return Flow(
        code,
        text(code),
        (
            Step("review", Kind.REVIEW, text("审查"), "case_officer", clock=ClockSpec("C-01", Since.RECEIVED, days(2))),
            *middle,
            Step(
                "decide",
                Kind.DECIDE,
                text("决定"),
                "approver",
                after=before,
                clock=ClockSpec("C-02.decide", Since.ACCEPTED, days(promised)),
                issue=issue,
            ),
            Step("serve", Kind.SERVE, text("送达"), serve, after=("decide",)),
        ),
        matter=code,
    )


DECIDING = ClockSpec("C-02.decide", Since.ACCEPTED, days(5))
VISIT = Step("visit", Kind.VISIT, text("现场核查"), "case_officer", after=("review",), when=parse("route == 'inspect'"))
FOLLOW = Step(
    "verify",
    Kind.FOLLOW_UP,
    text("承诺核查"),
    "case_officer",
    after=("decide",),
    when=parse("route == 'promise'"),
    only_if=Outcome.GRANTED,
)
FOOD = matter_flow("food", issue=Issue("food-business", "JY1{area}{serial:07}", 60))
SIGN = matter_flow("sign")
FIRE = matter_flow("fire", VISIT)
FIRE = Flow(FIRE.code, FIRE.name, (*FIRE.steps, FOLLOW), FIRE.matter)
CHECK = matter_flow("check")
# conditions may be promised instead of shown: granted at once, verified later, mended or paid for with the grant
PROMISE = Promise(
    "route", "promise", "verify", "recheck", text("条件符合，愿接受核查。"), (text("出口畅通"),), law="消防法 第十五条"
)
SAFETY = matter_flow("safety", VISIT, issue=Issue("food-business", "PROMISE{serial:07}", 60))
SAFETY = Flow(
    SAFETY.code,
    SAFETY.name,
    (
        *SAFETY.steps,
        Step(
            "verify",
            Kind.FOLLOW_UP,
            text("承诺核查"),
            "case_officer",
            after=("decide",),
            when=parse("route == 'promise'"),
            only_if=Outcome.GRANTED,
            clock=ClockSpec("C-14.verify", Since.OPENED),
        ),
        Step(
            "recheck",
            Kind.FOLLOW_UP,
            text("改正复查"),
            "approver",
            after=("verify",),
            clock=ClockSpec("C-14.mend", Since.OPENED),
        ),
    ),
    SAFETY.matter,
    promise=PROMISE,
)
# every kind of step there is: a result served by a person on a clock, papers filed after it, the grant looked at later
WHOLE = Flow(
    "whole",
    text("全流程"),
    (
        Step("review", Kind.REVIEW, text("审查"), "case_officer", clock=ClockSpec("C-01", Since.RECEIVED, days(2))),
        VISIT,
        Step("work", Kind.WORK, text("核算"), "case_officer", after=("visit",)),
        Step("decide", Kind.DECIDE, text("决定"), "approver", after=("work",), clock=DECIDING),
        Step(
            "serve", Kind.SERVE, text("送达"), "case_officer", after=("decide",), clock=ClockSpec("C-04", Since.OPENED)
        ),
        Step("papers", Kind.WORK, text("立卷"), "case_officer", after=("serve",)),
        Step("verify", Kind.FOLLOW_UP, text("回访"), "case_officer", after=("serve",), only_if=Outcome.GRANTED),
    ),
    matter="whole",
)


def matter(code: str, *, unit: str, after: Sequence[str] = (), when: str = "true") -> Step:
    """Return the step of a bundle that is the matter `code`; what comes after others waits for their grant."""
    return Step(
        code,
        Kind.MATTER,
        text(code),
        unit=unit,
        after=tuple(after),
        when=parse(when),
        needs_grant=bool(after),
        matter=code,
        flow=code,
    )


RESTAURANT = Flow(
    "restaurant",
    text("开餐饮店"),
    (
        matter("check", unit="market"),
        matter("food", unit="market", after=["check"]),
        matter("sign", unit="urban", when="wants_sign"),
        matter("fire", unit="fire", when="floor_area >= 30000"),
    ),
)


def flows_loaded(*more: Flow) -> None:
    """Load the flows above, and `more` (of the same code: in their place)."""
    all_of = {flow.code: flow for flow in (CHECK, FOOD, SIGN, FIRE, SAFETY, WHOLE, RESTAURANT, *more)}
    flows.load(all_of.values(), region=REGION, by="test", at=AT)


def applicant(uscc: str = USCC, name: str = "许昌市张记饭店") -> Applicant:
    """Return an organisation that applies."""
    return Applicant(
        "organisation", name, identity.find_hash(uscc, kind="uscc"), identity.seal(uscc, kind="uscc"), "uscc"
    )


def said(values: Mapping[str, Value] | None = None, **materials: str) -> Said:
    """Return what a form says: a small restaurant with a sign, unless told otherwise."""
    small: dict[str, Value] = {"floor_area": 8_000, "wants_sign": True, "route": "promise"}
    attached = {code: [Attached(name, name)] for code, name in materials.items()}
    return Said(small | dict(values or {}), {"contact_mobile": "13900000001"}, attached)


def filed(flow: str = "restaurant", *, key: str = "k1", at: datetime = AT, **over: Any) -> Filed:
    """Return a case filed by its applicant."""
    given: dict[str, Any] = {"applicant": applicant(), "said": said(), "unit": "" if flow == "restaurant" else "market"}
    return file(region=REGION, service="sample", flow=flow, key=key, by="person:1", at=at, **(given | over))


def later(**time: float) -> datetime:
    """Return an instant so long after AT."""
    return AT + timedelta(**time)


NO = Because("不符合法定条件", "行政许可法 第三十八条", "可在六十日内申请行政复议")


def of(root: UUID, step: str) -> UUID:
    """Return the latest case of a matter of a bundle."""
    found: UUID = Case.objects.filter(root_id=root, step=step).order_by("-attempt").values_list("pk", flat=True)[0]
    return found


def state(case_id: UUID) -> str:
    """Return the stored state of a case."""
    return str(Case.objects.values_list("state", flat=True).get(pk=case_id))


def states(root: UUID) -> dict[str, str]:
    """Return the stored states of the matters of a bundle, the latest attempt of each."""
    return dict(Case.objects.filter(root_id=root).exclude(step="").order_by("attempt").values_list("step", "state"))


def accepted(case_id: UUID, *, at: datetime | None = None, **over: Any) -> UUID:
    """Let the officer accept a case."""
    reviewing.accept(case_id=case_id, by=OFFICER, at=at or later(hours=2), **over)
    return case_id


def decided(case_id: UUID, outcome: Outcome = Outcome.GRANTED, *, at: datetime | None = None) -> UUID:
    """Let the approver decide an accepted case."""
    why = NO if outcome is Outcome.DENIED else Because("")
    handling.decide(case_id=case_id, outcome=outcome, because=why, by=APPROVER, at=at or later(hours=3))
    return case_id


def granted(case_id: UUID) -> UUID:
    """Let the officer accept and the approver grant a case."""
    return decided(accepted(case_id))
