"""The embedded MQTT broker: loopback only, known users only. An outside one (MQTT_URL) has rules of its own, see docs/operate/mqtt.md.

It keeps everything in memory: what counts is in the devices' flash until the platform says that it is stored, and in our outbox until
a device says that it obeyed.
"""

import os
import signal
from pathlib import Path

PLATFORM, DEVICES = "platform", "devices"
LARGEST_PAYLOAD = 8192
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
listen = "{address}"
next_connection_delay_ms = 0

[v4.1.connections]
connection_timeout_ms = 10000
max_payload_size = {payload}
max_inflight_count = 100
dynamic_filters = true

[v4.1.connections.auth]
{users}
"""


def configure(folder: Path, *, address: str, users: dict[str, str], connections: int = 3000) -> Path:
    """Write the broker's configuration, readable by its owner alone, and return where it is."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    file = folder / "broker.toml"
    file.touch(mode=0o600)
    said = "\n".join(f'{user} = "{password}"' for user, password in users.items())
    file.write_text(
        CONFIGURATION.format(address=address, users=said, payload=LARGEST_PAYLOAD, connections=connections),
        encoding="utf-8",
    )
    return file


def serve(file: Path) -> None:
    """Run the broker until the process is told to end; it says each packet on standard output, so that goes nowhere."""
    from iotcore.iotcore import IotCoreBroker  # its binary is loaded by nobody else

    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(nowhere, stream)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # it never comes back to Python, where a handler would run
    IotCoreBroker(config_path=str(file)).run_forever()
