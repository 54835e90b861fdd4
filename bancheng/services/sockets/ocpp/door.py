"""Who may come in, and the connections there are: one a charge point, the newest."""

import base64
import binascii
import http
import logging
import ssl
from collections.abc import Mapping
from concurrent.futures import Executor
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.http11 import Request, Response

from bancheng.lib.brokerkeys import Book
from bancheng.services.sockets.gateway.hearing import Hearing
from bancheng.services.sockets.ocpp import frames
from bancheng.services.sockets.ocpp.link import Link
from bancheng.services.sockets.queries.registry import Registered

logger = logging.getLogger("bancheng.sockets")
ROOT = "/ocpp/"
SUBPROTOCOL = "ocpp1.6"
PING = 20


class Door:
    """Lets charge points in by name and password (OCPP security profile 1; 2 with TLS)."""

    def __init__(self, book: Book, executor: Executor) -> None:
        self.book = book
        self.known: Mapping[str, Registered] = {}
        self.links: dict[str, Link] = {}
        self.hearing = Hearing()
        self._executor = executor

    def listen(self, host: str, port: int, *, tls: ssl.SSLContext | None) -> AbstractAsyncContextManager[Server]:
        """Return the listener."""
        return serve(
            self._welcome,
            host,
            port,
            subprotocols=[SUBPROTOCOL],  # type: ignore[list-item]  # a str with another name to mypy
            process_request=self._judge,
            max_size=frames.LARGEST,
            ping_interval=PING,
            ping_timeout=PING,
            close_timeout=5,
            ssl=tls,
            server_header=None,
        )

    def _judge(self, socket: ServerConnection, asked: Request) -> Response | None:
        """Refuse whoever is not registered, or has not the password of the name he comes under; None lets him in."""
        name = asked.path.removeprefix(ROOT) if asked.path.startswith(ROOT) else ""
        user, password = _credentials(asked.headers.get("Authorization", ""))
        if name and user == name and name in self.known and self.book.admits(name, password):
            return None
        if name in self.known:
            self.hearing.refuse(name, "foreign")
        refused = socket.respond(http.HTTPStatus.UNAUTHORIZED, "name or password is not good\n")
        refused.headers["WWW-Authenticate"] = 'Basic realm="ocpp"'
        return refused

    async def _welcome(self, socket: ServerConnection) -> None:
        assert socket.request is not None
        name = socket.request.path.removeprefix(ROOT)
        link = Link(socket, self.known[name], self.hearing, self._executor)
        before = self.links.get(name)
        self.links[name] = link
        if before is not None:
            await before.close()
        logger.info("charge point %s is connected", name)
        try:
            await link.run()
        finally:
            if self.links.get(name) is link:
                del self.links[name]
            logger.info("charge point %s is gone", name)


def _credentials(header: str) -> tuple[str, str]:
    kind, _, coded = header.partition(" ")
    if kind.lower() != "basic":
        return "", ""
    try:
        user, _, password = base64.b64decode(coded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return user, password


def tls_of(cert: Path, key: Path) -> ssl.SSLContext:
    """Return what TLS needs; OCPP asks for 1.2 at least."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(cert, key)
    return context
