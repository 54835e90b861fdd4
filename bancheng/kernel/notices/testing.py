"""For tests of other parts: kinds with published texts, a gateway that keeps what it is given, and sending at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bancheng.kernel.notices.addresses import stop_token as stop_token
from bancheng.kernel.notices.gateway import Answer, Outgoing, Receipt
from bancheng.kernel.notices.models import Message
from bancheng.kernel.notices.operations import receipts, sending, stepping
from bancheng.kernel.notices.operations.templates import define_kind, draft, publish
from bancheng.kernel.notices.rules import texts
from bancheng.kernel.notices.rules.ladder import Quiet, Rung
from bancheng.lib.refusal import Unavailable
from bancheng.lib.text import Text

LADDER = (Rung("push", timedelta(minutes=30)), Rung("sms", timedelta(hours=24)))
SMS_ONLY = (Rung("sms", timedelta(hours=24)),)


@dataclass
class Outside:
    """A gateway without a network, as strict as the real one: it takes an id once and remembers what it took.

    `down` refuses every request, `lose_answers` takes the messages and breaks off, `reject` names whom it refuses.
    """

    channel: str
    down: bool = False
    lose_answers: bool = False
    reject: set[str] = field(default_factory=set)
    taken: dict[str, Outgoing] = field(default_factory=dict)
    states: dict[str, str] = field(default_factory=dict)  # what status() tells; "sent" unless set
    calls: int = 0

    def send(self, items: Sequence[Outgoing], *, at: datetime) -> list[Answer]:
        self.calls += 1
        if self.down:
            raise Unavailable(f"{self.channel}: down")
        answers = [self._take(item) for item in items]
        if self.lose_answers:
            raise Unavailable(f"{self.channel}: broke off")
        return answers

    def status(self, ids: Sequence[str]) -> list[Receipt]:
        if self.down:
            raise Unavailable(f"{self.channel}: down")
        at = datetime.fromisoformat("2026-06-01T00:00:00+08:00")
        return [Receipt(each, self.states.get(each, "sent"), at) for each in ids if each in self.taken]

    def _take(self, item: Outgoing) -> Answer:
        if item.to in self.reject:
            return Answer(item.id, code="rejected_number")
        self.taken.setdefault(item.id, item)
        return Answer(item.id, ref=f"{self.channel}-{item.id[-8:]}")

    @property
    def shown(self) -> list[str]:
        """Return what people read, in the order it was taken: SMS texts or push titles."""
        return [str(item.content.get("text") or item.content.get("title")) for item in self.taken.values()]

    def receipts(self, state: str, at: datetime) -> int:
        """Bring a receipt for everything taken so far; return how many deliveries it brought further."""
        told = [Receipt(each, state, at) for each in self.taken]
        return receipts.note(channel=self.channel, receipts=told, at=at)


def gateways() -> dict[str, Outside]:
    """Return one Outside for each channel."""
    return {channel: Outside(channel) for channel in ("push", "sms")}


def plain_text(*, variant: str = "", **variables: texts.Variable) -> texts.Draft:
    """Return texts fit to be published, naming every variable on each channel; `due`, a date, is always there."""
    variables = {"due": texts.Variable(texts.Type.DATE, "2026-12-30")} | variables
    zh = "，".join(f"{{{name}}}" for name in variables)
    en = ", ".join(f"{{{name}}}" for name in variables)
    if variant == texts.DIGEST:
        variables, zh, en = {}, "{count}项", "{count} items"
    said = {
        "sms": {"zh": f"【许昌】{zh}。退订{{stop}} 投诉{{hotline}}", "en": f"{en}. Stop: {{stop}} Help: {{hotline}}"},
        "push_title": {"zh": f"提醒：{zh}", "en": f"Reminder: {en}"},
        "push_body": {"zh": f"{zh}。退订见{{stop}}，投诉{{hotline}}", "en": f"{en}. Stop: {{stop}}, help: {{hotline}}"},
        "inbox_title": {"zh": f"提醒：{zh}", "en": f"Reminder: {en}"},
        "inbox_body": {
            "zh": f"{zh}。退订见{{stop}}，投诉{{hotline}}",
            "en": f"{en}. Stop: {{stop}}, help: {{hotline}}",
        },
    }
    return texts.Draft(said, variables, rows=[(Text("说明", "About"), zh)] if variables else [], variant=variant)


def published_kind(
    code: str,
    *,
    at: datetime,
    ladder: Sequence[Rung] = LADDER,
    quiet: Quiet | None = None,
    digest_from: int = 0,
    may_stop: bool = True,
    text: texts.Draft | None = None,
) -> None:
    """Define a kind and publish plain texts for it (and for its digest)."""
    name = Text("测试提醒", "Test reminder")
    define_kind(
        code=code,
        name=name,
        ladder=ladder,
        by="test",
        at=at,
        quiet=quiet,
        digest_from=digest_from,
        may_stop=may_stop,
    )
    for each in [text or plain_text(), *([plain_text(variant=texts.DIGEST)] if digest_from else [])]:
        publish(template_id=draft(kind=code, text=each, by="test", at=at), by="test", at=at)


def send_all(*, at: datetime, to: Mapping[str, Outside]) -> int:
    """Send everything that is due at `at` through `to`; return how many deliveries were taken."""
    sent = 0
    for _ in range(10_000):
        tally = sending.dispatch(at=at, gateways=to)
        sent += tally.sent
        if tally.idle:
            return sent
    raise AssertionError("sending never comes to rest")


def step_all(*, at: datetime) -> int:
    """Move on everything overdue at `at`; return how many messages moved."""
    moved = 0
    while stepped := stepping.step(at=at):
        moved += stepped
    return moved


def stages(kind: str) -> list[int]:
    """Return the stages of all messages of `kind` in the order they were accepted."""
    return list(Message.objects.filter(kind=kind).order_by("id").values_list("stage", flat=True))
