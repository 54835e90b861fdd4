"""The eight protections (F1.19): who acts, by which thresholds, and on what basis. Thresholds may be set for a socket, within limits.

What only hardware is quick enough for is reported by the platform, never claimed: short circuit, residual current, arc. The limits are those
of the wire (`socketwire.LIMITS`), so that what is approved here is what a device accepts.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from bancheng.lib import socketwire
from bancheng.lib.refusal import Refused
from bancheng.lib.text import Text


class Actor(StrEnum):
    """Who performs a protection."""

    HARDWARE = "hardware"
    FIRMWARE = "firmware"


ACTORS: dict[Actor, Text] = {
    Actor.HARDWARE: Text("保护开关硬件动作，平台只接收报告", "The switch itself; the platform only hears of it"),
    Actor.FIRMWARE: Text("设备固件动作，断网也有效", "The device's firmware, also offline"),
}


@dataclass(frozen=True)
class Protection:
    """One of the eight."""

    code: str
    name: Text
    actor: Actor
    thresholds: tuple[str, ...]  # names on the wire
    recovers: Text
    basis: Text


ON_SITE = Text("现场检查后恢复", "After a look on the spot")
BY_ITSELF = Text("电压恢复后自动合闸，一次用电最多两次", "By itself when the voltage is back, twice a session at most")
NEXT_SCAN = Text("排除后重新扫码", "By the next scan, once it is put right")

PROTECTIONS: dict[str, Protection] = {
    one.code: one
    for one in (
        Protection(
            "OV", Text("过压", "Over-voltage"), Actor.FIRMWARE,
            ("ov_warn_dv", "ov_trip_dv", "ov_trip_ms", "ov_fast_dv", "ov_fast_ms", "ov_back_dv"), BY_ITSELF,
            Text("告警：GB/T 12325（+7%）；跳闸值：工程取值", "Warning: GB/T 12325 (+7 %); trips: engineering choice"),
        ),
        Protection(
            "UV", Text("欠压", "Under-voltage"), Actor.FIRMWARE,
            ("uv_warn_dv", "uv_trip_dv", "uv_trip_ms", "uv_back_dv"), BY_ITSELF,
            Text("告警：GB/T 12325（-10%）；跳闸值：工程取值", "Warning: GB/T 12325 (-10 %); trip: engineering choice"),
        ),
        Protection(
            "OC", Text("过流（过载）", "Overload"), Actor.FIRMWARE,
            (
                "oc_warn_pct", "oc_trip1_pct", "oc_trip1_s", "oc_trip2_pct", "oc_trip2_s", "oc_trip3_pct", "oc_trip3_s",
                "oc_trip4_pct", "oc_trip4_s",
            ),
            NEXT_SCAN,
            Text("工程取值，严于后级断路器（GB/T 10963.1）", "Engineering choice, stricter than the breaker behind it (GB/T 10963.1)"),
        ),
        Protection(
            "SC", Text("短路", "Short circuit"), Actor.HARDWARE, ("sc_pct",), ON_SITE,
            Text("GB/T 10963.1 C型脱扣", "GB/T 10963.1, type C"),
        ),
        Protection(
            "RC", Text("漏电", "Residual current"), Actor.HARDWARE, ("rc_warn_ma", "rc_trip_ma"), ON_SITE,
            Text("GB/T 13955（30毫安、0.1秒）", "GB/T 13955 (30 mA, 0.1 s)"),
        ),
        Protection(
            "OT", Text("过温", "Over-temperature"), Actor.FIRMWARE,
            ("ot_warn_dc", "ot_rise_dc", "ot_trip_dc", "ot_trip_s", "ot_back_dc"), NEXT_SCAN,
            Text("工程取值，参照GB/T 2099.1温升限值", "Engineering choice after the rise limit of GB/T 2099.1"),
        ),
        Protection(
            "AF", Text("电弧", "Arc"), Actor.HARDWARE, (), ON_SITE,
            Text("GB/T 31143；动作时间未经核对原文", "GB/T 31143; times not compared with the text"),
        ),
        Protection(
            "TP", Text("开箱、倾倒、进水、烟雾", "Door, tilt, water, smoke"), Actor.FIRMWARE, ("tp_ms",), ON_SITE,
            Text("工程取值", "Engineering choice"),
        ),
    )
}  # fmt: skip

# of the thresholds: what each is called, its unit, and how many of its last digits are decimals
NAMES: dict[str, tuple[Text, str, int]] = {
    "ov_warn_dv": (Text("过压告警", "Over-voltage: warn above"), "V", 1),
    "ov_trip_dv": (Text("过压跳闸", "Over-voltage: trip at"), "V", 1),
    "ov_trip_ms": (Text("过压跳闸延时", "Over-voltage: after"), "s", 3),
    "ov_fast_dv": (Text("过压速断", "Over-voltage: fast trip at"), "V", 1),
    "ov_fast_ms": (Text("过压速断延时", "Over-voltage: fast, after"), "s", 3),
    "ov_back_dv": (Text("过压恢复", "Over-voltage: back below"), "V", 1),
    "uv_warn_dv": (Text("欠压告警", "Under-voltage: warn below"), "V", 1),
    "uv_trip_dv": (Text("欠压跳闸", "Under-voltage: trip at"), "V", 1),
    "uv_trip_ms": (Text("欠压跳闸延时", "Under-voltage: after"), "s", 3),
    "uv_back_dv": (Text("欠压恢复", "Under-voltage: back above"), "V", 1),
    "oc_warn_pct": (Text("过载告警", "Overload: warn above"), "% In", 0),
    "oc_trip1_pct": (Text("过载一段", "Overload 1"), "% In", 0),
    "oc_trip1_s": (Text("过载一段延时", "Overload 1: after"), "s", 0),
    "oc_trip2_pct": (Text("过载二段", "Overload 2"), "% In", 0),
    "oc_trip2_s": (Text("过载二段延时", "Overload 2: after"), "s", 0),
    "oc_trip3_pct": (Text("过载三段", "Overload 3"), "% In", 0),
    "oc_trip3_s": (Text("过载三段延时", "Overload 3: after"), "s", 0),
    "oc_trip4_pct": (Text("过载四段", "Overload 4"), "% In", 0),
    "oc_trip4_s": (Text("过载四段延时", "Overload 4: after"), "s", 0),
    "sc_pct": (Text("短路瞬动", "Short circuit: at once at"), "% In", 0),
    "rc_warn_ma": (Text("漏电告警", "Residual current: warn above"), "mA", 0),
    "rc_trip_ma": (Text("漏电动作", "Residual current: trip at"), "mA", 0),
    "ot_warn_dc": (Text("过温告警", "Over-temperature: warn at"), "°C", 1),
    "ot_rise_dc": (Text("温升告警（每分钟）", "Temperature rise in a minute"), "K", 1),
    "ot_trip_dc": (Text("过温跳闸", "Over-temperature: trip at"), "°C", 1),
    "ot_trip_s": (Text("过温跳闸延时", "Over-temperature: after"), "s", 0),
    "ot_back_dc": (Text("过温恢复", "Over-temperature: back below"), "°C", 1),
    "tp_ms": (Text("箱体异常延时", "Box: after"), "s", 3),
}


def on_site(code: str) -> bool:
    """Return whether a protection that tripped holds until somebody has looked on the spot; one that is not known does."""
    found = PROTECTIONS.get(code)
    return found is None or found.recovers is ON_SITE


class ChangeState(StrEnum):
    """How far a change of a threshold is."""

    PROPOSED = "proposed"
    IN_FORCE = "in_force"
    DECLINED = "declined"
    REPLACED = "replaced"


CHANGE_STATES: dict[ChangeState, Text] = {
    ChangeState.PROPOSED: Text("待第二人批准", "Waits for a second person"),
    ChangeState.IN_FORCE: Text("已生效", "In force"),
    ChangeState.DECLINED: Text("未批准", "Declined"),
    ChangeState.REPLACED: Text("已被替代", "Replaced"),
}


def of_threshold(name: str) -> Protection:
    """Return the protection a threshold belongs to. Raises Refused("no_such_threshold")."""
    for one in PROTECTIONS.values():
        if name in one.thresholds:
            return one
    raise Refused("no_such_threshold", "没有这个保护定值。", en="There is no such threshold.", status=404)


def settable() -> tuple[str, ...]:
    """Return the thresholds that may be set from here: the firmware's. The switch's own are fixed in the switch."""
    return tuple(n for one in PROTECTIONS.values() if one.actor is Actor.FIRMWARE for n in one.thresholds)


def check(name: str, value: int, basis: str) -> None:
    """Raise Refused unless the value lies within its limits, is the firmware's to keep, and says on what basis."""
    if of_threshold(name).actor is Actor.HARDWARE:
        raise Refused(
            "hardware_threshold",
            "这项保护由开关硬件完成，平台不能改定值，没有保存；需要更换开关。",
            en="The switch itself performs this protection; its threshold cannot be set from here and nothing was kept. Change the switch.",
        )
    limit = socketwire.LIMITS[name]
    if not limit.least <= value <= limit.most:
        words, unit, places = NAMES[name]
        low, high = shown(limit.least, places), shown(limit.most, places)
        raise Refused(
            "threshold_out_of_limits",
            f"“{words.zh}”应在{low}至{high}{unit}之间，没有保存；请改后再提交。",
            en=f"“{words.en}” lies between {low} and {high} {unit}; nothing was kept. Correct it.",
            status=422,
        )
    if not basis.strip():
        raise Refused(
            "basis_missing",
            "请写明修改依据（标准、试验或批文），没有保存。",
            en="Say on what basis it is changed (standard, test, decision); nothing was kept.",
            status=422,
        )


ORDERED = (
    ("ov_back_dv", "ov_trip_dv"),
    ("ov_warn_dv", "ov_trip_dv"),
    ("ov_trip_dv", "ov_fast_dv"),
    ("uv_trip_dv", "uv_back_dv"),
    ("uv_trip_dv", "uv_warn_dv"),
    ("oc_warn_pct", "oc_trip1_pct"),
    ("oc_trip1_pct", "oc_trip2_pct"),
    ("oc_trip2_pct", "oc_trip3_pct"),
    ("oc_trip3_pct", "oc_trip4_pct"),
    ("ot_back_dc", "ot_trip_dc"),
    ("ot_warn_dc", "ot_trip_dc"),
)


def effective(own: Mapping[str, int], *, rated_ma: int) -> dict[str, int]:
    """Return every threshold of a socket: its own, else the usual one."""
    usual = {name: limit.usual for name, limit in socketwire.LIMITS.items()}
    return {**usual, "rated_ma": rated_ma, **own}


def check_order(values: Mapping[str, int]) -> None:
    """Raise Refused when a warning would come after its trip, or a recovery before it."""
    for lower, upper in ORDERED:
        if values[lower] >= values[upper]:
            low, high = NAMES[lower][0], NAMES[upper][0]
            raise Refused(
                "thresholds_out_of_order",
                f"“{low.zh}”应小于“{high.zh}”，没有保存；请一并核对。",
                en=f"“{low.en}” must be below “{high.en}”; nothing was kept. Look at both.",
                status=422,
            )


def shown(value: int, places: int) -> str:
    """Return a threshold as people read it."""
    whole, rest = divmod(value, 10**places)
    digits = f"{rest:0{places}d}".rstrip("0") if places else ""
    return f"{whole}.{digits}" if digits else str(whole)


def read(text: str, places: int) -> int:
    """Return what somebody typed for a threshold. Raises Refused("not_a_number")."""
    head, _, tail = text.strip().partition(".")
    if not (
        head.isascii() and head.isdigit() and len(head) < 7 and len(tail) <= places and (not tail or tail.isdigit())
    ):
        raise Refused("not_a_number", "请填写数字，没有保存。", en="Type a number; nothing was kept.", status=422)
    scale: int = 10**places
    return int(head) * scale + int((tail + "0" * places)[:places] or 0)
