"""Tickets from an alarm to the second check, and outages that are announced."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F

from bancheng.kernel.audit import public as audit
from bancheng.kernel.identity import public as identity
from bancheng.kernel.jobs import public as jobs
from bancheng.lib import identifiers
from bancheng.lib.refusal import Refused
from bancheng.lib.text import Text
from bancheng.services.sockets.models import Outage, Site, SiteRequest, Socket, Ticket, Unit
from bancheng.services.sockets.rules import care
from bancheng.services.sockets.rules.care import RequestState, TicketKind, TicketState
from bancheng.services.sockets.rules.places import Scenario, SocketState, no_such_socket

audit.labels(
    {
        "sockets.ticket_raised": Text("开出工单", "Ticket raised"),
        "sockets.ticket_assigned": Text("派出工单", "Ticket assigned"),
        "sockets.ticket_fixed": Text("记录修复", "Repair recorded"),
        "sockets.ticket_returned": Text("复核未通过，退回工单", "Second check failed, ticket returned"),
        "sockets.ticket_closed": Text("复核办结工单", "Ticket closed on a second check"),
        "sockets.ticket_settled": Text("事由消除，自动办结工单", "Ticket closed, its cause is gone"),
        "sockets.blocked": Text("停用插座", "Socket blocked"),
        "sockets.reopened": Text("恢复插座", "Socket put back on sale"),
        "sockets.outage_announced": Text("发布停电通知", "Outage announced"),
        "sockets.outage_cancelled": Text("取消停电", "Outage called off"),
        "sockets.site_asked": Text("申请设置站点", "Site asked for"),
        "sockets.site_answered": Text("答复站点申请", "Request for a site answered"),
    }
)


def raise_ticket(
    *,
    kind: TicketKind,
    cause: str,
    region: str,
    says: Text,
    at: datetime,
    by: str = "system",
    site: Site | int | None = None,
    unit: Unit | int | None = None,
    socket: Socket | int | None = None,
    urgent: bool = False,
    block: bool = False,
) -> Ticket:
    """Open the ticket of a cause; while it is open the same cause again is counted on it and writes no second one.

    `block`: the socket is not sold until the ticket has passed its second check.
    """
    with transaction.atomic():
        ticket, made = Ticket.objects.get_or_create(
            region=region,
            cause=cause,
            closed_at=None,
            defaults={
                "id": identifiers.uuid7(at),
                "kind": kind,
                "site_id": _id(site),
                "unit_id": _id(unit),
                "socket_id": _id(socket),
                "says": says.zh,
                "says_en": says.en,
                "urgent": urgent,
                "state": TicketState.OPEN,
                "opened_at": at,
                "last_at": at,
            },
        )
        if made:
            audit.record("sockets.ticket_raised", who=by, about=f"sockets.ticket:{ticket.pk}", at=at, region=region)
        else:
            Ticket.objects.filter(pk=ticket.pk).update(times=F("times") + 1, last_at=at)
        if block and ticket.socket_id:
            _block(ticket.socket_id, reason=care.KINDS[kind], by=by, at=at)
    return ticket


def close_ticket(*, cause: str, region: str, at: datetime, by: str = "system") -> None:
    """Close the open ticket of a cause that is gone by itself, if there is one."""
    with transaction.atomic():
        ticket = (
            Ticket.objects.select_for_update(of=("self",)).filter(region=region, cause=cause, closed_at=None).first()
        )
        if ticket is None:
            return
        ticket.state, ticket.closed_by, ticket.closed_at = TicketState.CLOSED, by, at
        ticket.save(update_fields=["state", "closed_by", "closed_at"])
        audit.record("sockets.ticket_settled", who=by, about=f"sockets.ticket:{ticket.pk}", at=at, region=region)


def _id(row: Site | Unit | Socket | int | None) -> int | None:
    return row if row is None or isinstance(row, int) else row.pk


def _block(socket_id: int, *, reason: Text, by: str, at: datetime) -> None:
    blocked = Socket.objects.filter(pk=socket_id, state=SocketState.ON_SALE).update(
        state=SocketState.BLOCKED, reason=reason.zh, reason_en=reason.en.lower(), blocked_at=at
    )
    if blocked:
        region = Socket.objects.values_list("region", flat=True).get(pk=socket_id)
        audit.record("sockets.blocked", who=by, about=f"sockets.socket:{socket_id}", at=at, region=region)


def block(*, code: str, reason: str, by: identity.Actor, at: datetime) -> None:
    """Take a socket off sale by hand, with a ticket that leads back. Raises Refused: no_such_socket, reason_missing."""
    found = Socket.objects.select_related("unit").filter(code=code).first()
    if found is None:
        raise no_such_socket()
    if not reason.strip():
        raise Refused("reason_missing", "请写明停用原因，没有改动。", en="Say why; nothing was changed.", status=422)
    raise_ticket(
        kind=TicketKind.REPORTED,
        cause=f"socket:{found.pk}:hand",
        region=found.region,
        says=Text(reason[:300], reason[:400]),
        at=at,
        by=by.ref,
        site=found.unit.site_id,
        unit=found.unit_id,
        socket=found,
        block=True,
    )


def assign(*, ticket_id: UUID, to: int, by: identity.Actor, at: datetime) -> None:
    """Give a ticket to a device keeper. Raises Refused: no_such_ticket, ticket_state, ticket_of_finance, not_a_keeper."""
    with transaction.atomic():
        ticket = _locked(ticket_id)
        care.check_step(TicketState(ticket.state), TicketState.ASSIGNED)
        care.check_field_work(TicketKind(ticket.kind))
        if to not in identity.officers(unit="", role="device_keeper", at=at):
            raise Refused(
                "not_a_keeper",
                "只能派给设备运维人员，没有派出；请重新选择。",
                en="A ticket goes to a device keeper; it was not assigned. Choose again.",
                status=422,
            )
        ticket.state, ticket.assigned_to, ticket.assigned_at = TicketState.ASSIGNED, f"staff:{to}", at
        ticket.save(update_fields=["state", "assigned_to", "assigned_at"])
        _note(ticket, "sockets.ticket_assigned", by, at)
        jobs.later(
            "sockets.tell_assigned", key=f"sockets-assigned-{ticket.pk}-{to}", ticket_id=str(ticket.pk), account=to
        )


def fix(*, ticket_id: UUID, words: str, by: identity.Actor, at: datetime) -> None:
    """Record what was done on the spot. Raises Refused: no_such_ticket, ticket_state, not_assigned_to_you, words_missing."""
    with transaction.atomic():
        ticket = _locked(ticket_id)
        care.check_step(TicketState(ticket.state), TicketState.FIXED)
        if ticket.assigned_to != by.ref:
            raise Refused(
                "not_assigned_to_you",
                "这张工单派给了别人，没有记录；请由派单对象填写。",
                en="The ticket is somebody else's; nothing was recorded.",
            )
        if not words.strip():
            raise Refused(
                "words_missing",
                "请写明怎样修复的，没有记录。",
                en="Say what was done; nothing was recorded.",
                status=422,
            )
        ticket.state, ticket.fixed_by, ticket.fixed_at, ticket.fix = TicketState.FIXED, by.ref, at, words.strip()[:500]
        ticket.save(update_fields=["state", "fixed_by", "fixed_at", "fix"])
        _note(ticket, "sockets.ticket_fixed", by, at)


def check(*, ticket_id: UUID, passed: bool, by: identity.Actor, at: datetime) -> None:
    """Close a ticket on the second check, and put its socket back on sale when nothing else holds it; or send it back.

    Raises Refused: no_such_ticket, ticket_state, own_work.
    """
    with transaction.atomic():
        ticket = _locked(ticket_id)
        to = TicketState.CLOSED if passed else TicketState.ASSIGNED
        care.check_step(TicketState(ticket.state), to)
        care.check_second(ticket.fixed_by, by.ref)
        ticket.state = to
        if not passed:
            ticket.save(update_fields=["state"])
            _note(ticket, "sockets.ticket_returned", by, at)
            return
        ticket.closed_by, ticket.closed_at = by.ref, at
        ticket.save(update_fields=["state", "closed_by", "closed_at"])
        _note(ticket, "sockets.ticket_closed", by, at)
        if ticket.socket_id:
            _reopen(ticket.socket_id, by=by, at=at)


def _reopen(socket_id: int, *, by: identity.Actor, at: datetime) -> None:
    found = Socket.objects.select_for_update().get(pk=socket_id)
    others = Ticket.objects.filter(socket=found, closed_at=None).exists()
    if found.state != SocketState.BLOCKED or others:
        return
    found.state, found.reason, found.reason_en, found.blocked_at = SocketState.ON_SALE, "", "", None
    found.save(update_fields=["state", "reason", "reason_en", "blocked_at"])
    audit.record("sockets.reopened", who=by.ref, about=f"sockets.socket:{found.pk}", at=at, region=found.region)


def _locked(ticket_id: UUID) -> Ticket:
    found = Ticket.objects.select_for_update(of=("self",)).filter(pk=ticket_id).first()
    if found is None:
        raise Refused("no_such_ticket", "没有这张工单。", en="There is no such ticket.", status=404)
    return found


def _note(ticket: Ticket, action: str, by: identity.Actor, at: datetime) -> None:
    audit.record(action, who=by.ref, about=f"sockets.ticket:{ticket.pk}", at=at, region=ticket.region)


def announce_outage(
    *,
    site: Site,
    since: datetime,
    before: datetime,
    reason: Text,
    urgent: bool,
    by: identity.Actor,
    at: datetime,
) -> Outage:
    """Announce an outage of a site (R1.7). Raises Refused: outage_backwards, reason_missing, outage_too_soon."""
    care.check_notice(since=since, before=before, announced_at=at, urgent=urgent, reason=reason.zh)
    with transaction.atomic():
        outage = Outage.objects.create(
            id=identifiers.uuid7(at),
            region=site.region,
            site=site,
            since=since,
            before=before,
            reason=reason.zh[:200],
            reason_en=(reason.en or reason.zh)[:300],
            urgent=urgent,
            announced_by=by.ref,
            announced_at=at,
        )
        audit.record(
            "sockets.outage_announced", who=by.ref, about=f"sockets.outage:{outage.pk}", at=at, region=site.region
        )
        jobs.later("sockets.tell_outage", key=f"sockets-outage-{outage.pk}", outage_id=str(outage.pk))
    return outage


def cancel_outage(*, outage_id: UUID, by: identity.Actor, at: datetime) -> None:
    """Call an outage off. Raises Refused: no_such_outage, outage_over."""
    with transaction.atomic():
        outage = Outage.objects.select_for_update(of=("self",)).filter(pk=outage_id).first()
        if outage is None:
            raise Refused("no_such_outage", "没有这次停电。", en="There is no such outage.", status=404)
        if outage.cancelled_at or outage.before <= at:
            raise Refused(
                "outage_over",
                "这次停电已经结束或取消，没有改动。",
                en="The outage is over or called off; nothing was changed.",
            )
        outage.cancelled_at = at
        outage.save(update_fields=["cancelled_at"])
        audit.record(
            "sockets.outage_cancelled", who=by.ref, about=f"sockets.outage:{outage.pk}", at=at, region=outage.region
        )


def report_fault(*, code: str, words: str, hosts: list[str], by: identity.Actor, at: datetime) -> Ticket:
    """Take in a host's report about a socket of his site. Raises Refused: not_your_socket, words_missing."""
    found = Socket.objects.select_related("unit__site").filter(code=code, unit__site__host__in=hosts).first()
    if found is None:
        raise Refused(
            "not_your_socket",
            "您的站点没有这个插座，没有提交；请核对编号。",
            en="Your sites have no such socket; nothing was sent. Check the number.",
            status=422,
        )
    if not words.strip():
        raise Refused(
            "words_missing", "请写明故障情况，没有提交。", en="Say what is wrong; nothing was sent.", status=422
        )
    return raise_ticket(
        kind=TicketKind.REPORTED,
        cause=f"socket:{found.pk}:reported",
        region=found.region,
        says=Text(words.strip()[:300], words.strip()[:400]),
        at=at,
        by=by.ref,
        site=found.unit.site_id,
        unit=found.unit_id,
        socket=found,
    )


def ask_for_site(
    *,
    host: str,
    region: str,
    place: str,
    scenario: Scenario,
    sockets: int,
    words: str,
    by: identity.Actor,
    at: datetime,
) -> SiteRequest:
    """Take in a host's wish for a site. Raises Refused("place_missing")."""
    if not place.strip() or not 1 <= sockets <= 200:
        raise Refused(
            "place_missing",
            "请写明地点和需要的插座数（1至200），没有提交。",
            en="Say where, and how many sockets (1 to 200); nothing was sent.",
            status=422,
        )
    with transaction.atomic():
        asked = SiteRequest.objects.create(
            id=identifiers.uuid7(at),
            region=region,
            host=host,
            place=place.strip()[:200],
            scenario=scenario,
            sockets=sockets,
            words=words.strip()[:500],
            state=RequestState.ASKED,
            asked_by=by.ref,
            asked_at=at,
        )
        audit.record("sockets.site_asked", who=by.ref, about=f"sockets.request:{asked.pk}", at=at, region=region)
    return asked


def answer_request(*, request_id: UUID, accept: bool, answer: str, by: identity.Actor, at: datetime) -> None:
    """Answer a host. Raises Refused: no_such_request, answered_already, reason_missing."""
    with transaction.atomic():
        asked = SiteRequest.objects.select_for_update().filter(pk=request_id).first()
        if asked is None:
            raise Refused("no_such_request", "没有这份申请。", en="There is no such request.", status=404)
        if asked.state != RequestState.ASKED:
            raise Refused(
                "answered_already", "已经答复过，没有改动。", en="It was answered already; nothing was changed."
            )
        if not answer.strip():
            raise Refused(
                "reason_missing", "请写明答复，没有保存。", en="Write an answer; nothing was kept.", status=422
            )
        asked.state = RequestState.ACCEPTED if accept else RequestState.DECLINED
        asked.answer, asked.answered_by, asked.answered_at = answer.strip()[:300], by.ref, at
        asked.save(update_fields=["state", "answer", "answered_by", "answered_at"])
        audit.record(
            "sockets.site_answered", who=by.ref, about=f"sockets.request:{asked.pk}", at=at, region=asked.region
        )
