"""For tests: one part of the simulated outside, served by a process of its own."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from bancheng.lib import loopback
from bancheng.site import house

SECONDS = 60.0  # a busy machine takes its time


@contextmanager
def served(app: str, **environment: str) -> Iterator[str]:
    """Serve an ASGI app, MODULE:NAME, until the block's end; give its origin once it answers. Raises AssertionError when it does not."""
    port = loopback.spare_port()
    origin = f"http://{loopback.HOST}:{port}"
    command = [sys.executable, "-m", "granian", "--interface", "asgi", "--log-level", "critical"]
    process = subprocess.Popen(
        [*command, "--host", loopback.HOST, "--port", str(port), app],
        env=os.environ | {"PYTHONPATH": str(house.ROOT)} | environment,
        stdout=subprocess.DEVNULL,
    )
    try:
        end = time.monotonic() + SECONDS
        while not _answers(origin):
            assert process.poll() is None, f"{app} has ended"
            assert time.monotonic() < end, f"{app} does not answer"
            time.sleep(0.05)
        yield origin
    finally:
        process.terminate()
        process.wait(20)


def _answers(url: str) -> bool:
    """Return whether anything at all is answered."""
    try:
        httpx.get(url, trust_env=False)
    except httpx.TransportError:
        return False
    return True
