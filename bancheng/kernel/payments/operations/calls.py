"""What channels call about: verified first, kept as it was read, then taken in; the same call again changes nothing."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime

from django.db import transaction

from bancheng.kernel.payments import channels
from bancheng.kernel.payments.channels import Told
from bancheng.kernel.payments.models import Callback
from bancheng.kernel.payments.operations import orders, refunds


def take_call(
    *, region: str, channel: str, headers: Mapping[str, str], body: bytes, heard_at: datetime, at: datetime
) -> None:
    """Take in a channel's call; its age is judged by `heard_at`, the world's own clock. Raises Garbled: it cannot be trusted, or is about nothing of ours."""
    called = channels.gateway(channel).called(headers, body, heard_at)
    told = called.told
    with transaction.atomic():
        kept = {name: value and str(value) for name, value in asdict(told).items()}
        Callback.objects.get_or_create(
            region=region,
            channel=channel,
            notice=called.notice,
            defaults={"number": told.number, "told": kept, "at": at},
        )
        if isinstance(told, Told):
            orders.take(told, channel=channel, at=at)
        else:
            refunds.take(told, channel=channel, at=at)
