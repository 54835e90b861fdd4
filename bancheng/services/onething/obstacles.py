"""What keeps an application from being sent, besides its form and papers: what registers say, and what is under way already.

What a register says is told with its number, as of when, and whom to turn to; who applies for himself is not told of a firm. Where no
register answers nothing is held against anybody: the officer sees 未核验 (`registers`).
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from bancheng.kernel.cases import public as cases
from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.forms import public as forms
from bancheng.lib.conditions import Value
from bancheng.lib.days import day_of
from bancheng.lib.text import Text
from bancheng.services.onething import realnames, rules, trust
from bancheng.services.onething.registers import rules as registers
from bancheng.services.onething.registers.facts import Asked, Known
from bancheng.services.onething.sending import Sending

LICENCE = "business-licence"


def of(sending: Sending, asked: Asked, known: Sequence[Known], at: datetime) -> list[forms.Problem]:
    """Return each obstacle with the field it stands by, in the order in which one meets them."""
    values, today = sending.values, day_of(at)
    stopped, area = by_registers(sending, asked, known)
    # who does not qualify is told that, and not when to come back
    publicity = [] if stopped else _publicity(values, today)
    listed = next((one for each in known for one in each.entries if one.register is registers.Register.SERIOUS), None)
    return [
        *realnames.of(sending, at),
        *stopped,
        *area,
        *publicity,
        *trust.barred(sending, listed=listed.says if listed and sending.for_the_firm else None),
        *_name(sending),
        *_twice(sending),
    ]


def by_registers(
    sending: Sending, asked: Asked, known: Sequence[Known]
) -> tuple[list[forms.Problem], list[forms.Problem]]:
    """Return what registers hold against it: entries that stop it, and a lease that says otherwise; nothing to anybody but the firm."""
    if not sending.for_the_firm:
        return [], []
    return _registers(asked, known), _area(sending.values, known)


def _problem(element: str, zh: str, en: str, law: str = "") -> forms.Problem:
    return forms.Problem(element, Text(zh, en), law)


def _registers(asked: Asked, known: Sequence[Known]) -> list[forms.Problem]:
    """B14.1, B14.6: what registers hold against it, each entry with its number and whom to turn to."""
    if asked.purpose is None:
        return []
    says = _frozen if asked.purpose is registers.MOVING else _not_simplified
    return [
        says(entry, registers.written(one.as_of) if one.as_of else "")
        for one in known
        for entry in registers.stopping(asked.purpose, one.entries)
    ]


def _frozen(entry: registers.Entry, as_of: str) -> forms.Problem:
    """B14.1: a firm whose equity is frozen does not move; the order's number is told."""
    return _problem(
        "uscc",
        f"股权已被{entry.authority}冻结，文号{entry.number}，登记信息截至{as_of}，冻结期间不能迁移；请与{entry.authority}联系，"
        "解除后点“再查一次”即可提交，已填内容都保留着",
        f"The equity is frozen by {entry.authority} ({entry.number}; register as of {as_of}): the firm cannot move until it is lifted. "
        "Turn to that court; once it is lifted, press “ask again” and send this; what you filled in is kept",
        registers.MOVING.law,
    )


def _not_simplified(entry: registers.Entry, as_of: str) -> forms.Problem:
    """B14.6: who does not qualify for the simplified way is offered the ordinary one."""
    name = registers.SAYS[entry.register]
    return _problem(
        "simplified",
        f"{name.zh}，文号{entry.number}，登记信息截至{as_of}，不适用简易注销，请改选普通注销，其他内容会保留；"
        f"对这条登记有疑问的，请与{entry.authority}联系",
        f"{name.en} ({entry.number}, {entry.authority}; register as of {as_of}): choose the ordinary way; what you filled in is kept. "
        f"About the entry itself, turn to {entry.authority}",
        registers.SIMPLIFIED[entry.register],
    )


def _area(values: Mapping[str, Value], known: Sequence[Known]) -> list[forms.Problem]:
    """B14.2: the area is the one of the lease; only the tenant is told what stands there."""
    typed = values.get("floor_area")
    lease, as_of = next(((one.lease, one.as_of) for one in known if one.lease), (None, None))
    if not isinstance(typed, int) or lease is None or lease.area_dm2 is None or rules.same_area(typed, lease.area_dm2):
        return []
    said, day = f"{lease.area_dm2 / 100:g}", registers.written(as_of) if as_of else ""
    return [
        _problem(
            "floor_area",
            f"填写的面积与租赁备案的{said}平方米不一致（编号{lease.number}，登记信息截至{day}），请核对；填错的请改正，"
            f"备案有误的请与{lease.authority}联系，更正后点“再查一次”",
            f"The registered lease says {said} m² ({lease.number}; register as of {day}): correct the area, or, if the lease is "
            f"registered wrongly, turn to {lease.authority} and then press “ask again”",
        )
    ]


def _publicity(values: Mapping[str, Value], today: date) -> list[forms.Problem]:
    """B14.7, B14.8: a simplified cancellation is sent after its publicity, and not too late."""
    if values.get("simplified") is not True:
        return []
    first = values.get("publicity_from")
    if not isinstance(first, date):
        return []
    calendar = clocks.calendar()
    stage = rules.simplified_stage(first, today, calendar)
    if stage == "publicity":
        until = rules.objection_until(first, calendar)
        return [
            _problem(
                "publicity_from", f"公告期到{until}，期满后再提交", f"The publicity runs until {until}: send it after"
            )
        ]
    if stage == "over":
        until = rules.apply_until(first, calendar)
        return [
            _problem(
                "publicity_from",
                f"简易注销最晚应在{until}前申请，已过期，请重新公告或改选普通注销",
                f"It had to be sent by {until}: publish again, or choose the ordinary way",
                "市场主体登记管理条例 第三十三条",
            )
        ]
    return []


def _name(sending: Sending) -> list[forms.Problem]:
    """B14.10: the name in the form is the one on the licence."""
    typed = sending.values.get("organisation_name")
    held = sending.library.get(LICENCE)
    if not isinstance(typed, str) or held is None or rules.same_name(typed, held.licence.holder_name):
        return []
    name = held.licence.holder_name
    return [
        _problem(
            "organisation_name",
            f"名称与营业执照上的“{name}”不一致；改了名的，请先办理变更登记",
            f"The licence says “{name}”: use that name, or change the registration first",
        )
    ]


def _twice(sending: Sending) -> list[forms.Problem]:
    """B14.9: the same bundle for the same place is under way already."""
    place = sending.values.get("business_address")
    for one in sending.under_way:
        if one.closed_at or one.title != sending.bundle.flow.name:
            continue
        content = cases.said(one.id, personal=True)
        if content and {**content.values, **content.personal}.get("business_address") == place:
            here = ("同一地址的", " for the same address") if place else ("", "")
            return [
                _problem(
                    "business_address" if place else "uscc",
                    f"{here[0]}这件事正在办理（{one.number}），不用再提交；要改内容请等补正或撤回后重办",
                    f"This is under way{here[1]} ({one.number}): no need to send it again",
                )
            ]
    return []
