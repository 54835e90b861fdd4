"""`bancheng broker`: the embedded MQTT broker of shared power, who may come in, and the rules of an outside one."""

import argparse
import asyncio
import logging
import signal
import sys
from pathlib import Path

from bancheng.lib import brokerkeys
from bancheng.lib.refusal import Garbled, Refused
from bancheng.site import house, serving
from bancheng.site.broker import guard, inner, mosquitto

HELP = "内置的 MQTT 服务器（仅限本机） · the embedded MQTT broker: [--address HOST:PORT] | enrol GATEWAY… | revoke GATEWAY… | mosquitto DIR"
DJANGO = False
LOOPBACK = ("127.0.0.1", "localhost", "::1")
DIED = 1


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--address", help="监听地址 · where to listen (BANCHENG_MQTT)")
    what = parser.add_subparsers(dest="what")
    enrol = what.add_parser("enrol", help="给终端发口令，只显示一次 · give gateways passwords, shown once")
    revoke = what.add_parser("revoke", help="停用终端的口令 · let gateways in no longer")
    for one in (enrol, revoke):
        one.add_argument("gateway", nargs="+")
    outside = what.add_parser(
        "mosquitto", help="写出 mosquitto 的配置和规则 · write mosquitto's configuration and rules"
    )
    outside.add_argument("folder", type=Path)


def run(args: argparse.Namespace) -> int:
    """Serve until told to stop, or change who may come in."""
    from bancheng.site import settings  # the file alone

    book = brokerkeys.Book(settings.MQTT_PASSWORDS)
    if args.what == "enrol":
        return _enrol(book, args.gateway)
    if args.what == "revoke":
        house.say(f"已停用 {book.revoke(args.gateway)} 个 · revoked")
        return 0
    if args.what == "mosquitto":
        return _mosquitto(book, args.folder, settings.MQTT_SECRET)
    return _serve(book, serving.address(args.address or settings.MQTT_ADDRESS), settings.MQTT_SECRET)


def _enrol(book: brokerkeys.Book, gateways: list[str]) -> int:
    try:
        made = book.enrol(gateways)
    except Garbled as wrong:
        raise Refused(
            "no_gateway_name",
            f"终端名只能用字母、数字、下划线和连字符，至多32个；一个也没有登记（{wrong}）。",
            en=f"A gateway's name is letters, digits, _ and -, 32 at most; none was enrolled ({wrong}).",
        ) from None
    house.say("口令只显示这一次，请写入终端 · passwords are shown this once: put them into the gateways")
    sys.stdout.write("".join(f"{name} {password}\n" for name, password in made.items()))
    return 0


def _mosquitto(book: brokerkeys.Book, folder: Path, password: str) -> int:
    _want(password)
    book.enrol([])  # mosquitto wants the file to be there
    for file in mosquitto.write(folder, passwords=book.path, platform=brokerkeys.hashed(password)):
        house.say(str(file))
    return 0


def _want(password: str) -> None:
    if not password:
        raise Refused(
            "no_broker_password",
            "没有平台的口令：请设置 BANCHENG_MQTT_SECRET；什么都没有启动。",
            en="The platform has no password: set BANCHENG_MQTT_SECRET; nothing was started.",
        )


def _serve(book: brokerkeys.Book, address: serving.Address, password: str) -> int:
    if address.host not in LOOPBACK:
        house.say(
            f"内置 MQTT 服务器只在本机监听，不能用 {address.host}；对外请用 MQTT_URL 指定服务器。\n"
            "The embedded broker listens on loopback only; for devices outside name a broker by MQTT_URL."
        )
        return 1
    if not serving.is_free(address):
        house.say(serving.busy(address, "BANCHENG_MQTT"))
        return 1
    _want(password)
    logging.basicConfig(format="%(message)s", level=logging.WARNING)
    there = inner.start(house.var() / "broker")
    door = guard.House(book, password, there.host, there.port, there.user, there.password)
    house.say(f"MQTT 服务器已启动 · the broker listens at {address.host}:{address.port}")
    if asyncio.run(_until_stopped(door, address)):
        return 0
    house.say("MQTT 服务器无应答，重新启动 · the broker has fallen silent and starts again")
    return DIED


async def _until_stopped(door: guard.House, address: serving.Address) -> bool:
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    return await guard.keep(door, address.host, address.port, stopping)
