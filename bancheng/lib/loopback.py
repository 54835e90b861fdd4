"""Places on this machine that nobody has: for what is started as a process of its own and found there afterwards."""

import socket
from contextlib import ExitStack

HOST = "127.0.0.1"


def spare_ports(count: int) -> list[int]:
    """Return so many ports, each another, that are free now; they are nobody's until they are taken."""
    with ExitStack() as held:
        probes = [held.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind((HOST, 0))
        return [int(probe.getsockname()[1]) for probe in probes]


def spare_port() -> int:
    """Return a port that is free now."""
    return spare_ports(1)[0]


def spare_addresses(count: int) -> list[str]:
    """Return so many addresses HOST:PORT, each another, that are free now."""
    return [f"{HOST}:{port}" for port in spare_ports(count)]


def answers(port: int) -> bool:
    """Return whether somebody takes a connection at the port."""
    with socket.socket() as probe:
        return probe.connect_ex((HOST, port)) == 0
