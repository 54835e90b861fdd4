"""`bancheng dlt645`: look into frames of DL/T 645-2007, and read a meter over TCP."""

import argparse
import sys

from bancheng.lib import dlt645
from bancheng.lib.dlt645 import Frame, Function, line
from bancheng.lib.refusal import Garbled, Refused
from bancheng.lib.text import Text

HELP = "电能表通信协议 · the meters' language: decode HEX | read --host H --port P [--address A] --item energy"
DJANGO = False

FUNCTIONS = {
    Function.TIME: Text("广播校时", "broadcast time"),
    Function.READ: Text("读数据", "read data"),
    Function.MORE: Text("读后续数据", "read what follows"),
    Function.ADDRESS: Text("读通信地址", "read address"),
    Function.WRITE: Text("写数据", "write data"),
    Function.FREEZE: Text("冻结", "freeze"),
    Function.RELAY: Text("继电器控制", "relay control"),
}
ORDERS = {
    dlt645.Order.TRIP: Text("拉闸", "trip"),
    dlt645.Order.ALLOW: Text("允许合闸", "allow close"),
    dlt645.Order.CLOSE: Text("直接合闸", "direct close"),
    dlt645.Order.ALARM: Text("报警", "alarm"),
    dlt645.Order.ALARM_OFF: Text("解除报警", "alarm off"),
    dlt645.Order.KEEP_POWER: Text("保电", "keep power"),
    dlt645.Order.END_KEEP_POWER: Text("解除保电", "end keep power"),
}
TROUBLES = {
    dlt645.Trouble.OTHER: Text("其他错误", "other error"),
    dlt645.Trouble.NO_DATA: Text("无请求的数据", "no such data"),
    dlt645.Trouble.PASSWORD: Text("密码错或未授权", "password wrong or not authorised"),
    dlt645.Trouble.SPEED: Text("通信速率不能更改", "speed cannot be changed"),
    dlt645.Trouble.YEAR_ZONES: Text("年时区数超", "too many year zones"),
    dlt645.Trouble.DAY_SLOTS: Text("日时段数超", "too many day slots"),
    dlt645.Trouble.RATES: Text("费率数超", "too many rates"),
}


def add(parser: argparse.ArgumentParser) -> None:
    what = parser.add_subparsers(dest="what", required=True)
    decode = what.add_parser("decode", help="解析报文 · take frames apart")
    decode.add_argument(
        "hex", nargs="+", metavar="HEX", help="十六进制，可有空格 · hexadecimal, with or without spaces"
    )
    read = what.add_parser("read", help="经TCP抄表 · read a meter over TCP")
    read.add_argument("--host", default="127.0.0.1", help="网关地址 · where the line is tunnelled to (127.0.0.1)")
    read.add_argument("--port", type=int, required=True)
    read.add_argument("--address", help="12位表号；省略则询问线上唯一的表 · 12 digits; without, the one meter is asked")
    read.add_argument("--item", nargs="+", default=["energy"], metavar="ITEM", help=", ".join(dlt645.ITEMS))


def run(args: argparse.Namespace) -> int:
    """Take apart what was given, or read what was asked."""
    lines = decoded("".join(args.hex)) if args.what == "decode" else measured(args)
    sys.stdout.write("\n".join(lines) + "\n")
    return 0


def decoded(text: str) -> list[str]:
    """Return what the frames in `text` say; refuse text without one."""
    try:
        sent = bytes.fromhex("".join(text.split()))
    except ValueError:
        raise Refused(
            "not_hexadecimal",
            "不是十六进制报文：只能有成对的 0-9、A-F 和空格。",
            en="This is no hexadecimal: pairs of 0-9 and A-F, and spaces, are all there may be.",
        ) from None
    reader = dlt645.Reader()
    frames = reader.feed(sent) + reader.give_up()
    if not frames:
        raise Refused(
            "no_frame",
            f"{len(sent)}个字节里没有完整的报文：请核对起始符68、长度、校验和与结束符16。",
            en=f"No whole frame in {len(sent)} bytes: check both 68, the length, the checksum and the 16 at the end.",
        )
    skipped = [f"另有{reader.skipped}个字节不属于任何报文 · {reader.skipped} bytes belong to no frame"]
    return [part for frame in frames for part in _told(frame)] + (skipped if reader.skipped else [])


def _told(frame: Frame) -> list[str]:
    function = FUNCTIONS.get(frame.function)
    name = f"{function.zh} · {function.en}" if function else f"功能码 · function {frame.function:02X}H"
    kind = "异常应答 · error answer" if frame.is_error else "应答 · answer" if frame.is_answer else "请求 · question"
    head = [f"表号 · meter {frame.address}", f"{name}，{kind}（C={frame.control:02X}H）"]
    if frame.more_follows:
        head.append("有后续帧 · more follows")
    return [*head, *_content(frame)]


def _content(frame: Frame) -> list[str]:
    if frame.is_error:
        return [f"{each.zh} · {each.en}" for bit, each in TROUBLES.items() if bit & frame.trouble]
    if frame.function == Function.RELAY and frame.data:
        return _relay(frame.data)
    if frame.function == Function.TIME and len(frame.data) == 6:
        return _instant(frame.data)
    if frame.function == Function.ADDRESS and len(frame.data) == 6:
        return [f"通信地址 · address {frame.data[::-1].hex()}"]
    if item := dlt645.named(frame.data):
        shown = f"{_shown(frame, item)} {dlt645.ITEMS[item].unit}".rstrip() if frame.is_answer else ""
        what = dlt645.ITEMS[item].name
        return [f"{what.zh} · {what.en}（{item}）" + (f"：{shown}" if shown else "")]
    return [f"数据 · data {frame.data.hex(' ')}"] if frame.data else []


def _shown(frame: Frame, item: str) -> str:
    try:
        return dlt645.ITEMS[item].show(dlt645.data_of(frame, item))
    except Garbled:
        return f"{frame.data[4:].hex(' ')}（不合格式 · not in its format）"


def _relay(data: bytes) -> list[str]:
    try:
        command = dlt645.Relay.unpack(data)
    except Garbled:
        return [f"数据 · data {data.hex(' ')}"]
    order = ORDERS[command.order]
    return [  # the password stays out of terminals and logs
        f"{order.zh} · {order.en}",
        f"操作者代码 · operator {command.operator:08d}，有效至 · until {command.until}",
    ]


def _instant(data: bytes) -> list[str]:
    try:
        return [str(dlt645.unpack_instant(data))]
    except ValueError:
        return [f"数据 · data {data.hex(' ')}"]


def measured(args: argparse.Namespace) -> list[str]:
    """Return what the meter says of each item asked; Unavailable says where nobody answered."""
    unknown = [item for item in args.item if item not in dlt645.ITEMS]
    address = args.address or ""
    if unknown or (address and not (address.isascii() and address.isdigit() and len(address) == 12)):
        raise Refused(
            "bad_question",
            f"没有这样的数据项或表号：{'、'.join(unknown) or address}。表号是12位数字，数据项见 --help。",
            en=f"No such item or address: {', '.join(unknown) or address}. An address has 12 digits; --help lists the items.",
        )
    lines = []
    with line.to(args.host, args.port) as meters:
        address = address or meters.address()
        lines.append(f"表号 · meter {address}")
        for item in args.item:
            known = dlt645.ITEMS[item]
            lines.append(f"{known.name.zh} · {known.name.en}：{_one(meters, address, item)} {known.unit}".rstrip())
    return lines


def _one(meters: line.Line, address: str, item: str) -> str:
    try:
        return dlt645.ITEMS[item].show(meters.read(address, item))
    except line.MeterRefused as no:
        said = [each for bit, each in TROUBLES.items() if bit & no.trouble]
        return "；".join(f"{each.zh} · {each.en}" for each in said) or "被拒绝 · refused"
    except Garbled as wrong:
        return f"答复不合格式 · the answer is not in its format ({wrong})"
