"""What comes in over the API: the body as it was signed, a file as it was sent, none of it read beyond its limit."""

from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, UnreadablePostError

from bancheng.kernel.documents import public as documents
from bancheng.lib.httpsig import Message
from bancheng.lib.refusal import Refused


def message_of(request: HttpRequest, *, upload: bool = False) -> Message:
    """Return the request as its sender signed it; an unsigned body is not read."""
    path, _, query = request.get_full_path().partition("?")
    headers = {name.lower(): value for name, value in request.headers.items()}
    body = b"" if "signature" not in headers else file_of(request) if upload else body_of(request)
    return Message(request.method or "", path, query, request.get_host(), headers, body)


def body_of(request: HttpRequest) -> bytes:
    """Return the body of an ordinary request. Raises Refused: body_too_large, beyond what one may hold; body_cut_off."""
    try:
        return request.body
    except RequestDataTooBig:
        raise Refused(
            "body_too_large",
            f"请求超过{settings.DATA_UPLOAD_MAX_MEMORY_SIZE // 1024}KB，没有读取，未作任何改动；文件请用上传接口逐个上传。",
            en="The request is too large and was not read; nothing was changed. Files are uploaded one by one.",
            status=413,
        ) from None
    except UnreadablePostError:
        raise _cut_off() from None


def _cut_off() -> Refused:
    return Refused(
        "body_cut_off",
        "请求没有传完，未作任何改动，请用同一个Idempotency-Key重发。",
        en="The request broke off. Nothing was changed: send it again with the same Idempotency-Key.",
        status=400,
    )


def file_of(request: Any) -> bytes:
    """Return the file that is a request's whole body, read once and to the documents' limit; more is refused, by what it claims or holds.

    Raises Refused: document_too_large, body_cut_off.
    """
    if not hasattr(request, "file"):
        limits = documents.limits()
        claimed = request.headers.get("Content-Length", "")
        if claimed.isdecimal() and (size := int(claimed[:18])) > limits.bytes:
            documents.check_size(size, limits)
        try:
            request.file = request.read(limits.bytes + 1)
        except UnreadablePostError:
            raise _cut_off() from None
        if len(request.file) > limits.bytes:
            documents.check_size(len(request.file), limits)
    return bytes(request.file)
