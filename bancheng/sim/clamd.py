"""A simulated malware scanner that speaks clamd's protocol (PING, INSTREAM): `python -m bancheng.sim.clamd 127.0.0.1:3310`.

It finds the scanners' test string and whatever it is told to find; it has a limit of bytes as the real one has,
and may be told to hang up or to answer nonsense.
"""

import argparse
import socketserver
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Thread

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


def main(words: list[str]) -> None:
    """Serve until stopped; the first line printed is where."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("where", help="HOST:PORT; port 0 takes a free one")
    parser.add_argument("--finds", action="append", default=[], metavar="TEXT", help="more that is malware")
    parser.add_argument("--most", type=int, default=MOST_BYTES, help="bytes taken at most")
    parser.add_argument("--says", default="", help="answered to everything")
    parser.add_argument("--hangs-up", action="store_true", help="never answers")
    told = parser.parse_args(words)
    host, _, port = told.where.rpartition(":")
    with Scanner((host, int(port))) as scanner:
        scanner.finds |= {text.encode(): f"Simulated.{text}-1" for text in told.finds}
        scanner.most, scanner.says, scanner.hangs_up = told.most, told.says, told.hangs_up
        sys.stdout.write(f"{scanner.where}\n")
        sys.stdout.flush()
        scanner.serve_forever()


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        main(sys.argv[1:])
