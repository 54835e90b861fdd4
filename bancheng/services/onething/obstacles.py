"""What keeps an application from being sent, besides its form and papers: what registers say, and what is under way already.

Registers of other offices (frozen equity, leases, lists of the dishonest) answer the hook `registers_asked`; where none is
connected nothing is known and nothing is held against anybody.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from bancheng.kernel.cases import public as cases
from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.forms import public as forms
from bancheng.lib.conditions import Value
from bancheng.lib.days import day_of
from bancheng.lib.hooks import Hook
from bancheng.lib.text import Text
from bancheng.services.onething import papers, queries, rules, trust
from bancheng.services.onething.queries import Application

LICENCE = "business-licence"
LOOKED_AT = 20  # cases under way of one applicant that are compared


@dataclass(frozen=True)
class Asked:
    """What registers are asked: about whom, and the number of the lease that the form names."""

    region: str
    holder_hash: bytes
    lease: str
    at: datetime


@dataclass(frozen=True)
class Known:
    """What one register knows."""

    frozen_by: str = ""  # number of the court's order that freezes the equity
    leased_dm2: int | None = None
    listed: str = ""  # on which list of the dishonest


registers_asked: Hook[Asked] = Hook("onething.registers_asked")


def of(found: Application, at: datetime) -> list[forms.Problem]:
    """Return each obstacle with the field it stands by, in the order in which one meets them."""
    values, today = found.draft.values, day_of(at)
    asked = Asked(found.draft.region, found.draft.subject.holder_hash, str(values.get("premises_proof") or ""), at)
    known = [one for one in registers_asked.fire(asked) if one]
    told = [*_frozen(found, known), *_area(values, known), *_simplified(values, known, today)]
    listed = next((one.listed for one in known if one.listed), "")
    return [*told, *trust.barred(found, listed=listed), *_name(found, at), *_twice(found, at)]


def _problem(element: str, zh: str, en: str, law: str = "") -> forms.Problem:
    return forms.Problem(element, Text(zh, en), law)


def _frozen(found: Application, known: list[Known]) -> list[forms.Problem]:
    """B14.1: a firm whose equity is frozen does not move; the order's number is told."""
    if "migration-in" not in {step.matter for step in found.steps}:
        return []
    return [
        _problem(
            "uscc",
            f"股权已被法院冻结（{one.frozen_by}），暂不能迁移；解除冻结后再申请",
            f"The equity is frozen by court order {one.frozen_by}: the firm cannot move until it is lifted",
            "市场主体登记管理条例 第二十七条",
        )
        for one in known
        if one.frozen_by
    ]


def _area(values: Mapping[str, Value], known: list[Known]) -> list[forms.Problem]:
    """B14.2: the area is the one of the lease."""
    typed = values.get("floor_area")
    leased = next((one.leased_dm2 for one in known if one.leased_dm2 is not None), None)
    if not isinstance(typed, int) or leased is None or rules.same_area(typed, leased):
        return []
    said = f"{leased / 100:g}"
    return [
        _problem(
            "floor_area", f"填写的面积与租赁合同的{said}平方米不一致，请核对", f"The lease says {said} m²: please check"
        )
    ]


def _simplified(values: Mapping[str, Value], known: list[Known], today: date) -> list[forms.Problem]:
    """B14.6, B14.8: who is listed, or too late, is offered the ordinary way."""
    if values.get("simplified") is not True:
        return []
    listed = next((one.listed for one in known if one.listed), "")
    if listed:
        return [
            _problem(
                "simplified",
                f"已列入{listed}，不适用简易注销，请改选普通注销，其他内容会保留",
                f"Listed ({listed}): choose the ordinary way; what you filled in is kept",
                "市场主体登记管理条例 第三十三条",
            )
        ]
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


def _name(found: Application, at: datetime) -> list[forms.Problem]:
    """B14.10: the name in the form is the one on the licence."""
    typed = found.draft.values.get("organisation_name")
    held = papers.in_library(found.draft.subject.holder_hash, at).get(LICENCE)
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


def _twice(found: Application, at: datetime) -> list[forms.Problem]:
    """B14.9: the same bundle for the same place is under way already."""
    place = found.draft.values.get("business_address")
    mine = cases.of_applicants([found.draft.subject.holder_hash], service=queries.SERVICE, size=LOOKED_AT)
    for one in mine:
        if one.closed_at or one.title != found.bundle.flow.name:
            continue
        content = cases.said(one.id, personal=True)
        if content and {**content.values, **content.personal}.get("business_address") == place:
            return [
                _problem(
                    "business_address",
                    f"同一地址的这件事正在办理（{one.number}），不用再提交；要改内容请等补正或撤回后重办",
                    f"This is under way for the same address ({one.number}): no need to send it again",
                )
            ]
    return []
