"""Serving an application by granian, with the settings that were measured best (docs/benchmarks.md)."""

import os
import socket
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bancheng.lib import staying
from bancheng.site import lifeline

THREADS = 8  # blocking threads of one process: as many as the pool has connections
# granian counts connections here, idle ones too: with 8, two browsers that keep theirs open lock all others out (tried)
CONNECTIONS = 1024


@dataclass(frozen=True)
class Address:
    """A host and a port."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def address(text: str) -> Address:
    """Return the address written as HOST:PORT, [V6]:PORT or PORT alone.

    Raises ValueError with the text, when it is none of these.
    """
    host, _, port = text.rpartition(":")
    if not port.isdigit() or not 0 < int(port) < 65536:
        raise ValueError(f"{text!r} is no address: write HOST:PORT, for example 127.0.0.1:8000")
    return Address(host.strip("[]") or "127.0.0.1", int(port))


def is_free(where: Address) -> bool:
    """Return whether nobody listens at `where`."""
    family = socket.AF_INET6 if ":" in where.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((where.host, where.port))
        except OSError:
            return False
    return True


def busy(where: Address, setting: str) -> str:
    """Return the sentence for an address somebody else has."""
    other = f"{setting}={Address(where.host, where.port + 10)}"
    return (
        f"端口 {where.port} 已被占用或不可用；什么都没有启动。换一个端口：{other} bancheng …\n"
        f"Port {where.port} is taken; nothing was started. Choose another: {other} bancheng …"
    )


def wsgi(target: str, where: Address, *, workers: int) -> None:
    """Serve a WSGI application until SIGINT or SIGTERM."""
    _serve(target, where, interface="wsgi", workers=workers, blocking_threads=THREADS, backpressure=CONNECTIONS)


def asgi(target: str, where: Address) -> None:
    """Serve an ASGI application in one process until SIGINT or SIGTERM."""
    _serve(target, where, interface="asgi", workers=1)


def _serve(target: str, where: Address, **how: Any) -> None:
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    os.environ["BANCHENG_SERVER"] = str(os.getpid())
    how["interface"] = Interfaces(how["interface"])
    server = Granian(
        target,
        address=where.host,
        port=where.port,
        respawn_failed_workers=True,
        workers_kill_timeout=10,
        log_level=LogLevels.error,
        **how,
    )
    server.serve(target_loader=load)


def load(target: str, **_: Any) -> Callable[..., Any]:
    """Return the application, in the process that will run it; that process ends with granian's own."""
    from granian._internal import load_target

    server = int(os.environ.get("BANCHENG_SERVER") or os.getpid())
    if server != os.getpid():
        lifeline.end_with_parent(server)
    with staying.loading():
        application: Callable[..., Any] = load_target(target)
    return application
