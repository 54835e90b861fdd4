"""Thresholds of a socket change by two people, with the basis on record; the device is told in the transaction that approves."""

from datetime import datetime

from django.db import transaction

from bancheng.kernel.audit import public as audit
from bancheng.kernel.identity import public as identity
from bancheng.lib.refusal import Refused
from bancheng.lib.text import Text
from bancheng.services.sockets.models import Socket, Threshold
from bancheng.services.sockets.operations import commands
from bancheng.services.sockets.rules import protection
from bancheng.services.sockets.rules.places import no_such_socket
from bancheng.services.sockets.rules.protection import ChangeState

audit.labels(
    {
        "sockets.threshold_proposed": Text("提出修改保护定值", "Change of a threshold put forward"),
        "sockets.threshold_approved": Text("批准修改保护定值", "Change of a threshold approved"),
        "sockets.threshold_declined": Text("不批准修改保护定值", "Change of a threshold declined"),
    }
)


def own_values(socket: Socket) -> dict[str, int]:
    """Return the thresholds in force that a socket has of its own."""
    return dict(socket.thresholds.filter(state=ChangeState.IN_FORCE).values_list("name", "value"))


def propose(*, code: str, name: str, value: int, basis: str, by: identity.Actor, at: datetime) -> Threshold:
    """Put a threshold forward.

    Raises Refused: no_such_socket, no_such_threshold, hardware_threshold, threshold_out_of_limits, basis_missing, thresholds_out_of_order,
    proposed_already.
    """
    with transaction.atomic():
        socket = Socket.objects.select_for_update().filter(code=code).first()
        if socket is None:
            raise no_such_socket()
        protection.check(name, value, basis)
        protection.check_order(protection.effective({**own_values(socket), name: value}, rated_ma=socket.rated_ma))
        if socket.thresholds.filter(name=name, state=ChangeState.PROPOSED).exists():
            raise Refused(
                "proposed_already",
                "这一项已有修改在等批准，没有保存；请先处理那一项。",
                en="A change of it waits for approval already; nothing was kept. Decide that one first.",
            )
        made = Threshold.objects.create(
            region=socket.region,
            socket=socket,
            name=name,
            value=value,
            basis=basis.strip()[:300],
            state=ChangeState.PROPOSED,
            proposed_by=by.ref,
            proposed_at=at,
        )
        _note("sockets.threshold_proposed", made, by, at)
    return made


def decide(*, change_id: int, approve: bool, by: identity.Actor, at: datetime) -> Threshold:
    """Approve or decline what another put forward; the device hears of it. Raises Refused: no_such_change, change_decided, own_proposal."""
    with transaction.atomic():
        change = (
            Threshold.objects.select_for_update(of=("self",))
            .select_related("socket__unit")
            .filter(pk=change_id)
            .first()
        )
        if change is None:
            raise Refused("no_such_change", "没有这项修改。", en="There is no such change.", status=404)
        if change.state != ChangeState.PROPOSED:
            raise Refused(
                "change_decided", "这项修改已经处理过，没有改动。", en="It was decided already; nothing was changed."
            )
        if change.proposed_by == by.ref:
            raise Refused(
                "own_proposal",
                "自己提出的修改要由另一人批准，没有改动。",
                en="A change you put forward yourself is decided by another person; nothing was changed.",
            )
        socket = change.socket
        if approve:
            own = {**own_values(socket), change.name: change.value}
            protection.check_order(protection.effective(own, rated_ma=socket.rated_ma))
            socket.thresholds.filter(name=change.name, state=ChangeState.IN_FORCE).update(state=ChangeState.REPLACED)
        change.state = ChangeState.IN_FORCE if approve else ChangeState.DECLINED
        change.decided_by, change.decided_at = by.ref, at
        change.save(update_fields=["state", "decided_by", "decided_at"])
        action = "sockets.threshold_approved" if approve else "sockets.threshold_declined"
        _note(action, change, by, at)
        if approve:
            commands.limit(socket, {change.name: change.value}, at=at)
    return change


def _note(action: str, change: Threshold, by: identity.Actor, at: datetime) -> None:
    detail = {"name": change.name, "value": change.value, "basis": change.basis}
    about = f"sockets.socket:{change.socket_id}"
    audit.record(action, who=by.ref, about=about, at=at, region=change.region, detail=detail)
