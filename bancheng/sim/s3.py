"""A simulated object store that speaks S3: path-style PUT, GET, HEAD, DELETE and ListObjectsV2, each request signed.

It checks Signature Version 4 in its own words, from the published description, and shares no line with our client.
Objects are files under the folder it is given and appear whole or not at all. Times are the simulator's own.
"""

import hashlib
import hmac
import os
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qsl, quote
from xml.sax.saxutils import escape

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from bancheng.sim.state import now

SKEW_SECONDS = 900


@dataclass
class Store:
    """One account's buckets, and what is switched to go wrong."""

    folder: Path
    key_id: str
    secret: str
    down: int = 0  # so many requests are answered 503
    spoil: bool = False  # what is given out has one byte changed
    page: int = 1000  # keys of one list

    async def door(self, request: Request) -> Response:
        body = await request.body()
        if self.down:
            self.down -= 1
            return _no(503, "SlowDown")
        if fault := self._fault(request, body):
            return _no(403 if fault != "XAmzContentSHA256Mismatch" else 400, fault)
        bucket, key = request.path_params["bucket"], request.path_params.get("key", "")
        if ".." in key.split("/") or ".." in bucket:
            return _no(400, "InvalidURI")
        if not key:
            return self._list(request, bucket) if request.method == "GET" else _no(405, "MethodNotAllowed")
        path = self.folder / bucket / key
        if request.method == "PUT":
            return self._put(path, body)
        if not path.is_file():
            return Response(status_code=204) if request.method == "DELETE" else _no(404, "NoSuchKey")
        if request.method == "DELETE":
            path.unlink()
            return Response(status_code=204)
        if self.spoil:
            return Response(bytes((path.read_bytes()[0] ^ 1,)) + path.read_bytes()[1:])
        return FileResponse(path, media_type="binary/octet-stream")

    def _put(self, path: Path, body: bytes) -> Response:
        path.parent.mkdir(parents=True, exist_ok=True)
        number, aside = tempfile.mkstemp(dir=self.folder)
        with os.fdopen(number, "wb") as file:
            file.write(body)
        os.replace(aside, path)
        return Response(headers={"ETag": f'"{hashlib.md5(body, usedforsecurity=False).hexdigest()}"'})

    def _list(self, request: Request, bucket: str) -> Response:
        root = self.folder / bucket
        keys = sorted(str(each.relative_to(root)) for each in root.rglob("*") if each.is_file())
        after = request.query_params.get("continuation-token", "")
        page = [key for key in keys if key > after][: self.page]
        more = bool(page) and page[-1] != keys[-1]
        listed = "".join(f"<Contents><Key>{escape(key)}</Key></Contents>" for key in page)
        token = f"<NextContinuationToken>{escape(page[-1])}</NextContinuationToken>" if more else ""
        return Response(
            '<?xml version="1.0" encoding="UTF-8"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
            f"<Name>{escape(bucket)}</Name><IsTruncated>{'true' if more else 'false'}</IsTruncated>{listed}{token}"
            "</ListBucketResult>",
            media_type="application/xml",
        )

    def _fault(self, request: Request, body: bytes) -> str:
        """Return the code for which a request is refused, or ""."""
        head = request.headers
        try:
            scheme, _, rest = head["authorization"].partition(" ")
            said = dict(part.strip().split("=", 1) for part in rest.split(","))
            key_id, day, region, service, end = said["Credential"].split("/")
            names = said["SignedHeaders"].split(";")
            sent = datetime.strptime(head["x-amz-date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
            lines = [f"{name}:{' '.join(head[name].split())}" for name in names]
            digest = head["x-amz-content-sha256"]
        except (KeyError, ValueError):
            return "AuthorizationHeaderMalformed"
        if (scheme, service, end, day) != ("AWS4-HMAC-SHA256", "s3", "aws4_request", head["x-amz-date"][:8]):
            return "AuthorizationHeaderMalformed"
        if "host" not in names or key_id != self.key_id:
            return "InvalidAccessKeyId" if key_id != self.key_id else "SignatureDoesNotMatch"
        if abs(now() - sent.timestamp()) > SKEW_SECONDS:
            return "RequestTimeTooSkewed"
        pairs = sorted(parse_qsl(request.url.query, keep_blank_values=True))
        query = "&".join(f"{quote(name, safe='-_.~')}={quote(value, safe='-_.~')}" for name, value in pairs)
        raw = request.scope["raw_path"].decode("ascii").partition("?")[0]
        canonical = "\n".join([request.method, raw, query, *lines, "", ";".join(names), digest])
        to_sign = "\n".join(
            [
                "AWS4-HMAC-SHA256",
                head["x-amz-date"],
                f"{day}/{region}/s3/aws4_request",
                hashlib.sha256(canonical.encode()).hexdigest(),
            ]
        )
        signing_key = _mac(_mac(_mac(_mac(b"AWS4" + self.secret.encode(), day), region), "s3"), "aws4_request")
        if not hmac.compare_digest(said["Signature"], _mac(signing_key, to_sign).hex()):
            return "SignatureDoesNotMatch"
        return "" if hashlib.sha256(body).hexdigest() == digest else "XAmzContentSHA256Mismatch"

    def routes(self) -> list[Route]:
        """Return the account's doors; put them at the root or under a path of their own."""
        methods = ["GET", "PUT", "DELETE"]
        return [
            Route("/{bucket}", self.door, methods=methods),
            Route("/{bucket}/{key:path}", self.door, methods=methods),
        ]


def _mac(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def _no(status: int, code: str) -> Response:
    return Response(f"<Error><Code>{code}</Code></Error>", status_code=status, media_type="application/xml")
