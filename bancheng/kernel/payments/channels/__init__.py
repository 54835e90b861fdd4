"""The payment channels: one face, two protocols, each spoken by the real platform and by the simulator alike."""

import logging
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache

import httpx
from django.conf import settings

from bancheng.kernel.payments.channels.alipay import Alipay
from bancheng.kernel.payments.channels.facts import Asked, Bill, Called, Gateway, Order, RefundTold, Told
from bancheng.kernel.payments.channels.wechat import Wechat
from bancheng.kernel.payments.channels.wechat_payer import WechatPayer
from bancheng.kernel.payments.rules import Channel
from bancheng.lib.refusal import Garbled, Unavailable

log = logging.getLogger("bancheng.payments")
TIMEOUT_SECONDS = 10
ENOUGH = 3  # failures in a row, each of which may have taken a time-out

__all__ = [
    "Asked",
    "Bill",
    "Called",
    "Deaf",
    "Gateway",
    "Order",
    "RefundTold",
    "Told",
    "forget",
    "gateway",
    "known",
    "payer",
    "standing_in",
]
_standing_in: dict[str, Gateway] = {}


def known() -> tuple[Channel, ...]:
    """Return the channels that the settings name."""
    set_up = {Channel.WECHAT: settings.WECHAT_PAY, Channel.ALIPAY: settings.ALIPAY}
    return tuple(channel for channel, values in set_up.items() if values)


def gateway(channel: str) -> Gateway:
    """Return the channel's client as the settings say. Raises Unavailable when they name none."""
    if channel in _standing_in:
        return _standing_in[channel]
    if channel not in known():
        raise Unavailable(f"{channel} is not set up")
    notify = f"{settings.SITE_URL}/payments/{channel}"
    return _wechat(notify) if Channel(channel) is Channel.WECHAT else _alipay(notify)


@cache
def _http() -> httpx.Client:
    return httpx.Client(timeout=TIMEOUT_SECONDS, trust_env=False)


@cache
def _wechat(notify_url: str) -> Gateway:
    return Wechat(http=_http(), notify_url=notify_url, **(settings.WECHAT_PAY or {}))


def payer() -> WechatPayer | None:
    """Return the sign-in of payers inside WeChat; None when it is not set up."""
    if not (settings.WECHAT_PAY and settings.WECHAT_APP_SECRET):
        return None
    return WechatPayer(
        _http(),
        settings.WECHAT_PAY["appid"],
        settings.WECHAT_APP_SECRET,
        settings.WECHAT_AUTHORIZE_URL,
        settings.WECHAT_TOKEN_URL,
    )


@cache
def _alipay(notify_url: str) -> Gateway:
    return Alipay(http=_http(), notify_url=notify_url, **(settings.ALIPAY or {}))


@contextmanager
def standing_in(gateways: Mapping[str, Gateway]) -> Iterator[None]:
    """Let these speak for the channels in this process while the block runs: a demonstration that plays the world itself."""
    if settings.PRODUCTION:
        raise ValueError("nobody stands in for a payment channel in production")
    _standing_in.update(gateways)
    try:
        yield
    finally:
        _standing_in.clear()


def forget() -> None:
    """Make the clients anew at the next call, as a test needs that sets the settings."""
    _http().close()
    for made in (_http, _wechat, _alipay):
        made.cache_clear()


class Deaf:
    """One pass over many things to ask: a channel that does not answer is left alone for the rest of it."""

    def __init__(self) -> None:
        self.failed: Counter[str] = Counter()

    def to(self, channel: str) -> bool:
        """Return whether a channel has failed often enough."""
        return self.failed[channel] >= ENOUGH

    @contextmanager
    def heard(self, channel: str) -> Iterator[None]:
        """Ask inside; what cannot be trusted concerns one thing, no answer may concern all."""
        try:
            yield
            self.failed[channel] = 0
        except Garbled as no:
            log.warning("%s", no)
        except Unavailable as no:
            self.failed[channel] += 1
            log.warning("%s", no)
