"""The broker itself: rumqttd of the wheel `iotcore`, on a port that only our doorkeeper uses, under a password of this one start.

It keeps everything in memory: what counts is in the devices' flash until the platform says that it is stored, and in our outbox until
a device says that it obeyed.
"""

import logging
import secrets
import time
from dataclasses import dataclass
from pathlib import Path

from bancheng.lib import loopback
from bancheng.lib.refusal import Unavailable

USER = "door"
LARGEST_PAYLOAD = 8192
START_SECONDS = 10.0
CONFIGURATION = """# written at each start
id = 0

[router]
id = 0
max_connections = {connections}
max_outgoing_packet_count = 200
max_segment_size = 1048576
max_segment_count = 16

[v4.1]
name = "sockets"
listen = "{host}:{port}"
next_connection_delay_ms = 0

[v4.1.connections]
connection_timeout_ms = 10000
max_payload_size = {payload}
max_inflight_count = 100
dynamic_filters = true

[v4.1.connections.auth]
{user} = "{password}"
"""


@dataclass(frozen=True)
class Inner:
    """Where the broker listens, and how it knows us."""

    host: str
    port: int
    user: str
    password: str


def configure(folder: Path, inner: Inner, *, connections: int = 4096) -> Path:
    """Write the broker's configuration, readable by its owner alone, and return where it is."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    file = folder / "broker.toml"
    file.touch(mode=0o600)
    said = CONFIGURATION.format(
        host=inner.host,
        port=inner.port,
        user=inner.user,
        password=inner.password,
        payload=LARGEST_PAYLOAD,
        connections=connections,
    )
    file.write_text(said, encoding="utf-8")
    return file


def start(folder: Path) -> Inner:
    """Start the broker in threads of this process and return where it is once it answers; raise Unavailable when it does not."""
    from iotcore.iotcore import IotCoreBroker  # its binary is loaded by nobody else

    logging.getLogger("rumqttd").setLevel(logging.CRITICAL)  # it says each packet as an error
    inner = Inner(loopback.HOST, loopback.spare_port(), USER, secrets.token_urlsafe(24))
    IotCoreBroker(config_path=str(configure(folder, inner))).start()
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        if loopback.answers(inner.port):
            return inner
        time.sleep(0.05)
    raise Unavailable("the embedded broker does not start")
