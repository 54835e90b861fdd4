"""The one check before an application is sent, whoever sends it: form, papers, registers, and what is under way already."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from bancheng.kernel.forms import public as forms
from bancheng.kernel.identity import public as identity
from bancheng.lib.days import day_of
from bancheng.services.onething import obstacles
from bancheng.services.onething.papers import Paper
from bancheng.services.onething.registers import operations as asking
from bancheng.services.onething.registers import rules as registers
from bancheng.services.onething.registers.facts import Asked, Known, registers_asked
from bancheng.services.onething.sending import Sending

ON_PAPERS = "paper:"  # before the address of the paper at which a problem stands


@dataclass(frozen=True)
class Checked:
    """What was found in registers for an application that may be sent; it is kept with the case."""

    asked: Asked
    known: tuple[Known, ...]


def check(sending: Sending, *, by: str, at: datetime) -> Checked:
    """Return what registers know; raise Unfinished with everything that keeps the application from being sent: what is missing or
    wrong in the form, each paper that is missing or cannot be used, what registers say, what is under way already.

    行政许可法 第三十二条: all that is missing is said at once. Outside of a transaction: registers are asked.
    """
    asked = asked_of(sending, by=by, at=at, again=sending.ask_again)
    known = tuple(one for one in registers_asked.fire(asked) if one)
    today = day_of(at)
    problems = [*_form(sending, today), *missing(sending.papers), *obstacles.of(sending, asked, known, at)]
    if problems:
        raise forms.Unfinished(problems)
    return Checked(asked, known)


def _form(sending: Sending, today: date) -> list[forms.Problem]:
    """Return what is missing or wrong in the form, in its order; what cannot be read is told as such and not as missing."""
    told = {one.element for one in sending.unread}
    lacking = [one for one in forms.problems(sending.form, sending.values, today) if one.element not in told]
    place = {code: n for n, code in enumerate(sending.form.fields)}
    return sorted([*sending.unread, *lacking], key=lambda one: place.get(one.element, len(place)))


def asked_of(sending: Sending, *, by: str, at: datetime, again: bool = False) -> Asked:
    """Return what registers are asked for an application; `again`: what they said today may have changed."""
    simplified, lease = sending.values.get("simplified") is True, registers.lease_of(sending.values)
    return Asked(
        sending.region,
        identity.find_hash(sending.uscc, kind="uscc") if sending.uscc else sending.applicant.hash,
        sending.uscc,
        lease,
        registers.purpose_of(sending.matters, simplified=simplified, lease=lease),
        sending.about,
        by,
        at,
        again,
    )


@dataclass(frozen=True)
class HeldUp:
    """What registers said today against an application, as of when, and from when they may be asked again (None: now)."""

    problems: list[forms.Problem]
    as_of: datetime | None
    again_from: datetime | None


def held_up(sending: Sending, *, by: str, at: datetime) -> HeldUp | None:
    """Return what registers are known to hold against an application today; None when nothing, or nobody asked. Nothing is asked now."""
    asked = asked_of(sending, by=by, at=at)
    known = asking.of_today(asked)
    if known is None:
        return None
    problems = [one for each in obstacles.by_registers(sending, asked, [known]) for one in each]
    if not problems:
        return None
    return HeldUp(problems, known.as_of, asking.again_from(asked.holder_hash, region=asked.region, at=at))


def ask_again(sending: Sending, *, by: str, at: datetime) -> tuple[Known, list[forms.Problem]]:
    """Ask registers anew although they answered today, and return what they say and what of it still stands in the way.

    Who is told that a court's order was lifted at noon need not wait until tomorrow. Outside of a transaction. Raises Refused:
    nothing_to_ask, asked_lately.
    """
    asked = asked_of(sending, by=by, at=at, again=True)
    if asked.purpose is None or not asked.uscc or not sending.for_the_firm:
        raise asking.nothing_to_ask()
    known = [one for one in registers_asked.fire(asked) if one]
    problems = [one for each in obstacles.by_registers(sending, asked, known) for one in each]
    return next((one for one in known if one.as_of), Known()), problems


def missing(listed: Sequence[Paper]) -> list[forms.Problem]:
    """Return each paper that is missing or cannot be used."""
    return [
        forms.Problem(f"{ON_PAPERS}{one.slug}", one.missing, missing=not one.stopped) for one in listed if not one.ready
    ]
