"""Charge points come, and are bounded by the platform: what MQTT devices do by themselves, OCPP 1.6 cannot be told."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from bancheng.lib.socketwire import Status
from bancheng.services.sockets.models import GatewayState
from bancheng.services.sockets.operations import gateways, sessions
from bancheng.services.sockets.operations.happening import SYSTEM
from bancheng.services.sockets.queries import charging
from bancheng.services.sockets.rules.charging import must_end


def connected(gateway: str, *, region: str, at: datetime) -> int:
    """Note that a charge point is there; return the boot under which it is heard: every connection begins a log of its own, later than all before."""
    with transaction.atomic():
        GatewayState.objects.get_or_create(region=region, gateway=gateway, defaults={"since": at, "heard_at": at})
        row = GatewayState.objects.select_for_update().get(region=region, gateway=gateway)
        boot = max(int(at.timestamp()), row.boot + 1)
        gateways.heard(Status(gateway, True, boot), region=region, at=at)
    return boot


def bound(connected: Sequence[str], *, at: datetime) -> int:
    """Stop what has used up what was paid, or its time, on charge points that can be told; return how many."""
    ended = 0
    for row in charging.to_bound(connected):
        assert row.started_at is not None
        cause = must_end(
            used_wh=row.used_wh, quota_wh=row.quota_wh, most_w=row.most_w, started_at=row.started_at,
            longest_s=row.longest_s, at=at,
        )  # fmt: skip
        if cause:
            sessions.stop(session_id=row.pk, by=SYSTEM, at=at, cause=cause)
            ended += 1
    return ended
