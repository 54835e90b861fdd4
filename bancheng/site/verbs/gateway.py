"""`bancheng gateway`: the doors of shared power to its devices."""

import argparse
import signal

from bancheng.site import house

HELP = "共享电源的设备入口（MQTT），可运行多个 · the door of shared power to its devices; any number may run [--url MQTT_URL]"


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--url", help="MQTT 服务器 · the broker (MQTT_URL)")


def run(args: argparse.Namespace) -> int:
    """Work until told to stop."""
    from django.conf import settings

    from bancheng.services.sockets.gateway.line import Broker
    from bancheng.services.sockets.gateway.process import Process

    process = Process(Broker.of(args.url or settings.MQTT_URL))
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: process.stopping.set())
    house.say(f"共享电源网关已启动 · the gateway of shared power is at {process.broker.host}:{process.broker.port}")
    return process.run()
