"""What a rule of the clock table allows: its pauses, its one extension, a promise, a recomputation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from bancheng.kernel.clocks.rules.calendar import Calendar
from bancheng.kernel.clocks.rules.deadline import Deadline, Extension, Pause, due
from bancheng.kernel.clocks.rules.law import Length, Rule, check_cause
from bancheng.lib.refusal import Refused
from bancheng.lib.text import Text


@dataclass(frozen=True)
class Decision:
    """R-CLK-8: the two clocks of one rule, the law's and the one the city promised (never the longer)."""

    statutory: Deadline
    promised: Deadline | None = None

    def late(self, done_on: date) -> tuple[int, int]:
        """Return by how many days `done_on` is late against the law and against the promise, each by itself."""
        return tuple(  # type: ignore[return-value]  # two of them, always
            max(0, (done_on - clock.on).days) if clock else 0 for clock in (self.statutory, self.promised)
        )


def decide(
    *,
    rule: Rule,
    started_on: date,
    calendar: Calendar,
    pauses: Sequence[Pause] = (),
    extension: Extension | None = None,
    promised: Length | None = None,
    causes: Mapping[str, Text],
) -> Decision:
    """Return the statutory and the promised deadline of `rule`, having checked that the law allows what is asked.

    R-CLK-4: only the rule's own causes pause it. R-CLK-6: one extension, at most the rule's. R-CLK-8: a promise is no
    longer than the law, and both pause together; an extension of the law's clock does not extend the promise.
    Raises Refused: pause_not_allowed, extension_not_allowed, extension_too_long, extension_too_late,
    promise_too_long.
    """
    for pause in pauses:
        check_cause(rule, pause.cause, causes=causes)
    if extension is not None:
        check_extension(rule, extension)
    if promised is not None:
        check_promise(rule, promised, started_on=started_on, calendar=calendar)
    given = {"started_on": started_on, "calendar": calendar, "pauses": pauses, "law": rule.law}
    statutory = due(length=rule.length, extension=extension, rolls=rule.rolls, given=rule.given, **given)  # type: ignore[arg-type]
    if promised is None:
        return Decision(statutory)
    return Decision(statutory, due(length=promised, **given))  # type: ignore[arg-type]


def reconsider(*, old: Deadline, new: Deadline, notified: bool) -> Deadline:
    """Return which of two workings of the same deadline holds once a year is loaded or corrected (R-CLK-9).

    A date already `notified` to a citizen may become later, never earlier; one nobody was told is simply the new one.
    """
    if notified and new.on < old.on:
        return replace(new, on=old.on, kept_from=new.on)
    return new


def check_extension(rule: Rule, extension: Extension) -> None:
    """Raise Refused unless `rule` may be extended by so much, with a reason and by a named approver (R-CLK-6)."""
    most = rule.extension
    if most is None or extension.length.unit is not most.unit:
        raise Refused(
            "extension_not_allowed",
            f"法律没有规定“{rule.name.zh}”的期限可以这样延长，原期限不变。",
            en=f"The law does not let the period “{rule.name.en}” be extended so; it stands.",
            law=rule.law,
        )
    if extension.length.n > most.n:
        raise Refused(
            "extension_too_long",
            f"“{rule.name.zh}”最多延长{most.text.zh}，原期限不变。",
            en=f"“{rule.name.en}” may be extended by {most.text.en} at most; it stands.",
            law=rule.law,
        )
    if not extension.by.strip() or not extension.reason.strip():
        raise Refused(
            "extension_unfounded",
            "延长期限须写明批准人和理由，原期限不变。",
            en="An extension needs an approver and a reason; the period stands.",
            law=rule.law,
        )


def check_promise(rule: Rule, promised: Length, *, started_on: date, calendar: Calendar) -> None:
    """Raise Refused("promise_too_long") when the promise would end after the law's own limit (R-CLK-8)."""
    if promised.unit is rule.length.unit:
        longer = promised.n > rule.length.n
    else:
        law, own = (due(started_on=started_on, length=each, calendar=calendar) for each in (rule.length, promised))
        longer = own.on > law.on
    if longer:
        raise Refused(
            "promise_too_long",
            f"承诺时限{promised.text.zh}长于法定时限{rule.length.text.zh}，请改短。",
            en=f"The promised {promised.text.en} exceed the statutory {rule.length.text.en}; make the promise shorter.",
            law=rule.law,
            status=422,
        )
