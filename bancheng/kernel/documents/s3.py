"""A small client of the S3 protocol: put, get, head, delete and list, signed by Signature Version 4.

Spoken by AWS, MinIO, Ceph and the clouds here (OBS, OSS, COS, each in its S3 mode). Addresses are path-style,
`URL/bucket/key`. The payload is signed too, so what was changed on its way is refused by the other side.
docs/decisions/0014-documents.md says why no SDK.
"""

import hashlib
import hmac
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from urllib.parse import quote, urlsplit
from xml.etree import ElementTree

import httpx

from bancheng.lib import signing
from bancheng.lib.refusal import Unavailable

TIMEOUT_SECONDS = 30
PIECE = 256 * 1024
TRIES = 3
EMPTY = hashlib.sha256(b"").hexdigest()


@dataclass
class Bucket:
    """One bucket over HTTP, its connections kept; threads may share it. Whatever fails three times is Unavailable."""

    url: str
    name: str
    region: str
    key_id: str
    secret: str

    def put(self, key: str, body: Callable[[], Iterable[bytes]], size: int) -> None:
        """Keep an object; S3 shows it whole or not at all. `body` is asked for once for its digest, once for each try."""
        digest = hashlib.sha256()
        for piece in body():
            digest.update(piece)
        answer = self._ask("PUT", key, body=body, size=size, digest=digest.hexdigest())
        if answer.status_code != 200:
            raise Unavailable(f"S3: answered {answer.status_code}")

    def get(self, key: str) -> Iterator[bytes] | None:
        """Return the object's pieces, or None when there is none."""
        answer = self._ask("GET", key, stream=True)
        if answer.status_code != 200:
            answer.close()
            if answer.status_code == 404:
                return None
            raise Unavailable(f"S3: answered {answer.status_code}")
        return _read(answer)

    def has(self, key: str) -> bool:
        """Return whether there is such an object."""
        answer = self._ask("HEAD", key)
        if answer.status_code not in (200, 404):
            raise Unavailable(f"S3: answered {answer.status_code}")
        return answer.status_code == 200

    def delete(self, key: str) -> None:
        """Remove an object; one that is not there is no fault."""
        answer = self._ask("DELETE", key)
        if answer.status_code not in (200, 204, 404):
            raise Unavailable(f"S3: answered {answer.status_code}")

    def every_key(self) -> Iterator[str]:
        """Yield every key, a page of a thousand at a time."""
        query = {"list-type": "2"}
        while True:
            answer = self._ask("GET", "", query=query)
            if answer.status_code != 200:
                raise Unavailable(f"S3: answered {answer.status_code}")
            keys, following = _read_list(answer.content)
            yield from keys
            if not following:
                return
            query = {"list-type": "2", "continuation-token": following}

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()

    def _ask(
        self,
        method: str,
        key: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Callable[[], Iterable[bytes]] | None = None,
        size: int = 0,
        digest: str = EMPTY,
        stream: bool = False,
    ) -> httpx.Response:
        """Return the answer; a fault of the other side or of the way is tried again, each time signed anew."""
        path = "/".join((urlsplit(self.url).path.rstrip("/"), self.name, *([quote(key)] if key else [])))
        told = "&".join(
            f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in sorted((query or {}).items())
        )
        origin = "://".join(urlsplit(self.url)[:2])
        trouble = ""
        for _ in range(TRIES):
            head = self._signed(method, path, told, digest, datetime.fromtimestamp(signing.seconds(), UTC))
            if body:
                head["Content-Length"] = str(size)
            request = self._client.build_request(
                method, f"{origin}{path}" + (f"?{told}" if told else ""), headers=head, content=body and body()
            )
            try:
                answer = self._client.send(request, stream=stream)
            except httpx.HTTPError as error:
                trouble = type(error).__name__  # the text may hold an address
                continue
            if answer.status_code < 500:
                return answer
            answer.close()
            trouble = f"answered {answer.status_code}"
        raise Unavailable(f"S3: {trouble}")

    def _signed(self, method: str, path: str, query: str, digest: str, at: datetime) -> dict[str, str]:
        stamp = at.strftime("%Y%m%dT%H%M%SZ")
        head = {"host": urlsplit(self.url).netloc, "x-amz-content-sha256": digest, "x-amz-date": stamp}
        return {
            **head,
            "Authorization": authorization(
                method=method, path=path, query=query, head=head, digest=digest, stamp=stamp, region=self.region,
                key_id=self.key_id, secret=self.secret,
            ),
        }  # fmt: skip

    @cached_property
    def _client(self) -> httpx.Client:
        return httpx.Client(timeout=TIMEOUT_SECONDS, trust_env=False)


def authorization(
    *,
    method: str,
    path: str,
    query: str,
    head: Mapping[str, str],
    digest: str,
    stamp: str,
    region: str,
    key_id: str,
    secret: str,
) -> str:
    """Return the header of Signature Version 4; `head` by lower-case names, `query` sorted and quoted."""
    names = ";".join(sorted(head))
    headers = "".join(f"{name}:{head[name].strip()}\n" for name in sorted(head))
    asked = "\n".join((method, path, query, headers, names, digest))
    scope = f"{stamp[:8]}/{region}/s3/aws4_request"
    signed = "\n".join(("AWS4-HMAC-SHA256", stamp, scope, hashlib.sha256(asked.encode()).hexdigest()))
    key = f"AWS4{secret}".encode()
    for word in (*scope.split("/"), signed):
        key = hmac.digest(key, word.encode(), "sha256")
    return f"AWS4-HMAC-SHA256 Credential={key_id}/{scope},SignedHeaders={names},Signature={key.hex()}"


def _read(answer: httpx.Response) -> Iterator[bytes]:
    try:
        yield from answer.iter_raw(PIECE)
    except httpx.HTTPError as error:
        raise Unavailable(f"S3: {type(error).__name__}") from None
    finally:
        answer.close()


def _read_list(body: bytes) -> tuple[list[str], str]:
    """Return the keys of one page, and the token of the next or ""."""
    try:
        root = ElementTree.fromstring(body)
    except ElementTree.ParseError:
        raise Unavailable("S3: the list cannot be read") from None
    space = root.tag.partition("}")[0] + "}" if root.tag.startswith("{") else ""
    keys = [each.text or "" for each in root.iterfind(f"{space}Contents/{space}Key")]
    following = root.findtext(f"{space}NextContinuationToken") or ""
    return keys, following if root.findtext(f"{space}IsTruncated") == "true" else ""
