"""The receiver of a webhook: one POST, signed, to an address that was looked at before it is connected to.

A partner types the address, so it must not lead into our own network: the name is resolved here, every address it has must be a
public one, and the connection goes to just that address (the certificate is checked against the name). No redirect is followed and
no answer is read: its status is all that counts.
"""

import ipaddress
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol
from urllib.parse import SplitResult, urlsplit

import httpx
from django.conf import settings

from bancheng.lib.refusal import Refused, Unavailable

TIMEOUT = httpx.Timeout(10, connect=5)
LONGEST_URL = 500


class Post(Protocol):
    """What brings a webhook out."""

    def __call__(self, url: str, *, body: bytes, headers: Mapping[str, str]) -> None:
        """Post once; raise Unavailable, with the reason in a few words, unless it was taken (2xx)."""


def check_url(url: str) -> None:
    """Raise Refused("unfit_url") for an address no webhook may go to; its name must resolve now."""
    parts = _parts(url)
    try:
        addresses(parts)
    except Unavailable as no:
        raise unfit(str(no)) from None


def _parts(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        fit = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        raise unfit("not an address") from None
    if not fit or len(url) > LONGEST_URL or not url.isascii() or not url.isprintable() or " " in url:
        raise unfit("not an address")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise unfit("no user, password or fragment")
    if parts.scheme != "https" and not (parts.scheme == "http" and settings.WEBHOOK_PLAIN):
        raise unfit("https only")
    return parts


def unfit(why: str) -> Refused:
    """Return the refusal of an address."""
    return Refused(
        "unfit_url",
        "推送地址须为可从公网访问的https地址，不能带用户名、密码，尚未登记，请核对。",
        en=f"A webhook needs a public https address. Nothing was made: {why}.",
        status=422,
    )


def addresses(parts: SplitResult) -> list[str]:
    """Return the addresses behind a name. Raises Unavailable when there is none, or one is not public and that is not allowed."""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        found = socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise Unavailable("its name is not known") from None
    listed = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    if not settings.WEBHOOK_PRIVATE and not all(public(one) for one in listed):
        raise Unavailable("its address is not a public one")
    return listed


def public(address: str) -> bool:
    """Return whether an address is of the public internet, also when it hides in IPv6."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    inner = getattr(ip, "ipv4_mapped", None) or getattr(ip, "sixtofour", None)
    if isinstance(ip, ipaddress.IPv6Address) and ip in ipaddress.ip_network("64:ff9b::/96"):
        inner = ipaddress.ip_address(int(ip) & 0xFFFFFFFF)
    return ip.is_global and not ip.is_multicast and (inner is None or public(str(inner)))


@dataclass
class Http:
    """The real thing: one client, which threads may share."""

    def __call__(self, url: str, *, body: bytes, headers: Mapping[str, str]) -> None:
        try:
            parts = _parts(url)  # the setting may have become stricter since
        except Refused as no:
            raise Unavailable(no.en) from None
        host = addresses(parts)[0]
        there = f"[{host}]" if ":" in host else host
        where = parts._replace(netloc=f"{there}:{parts.port}" if parts.port else there).geturl()
        sent = {**headers, "Host": parts.netloc, "Content-Type": "application/json"}
        try:
            with self._client.stream(
                "POST", where, content=body, headers=sent, extensions={"sni_hostname": parts.hostname}
            ) as answer:
                status = answer.status_code
        except (httpx.HTTPError, ValueError) as error:
            raise Unavailable(type(error).__name__) from None
        if not 200 <= status < 300:
            raise Unavailable(f"answered {status}")

    @cached_property
    def _client(self) -> httpx.Client:
        return httpx.Client(timeout=TIMEOUT, trust_env=False, follow_redirects=False)
