"""A simulated malware scanner that speaks clamd's protocol (PING, INSTREAM): `python -m bancheng.sim.clamd 127.0.0.1:3310`.

It finds the scanners' test string and whatever is put into `Scanner.finds`; it has a limit of bytes as the real one has,
and may be told to hang up or to answer nonsense.
"""

import socketserver
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Thread
from typing import Any

MOST_BYTES = 25 * 2**20  # clamd's StreamMaxLength
TEST = b"".join((rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$", b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"))


class Scanner(socketserver.ThreadingTCPServer):
    """The daemon on a port of this machine."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, address: tuple[str, int]) -> None:
        super().__init__(address, _Line)
        self.finds: dict[bytes, str] = {TEST: "Win.Test.EICAR_HDB-1"}
        self.most = MOST_BYTES
        self.seen = 0  # contents looked at
        self.says = ""  # answered to everything, where set
        self.hangs_up = False

    @property
    def where(self) -> str:
        """Return HOST:PORT."""
        host, port = self.server_address[:2]
        return f"{host!s}:{port}"

    def verdict(self, content: bytes) -> str:
        """Return what clamd says of `content`."""
        found = next((name for mark, name in self.finds.items() if mark in content), "")
        return f"stream: {found} FOUND" if found else "stream: OK"


class _Line(socketserver.StreamRequestHandler):
    server: Scanner

    def handle(self) -> None:
        with suppress(ConnectionError):
            command = self._word()
            if self.server.hangs_up:
                return
            if command == b"zPING":
                said = "PONG"
            elif command == b"zINSTREAM":
                said = self._scan()
            else:
                said = "UNKNOWN COMMAND"
            self.wfile.write((self.server.says or said).encode() + b"\0")

    def _word(self) -> bytes:
        word = b""
        while (byte := self.rfile.read(1)) not in (b"", b"\0"):
            word += byte
        return word

    def _scan(self) -> str:
        content = bytearray()
        while length := int.from_bytes(self.rfile.read(4), "big"):
            if len(content) + length > self.server.most:
                return "INSTREAM size limit exceeded. ERROR"
            content += self.rfile.read(length)
        self.server.seen += 1
        return self.server.verdict(bytes(content))


@contextmanager
def running(host: str = "127.0.0.1", port: int = 0) -> Iterator[Scanner]:
    """Keep a scanner answering while the block runs; port 0 takes a free one."""
    with Scanner((host, port)) as scanner:
        thread = Thread(target=scanner.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield scanner
        finally:
            scanner.shutdown()
            thread.join()


def main(words: list[Any]) -> None:
    """Serve until stopped."""
    host, _, port = words[0].rpartition(":")
    with Scanner((host, int(port))) as scanner:
        scanner.serve_forever()


if __name__ == "__main__":
    main(sys.argv[1:])
