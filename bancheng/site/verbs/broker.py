"""`bancheng broker`: the embedded MQTT broker of shared power; not needed where MQTT_URL names another."""

import argparse

from bancheng.site import broker, house, serving

HELP = "内置的 MQTT 服务器（仅限本机） · the embedded MQTT broker, on loopback only [--address HOST:PORT]"
DJANGO = False
LOOPBACK = ("127.0.0.1", "localhost", "::1")


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--address", help="监听地址 · where to listen (BANCHENG_MQTT)")


def run(args: argparse.Namespace) -> int:
    """Serve until told to stop."""
    from bancheng.site import settings  # the file alone

    address = serving.address(args.address or settings.MQTT_ADDRESS)
    if address.host not in LOOPBACK:
        house.say(
            f"内置 MQTT 服务器只在本机监听，不能用 {address.host}；对外请用 MQTT_URL 指定服务器。\n"
            "The embedded broker listens on loopback only; for devices outside name a broker by MQTT_URL."
        )
        return 1
    if not serving.is_free(address):
        house.say(serving.busy(address, "BANCHENG_MQTT"))
        return 1
    users = {broker.PLATFORM: settings.MQTT_SECRET, broker.DEVICES: settings.MQTT_DEVICES_SECRET}
    file = broker.configure(
        house.var() / "broker",
        address=f"{address.host}:{address.port}",
        users={user: password for user, password in users.items() if password},
    )
    house.say(f"MQTT 服务器已启动 · the broker listens at {address.host}:{address.port}")
    broker.serve(file)
    return 0
