"""Words and states of the field: what kinds of places and devices there are, and when a socket may be sold."""

from datetime import date, timedelta
from enum import StrEnum

from bancheng.lib.refusal import Refused
from bancheng.lib.text import Text

METER_WARN_DAYS = 60  # before a verification ends somebody is told, so that no site stops selling unforeseen


class Scenario(StrEnum):
    """What a site is for (F1.14)."""

    STREET = "street"
    IRRIGATION = "irrigation"
    DRYING = "drying"
    FAIR = "fair"
    NIGHT = "night"
    STALL = "stall"
    SHOW = "show"
    CHARGING = "charging"


SCENARIOS: dict[Scenario, Text] = {
    Scenario.STREET: Text("商业街", "Shopping street"),
    Scenario.IRRIGATION: Text("农排灌溉", "Field irrigation"),
    Scenario.DRYING: Text("粮食烘干", "Grain drying"),
    Scenario.FAIR: Text("乡村集市庙会", "Village market or fair"),
    Scenario.NIGHT: Text("夜市", "Night market"),
    Scenario.STALL: Text("临时摆摊", "Temporary stalls"),
    Scenario.SHOW: Text("文化演出集会", "Shows and gatherings"),
    Scenario.CHARGING: Text("电动车充电", "Charging of e-bikes and cars"),
}


class Form(StrEnum):
    """The four product forms (F1.2)."""

    BOX = "box"
    PEDESTAL = "pedestal"
    SOCKET = "socket"
    MOBILE = "mobile"


class Protocol(StrEnum):
    """What a unit speaks, and so by which door it comes."""

    MQTT = "mqtt"
    OCPP16 = "ocpp16"  # a charge point: OCPP 1.6 over a WebSocket


FORMS: dict[Form, Text] = {
    Form.BOX: Text("单（三）相共享电源计量箱", "Metering box, one or three phases"),
    Form.PEDESTAL: Text("地摊式共享电源立柱", "Stall pedestal"),
    Form.SOCKET: Text("地摊式共享电源插座", "Stall socket"),
    Form.MOBILE: Text("移动式共享电源", "Mobile unit"),
}


class SiteState(StrEnum):
    """How a site stands. One that was given up stays: sessions and meters name it."""

    PLANNED = "planned"
    LIVE = "live"
    RETIRED = "retired"


SITE_STATES: dict[SiteState, Text] = {
    SiteState.PLANNED: Text("筹建", "Planned"),
    SiteState.LIVE: Text("在用", "In use"),
    SiteState.RETIRED: Text("已撤", "Given up"),
}


class SocketState(StrEnum):
    """How a socket stands with the operator; whether somebody uses it is the sessions' to say."""

    REGISTERED = "registered"
    ON_SALE = "on_sale"
    BLOCKED = "blocked"
    RETIRED = "retired"


SOCKET_STATES: dict[SocketState, Text] = {
    SocketState.REGISTERED: Text("待投运测试", "Waits for its commissioning test"),
    SocketState.ON_SALE: Text("可用", "On sale"),
    SocketState.BLOCKED: Text("停用", "Blocked"),
    SocketState.RETIRED: Text("已拆", "Removed"),
}

NEXT: dict[SocketState, dict[SocketState, str]] = {
    SocketState.REGISTERED: {SocketState.ON_SALE: "commissioning test passed", SocketState.RETIRED: "removed"},
    SocketState.ON_SALE: {SocketState.BLOCKED: "ticket or alarm", SocketState.RETIRED: "removed"},
    SocketState.BLOCKED: {SocketState.ON_SALE: "second check", SocketState.RETIRED: "removed"},
    SocketState.RETIRED: {},
}

# what is done on the spot before a socket is sold, each of them by hand; the last one needs a person who was not the fitter
CHECKS: dict[str, Text] = {
    "address": Text("电表地址与铭牌一致", "The meter's address is the one on its plate"),
    "relay": Text(
        "合闸、分闸各一次，状态字和电流一致", "The relay closed and opened once; state word and current agree"
    ),
    "leakage": Text("漏电保护试验按钮动作", "The residual-current test button trips"),
    "earth": Text("接地电阻合格", "The earth resistance is in bounds"),
    "code": Text("二维码、插座编号、站点名称一致", "Code, socket number and site name agree"),
}

RATINGS_A = (10, 16, 32)  # GB/T 1002 plugs; 32 A industrial sockets
PHASES = ("A", "B", "C", "ABC")


def check_may_go_on_sale(state: SocketState, passed: frozenset[str]) -> None:
    """Raise Refused unless every check on the spot was passed and the socket waits for it."""
    if SocketState.ON_SALE not in NEXT[state] or state is SocketState.BLOCKED:
        raise Refused(
            "not_waiting_for_test",
            "这个插座不在待投运状态，没有改动；请刷新后查看。",
            en="This socket does not wait for its test; nothing was changed. Look at it again.",
        )
    if missing := [words for code, words in CHECKS.items() if code not in passed]:
        raise Refused(
            "test_incomplete",
            f"还有{len(missing)}项测试没有通过（{missing[0].zh}），插座没有投运；请现场测试后再提交。",
            en=f"{len(missing)} checks are missing ({missing[0].en}); the socket was not put on sale. Test on the spot first.",
            status=422,
        )


def meter_is_verified(verified_until: date | None, today: date) -> bool:
    """Return whether a bill may rest on the meter today.

    计量法 第九条: meters of trade settlement are under compulsory verification; one that was not verified or failed may not be used.
    """
    return verified_until is not None and today <= verified_until


def meter_needs_warning(verified_until: date | None, today: date) -> bool:
    """Return whether somebody has to have the meter verified soon."""
    return verified_until is None or verified_until <= today + timedelta(days=METER_WARN_DAYS)


def meter_expired() -> Refused:
    """Return the refusal of a socket whose meter may not be billed by (B1.11)."""
    return Refused(
        "meter_expired",
        "这个插座的电表检定已到期，暂停使用，没有扣款；请换旁边的插座。",
        en="The verification of this socket's meter has run out, so it is not sold. Nothing was charged: take the one beside it.",
        law="计量法 第九条",
    )


def no_such_socket() -> Refused:
    """Return the refusal of a number that is not ours."""
    return Refused(
        "no_such_socket",
        "没有这个插座，没有扣款，也没有改动；请核对插座上的编号，或拨打95598。",
        en="There is no such socket; nothing was charged or changed. Check the number on it, or call 95598.",
        status=404,
    )


def not_open(reason: Text) -> Refused:
    """Return the refusal of a socket that is not sold, with why."""
    return Refused(
        "socket_not_open",
        f"这个插座暂停使用（{reason.zh}），没有扣款；请换旁边的插座。",
        en=f"This socket is out of use ({reason.en}). Nothing was charged: take the one beside it.",
    )


def offline() -> Refused:
    """Return the refusal of a socket whose gateway is not there."""
    return Refused(
        "gateway_offline",
        "这个插座暂时联系不上，没有扣款；请换旁边的插座，或稍后再试。",
        en="This socket cannot be reached just now. Nothing was charged: take the one beside it, or try again later.",
    )


VOLTS = 220
IDLE_PERCENT = 5  # of the rated power; T/GBC 48-2025 has the same figure for e-bike cabinets


def phases(phase: str) -> int:
    """Return on how many phases a socket gives power."""
    return len(phase)


def idle_w(most_w: int) -> int:
    """Return the power below which a socket counts as unused."""
    return most_w * IDLE_PERCENT // 100
