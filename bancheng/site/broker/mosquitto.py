"""The same rules for an outside broker: configuration and topic rules of mosquitto, from the words of the wire."""

from collections.abc import Sequence
from pathlib import Path

from bancheng.lib import socketwire as wire
from bancheng.site.broker import rules
from bancheng.site.broker.guard import PLATFORM

CONFIGURATION = """# Gateways come by TLS under their own names; the platform comes by loopback, or by a listener of its own with TLS.
# After a gateway is enrolled or revoked: kill -HUP the broker, it reads the passwords again.
per_listener_settings true

listener {port}{host}
{tls}allow_anonymous false
password_file {passwords}
acl_file {folder}/rules
use_username_as_clientid true

listener {platform_port} 127.0.0.1
allow_anonymous false
password_file {folder}/platform
acl_file {folder}/rules

max_packet_size {largest}
max_inflight_messages 100
max_queued_messages 100000
{persistence}"""
TLS = """certfile /etc/mosquitto/certs/server.crt
keyfile /etc/mosquitto/certs/server.key
"""
KEPT = """persistence true
persistence_location /var/lib/mosquitto/
"""


def acl() -> str:
    """Return the topic rules: the platform's, and by pattern each gateway's (%u is its name)."""
    lines = [f"user {PLATFORM}", f"topic readwrite {wire.ROOT}/#", ""]
    lines += [f"pattern write {wire.topic('%u', kind, '+')}" for kind in wire.UP]
    lines += [f"pattern read {wire.topic('%u', kind, '+')}" for kind in wire.DOWN]
    return "\n".join([*lines, ""])


def configuration(
    folder: Path, *, passwords: Path, port: int = 8883, platform_port: int = 1883, host: str = "", tls: bool = True
) -> str:
    """Return mosquitto.conf. Without `tls`, for tests: on loopback, and nothing is kept on disk."""
    return CONFIGURATION.format(
        folder=folder,
        passwords=passwords,
        port=port,
        host=f" {host}" if host else "",
        platform_port=platform_port,
        tls=TLS if tls else "",
        persistence=KEPT if tls else "persistence false\n",
        largest=rules.LARGEST_PACKET,
    )


def write(folder: Path, *, passwords: Path, platform: str, **more: object) -> Sequence[Path]:
    """Write configuration, rules and the platform's password into `folder`, and return the files; `platform` is its hash."""
    folder.mkdir(parents=True, exist_ok=True)
    files = {
        "bancheng.conf": configuration(folder.resolve(), passwords=passwords.resolve(), **more),  # type: ignore[arg-type]  # passed on as they came
        "rules": acl(),
        "platform": f"{PLATFORM}:{platform}\n",
    }
    for name, content in files.items():
        (folder / name).touch(mode=0o600)
        (folder / name).write_text(content, encoding="utf-8")
    return [folder / name for name in files]
