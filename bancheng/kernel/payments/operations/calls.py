"""What channels call about: verified first, kept as it was read, then taken in; the same call again changes nothing."""

import base64
import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime

from django.db import transaction

from bancheng.kernel.identity import public as identity
from bancheng.kernel.payments import channels
from bancheng.kernel.payments.channels import Told
from bancheng.kernel.payments.models import Callback
from bancheng.kernel.payments.operations import orders, refunds

RAW = "payment_call"
SIGNED = "wechatpay-"  # the headers a call is verified by


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
            defaults={"number": told.number[:64], "told": kept, "raw_sealed": _raw(headers, body), "at": at},
        )
        if isinstance(told, Told):
            orders.take(told, channel=channel, at=at)
        else:
            refunds.take(told, channel=channel, at=at)


def _raw(headers: Mapping[str, str], body: bytes) -> bytes:
    signed = {name: value for name, value in headers.items() if name.lower().startswith(SIGNED)}
    return identity.seal(json.dumps({"headers": signed, "body": base64.b64encode(body).decode()}), kind=RAW)


def open_raw(call: Callback) -> tuple[Mapping[str, str], bytes]:
    """Return the headers and the body of a call as they came, so that its signature can be checked again."""
    kept = json.loads(identity.open_sealed(bytes(call.raw_sealed), kind=RAW))
    return kept["headers"], base64.b64decode(kept["body"])
