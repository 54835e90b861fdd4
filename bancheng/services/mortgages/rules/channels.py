"""The nine channels of the source (F13.11) and what can be filed by them. Which may file what is the city's, in its pack."""

from collections.abc import Collection
from enum import StrEnum

from bancheng.lib.refusal import Refused
from bancheng.lib.text import Text


class Channel(StrEnum):
    """One of nine ways in; all lead to one office and one series of numbers."""

    DEVELOPER = "developer"
    BANK = "bank"
    NOTARY = "notary"
    ONE_WINDOW = "one_window"
    MINI_PROGRAM = "mini_program"
    WECHAT = "wechat"
    APP = "app"
    KIOSK = "kiosk"
    TOWNSHIP = "township"


CHANNELS: dict[Channel, Text] = {
    Channel.DEVELOPER: Text("开发企业服务网点", "Developer's outlet"),
    Channel.BANK: Text("银行服务网点", "Bank outlet"),
    Channel.NOTARY: Text("公证处", "Notary office"),
    Channel.ONE_WINDOW: Text("网上“一窗办事”平台", "One-window site"),
    Channel.MINI_PROGRAM: Text("微信小程序", "WeChat mini-program"),
    Channel.WECHAT: Text("微信公众号", "WeChat account"),
    Channel.APP: Text("i许昌掌上APP", "i-Xuchang app"),
    Channel.KIOSK: Text("24小时自助机", "24-hour machine"),
    Channel.TOWNSHIP: Text("乡镇服务网点", "Township outlet"),
}


class Kind(StrEnum):
    """What can be filed, as the office names it."""

    SET_UP = "mortgage.set"
    PRE = "mortgage.pre"
    CHANGE = "mortgage.change"
    TRANSFER = "mortgage.transfer"
    RELEASE = "mortgage.release"
    CANCEL = "mortgage.cancel"
    FIX = "mortgage.fix"


KINDS: dict[Kind, Text] = {
    Kind.SET_UP: Text("抵押权设立", "Setting up a mortgage"),
    Kind.PRE: Text("预购商品房抵押预告登记", "Pre-mortgage of a home bought from plan"),
    Kind.CHANGE: Text("抵押权变更", "Change of a mortgage"),
    Kind.TRANSFER: Text("抵押权转移", "Transfer of the claim"),
    Kind.RELEASE: Text("部分解押", "Partial release"),
    Kind.CANCEL: Text("抵押权注销", "Cancellation of a mortgage"),
    Kind.FIX: Text("最高额抵押权确定", "Fixing of a maximum-amount mortgage"),
}

NEW = frozenset(
    {Kind.SET_UP, Kind.PRE, Kind.CHANGE, Kind.TRANSFER}
)  # what frees an owner, or fixes what he owes, is no new filing


def check_channel(channel: Channel, kind: Kind, files: Collection[Kind]) -> None:
    """Let a filing in by a channel that may file it. Raises Refused("channel_not_for_this")."""
    if kind in files:
        return
    raise Refused(
        "channel_not_for_this",
        f"{CHANNELS[channel].zh}不办理{KINDS[kind].zh}，没有申报；请到可以办理的渠道提交。",
        en=f"{KINDS[kind].en} is not filed by this channel ({CHANNELS[channel].en}); nothing was filed. Use one that takes it.",
    )
