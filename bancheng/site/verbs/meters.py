"""`bancheng meters`: the sockets, meters and gateways of the city's pack, simulated, and people who use them."""

import argparse
import json
import signal
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

from bancheng.lib import brokerkeys
from bancheng.lib.refusal import Refused
from bancheng.site import house

HELP = "模拟插座、电表和终端（仅演示） · simulated sockets, meters, gateways and passers-by [--line HOST:PORT] [--people N]"
DJANGO = False


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--line", help="电表的 DL/T 645 监听地址 · where the meters answer DL/T 645 (BANCHENG_METERS)")
    parser.add_argument(
        "--people", type=int, help="每小时来几人用电，0为没有 · passers-by an hour, 0 for none (BANCHENG_PEOPLE)"
    )


def run(args: argparse.Namespace) -> int:
    """Live until told to stop; refuse outside the demo."""
    from bancheng.sim.meters import control, line
    from bancheng.sim.meters.field import Field
    from bancheng.sim.meters.passersby import Crowd
    from bancheng.site import serving, settings

    if not settings.DEMO:
        raise Refused(
            "not_in_production",
            "模拟设备只在演示环境运行（BANCHENG_DEMO=1）；什么都没有启动。",
            en="Simulated devices run in the demo only (BANCHENG_DEMO=1); nothing was started.",
        )
    units = settings.PACK / "services" / "sockets" / "units.csv"
    field = Field(units, house.var() / "sim" / "meters", back_off_s=settings.METERS_BACK_OFF)
    crowd = Crowd(settings.SITE_URL, field, pace=settings.PEOPLE if args.people is None else args.people)
    address = serving.address(args.line or settings.METERS_ADDRESS)
    servers = [control.serve(field, crowd, house.var() / "sim" / "meters.port")]
    if serving.is_free(address):
        servers.append(line.serve(field, address.host, address.port))
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    sockets = field.count()
    house.say(f"模拟设备已启动：{len(field.gateways)} 台终端，{sockets} 个插座 · {sockets} simulated sockets are alive")
    passwords = credentials(house.var() / "sim" / "passwords.json", list(field.gateways), settings.MQTT_PASSWORDS)
    threading.Thread(target=crowd.run, args=[stopping], name="crowd", daemon=True).start()
    field.run(f"mqtt://{settings.MQTT_ADDRESS}", passwords, stopping)
    for server in servers:
        server.shutdown()
        server.server_close()
    return 0


def credentials(kept: Path, gateways: Sequence[str], passwords: Path) -> Mapping[str, str]:
    """Return each gateway's own password, which it keeps as a device does; one that is no longer good is enrolled anew."""
    book = brokerkeys.Book(passwords)
    known: dict[str, str] = json.loads(kept.read_text(encoding="utf-8")) if kept.exists() else {}
    lacking = [name for name in gateways if not book.admits(name, known.get(name, ""))]
    if lacking:
        known |= book.enrol(lacking)
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.touch(mode=0o600)
        kept.write_text(json.dumps(known), encoding="utf-8")
    return known
