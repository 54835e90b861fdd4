"""`bancheng ocpp`: the door of shared power to charge points, and who may come in by it."""

import argparse
import signal
import sys
from pathlib import Path

from bancheng.lib import brokerkeys
from bancheng.lib.refusal import Garbled, Refused
from bancheng.site import house, serving

HELP = "充电桩入口（OCPP 1.6），可运行多个 · the door to charge points: [--host HOST --port PORT --cert FILE --key FILE] | enrol NAME… | revoke NAME…"


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", help="监听地址 · where to listen (BANCHENG_OCPP)")
    parser.add_argument("--port", type=int, help="监听端口 · the port (BANCHENG_OCPP)")
    parser.add_argument("--cert", type=Path, help="TLS 证书（PEM） · the certificate")
    parser.add_argument("--key", type=Path, help="TLS 私钥（PEM） · its key")
    what = parser.add_subparsers(dest="what")
    enrol = what.add_parser("enrol", help="给充电桩发口令，只显示一次 · give charge points passwords, shown once")
    revoke = what.add_parser("revoke", help="停用充电桩的口令 · let charge points in no longer")
    for one in (enrol, revoke):
        one.add_argument("gateway", nargs="+")


def run(args: argparse.Namespace) -> int:
    """Work until told to stop, or change who may come in."""
    from django.conf import settings

    book = brokerkeys.Book(settings.MQTT_PASSWORDS)
    if args.what == "enrol":
        return _enrol(book, args.gateway)
    if args.what == "revoke":
        house.say(f"已停用 {book.revoke(args.gateway)} 个 · revoked")
        return 0
    usual = serving.address(settings.OCPP_ADDRESS)
    return _serve(book, serving.Address(args.host or usual.host, args.port or usual.port), args.cert, args.key)


def _enrol(book: brokerkeys.Book, names: list[str]) -> int:
    try:
        made = book.enrol(names)
    except Garbled as wrong:
        raise Refused(
            "no_charge_point_name",
            f"充电桩名只能用字母、数字、下划线和连字符，至多32个；一个也没有登记（{wrong}）。",
            en=f"A charge point's name is letters, digits, _ and -, 32 at most; none was enrolled ({wrong}).",
        ) from None
    house.say("口令只显示这一次，请写入充电桩 · passwords are shown this once: put them into the charge points")
    sys.stdout.write("".join(f"{name} {password}\n" for name, password in made.items()))
    return 0


def _serve(book: brokerkeys.Book, address: serving.Address, cert: Path | None, key: Path | None) -> int:
    from bancheng.services.sockets.ocpp.door import tls_of
    from bancheng.services.sockets.ocpp.process import Process

    if not serving.is_free(address):
        house.say(serving.busy(address, "BANCHENG_OCPP"))
        return 1
    try:
        tls = tls_of(cert, key) if cert and key else None
    except (OSError, ValueError) as wrong:  # ssl.SSLError is an OSError
        raise Refused(
            "no_certificate",
            f"证书或私钥读不出来（{wrong}）；什么都没有启动。请检查 --cert 和 --key。",
            en=f"The certificate or its key cannot be read ({wrong}); nothing was started. Look at --cert and --key.",
        ) from None
    process = Process(book, address.host, address.port, tls=tls)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: process.stopping.set())
    scheme = "wss" if tls else "ws"
    house.say(f"充电桩入口已启动 · charge points come to {scheme}://{address}/ocpp/NAME")
    return process.run()
