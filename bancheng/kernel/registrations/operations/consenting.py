"""Parties agree, decline or object, each with an account of his own: nobody signs for a person on another's device (R13.1, B13.2)."""

from datetime import datetime
from uuid import UUID

from bancheng.kernel.identity import public as identity
from bancheng.kernel.registrations import shipped
from bancheng.kernel.registrations.models import Application, Party
from bancheng.kernel.registrations.operations import filing, logging, parties, stopping
from bancheng.kernel.registrations.rules import checks
from bancheng.kernel.registrations.rules.words import AGENCY, Act, Cause, State
from bancheng.lib.refusal import Refused


def consent(*, application_id: UUID, by: identity.Actor | str, channel: str, at: datetime, device: str = "") -> State:
    """Agree to an application in which one is named; when the last has agreed it is submitted. Return where it stands.

    A bank's machine agrees for its bank alone, as "unit:boc". Run again it changes nothing. Raises Refused: no_such_application, own_account_only, application_moved_on, unknown_channel.
    """
    shipped.channel(channel)
    with logging.acting(application_id) as row:
        named, ref = check_own(row, by, at), by if isinstance(by, str) else by.ref
        waiting = [each for each in named if not each.consents.filter(says="given").exists()]
        if not waiting:
            return State(row.state)
        logging.check(row, Act.CONSENTED)
        for party in waiting:
            parties.keep(row, party, says="given", by=ref, channel=channel, device=device, at=at)
            logging.line(row, Act.CONSENTED, by=ref, at=at, channel=channel, role=party.role, party=party.seq)
        filing.submit_when_agreed(row, by=ref, at=at)
    return State(row.state)


def object_to(*, application_id: UUID, reason: str, by: identity.Actor, channel: str, at: datetime) -> State:
    """Say no: before everybody has agreed that ends the application, later it stops it until the office has looked (before recording).

    Raises Refused: no_such_application, own_account_only, reason_missing, application_moved_on.
    """
    said = checks.check_words(reason)
    with logging.acting(application_id) as row:
        party = _heard(row, by, at)[0]
        act = Act.DECLINED if row.state == State.DRAFT else Act.OBJECTED
        logging.check(row, act)
        says = "declined" if act is Act.DECLINED else "objected"
        parties.keep(row, party, says=says, by=by.ref, channel=channel, device="", at=at)
        if act is Act.OBJECTED:
            stopping.stop(row, act, Cause.DISPUTE, by=by.ref, at=at, said=said, channel=channel, party=party.seq)
        else:
            logging.move(row, act, by=by.ref, at=at, due_on=None)
            logging.close(row)
            logging.line(row, act, by=by.ref, at=at, channel=channel, said=said, party=party.seq)
    return State(row.state)


def _heard(row: Application, by: identity.Actor, at: datetime) -> list[Party]:
    """Return as whom somebody may say no: whoever is asked, and whoever is named where the office corrects by itself. Raises as `check_own`."""
    if shipped.kind(row.kind).own_motion and (named := parties.own(row, by, at)):
        return named
    return check_own(row, by, at)


def check_own(row: Application, by: identity.Actor | str, at: datetime) -> list[Party]:
    """Return as whom somebody is asked in an application. Raises Refused: own_account_only, no_such_application."""
    found = [each for each in parties.own(row, by, at) if each.asked]
    if found:
        return found
    if not isinstance(by, str) and _acts_for_somebody_named(row, by, at):
        raise Refused(
            "own_account_only",
            "抵押人、共有人和配偶须用本人的账号在自己的设备上确认，银行和代理人不能代为确认；已经向本人发出提醒。",
            en="Mortgagor, co-holder and spouse confirm with their own accounts; no bank and no agent can do it for them. They were told.",
            law="不动产登记暂行条例 第十四条",
            status=403,
        )
    raise logging.no_such_application()


def _acts_for_somebody_named(row: Application, by: identity.Actor, at: datetime) -> bool:
    if by.is_staff:
        return bool(row.unit) and any(grant.unit == row.unit for grant in by.grants)
    return row.parties.filter(id_hash__in=identity.person_hashes(by, at, service=AGENCY)).exists()
