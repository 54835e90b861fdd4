"""What becomes of a "no": a page for people, a problem document (RFC 9457) for machines.

Every answer carries the request's number, so that a person on the phone and the log line meet.
"""

from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from bancheng.lib.refusal import Refused

TYPE = "application/problem+json"
RETRY_AFTER_SECONDS = 5  # of a service that is busy
UNAVAILABLE = Refused(
    "unavailable",
    "服务暂时繁忙，这一步没有办成，已提交成功的内容不受影响，请稍后再试。",
    en="The service is busy and this step was not done. What you submitted before is safe. Please try again shortly.",
    status=503,
)


def wants_json(request: HttpRequest) -> bool:
    """Return whether the caller is a machine: below /api/, or asking for JSON and not for a page."""
    accept = request.headers.get("Accept", "")
    return request.path.startswith("/api/") or ("json" in accept and "text/html" not in accept)


def trace_of(request: HttpRequest) -> str:
    """Return the request's number."""
    return getattr(request, "trace", "")


def problem(request: HttpRequest, no: Refused, **more: Any) -> HttpResponse:
    """Return `no` as application/problem+json."""
    document = {
        "type": "about:blank",
        "title": HTTPStatus(no.status).phrase,
        "status": no.status,
        "code": no.code,
        "says": no.says,
        "en": no.en,
        "law": no.law,
        "trace": trace_of(request),
        **more,
    }
    answer = JsonResponse(
        document,
        status=no.status,
        content_type=TYPE,
        json_dumps_params={"ensure_ascii": False},
    )
    if wait := getattr(no, "retry_after", RETRY_AFTER_SECONDS if no.status == 503 else 0):
        answer["Retry-After"] = str(wait)
    return answer


def refuse(request: HttpRequest, no: Refused, *, template: str = "web/refused.html", **more: Any) -> HttpResponse:
    """Return `no` as the caller can read it: a problem document or a page with the same status."""
    if wants_json(request):
        return problem(request, no)
    return render(request, template, {"no": no, **more}, status=no.status)
