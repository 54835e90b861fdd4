"""The office's work on an application: accepted, corrected once, reviewed, refused; and the applicant's way back until it is recorded."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.identity import public as identity
from bancheng.kernel.registrations import book, shipped
from bancheng.kernel.registrations.facts import Paper
from bancheng.kernel.registrations.models import Application
from bancheng.kernel.registrations.operations import filing, judging, logging
from bancheng.kernel.registrations.rules import checks, words
from bancheng.kernel.registrations.rules.words import UNDER_WAY, Act, State
from bancheng.lib.days import day_of
from bancheng.lib.refusal import Refused

ACCEPTOR, REVIEWER, BOOKER = "registry_acceptor", "registry_reviewer", "registry_booker"
HANDLERS = (ACCEPTOR, REVIEWER, BOOKER)
LAW, WINDOW, ANSWER = "C-13", "C-13.henan", "C-13.answer"
MAY_CHANGE = frozenset({"areas", "location", "debtor", "paper_consents", "undertaking", "acceptance", "permit"})


def check_officer(row: Application, by: identity.Actor, roles: Sequence[str]) -> None:
    """Raise Refused("not_your_registry") unless the officer has one of the roles in the registry whose book it is."""
    if not any(by.has(role, unit=row.registry) for role in roles):
        raise Refused(
            "not_your_registry",
            "该申请不归您所在的登记机构或岗位办理，未作任何改动。",
            en="The application is not for your registry or your role; nothing was changed.",
            status=403,
        )


def accept(*, application_id: UUID, by: identity.Actor, at: datetime) -> None:
    """Accept an application: from now on it has its place in the order, its lots are pending, and the law's clock runs.

    Raises Refused: no_such_application, not_your_registry, application_moved_on, and what the book has against it.
    """
    with logging.acting(application_id) as row:
        check_officer(row, by, (ACCEPTOR,))
        logging.check(row, Act.ACCEPTED)
        checks.refuse(judging.on_recording(row, today=day_of(at)))
        take_in(row, Act.ACCEPTED, by=by.ref, at=at)


def take_in(row: Application, act: Act, *, by: str, at: datetime) -> None:
    """Take a locked application in, by an officer's hand or by the office's silence."""
    logging.end_clocks(row, acted=True, by=by, at=at)
    seq = logging.running("registrations_accepted")
    book.pend(row, shipped.kind(row.kind), at=at)
    logging.move(row, act, by=by, at=at, accepted_at=at, accepted_by=by, accept_seq=seq)
    _start_clocks(row, by=by, at=at)
    logging.line(row, act, by=by, at=at, seq_no=seq, silence=act is Act.DEEMED_ACCEPTED)


def _start_clocks(row: Application, *, by: str, at: datetime) -> None:
    """Start the law's clock, and the integrated window's where it counts; the promise stands with the shorter (R7.9, R13.6)."""
    kind = shipped.kind(row.kind)
    promised = clocks.Length(kind.promised, clocks.Unit.WD)
    for rule in [LAW, WINDOW] if kind.henan else [LAW]:
        clocks.start(
            region=row.region,
            about=logging.about(row.pk),
            rule=rule,
            started_on=day_of(at),
            by=by,
            at=at,
            promised=promised if rule == (WINDOW if kind.henan else LAW) else None,
            notified=True,
        )
    row.due_on = logging.due_of(row)
    row.save(update_fields=["due_on"])


def ask_corrections(*, application_id: UUID, items: Sequence[str], law: str, by: identity.Actor, at: datetime) -> None:
    """Say all that is to be corrected and by which day, once and as one list (条例 第十七条: 一次性告知).

    Raises Refused: no_such_application, not_your_registry, reason_missing, corrections_asked_already, application_moved_on.
    """
    said = [checks.check_words(each) for each in items]
    checks.check_words("".join(said))
    with logging.acting(application_id) as row:
        check_officer(row, by, (ACCEPTOR, REVIEWER))
        if row.lines.filter(act=Act.CORRECTION.value).exists():
            raise Refused(
                "corrections_asked_already",
                "补正只能一次性告知，本件已经告知过；材料仍不符合的，请不予受理或不予登记并说明理由。",
                en="Corrections are told once and were told already. If it still falls short, refuse it and say why.",
                law="不动产登记暂行条例 第十七条",
            )
        logging.move(row, Act.CORRECTION, by=by.ref, at=at)
        logging.end_clocks(row, acted=True, by=by.ref, at=at, rules=(filing.ON_THE_SPOT,))
        said_all = "\n".join(each.replace("\n", " ") for each in said)
        by_day = clocks.decide(rule=clocks.rule(ANSWER), started_on=day_of(at), calendar=clocks.calendar()).statutory.on
        logging.line(
            row, Act.CORRECTION, by=by.ref, at=at, said=said_all, law=law, told={"items": said}, due_on=str(by_day)
        )


def supplement(
    *,
    application_id: UUID,
    by: identity.Actor | str,
    at: datetime,
    papers: Sequence[Paper] = (),
    payload: Mapping[str, Any] | None = None,
) -> State:
    """Send what was asked for: papers, and what nobody has agreed to; what was agreed to needs a new application.

    Raises Refused: no_such_application, not_your_application, consent_binds, application_moved_on, and as `file`.
    """
    with logging.acting(application_id) as row:
        check_filer(row, by, at)
        logging.check(row, Act.SUPPLEMENTED)
        _change(row, payload or {})
        filing.add_papers(row, papers, at=at, have=row.papers.count())
        kind = shipped.kind(row.kind)
        word = bool(kind.word) and not row.unit  # filed by an owner for himself
        checks.refuse(list(checks.papers(kind, set(row.papers.values_list("material", flat=True)), word=word)))
        ref = by if isinstance(by, str) else by.ref
        logging.move(row, Act.SUPPLEMENTED, by=ref, at=at)
        if row.state == State.SUBMITTED:
            filing.start_on_the_spot(row, by=ref, at=at)
        logging.line(row, Act.SUPPLEMENTED, by=ref, at=at, papers=len(papers))
    return State(row.state)


def _change(row: Application, payload: Mapping[str, Any]) -> None:
    changed = {name for name, value in payload.items() if row.payload.get(name) != value}
    if bound := sorted(changed - MAY_CHANGE):
        raise Refused(
            "consent_binds",
            f"“{'、'.join(bound)}”是各方同意过的内容，不能单方改动；请撤回后重新申请。",
            en=f"All parties agreed to {', '.join(bound)}; one of them cannot change it. Withdraw and file again.",
            law="不动产登记暂行条例 第十四条",
        )
    row.payload = {**row.payload, **payload}


def check_filer(row: Application, by: identity.Actor | str, at: datetime) -> None:
    """Raise Refused("no_such_application") unless the application is the reader's to follow: filed by him or for his unit.

    A machine's unit its door has verified; it names the unit as "unit:boc".
    """
    if isinstance(by, str):
        own = by == row.filed_by or by == f"unit:{row.unit}"
    elif row.unit:
        own = any(by.has(role, unit=row.unit) for role in (*filing.BANKERS, *filing.REGISTRARS))
    else:
        own = by.ref == row.filed_by
    if not own:
        raise logging.no_such_application()


def not_accept(*, application_id: UUID, reason: str, law: str, by: identity.Actor, at: datetime) -> None:
    """Not accept an application, in writing and with reasons (条例 第十七条).

    Raises Refused: no_such_application, not_your_registry, reason_missing, application_moved_on.
    """
    _turn_down(Act.NOT_ACCEPTED, application_id, (ACCEPTOR,), reason, law, by, at)


def refuse(*, application_id: UUID, reason: str, law: str, by: identity.Actor, at: datetime) -> None:
    """Refuse to register, with reasons (条例 第二十二条). Raises as `not_accept`."""
    _turn_down(Act.REFUSED, application_id, (REVIEWER, BOOKER), reason, law, by, at)


def _turn_down(
    act: Act, application_id: UUID, roles: Sequence[str], reason: str, law: str, by: identity.Actor, at: datetime
) -> None:
    said, article = checks.check_words(reason), checks.check_words(law)
    with logging.acting(application_id) as row:
        check_officer(row, by, roles)
        end(row, act, by=by.ref, at=at, said=said, law=article)


def end(row: Application, act: Act, *, by: str, at: datetime, said: str, law: str = "", channel: str = "") -> None:
    """End a locked application that is not recorded: its clocks end, its lots are free, the same may be asked again."""
    under_way = State(row.state) in UNDER_WAY or bool(row.accepted_at)
    logging.move(row, act, by=by, at=at, due_on=None, stopped="")
    logging.end_clocks(row, acted=act is not Act.WITHDRAWN, by=by, at=at)
    if under_way:
        book.unpend(row, at=at)
    logging.close(row)
    logging.line(row, act, by=by, at=at, said=said, law=law, channel=channel, told={"reason": said, "law": law})


def withdraw(*, application_id: UUID, reason: str, by: identity.Actor | str, at: datetime) -> None:
    """Take an application back, any time before it is recorded (条例 第十五条).

    Raises Refused: no_such_application, application_moved_on.
    """
    with logging.acting(application_id) as row:
        check_filer(row, by, at)
        logging.check(row, Act.WITHDRAWN)
        end(
            row,
            Act.WITHDRAWN,
            by=by if isinstance(by, str) else by.ref,
            at=at,
            said=reason.strip()[: checks.MOST_WORDS],
        )


def review(*, application_id: UUID, by: identity.Actor, at: datetime, note: str = "") -> None:
    """Find an application in order; who accepted it does not review it (four eyes).

    Raises Refused: no_such_application, not_your_registry, four_eyes, application_moved_on.
    """
    with logging.acting(application_id) as row:
        check_officer(row, by, (REVIEWER,))
        logging.check(row, Act.REVIEWED)
        words.check_apart(by.ref, [row.accepted_by], act=Act.REVIEWED)
        logging.move(row, Act.REVIEWED, by=by.ref, at=at, reviewed_by=by.ref)
        logging.line(row, Act.REVIEWED, by=by.ref, at=at, said=note.strip()[: checks.MOST_WORDS])


def send_back(*, application_id: UUID, reason: str, by: identity.Actor, at: datetime) -> None:
    """Send a reviewed application back to the reviewer, with the reason. Raises as `review`, and reason_missing."""
    said = checks.check_words(reason)
    with logging.acting(application_id) as row:
        check_officer(row, by, (BOOKER,))
        logging.move(row, Act.SENT_BACK, by=by.ref, at=at, reviewed_by="")
        logging.line(row, Act.SENT_BACK, by=by.ref, at=at, said=said)
