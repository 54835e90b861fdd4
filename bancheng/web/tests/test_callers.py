"""Whose address a request has: what a proxy of ours saw, never what the caller says of himself."""

from typing import Any

import pytest
from django.test import RequestFactory

from bancheng.web.callers import address_of


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "", "203.0.113.9"),
        (0, "198.51.100.1", "203.0.113.9"),
        (1, "198.51.100.1", "198.51.100.1"),
        (1, "10.9.9.9, 198.51.100.1", "198.51.100.1"),
        (2, "10.9.9.9, 198.51.100.1, 192.0.2.7", "198.51.100.1"),
        (1, "2001:db8::7", "2001:db8::7"),
        (2, "198.51.100.1", ""),
        (1, "<script>", ""),
    ],
)
def test_an_address_is_what_our_proxy_saw(settings: Any, proxies: int, forwarded: str, address: str) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    request = RequestFactory().get("/", REMOTE_ADDR="203.0.113.9", headers={"X-Forwarded-For": forwarded})
    assert address_of(request) == address
