"""What is written down when a meter is exchanged, and what cannot be.

计量法 第九条: only a verified meter counts for trade. 供电营业规则: who exchanges a meter notes the registers at which the old one ends and the new one
begins.
"""

from datetime import date, datetime, timedelta

from bancheng.lib.refusal import Refused
from bancheng.services.sockets.rules.places import meter_is_verified
from bancheng.services.sockets.rules.readings import WRAP, delta_10wh, possible
from bancheng.services.sockets.rules.words import decimal

NOTED_BEFORE_MS = 120_000  # who takes a meter off notes its register first, and the device reads it until the end


def check_plate(address: str, verified_until: date, *, on: date) -> None:
    """Raise Refused("bad_meter") unless the plate can be one of a meter that may count."""
    if len(address) == 12 and address.isascii() and address.isdigit() and meter_is_verified(verified_until, on):
        return
    raise Refused(
        "bad_meter",
        "请填写12位电表地址和未过期的检定日期，没有保存。",
        en="Give a twelve-digit address and a verification that has not ended; nothing was kept.",
        status=422,
    )


def register(steps: int | None) -> int:
    """Return a register that was read off. Raises Refused("bad_register")."""
    if steps is not None and 0 <= steps < WRAP:
        return steps
    raise Refused(
        "bad_register",
        "请填写旧表止码和新表起码，如1234.56，没有保存。",
        en="Give the old meter's last register and the new one's first, such as 1234.56; nothing was kept.",
        status=422,
    )


def check_last(last_10wh: int, *, heard_10wh: int, since: datetime, at: datetime, most_w: int) -> None:
    """Raise Refused unless a register can have come to `last_10wh` from what the device last read of it, or was noted a little before that."""
    elapsed = max(0, (at - since) // timedelta(milliseconds=1))
    if possible(delta_10wh(heard_10wh, last_10wh), elapsed_ms=elapsed, most_w=most_w):
        return
    if possible(delta_10wh(last_10wh, heard_10wh), elapsed_ms=NOTED_BEFORE_MS, most_w=most_w):
        return
    heard = decimal(heard_10wh, 2, least=2)
    raise Refused(
        "register_unlikely",
        f"旧表止码与设备最后读到的{heard}千瓦时对不上，没有保存；请对照旧表核对后重填。",
        en=f"The old meter's last register does not follow the {heard} kWh the device read last; nothing was kept. Read it off the meter again.",
        status=422,
    )


def built_in() -> Refused:
    """Return the refusal to exchange the meter inside a charge point while somebody has it: it takes the power away with it."""
    return Refused(
        "built_in_meter",
        "充电桩的电表装在桩内，换表要断电；这次使用还没有结束，没有记录换表。请先在站点页面断电结束，结算后再换。",
        en="The meter is inside the charge point and exchanging it cuts the power; somebody has it in use, so nothing was recorded. "
        "Switch the socket off on the site's page first, and exchange the meter once that use is settled.",
    )


def known() -> Refused:
    """Return the refusal of an address that is registered."""
    return Refused(
        "unit_known",
        "这个电表地址已登记，没有保存；请核对铭牌。",
        en="The address is registered already; nothing was kept. Check the plate.",
    )
