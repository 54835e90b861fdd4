"""A real broker for tests: the embedded one, in a process of its own on a free port of loopback."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager

from bancheng.services.sockets.gateway.line import Broker

RUN = "import sys, iotcore; iotcore.IotCoreBroker(listen='127.0.0.1', port=int(sys.argv[1])).run_forever()"


def free_port() -> int:
    with closing(socket.socket()) as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


@contextmanager
def broker() -> Iterator[Broker]:
    """Run a broker, and end it."""
    port = free_port()
    process = subprocess.Popen([sys.executable, "-c", RUN, str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(100):
            with closing(socket.socket()) as one:
                if one.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield Broker("127.0.0.1", port)
    finally:
        process.kill()
        process.wait()
