"""The payment channels' door: their calls come here, signed; what they cannot be trusted in is answered so that they call again."""

import logging
from functools import partial

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.payments import public as payments
from bancheng.lib.refusal import Garbled, Unavailable

log = logging.getLogger("bancheng.web")
LARGEST_BODY = 100_000
NO_CHANNEL = partial(JsonResponse, {"code": "FAIL", "message": "no such channel"}, status=404)


def called(request: HttpRequest, channel: str) -> HttpResponse:
    """Take in a channel's call. WeChat reads the status, Alipay the seven letters."""
    if channel not in [one.value for one in payments.Channel]:
        return NO_CHANNEL()
    body = request.body if int(request.headers.get("Content-Length") or 0) <= LARGEST_BODY else b""
    try:
        payments.take_call(
            region=settings.REGION,
            channel=channel,
            headers=request.headers,
            body=body,
            heard_at=clocks.real_now(),
            at=clocks.now(),
        )
    except Garbled as garbled:
        log.warning("a call of %s was refused: %s", channel, garbled)
        return JsonResponse({"code": "FAIL", "message": "not accepted"}, status=401)
    except Unavailable:  # the settings name no such channel
        return NO_CHANNEL()
    if channel == payments.Channel.ALIPAY.value:
        return HttpResponse(b"success", content_type="text/plain")
    return HttpResponse(status=204)
