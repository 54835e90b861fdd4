"""Where each kind of message is said."""

import re

from bancheng.lib.refusal import Garbled

ROOT = "pw/1"
LARGEST_TOPIC = 128
NAME = re.compile(r"[0-9A-Za-z_-]{1,32}", re.ASCII)  # of a gateway or a socket
UP = ("status", "state", "reading", "event", "cmdack", "time")
DOWN = ("cmd", "ack", "time")
OF_SOCKET = ("state", "reading", "event", "cmd", "cmdack")
BROKER = ("refused",)  # the doorkeeper's own: neither gateways nor the platform may say it
RETAINED = ("status", "state")


def topic(gateway: str, kind: str, socket: str = "") -> str:
    """Return where `kind` of a gateway, or of one of its sockets, is said."""
    return f"{ROOT}/{gateway}/{socket}/{kind}" if kind in OF_SOCKET else f"{ROOT}/{gateway}/{kind}"


def every(kind: str, group: str = "") -> str:
    """Return the filter for `kind` of all gateways; a `group` shares them out among its members, in no order."""
    wanted = topic("+", kind, "+")
    return f"$share/{group}/{wanted}" if group else wanted


def place(name: str) -> tuple[str, str, str]:
    """Return gateway, kind and socket ("" for none) of a topic; raise Garbled for one that is not ours."""
    parts = name.split("/") if len(name) <= LARGEST_TOPIC else []
    if len(parts) in (4, 5) and parts[0] == "pw" and parts[1] == "1":
        kind, gateway, socket = parts[-1], parts[2], parts[3] if len(parts) == 5 else ""
        own = kind in OF_SOCKET if socket else kind in ("status", "ack", "time", "refused")
        if own and NAME.fullmatch(gateway) and (not socket or NAME.fullmatch(socket)):
            return gateway, kind, socket
    raise Garbled("no topic of ours")
