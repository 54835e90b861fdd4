"""A load generator of the standard library: kept connections, one thread each, raw sockets. Bounded by its time.

Run as a program: URL SECONDS CONNECTIONS COOKIE; prints {"rate": …, "bad": …}. It shares the machine with what it measures, as
pgbench does; it costs more than wrk, so a figure by it is on the low side.
"""

import json
import socket
import sys
import threading
import time
from urllib.parse import urlsplit


class Load:
    """Counts of one connection."""

    def __init__(self, url: str, cookie: str) -> None:
        self.parts = urlsplit(url)
        self.cookie = cookie
        self.good = self.bad = 0

    def run(self, end: float) -> None:
        """Ask and read until `end`."""
        address = (self.parts.hostname or "", self.parts.port or 80)
        ask = f"GET {self.parts.path or '/'} HTTP/1.1\r\nHost: {self.parts.netloc}\r\nCookie: {self.cookie}\r\n\r\n".encode()
        with socket.create_connection(address, timeout=30) as door:
            while time.monotonic() < end:
                door.sendall(ask)
                if answer_is_good(door):
                    self.good += 1
                else:
                    self.bad += 1


def answer_is_good(door: socket.socket) -> bool:
    """Read one whole answer, by its length or in chunks, and return whether it says 200."""
    data = b""
    while b"\r\n\r\n" not in data:
        data += receive(door)
    head, _, body = data.partition(b"\r\n\r\n")
    lines = head.lower().split(b"\r\n")
    lengths = [int(line.split(b":")[1]) for line in lines if line.startswith(b"content-length")]
    while len(body) < lengths[0] if lengths else not body.endswith(b"0\r\n\r\n"):
        body += receive(door)
    return head.startswith(b"HTTP/1.1 200")


def receive(door: socket.socket) -> bytes:
    """Return what came; a closed connection is an error here."""
    data = door.recv(65536)
    if not data:
        raise ConnectionError("the server closed the connection")
    return data


def main(url: str, seconds: float, connections: int, cookie: str) -> None:
    loads = [Load(url, cookie) for _ in range(connections)]
    began = time.monotonic()
    threads = [threading.Thread(target=load.run, args=[began + seconds]) for load in loads]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if not any(load.good or load.bad for load in loads):
        sys.exit(f"{url} gave no answer at all")
    took = time.monotonic() - began
    told = {"rate": sum(load.good for load in loads) / took, "bad": sum(load.bad for load in loads)}
    sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]), int(sys.argv[3]), sys.argv[4])
