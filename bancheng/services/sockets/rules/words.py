"""What people read of a session: figures as decimals, the protections in plain words with what to do, where a refund stands."""

from bancheng.lib.text import Text
from bancheng.services.sockets.rules.sessions import Cause


def decimal(value: int, places: int, *, least: int = 0, most: int | None = None) -> str:
    """Return the whole number `value`, of which the last `places` digits are decimals, without needless zeros; `most` cuts, never rounds up."""
    sign = "-" if value < 0 else ""
    whole, rest = divmod(abs(value), 10**places)
    digits = f"{rest:0{places}d}" if places else ""
    if most is not None:
        digits = digits[:most]
    while len(digits) > least and digits.endswith("0"):
        digits = digits[:-1]
    return f"{sign}{whole}.{digits}" if digits else f"{sign}{whole}"


BANDS: dict[str, Text] = {
    "sharp": Text("尖峰", "Critical peak"),
    "peak": Text("高峰", "Peak"),
    "flat": Text("平段", "Flat"),
    "valley": Text("低谷", "Off-peak"),
}

REFUNDS: dict[str, Text] = {
    "planned": Text("已登记，正在提交", "Noted, being submitted"),
    "submitted": Text("已提交支付渠道", "Submitted to the payment channel"),
    "unknown": Text("正在向支付渠道核实", "Being verified with the payment channel"),
    "processing": Text("支付渠道已受理", "Accepted by the payment channel"),
    "success": Text("已退回原支付账户", "Back in the account you paid from"),
    "abnormal": Text("原账户收不了，人工处理中", "Your account cannot take it, people are on it"),
    "closed": Text("未成功，已重新提交", "Failed, submitted anew"),
}

TRIPS: dict[str, Text] = {
    "OV": Text("电网电压过高", "The mains voltage was too high"),
    "UV": Text("电网电压过低", "The mains voltage was too low"),
    "OC": Text("用电功率超过插座允许值", "More power was drawn than the socket may give"),
    "SC": Text("用电设备短路", "Your appliance short-circuited"),
    "RC": Text("检测到漏电", "A leak to earth was found"),
    "OT": Text("插座温度过高", "The socket became too hot"),
    "AF": Text("检测到电弧", "An arc was found"),
    "TP": Text("箱门打开、倾倒、进水或烟雾", "The box was opened or tilted, or there was water or smoke"),
}
WHAT_TO_DO: dict[str, Text] = {
    "OV": Text(
        "请换一个插座或稍后再试，电器没有问题。", "Use another socket or try later; your appliance is all right."
    ),
    "UV": Text(
        "请换一个插座或稍后再试，电器没有问题。", "Use another socket or try later; your appliance is all right."
    ),
    "OC": Text("请减少同时使用的电器，再重新扫码。", "Plug in less at once, then scan again."),
    "SC": Text("请拔下电器，不要再用它，找电工检查。", "Unplug the appliance, do not use it again, have it checked."),
    "RC": Text(
        "请拔下电器，不要用湿手碰；换一台干燥完好的电器再扫码。",
        "Unplug it, not with wet hands; scan again with a dry, sound one.",
    ),
    "OT": Text(
        "请拔下插头，等插座冷却，检查插头是否松动，再重新扫码。",
        "Pull the plug, let it cool, check that it sits tight, then scan again.",
    ),
    "AF": Text(
        "请拔下电器，检查电线是否破损、插头是否松动。",
        "Unplug it and check the cord for damage and the plug for a loose fit.",
    ),
    "TP": Text("请远离设备，工作人员会到现场处理。", "Keep away from it; staff will come."),
}
IN_SHORT: dict[str, Text] = {  # the same, for a text message
    "OV": Text("请换插座或稍后再试", "Try later or another one"),
    "UV": Text("请换插座或稍后再试", "Try later or another one"),
    "OC": Text("请减少电器后再扫码", "Plug in less, scan again"),
    "SC": Text("请拔下电器并送检", "Unplug, have it checked"),
    "RC": Text("请拔下电器，勿湿手碰", "Unplug with dry hands"),
    "OT": Text("请拔插头，冷却后再扫码", "Unplug, let it cool"),
    "AF": Text("请拔下电器，检查电线", "Unplug, check the cord"),
    "TP": Text("请远离，有人到场处理", "Keep away, staff come"),
}
ADVICE: dict[Cause, Text] = {
    Cause.QUOTA: Text("还要用电，请重新扫码预付。", "To go on, scan and prepay again."),
    Cause.MAX_TIME: Text("还要用电，请重新扫码预付。", "To go on, scan and prepay again."),
    Cause.LEASE: Text(
        "设备离线时到时自动断电，按电表记录结算。", "It switched itself off while offline; you pay what the meter says."
    ),
    Cause.IDLE: Text(
        "电器没有用电，已为您结束，余额退回。", "Nothing was drawn, so it was ended for you; the rest goes back."
    ),
    Cause.METER: Text("读不到电表，只收已计量的电费。", "The meter could not be read; you pay what it had counted."),
    Cause.OPERATOR: Text(
        "因安全或检修断电，给您带来不便，请拨打95598询问。", "Switched off for safety or repair. Sorry; ask at 95598."
    ),
    Cause.NOT_STARTED: Text("没有收费，请换旁边的插座。", "Nothing is charged; take the socket beside it."),
    Cause.POWER_CUT: Text("停电期间不计费。", "Nothing is charged for the time without power."),
}
REFUSALS: dict[str, Text] = {
    "latched": Text("插座的安全保护还没有解除。", "A protection of the socket still holds it off."),
    "no_power": Text("插座这里正在停电。", "There is no power at the socket."),
    "no_meter": Text("插座的电表没有应答。", "The socket's meter does not answer."),
    "late": Text("网络太慢，指令已作废。", "The network was too slow; the command is void."),
}


def advice(cause: Cause, code: str) -> Text | None:
    """Return what happened and what to do, in plain words; None where nothing needs to be said."""
    if cause is Cause.TRIP and code in TRIPS:
        why, what = TRIPS[code], WHAT_TO_DO[code]
        return Text(
            f"{why.zh}，保护装置已自动断电。{what.zh}", f"{why.en}; the protection cut the power by itself. {what.en}"
        )
    if cause is Cause.NOT_STARTED and code in REFUSALS:
        why, what = REFUSALS[code], ADVICE[cause]
        return Text(f"{why.zh}{what.zh}", f"{why.en} {what.en}")
    return ADVICE.get(cause)


def of_the_grid(code: str) -> Text | None:
    """Return what is told while the grid's voltage holds a socket off that may come back by itself."""
    if code not in TRIPS:
        return None
    why = TRIPS[code]
    return Text(
        f"{why.zh}，已暂时断电，电压恢复后会自动接通；三分钟内没有恢复就结束并结算。",
        f"{why.en}; it is off for now and comes back by itself. If not within three minutes it ends and is settled.",
    )
