"""Who is told what. Staff are told where they work; owners on their phones. A message is a promise kept by a job, or written in the same transaction."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.conf import settings

from bancheng.kernel.catalogue import public as catalogue
from bancheng.kernel.identity import public as identity
from bancheng.kernel.notices import public as notices
from bancheng.lib.text import Text
from bancheng.services.mortgages import doors
from bancheng.services.mortgages.models import Agreement, BankRequest, Finding, LookUp
from bancheng.services.mortgages.rules.custody import CAUSES, Cause


def staff(
    kind: str,
    *,
    region: str,
    key: str,
    subject: str,
    unit: str,
    roles: Iterable[str],
    link: str,
    at: datetime,
    **more: Any,
) -> int:
    """Tell everybody who holds one of `roles` in `unit`; return how many. The same key tells nobody twice."""
    accounts = {one for role in roles for one in identity.officers(unit=unit, role=role, at=at)}
    for account in sorted(accounts):
        accept(
            kind,
            region=region,
            key=f"{key}-{account}",
            subject=subject,
            to=notices.to_staff(account),
            link=link,
            at=at,
            **more,
        )
    return len(accounts)


def accept(
    kind: str, *, region: str, key: str, subject: str, to: notices.Recipient, link: str, at: datetime, **more: Any
) -> None:
    """Take a message in. `more` are its values; a Text is given in both languages."""
    values: dict[str, str] = {"link": f"{settings.SITE_URL}/{doors.SERVICE}/{link}"}
    for name, value in more.items():
        if isinstance(value, Text):
            values |= {name: value.zh, f"{name}_en": value.en}
        else:
            values[name] = str(value)
    notices.accept(
        kind=f"{doors.SERVICE}.{kind}", region=region, key=f"{doors.SERVICE}-{kind}-{key}", subject=subject, to=to,
        values=values, at=at,
    )  # fmt: skip


def unit_name(code: str) -> Text:
    """Return the name of a unit; its code where the pack has it no longer."""
    found = catalogue.units_by_code([code]).get(code)
    return Text(found.name, found.name_en) if found else Text(code, code)


def agreement_ends(one: Agreement, stage: int, *, at: datetime) -> int:
    """Tell the bank's approvers and the registry's service officers when an agreement runs out."""
    told = 0
    for unit, roles in ((one.bank, (doors.APPROVER,)), (one.registry, (doors.OFFICER,))):
        told += staff(
            "agreement_ends", region=one.region, key=f"{one.pk}-{stage}", subject=f"agreement:{one.pk}", unit=unit,
            roles=roles, link=f"agreements/{one.pk}/", at=at, bank=unit_name(one.bank), day=one.last_on,
        )  # fmt: skip
    return told


NEW_REQUEST = Text("有新的诉求，请研判", "a new request to be sorted")
ANSWERED = Text("已答复，请评价", "answered, please rate it")
SENT_BACK = Text("银行认为没有解决，请继续办理", "the bank says it is not solved; go on")
LATE = Text("已过期限，请尽快办理", "its day is over; see to it")


def request(one: BankRequest, what: Text, *, to_bank: bool, key: str, at: datetime) -> None:
    """Tell the bank's people, or the registry's service officers, of a request."""
    unit, roles = (one.bank, (doors.CLERK, doors.APPROVER)) if to_bank else (one.registry, (doors.OFFICER,))
    staff(
        "request", region=one.region, key=f"{one.pk}-{key}", subject=f"request:{one.pk}", unit=unit, roles=roles,
        link=f"requests/{one.pk}/", at=at, bank=unit_name(one.bank), what=what, day=one.due_on,
    )  # fmt: skip


NEW_LOOK_UP = Text("登记中心调阅，请上传扫描件", "the registry looks up: send a scan")
LOOK_UP_ANSWERED = Text("银行已答复，可以查看", "the bank has answered; look at it")


def look_up(one: LookUp, what: Text, *, to_bank: bool, key: str, at: datetime) -> None:
    """Tell the bank's archivists of a look-up, or the registry of its answer."""
    unit, roles = (one.bundle.bank, (doors.ARCHIVIST,)) if to_bank else (one.bundle.registry, (doors.OFFICER,))
    staff(
        "look_up", region=one.region, key=f"{one.pk}-{key}", subject=f"bundle:{one.bundle_id}", unit=unit, roles=roles,
        link=f"archive/{one.bundle_id}/", at=at, number=one.bundle.number, what=what, day=one.due_on,
    )  # fmt: skip


def finding(one: Finding, *, at: datetime) -> None:
    """Tell the bank's archivists and the registry's service officers of a finding."""
    for unit, roles in ((one.bundle.bank, (doors.ARCHIVIST,)), (one.bundle.registry, (doors.OFFICER,))):
        staff(
            "finding", region=one.region, key=f"{one.pk}", subject=f"bundle:{one.bundle_id}", unit=unit, roles=roles,
            link=f"archive/{one.bundle_id}/", at=at, number=one.bundle.number, what=CAUSES[Cause(one.cause)], day=one.due_on,
        )  # fmt: skip
