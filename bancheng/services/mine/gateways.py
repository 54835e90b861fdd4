"""The machines' door: gateways bring their receipts here, signed."""

import json
import logging
from time import monotonic

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.notices import public as notices
from bancheng.lib import signing
from bancheng.lib.refusal import Garbled

log = logging.getLogger("bancheng.mine")
LARGEST_BODY = 1_000_000
# of this process alone: a receipt replayed to another one adds nothing, for receipts are merged, not counted
_seen = signing.Nonces(monotonic)


def receipts(request: HttpRequest, channel: str) -> HttpResponse:
    """Take a signed batch of receipts; answer how many deliveries it brought further."""
    body = request.body if int(request.headers.get("Content-Length") or 0) <= LARGEST_BODY else b""
    try:
        signing.verify(
            secret=settings.GATEWAY_SECRET.encode(),
            method="POST",
            path=request.path,
            body=body,
            headers=request.headers,
            now=signing.seconds(),
            seen=_seen,
        )
    except Garbled as garbled:
        log.warning("a receipt request on %s was refused: %s", _known(channel), garbled)
        return JsonResponse({"code": "unsigned", "says": str(garbled)}, status=401)
    try:
        taken = notices.take_receipts(channel=_known(channel), payload=json.loads(body), at=clocks.now())
    except (Garbled, ValueError) as garbled:
        log.warning("receipts of %s cannot be read: %s", _known(channel), type(garbled).__name__)
        return JsonResponse({"code": "garbled"}, status=422)
    return JsonResponse({"taken": taken})


def _known(channel: str) -> str:
    return channel if channel in notices.CHANNELS else "unknown"
