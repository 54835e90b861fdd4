"""What the fault panel can do to a gateway and to a socket: one table, each line a name, its label and what it does."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from bancheng.lib.socketwire import PROTECTIONS, REGISTER, Flag
from bancheng.lib.text import Text
from bancheng.sim.meters.firmware import Socket
from bancheng.sim.meters.gateway import Gateway, Troubles, ms
from bancheng.sim.meters.world import USUAL_DV, WARM_DC, World

MOST_W = 20_000
DAY_MS = 86_400_000
ARC_LEAST_W = 1_000
MOST_LATE_S = 3_600

NAMES: Mapping[Flag, Text] = {
    Flag.OV: Text("过压", "over-voltage"),
    Flag.UV: Text("欠压", "under-voltage"),
    Flag.OC: Text("过流", "overload"),
    Flag.SC: Text("短路", "short circuit"),
    Flag.RC: Text("漏电", "residual current"),
    Flag.OT: Text("过温", "over-temperature"),
    Flag.AF: Text("电弧", "arc"),
    Flag.TP: Text("开箱、倾倒或水浸", "door, tilt or water"),
    Flag.WELDED: Text("继电器粘连", "relay welded"),
    Flag.METER: Text("电表无应答", "meter silent"),
    Flag.CLOCK: Text("时钟未校", "clock not set"),
}

# what the panel has made of the world around a socket, by the world's own words
MADE: Mapping[str, Text] = {
    "short": Text("已短接", "shorted"),
    "leakage_ma": Text("有漏电", "leaking"),
    "arc": Text("有电弧", "arcing"),
    "opened": Text("箱门已开", "door open"),
    "welded": Text("触点已粘连", "contacts welded"),
    "frozen": Text("示值停走", "register frozen"),
    "meter_silent": Text("电表不应答", "meter silent"),
}


@dataclass(frozen=True)
class Deed:
    """One thing that can be done; `value` says what a number means to it, if anything."""

    label: Text
    do: Callable[[Any, str], None]
    value: Text | None = None


def _trip(flag: Flag) -> Callable[[Socket, str], None]:
    def do(socket: Socket, _: str) -> None:
        world = socket.world
        if flag is Flag.OV:
            world.voltage_dv = max(socket.limits["ov_trip_dv"] + 60, 2700)
        elif flag is Flag.UV:
            world.voltage_dv = socket.limits["uv_trip_dv"] - 50
        elif flag is Flag.OC:
            world.load_w = socket.limits["rated_ma"] * socket.limits["oc_trip4_pct"] * world.voltage_dv // 900_000
        elif flag is Flag.RC:
            world.leakage_ma = socket.limits["rc_trip_ma"] + 5
        elif flag is Flag.OT:
            world.temperature_dc = socket.limits["ot_trip_dc"] + 30
        elif flag is Flag.AF:
            world.arc, world.load_w = True, max(world.load_w, ARC_LEAST_W)
        elif flag is Flag.SC:
            world.short = True
        else:
            world.opened = True

    return do


def put_right(socket: Socket, _: str = "") -> None:
    """Repair what is wrong at a socket, and press its button."""
    world, blank = socket.world, World()
    if socket.current_ma > socket.limits["rated_ma"] or world.load_w * 10_000 > socket.limits["rated_ma"] * USUAL_DV:
        world.load_w = 0
    world.voltage_dv, world.temperature_dc = USUAL_DV, WARM_DC
    world.short, world.leakage_ma, world.arc, world.opened = blank.short, blank.leakage_ma, blank.arc, blank.opened
    world.welded = world.frozen = False
    socket.silence_meter(False, ms())
    socket.reset(ms())


def _set(name: str, value: bool) -> Callable[[Socket, str], None]:
    return lambda socket, _: setattr(socket.world, name, value)


def _swap(socket: Socket, value: str) -> None:
    address = value or f"{(int(socket.meter) + 500_000_000) % 10**12:012d}"
    if len(address) != 12 or not (address.isascii() and address.isdigit()):
        raise ValueError("an address is 12 digits")
    socket.fit_meter(address, ms())


def _kwh(value: str) -> int:
    """Return 10 Wh of a number of kWh."""
    try:
        found = Decimal(value or "0") * 100
    except InvalidOperation:
        raise ValueError("no number") from None
    if found != found.to_integral_value() or not 0 <= found < REGISTER:
        raise ValueError("0 to 999999.99 kWh")
    return int(found)


def _whole(value: str, most: int) -> int:
    if not (value.isascii() and value.isdigit() and int(value) <= most):
        raise ValueError(f"a whole number up to {most}")
    return int(value)


def _misread(socket: Socket, value: str) -> None:
    socket.world.misread_10wh = _kwh(value)


KWH, WATTS = Text("千瓦时", "kWh"), Text("瓦", "W")

AT_SOCKET: Mapping[str, Deed] = {
    "plug": Deed(Text("插上电器", "Plug in"), lambda s, v: s.plug(_whole(v, MOST_W)), WATTS),
    "unplug": Deed(Text("拔掉", "Unplug"), lambda s, _: s.unplug(ms())),
    **{
        f"trip_{flag.name}": Deed(Text(f"触发{NAMES[flag].zh}", f"Cause {NAMES[flag].en}"), _trip(flag))
        for flag in PROTECTIONS
    },
    "put_right": Deed(Text("修好并现场复位", "Put right and reset on the spot"), put_right),
    "weld": Deed(Text("继电器粘连", "Weld the relay"), _set("welded", True)),
    "freeze": Deed(Text("示值停走", "Freeze the register"), _set("frozen", True)),
    "mute_meter": Deed(Text("电表不应答", "Silence the meter"), lambda s, _: s.silence_meter(True, ms())),
    "swap": Deed(Text("换表（新表号，示值从0起）", "Swap the meter (from 0)"), _swap, Text("新表号", "new address")),
    "register": Deed(
        Text("示值改为（0为清零）", "Set the register (0: reset)"), lambda s, v: s.set_register(_kwh(v)), KWH
    ),
    "misread": Deed(Text("下一个读数跳高", "Spike the next reading by"), _misread, KWH),
}


def _clock(ahead_ms: int | None) -> Callable[[Gateway, str], None]:
    def do(gateway: Gateway, _: str) -> None:
        with gateway.lock:
            for socket in gateway.sockets.values():
                socket.clock_off_ms = -ms() if ahead_ms is None else ahead_ms

    return do


def _trouble(name: str) -> Callable[[Gateway, str], None]:
    def do(gateway: Gateway, _: str) -> None:
        setattr(gateway.troubles, name, not getattr(gateway.troubles, name))

    return do


def _late(gateway: Gateway, value: str) -> None:
    gateway.troubles.late_commands_s = _whole(value or "0", MOST_LATE_S)


def _mend(gateway: Gateway, _: str) -> None:
    gateway.troubles = Troubles()


TROUBLES: Mapping[str, Text] = {
    "drop_acks": Text("收不到入库确认", "Acks get lost"),
    "lose_answers": Text("命令应答丢失", "Answers to commands get lost"),
    "twice": Text("每条报文发两遍", "Says everything twice"),
    "shuffle": Text("报文乱序", "Says it out of order"),
    "garble_645": Text("DL/T 645 应答损坏", "DL/T 645 answers broken"),
}
SECONDS = Text("秒", "s")

AT_GATEWAY: Mapping[str, Deed] = {
    "silence": Deed(Text("断网", "Silence"), lambda g, _: g.silence(True)),
    "speak": Deed(Text("恢复网络", "Let it speak"), lambda g, _: g.silence(False)),
    "cut": Deed(Text("站点停电", "Cut the site's power"), lambda g, _: g.power(False)),
    "restore": Deed(Text("恢复供电", "Restore power"), lambda g, _: g.power(True)),
    "replay": Deed(Text("重放旧报文", "Replay old messages"), lambda g, _: g.replay()),
    **{name: Deed(label, _trouble(name)) for name, label in TROUBLES.items()},
    "late_commands": Deed(Text("命令迟到（0为不迟）", "Commands come late by (0: not)"), _late, SECONDS),
    "clock_1970": Deed(Text("时钟回到1970年", "Clock at 1970"), _clock(None)),
    "clock_ahead": Deed(Text("时钟快一天", "Clock a day ahead"), _clock(DAY_MS)),
    "clock_behind": Deed(Text("时钟慢一天", "Clock a day behind"), _clock(-DAY_MS)),
    "mend": Deed(Text("线路全部恢复", "Mend the line"), _mend),
}


def do(gateway: Gateway, wire: str, deed: str, value: str) -> None:
    """Do something to a gateway (`wire` empty) or to one of its sockets. Raises ValueError for what cannot be done."""
    if not wire:
        if deed not in AT_GATEWAY:
            raise ValueError("no such deed")
        AT_GATEWAY[deed].do(gateway, value)
        return
    socket = gateway.sockets.get(wire)
    if socket is None or deed not in AT_SOCKET:
        raise ValueError("no such socket or deed")
    with gateway.lock:
        AT_SOCKET[deed].do(socket, value)
