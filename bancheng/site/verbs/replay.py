"""`bancheng replay`: a year of the licence alarm and of one-thing-done-once in a few minutes, on the sandbox clock; `replay sockets`: one of shared power."""

import argparse
import json
import logging
import signal
import sys
import threading
from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Any

from bancheng.lib.text import Text
from bancheng.site import house

if TYPE_CHECKING:  # it needs settings, and a verb is imported before they are read
    from bancheng.site.replay import Outcome, filings, land, power

HELP = "回放一年：许证闹钟和一件事，或共享电源（sockets），在沙盒时钟上走完一年 · replay a year of the licence alarm and the bundles, or of shared power [sockets|landshares|mortgages] [--scale N] [--until DAY]"
NAMES = {
    "licences": Text("纳入提醒的证照", "licences under watch"),
    "bad": Text("退回的行", "rows sent back"),
    "messages": Text("通道受理的提醒", "reminders a channel took"),
    "renewed": Text("到期前续期", "renewed in time"),
    "should_renew": Text("应续期", "should have renewed"),
    "applications": Text("“一件事”申请", "applications for a bundle"),
    "openings": Text("办结的企业开办", "openings completed"),
    "migrations": Text("办结的企业迁移", "migrations completed"),
    "uses": Text("结束并结算的用电", "uses ended and settled"),
    "wh": Text("计量电量（瓦时）", "energy metered (Wh)"),
    "fen": Text("电费（分）", "charged (fen)"),
    "refunded_fen": Text("退回原账户（分）", "refunded (fen)"),
    "unpaid": Text("扫码未付款", "scanned and not paid"),
    "not_started": Text("付款后未通电，全额退款", "paid and not switched on, refunded whole"),
    "trips": Text("安全保护动作", "protections tripped"),
    "emptied": Text("预付金额用完", "prepayment used up"),
    "accounts": Text("有资金往来的用电账户", "accounts of uses that money moved on"),
    "estates": Text("解决办证的楼盘", "estates solved"),
    "buildings": Text("首次登记的房屋（幢）", "buildings registered"),
    "area_dm2": Text("涉及土地（0.01平方米）", "land (0.01 m²)"),
    "enterprises": Text("量化分割抵押的企业", "enterprises with split mortgages"),
    "raised_fen": Text("融资（分）", "raised (fen)"),
    "with_buyers": Text("已转移份额（0.01平方米）", "with buyers (0.01 m²)"),
    "presold": Text("已预售份额（0.01平方米）", "presold (0.01 m²)"),
    "disposable": Text("企业可处分（0.01平方米）", "disposable (0.01 m²)"),
    "mortgaged": Text("企业已抵押（0.01平方米）", "mortgaged (0.01 m²)"),
    "seized": Text("已查封（0.01平方米）", "seized (0.01 m²)"),
    "waiting": Text("轮候查封（0.01平方米）", "waiting seizures (0.01 m²)"),
    "free": Text("无负担（0.01平方米）", "free (0.01 m²)"),
    "filed": Text("已登簿的网办件", "filed online and recorded"),
    "set_up": Text("抵押权首次登记", "mortgages set up"),
    "before_handover": Text("抵押权预告登记", "advance notices of mortgages"),
    "cancelled": Text("抵押权注销登记", "mortgages cancelled"),
    "standing": Text("现存抵押权（一房一行）", "standing now, by home and bank"),
    "secured_fen": Text("登记的债权（分）", "claims recorded (fen)"),
    "again": Text("重复申报，认出同一件", "sent again and known again"),
    "forged": Text("签名不对，拒收", "forged and refused"),
    "away": Text("银行已归档的案卷", "bundles filed away at the banks"),
    "lines": Text("对账文件行数", "lines of the daily files"),
    "doubled": Text("重复登记", "double entries"),
    "refused": Text("未能申报", "not taken in"),
    "lost": Text("丢失的事件", "events lost"),
    "unbrought": Text("未推送到的事件", "events not brought to a webhook"),
    "differ": Text("银行核对不符", "not as the bank has it"),
    "differences": Text("对账差异", "differences on record"),
    "wrong_files": Text("对账文件复核不符", "files that do not verify"),
    "balanced": Text("其中逐笔重算合计为零", "of them sum to zero, recomputed from their lines"),
}


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "what",
        nargs="?",
        choices=["sockets", "landshares", "mortgages"],
        help="共享电源、量化登记全市楼盘、银行网办抵押登记 · shared power, the estates of case seven, the filings of six banks",
    )
    parser.add_argument(
        "--scale", type=_scale, help="规模，1 为原文规模 · size; 1 is the source's (0.01 to 1; shared power to 10)"
    )
    parser.add_argument("--seed", type=int, help="随机种子 · seed of the made-up city (2024)")
    parser.add_argument(
        "--until", type=date.fromisoformat, metavar="DAY", help="只回放到这一天 · stop after this day of the year"
    )
    parser.add_argument("--json", action="store_true", help="供程序读取 · for programs")


def run(args: argparse.Namespace) -> int:
    """Return 0; 1 when what came out is not what the plan says; 130 when it was stopped."""
    from bancheng.site.replay import filings, land, power, replay

    if args.what != "sockets" and (args.scale or 0) > 1:
        house.say("只有共享电源能放大到十倍；什么都没有改动 · Only shared power goes beyond 1; nothing was changed")
        return 2
    if not _prepared():
        return 1
    lives: dict[str, Callable[..., Any]]
    lives = {"": replay, "sockets": power.replay, "landshares": land.replay, "mortgages": filings.replay}
    live = lives[args.what or ""]
    logging.getLogger("httpx").setLevel(logging.WARNING)  # a line for each request would drown what is told
    stop = threading.Event()
    heard = signal.signal(signal.SIGINT, lambda *_: _asked_to_stop(stop))
    try:
        outcome = live(
            scale=args.scale,
            seed=args.seed,
            until=args.until,
            stop=stop,
            tell=house.say,
        )
    finally:
        signal.signal(signal.SIGINT, heard)
    sys.stdout.write(_document(outcome) if args.json else _table(outcome))
    return 130 if stop.is_set() else 0 if outcome.agrees or _lived_on(outcome) else 1


def _prepared() -> bool:
    """Bring a new database to shape and load the city, as the web process does; leave a prepared one alone."""
    from bancheng.services.expiry.models import Item
    from bancheng.site.verbs import migrate, web

    if migrate.pending() or not Item.objects.exists():
        return web.prepared(str(house.pack()))
    return True


def _asked_to_stop(stop: threading.Event) -> None:
    if stop.is_set():
        raise KeyboardInterrupt
    stop.set()
    house.say("这一天走完就停；再按一次 Ctrl-C 立即停止 · Stopping after this day; Ctrl-C once more stops at once")


def _scale(text: str) -> float:
    scale = float(text)
    if not 0.01 <= scale <= 10:
        raise argparse.ArgumentTypeError("0.01–10")
    return scale


def _lived_on(outcome: "Outcome | power.Outcome | land.Outcome | filings.Outcome") -> bool:
    """Whether the city has lived on since its year was over: then more has happened than the plan knows of."""
    from bancheng.kernel.clocks import public as clocks

    return outcome.over and clocks.today() > outcome.last


def _table(outcome: "Outcome | power.Outcome | land.Outcome | filings.Outcome") -> str:
    from django.conf import settings

    lines = [
        f"  {NAMES[name].zh} {NAMES[name].en}：{number:,}（计划 planned {outcome.planned[name]:,}）"
        for name, number in outcome.found.items()
    ]
    lines += [
        f"  {name}：申请人自己填写的字段占 share of fields typed {share:.1%}（{number:,} 件 applications）"
        for name, (number, share) in getattr(outcome, "typed", {}).items()
    ]
    if bundles := getattr(outcome, "bundles_took", 0.0):
        lines.append(f"  其中“一件事”用时 {bundles:.0f} 秒 · {bundles:.0f} s of it for the bundles")
    if scans := getattr(outcome, "lived", 0):
        lines.append(
            f"  每秒 {scans / outcome.took:.1f} 次扫码，从扫码到退款到账 · {scans / outcome.took:.1f} scans a second, from the scan to the refund"
        )
    head = f"已回放到 replayed to {outcome.last}，用时 {outcome.took:.0f} 秒 s"
    tail = (
        f"沙盒时钟已关闭。接下来：make run，以王芳登录看“我的证照”，在 {settings.SITE_URL}/proof/ 看案例自证（bancheng prove 同样复算）\n"
        f"The clock is given back. Next: make run, sign in as 王芳 (My licences), and see {settings.SITE_URL}/proof/ (or: bancheng prove)"
        if outcome.over
        else "沙盒时钟停在这一天；再运行 bancheng replay 接着回放 · The clock stands at this day; run bancheng replay to go on"
    )
    if "standing" in outcome.found:
        tail = f"接下来：make run，以登记中心登录看“抵押登记看板”；bancheng prove 复算 A13 · Next: make run, the board of mortgages, {settings.SITE_URL}/proof/"
    if "estates" in outcome.found:
        tail = f"接下来：make run，以领导登录看“量化登记看板”；bancheng prove 复算 · Next: make run, the board of land shares, {settings.SITE_URL}/proof/"
    return "\n".join([head, *lines, tail, ""])


def _document(outcome: "Outcome | power.Outcome | land.Outcome | filings.Outcome") -> str:
    values = {
        "last": outcome.last.isoformat(),
        "over": outcome.over,
        "seconds": round(outcome.took, 1),
        "seconds_of_bundles": round(getattr(outcome, "bundles_took", 0.0), 1),
        "found": outcome.found,
        "planned": outcome.planned,
        "agrees": outcome.agrees,
        "typed": {name: round(share, 4) for name, (_, share) in getattr(outcome, "typed", {}).items()},
    }
    return json.dumps(values, ensure_ascii=False, indent=2) + "\n"
