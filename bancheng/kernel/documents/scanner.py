"""The malware scanner: ClamAV's daemon, by its own protocol (clamd(8), INSTREAM), over TCP or a local socket."""

import socket
from dataclasses import dataclass
from functools import partial

from django.conf import settings

from bancheng.lib.refusal import Unavailable

PIECE = 2**16
CONNECT_SECONDS = 3
ANSWER_SECONDS = 60
LONGEST_ANSWER = 4096


@dataclass(frozen=True)
class Clamd:
    """One daemon: `where` is HOST:PORT or the path of a socket."""

    where: str

    def found(self, data: bytes) -> str:
        """Return the name of the malware in `data`, or "" when it is clean. Raises Unavailable."""
        said = self._ask(b"zINSTREAM\0", memoryview(data))
        if said == "stream: OK":
            return ""
        if said.startswith("stream: ") and said.endswith(" FOUND"):
            return said.removeprefix("stream: ").removesuffix(" FOUND")
        raise Unavailable(f"clamd: {said[:100]}")

    def check(self) -> None:
        """Raise Unavailable unless the daemon answers."""
        if (said := self._ask(b"zPING\0", None)) != "PONG":
            raise Unavailable(f"clamd: {said[:100]}")

    def _ask(self, command: bytes, data: memoryview | None) -> str:
        try:
            with self._connect() as line:
                line.settimeout(ANSWER_SECONDS)
                line.sendall(command)
                if data is not None:
                    self._send(line, data)
                return self._answer(line)
        except OSError as error:
            raise Unavailable(f"clamd: {error.strerror or type(error).__name__}") from None

    def _send(self, line: socket.socket, data: memoryview) -> None:
        """Send `data` in pieces with their lengths; a daemon that has had enough says so and hangs up."""
        try:
            for at in range(0, len(data), PIECE):
                piece = data[at : at + PIECE]
                line.sendall(len(piece).to_bytes(4, "big"))
                line.sendall(piece)
            line.sendall(bytes(4))
        except (BrokenPipeError, ConnectionResetError):
            return  # its last words are still to be read

    def _answer(self, line: socket.socket) -> str:
        said = bytearray()
        for piece in iter(partial(line.recv, 512), b""):
            said += piece
            if piece.endswith(b"\0") or len(said) > LONGEST_ANSWER:
                break
        return said.rstrip(b"\0\n").decode(errors="replace")

    def _connect(self) -> socket.socket:
        if self.where.startswith("/"):
            line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            line.settimeout(CONNECT_SECONDS)
            try:
                line.connect(self.where)
            except OSError:
                line.close()
                raise
            return line
        host, _, port = self.where.rpartition(":")
        return socket.create_connection((host.strip("[]"), int(port)), timeout=CONNECT_SECONDS)


def configured() -> Clamd | None:
    """Return the scanner of the settings, or None: then only the test string is refused (`rules.sniffing`)."""
    return Clamd(settings.CLAMD) if settings.CLAMD else None
