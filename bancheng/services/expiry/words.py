"""What codes are called: one place for every word the pages show, in both languages."""

from datetime import date

from bancheng.lib.text import Text
from bancheng.services.expiry.rules import Stage, State
from bancheng.web.words import day_words

STATES: dict[State, tuple[str, Text]] = {
    State.LIVE: ("ok", Text("提醒中", "watched")),
    State.PENDING: ("info", Text("续期已受理", "renewal accepted")),
    State.SAYS_DONE: ("info", Text("自称已办，待核实", "said to be done, to be checked")),
    State.GIVEN_UP: ("", Text("不再续办", "will not renew")),
    State.DEREGISTERED: ("", Text("已注销", "deregistered")),
    State.REVOKED: ("bad", Text("已撤销", "revoked")),
    State.LAPSED: ("bad", Text("已过期", "run out")),
    State.DEEMED: ("warn", Text("视为准予延续，待发证", "renewed by silence, paper owed")),
    State.ENDLESS: ("", Text("长期", "no last day")),
}

OWED = Text("依法延续，新证照待补发", "Renewed by law; the new paper is owed")

STAGES: dict[Stage, Text] = {
    Stage.W30: Text("申请截止前30天，支付宝或短信提醒", "30 days before the last day to apply: Alipay or SMS"),
    Stage.W7: Text("申请截止前7天，支付宝或短信提醒", "7 days before the last day to apply: Alipay or SMS"),
    Stage.W3: Text("申请截止前3天，专人一对一提醒", "3 days before the last day to apply: a person calls or visits"),
    Stage.T30: Text("到期前30天，支付宝或短信提醒", "30 days before expiry: Alipay or SMS"),
    Stage.T7: Text("到期前7天，支付宝或短信提醒", "7 days before expiry: Alipay or SMS"),
    Stage.T3: Text("到期前3天，专人一对一提醒", "3 days before expiry: a person calls or visits"),
}

KINDS: dict[str, Text] = {
    "one_on_one": Text("一对一提醒", "One-on-one reminder"),
    "agency": Text("续期申请即将逾期未决", "Renewal about to be decided by silence"),
    "unreachable": Text("消息送不到，请联系本人", "No message arrived: reach the holder"),
    "verify": Text("核实：持证人说已经办了", "Check: the holder says it is done"),
    "deemed": Text("已视为准予延续，请补发证照", "Renewed by silence: hand over the licence"),
    "cancel": Text("到期未续，请依法办理注销手续", "Ran out: cancel the permit as the law demands"),
}

CALLS: dict[str, Text] = {
    Stage.W3: Text("申请截止前3天", "3 days before the last day to apply"),
    Stage.T3: Text("到期前3天", "3 days before expiry"),
}

RESULTS: dict[str, Text] = {
    "told": Text("已告知本人，将去办理", "Told; the holder will renew"),
    "applied": Text("已提交续期申请", "An application has been made"),
    "confirmed": Text("已核实办妥", "Checked: it is done"),
    "home_service": Text("需要上门办理（转绿色通道）", "Needs service at home (green channel)"),
    "will_not": Text("明确不再续办", "Will not renew"),
    "not_found": Text("联系不上，已按登记地址寻访", "Not found, visited at the address on record"),
    "reason": Text("已处理或暂不办理，情况写在备注里", "Dealt with, or not yet: the note says how and why"),
    "settled": Text("证照或申请已有结果，自动办结", "Settled by itself: the licence or the application has moved on"),
}

UNITS: dict[str, Text] = {
    "wd": Text("个工作日", "working days"),
    "nd": Text("天", "days"),
    "month": Text("个月", "months"),
}

AUDIENCES: dict[str, Text] = {
    "经营主体": Text("经营主体", "businesses"),
    "专业人员": Text("专业人员", "professionals"),
    "个人": Text("个人", "individuals"),
    "医疗卫生机构": Text("医疗卫生机构", "health institutions"),
    "社会组织": Text("社会组织", "social organisations"),
}


def window(opens: int | None, closes: int | None, counts_in: str) -> Text:
    """Return when renewal may be applied for, counted back from the last day of validity."""
    if closes is None:
        return Text("到期前随时", "any time before expiry")
    unit = UNITS[counts_in]
    if opens is None:
        return Text(f"到期前至少{closes}{unit.zh}", f"at least {closes} {unit.en} before expiry")
    return Text(f"到期前{opens}至{closes}{unit.zh}", f"{opens} to {closes} {unit.en} before expiry")


# what stands on the template's second sheet, for the clerk who fills it in
LEDGER_RULES = (
    "一、一行一证。证照名称请与本单位已公布的提醒事项目录一致，也可以填事项编码。",
    "二、证件号码、证照编号、手机号三列请先设为“文本”再填，否则Excel会丢掉末位数字。",
    "三、日期写作2026-11-30；长期有效的证照，“有效期至”填“长期”或留空，不安排提醒。",
    "四、身份证号只能写在“证件号码”列，系统读入时立即加密；写在别的列会被退回。",
    "五、绿色通道只填“是”或空着，请勿填写健康状况。",
    "六、同一证照出现多次，以发证日期最新的为准。",
    "七、不要使用公式；有错误的行会带着原因退回，其余行立即生效，改好后单独上传退回的行即可。",
)


def lead(closes_on: date | None, expires_on: date, today: date) -> tuple[Text, date]:
    """Return which day the big number of days counts to, and its name: the last day to apply, then the last day itself."""
    if closes_on is not None and today <= closes_on < expires_on:
        return Text("距最晚申请日", "Until the last day to apply"), closes_on
    if closes_on is not None and closes_on < today <= expires_on:
        return Text("申请期已过，距到期日", "The time to apply is over; until expiry"), expires_on
    return Text("距到期日", "Until expiry"), expires_on


def urgency(opens_on: date | None, last: date, today: date) -> tuple[str, Text]:
    """Return the word a card of a watched licence carries, and its colour: by what is left to apply."""
    left = (last - today).days
    if left < 0:
        return "bad", Text("申请期已过", "too late to apply in time")
    if left <= 7:
        return "bad", Text("抓紧申请", "apply now")
    if left <= 30:
        return "warn", Text("该申请了", "time to apply")
    if opens_on is not None and opens_on <= today:
        return "ok", Text("已可申请", "open for application")
    return STATES[State.LIVE]


def advice(state: State, closes_on: date | None, expires_on: date | None, today: date) -> Text:
    """Return what the holder should do now, in one sentence."""
    if state is not State.LIVE:
        return _ADVICE.get(state, STATES[state][1])
    last = closes_on or expires_on
    if last is None:
        return Text("长期有效，不用续办。", "It has no last day; nothing to renew.")
    if today <= last:
        left = (last - today).days
        day = day_words(last)
        if not left:
            return Text(
                f"今天（{day.zh}）是申请续期的最后一天。", f"Today, {day.en}, is the last day to apply for renewal."
            )
        return Text(
            f"请最晚在{day.zh}申请续期（还有{left}天）。",
            f"Apply for renewal by {day.en} ({left} day{'s' if left > 1 else ''} left).",
        )
    return Text(
        "申请期已过，证照仍有效：请马上打电话给发证单位，问能否补办。",
        "The time to apply is over but the licence is still valid: call the office at once.",
    )


_ADVICE = {
    State.PENDING: Text(
        "续期申请已受理，等待决定；到期前未决定，依法视为准予延续。",
        "Your application was accepted. If it is undecided on the last day, the law counts it as granted.",
    ),
    State.SAYS_DONE: Text("您说已经办了，发证单位正在核实。", "You say it is done; the office is checking."),
    State.GIVEN_UP: Text(
        "您说不再续办。到期后请停止相应活动；是经营主体的，要在30日内变更或注销登记。",
        "You will not renew. After the last day stop the licensed activity; a business must change or cancel its registration within 30 days.",
    ),
    State.LAPSED: Text(
        "已经过期，发证单位将依法注销：请停止相应活动；还要做的，请重新申请；是经营主体的，要在30日内变更或注销登记。",
        "It has run out and the office will cancel it: stop the licensed activity, or apply anew; a business must change or cancel its registration within 30 days.",
    ),
    State.DEEMED: Text(
        "发证单位未在到期前决定，依法视为准予延续；新证照由发证单位补发，您不用再申请。",
        "The office did not decide in time: the law counts it as renewed. The office owes you the paper; you need not apply again.",
    ),
}
