"""Reads of agreements, outlets and channels."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from bancheng.kernel.catalogue import public as catalogue
from bancheng.kernel.identity import public as identity
from bancheng.lib.text import Text
from bancheng.services.mortgages import doors, refusals, terms
from bancheng.services.mortgages.models import Agreement, Outlet
from bancheng.services.mortgages.rules import agreements as rules
from bancheng.services.mortgages.rules.agreements import State
from bancheng.services.mortgages.rules.channels import CHANNELS, KINDS, Channel, Kind

OVER = Text("已到期", "Run out")
IN_FORCE = Text("有效", "In force")
NOT_YET = Text("未到生效日", "Not begun")


@dataclass(frozen=True)
class Line:
    """An agreement as a list shows it."""

    agreement: Agreement
    bank: Text
    state: Text
    tone: str
    scope: list[Text]
    in_force: bool


def listed(actor: identity.Actor, today: date) -> list[Line]:
    """Return the agreements of the actor's bank, or of all banks of his registry, newest first."""
    return lines(list(Agreement.objects.filter(doors.own(actor)).order_by("-last_on", "bank")), today)


def lines(found: Sequence[Agreement], today: date) -> list[Line]:
    names = bank_names(one.bank for one in found)
    return [_line(one, names[one.bank], today) for one in found]


def _line(one: Agreement, bank: Text, today: date) -> Line:
    state = State(one.state)
    good = rules.in_force(state, one.first_on, one.last_on, today)
    said, tone = rules.STATES[state], {State.PROPOSED: "warn"}.get(state, "")
    if state is State.SIGNED:
        said = IN_FORCE if good else NOT_YET if today < one.first_on else OVER
        tone = "ok" if good else "bad" if today > one.last_on else "info"
    return Line(one, bank, said, tone, [KINDS[Kind(kind)] for kind in one.scope], good)


def one(actor: identity.Actor, agreement_id: UUID, today: date) -> Line:
    """Return an agreement of the actor's bank or registry. Raises Refused("no_such_agreement")."""
    found = Agreement.objects.filter(doors.own(actor), pk=agreement_id).first()
    if found is None:
        raise refusals.absent("no_such_agreement", "这份协议", "agreement")
    return lines([found], today)[0]


def in_force(bank: str, today: date) -> Agreement | None:
    """Return the agreement of a bank that is in force on a day."""
    return Agreement.objects.filter(bank=bank, state=State.SIGNED, first_on__lte=today, last_on__gte=today).first()


def check_may_file(bank: str, kind: Kind, today: date) -> Agreement | None:
    """Let a bank file by its agreement (B13.9). Raises Refused: agreement_over, agreement_lacks_this."""
    held = in_force(bank, today)
    last = None
    if held is None:
        before = Agreement.objects.filter(bank=bank, state=State.SIGNED, last_on__lt=today).order_by("-last_on").first()
        last = before.last_on if before else None
    rules.check_may_file(kind, [Kind(one) for one in held.scope] if held else None, last)
    return held


def bank_names(codes: object) -> Mapping[str, Text]:
    """Return the names of units by their codes; the code where the pack has one no longer."""
    wanted = sorted(set(codes))  # type: ignore[call-overload]  # any iterable of codes
    found = catalogue.unit_names(wanted)
    return {code: found.get(code, Text(code, code)) for code in wanted}


def banks() -> list[tuple[str, Text]]:
    """Return the banks that have an outlet, with their names."""
    codes = Outlet.objects.filter(channel=Channel.BANK, retired_at=None).values_list("bank", flat=True)
    return list(catalogue.unit_names(codes).items())


@dataclass(frozen=True)
class ChannelLine:
    """A channel: what it files, and where."""

    channel: Channel
    name: Text
    files: list[Text]
    outlets: list[tuple[Outlet, bool]]  # whether it is open for new filings


def channels(today: date) -> list[ChannelLine]:
    """Return the nine channels with their outlets (F13.2, F13.11); a bank's whose agreement ran out is closed (B13.9)."""
    offers, outlets = terms.channels(), list(Outlet.objects.filter(retired_at=None).order_by("channel", "code"))
    open_banks = set(
        Agreement.objects.filter(state=State.SIGNED, first_on__lte=today, last_on__gte=today).values_list(
            "bank", flat=True
        )
    )
    return [
        ChannelLine(
            channel,
            offers[channel].name if channel in offers else name,
            [KINDS[kind] for kind in offers[channel].files] if channel in offers else [],
            [(each, not each.bank or each.bank in open_banks) for each in outlets if each.channel == channel],
        )
        for channel, name in CHANNELS.items()
    ]
