"""`bancheng dlt645`: read a frame, or a meter, in the meters' own language."""

import argparse
import sys

from bancheng.lib import dlt645
from bancheng.lib.dlt645.line import MeterRefused, to
from bancheng.lib.refusal import Garbled, Refused, Unavailable

HELP = "电表规约 DL/T 645-2007 · the meters' language: decode HEX | read --host --port --address --item NAME"
DJANGO = False
FUNCTIONS = {
    dlt645.Function.READ: "读数据 · read",
    dlt645.Function.MORE: "读后续数据 · read more",
    dlt645.Function.ADDRESS: "读通信地址 · address",
    dlt645.Function.WRITE: "写数据 · write",
    dlt645.Function.TIME: "广播校时 · time",
    dlt645.Function.FREEZE: "冻结 · freeze",
    dlt645.Function.RELAY: "跳合闸 · relay",
}


def add(parser: argparse.ArgumentParser) -> None:
    what = parser.add_subparsers(dest="what", required=True)
    decode = what.add_parser("decode", help="解读一帧 · read a frame")
    decode.add_argument("hex", nargs="+", metavar="HEX", help="十六进制，可带空格 · hexadecimal, blanks allowed")
    read = what.add_parser("read", help="向电表读一项数据 · ask a meter for an item")
    read.add_argument("--host", default="127.0.0.1")
    read.add_argument("--port", type=int, default=18645)
    read.add_argument("--address", required=True, metavar="DIGITS", help="表号，12位 · the meter's number")
    read.add_argument(
        "--item", default="energy", choices=sorted(dlt645.ITEMS), metavar="NAME", help=", ".join(dlt645.ITEMS)
    )


def run(args: argparse.Namespace) -> int:
    """Print what was asked for; 1 when the meter does not say."""
    return _decode("".join(args.hex)) if args.what == "decode" else _read(args)


def _decode(text: str) -> int:
    try:
        frame = dlt645.decode(bytes.fromhex(text))
    except (ValueError, Garbled) as wrong:
        raise Refused(
            "no_frame",
            f"不是一帧完整的 DL/T 645 报文（{wrong}）。",
            en=f"This is no whole frame ({wrong}).",
            status=422,
        ) from None
    way = "应答 · answer" if frame.is_answer else "请求 · question"
    _say(f"表号 · address   {frame.address}")
    _say(f"功能 · function  {FUNCTIONS.get(frame.function, hex(frame.function))}，{way}")
    if frame.is_error:
        _say(f"错误 · error     {frame.trouble!s}")
    elif name := dlt645.named(frame.data):
        item = dlt645.ITEMS[name]
        _say(f"数据项 · item    {item.name.zh} · {item.name.en}")
        if frame.is_answer:
            _say(f"数值 · value     {item.show(frame.data[4:])}")
    elif frame.data:
        _say(f"数据 · data      {frame.data.hex(' ').upper()}")
    return 0


def _read(args: argparse.Namespace) -> int:
    if len(args.address) != 12 or not args.address.isdecimal():
        raise Refused("no_address", "表号是12位数字。", en="A meter's number has 12 digits.", status=422)
    item = dlt645.ITEMS[args.item]
    try:
        with to(args.host, args.port) as line:
            data = line.read(args.address, args.item)
    except (Unavailable, Garbled) as no:
        sys.stderr.write(f"没有读到：{no} · nothing was read: {no}\n")
        return 1
    except MeterRefused as no:
        sys.stderr.write(f"电表拒绝 · the meter refused: {no.trouble!s}\n")
        return 1
    _say(f"{item.name.zh} · {item.name.en}: {item.show(data)}")
    return 0


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
