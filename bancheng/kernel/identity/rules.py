"""Roles and scopes: what each role may, who may give it, when a grant and an agency are in force. Pure."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from bancheng.lib.text import Text

LEFT_DAYS = 90  # so long the representative of a closed organisation may see to what is left of it; the city's choice
PLATFORM = "platform"  # the `ref` of what the machine itself does: set-up, the nightly expiry


@dataclass(frozen=True)
class Grant:
    """A role held by an account: P-1, never a bare role name. Empty `unit`, `area`, `service` mean every one."""

    role: str
    unit: str = ""
    area: str = ""
    service: str = ""
    since: datetime | None = None
    before: datetime | None = None


@dataclass(frozen=True)
class Hashes:
    """Whose things an actor may see on a day: by his own hash first, then by those of whom he acts for, each with the services and matters it is
    limited to (none: all)."""

    on: date
    by_scope: tuple[tuple[bytes, tuple[str, ...], tuple[str, ...]], ...]

    def within(self, service: str, matter: str) -> list[bytes]:
        """Return the hashes whose scope covers `service` and `matter` (empty: any)."""
        found = (hash_ for hash_, *scope in self.by_scope if covers(scope[0], service) and covers(scope[1], matter))
        return list(dict.fromkeys(found))


@dataclass(frozen=True)
class Actor:
    """Who is acting, as every door sees it. `ref` is what audit writes: "staff:7", "person:3f…", "nobody"."""

    ref: str
    name: str = ""
    user_id: int | None = None
    person_id: str | None = None  # UUID of the natural person, for citizens
    is_staff: bool = False
    grants: tuple[Grant, ...] = ()
    unit: str = ""  # where a staff account works; what it may do there is in `grants`
    title: str = ""
    hashes: Hashes | None = field(default=None, repr=False, compare=False)  # read with his session; None: to be asked

    @property
    def account(self) -> int:
        """Return the account's id, for rows that name who did it. Nobody and the machine have none: ValueError."""
        if self.user_id is None:
            raise ValueError(f"{self.ref} has no account")
        return self.user_id

    def has(self, role: str, *, service: str = "", unit: str = "") -> bool:
        """Return whether a grant of `role` covers `service` and `unit` (empty: any)."""
        return any(
            grant.role == role
            and (not grant.service or not service or grant.service == service)
            and (not grant.unit or not unit or grant.unit == unit)
            for grant in self.grants
        )

    def units(self, role: str) -> tuple[str, ...]:
        """Return the codes of the units for which `role` is held; "" among them means every unit."""
        return tuple(grant.unit for grant in self.grants if grant.role == role)


NOBODY = Actor(ref="nobody")
MACHINE = Actor(ref=PLATFORM, name="平台")


class AccountKind(StrEnum):
    """P-7: people, staff and machines are accounts of their own kinds."""

    STAFF = "staff"
    CITIZEN = "citizen"
    MACHINE = "machine"


@dataclass(frozen=True)
class Role:
    """One role. `needs_second`: P-2, a second person confirms the grant; `opens_personal`: P-3 and P-10."""

    code: str
    name: Text
    may: Text
    needs_unit: bool = False
    needs_second: bool = False
    opens_personal: bool = False
    granted_by: tuple[str, ...] = ("operator",)


ROLES: dict[str, Role] = {
    role.code: role
    for role in (
        Role(
            "unit_admin",
            Text("单位管理员", "Unit administrator"),
            Text(
                "管理本单位的证照台账、模板和经办人员，导出时号码一律掩码",
                "Keeps the unit's ledgers, templates and officers; exports are masked",
            ),
            needs_unit=True,
        ),
        Role(
            "section_officer",
            Text("科室经办", "Section officer"),
            Text(
                "处理分到自己名下的任务，任务未办结时可看联系方式，每次查看都留痕",
                "Works tasks of his own; sees contact data while a task is open, every view logged",
            ),
            needs_unit=True,
            opens_personal=True,
            granted_by=("operator", "unit_admin"),
        ),
        Role(
            "window_clerk",
            Text("综合窗口", "Window clerk"),
            Text(
                "在窗口为群众申报和查看整件事，不作受理和决定",
                "Files and follows whole cases for people at the counter; neither accepts nor decides",
            ),
            needs_unit=True,
            granted_by=("operator", "unit_admin"),
        ),
        Role(
            "case_officer",
            Text("事项经办", "Case officer"),
            Text(
                "审查、受理和办理本单位的事项，只看本事项用到的内容",
                "Reviews, accepts and handles the unit's matters; sees what his matter uses",
            ),
            needs_unit=True,
            opens_personal=True,
            granted_by=("operator", "unit_admin"),
        ),
        Role(
            "approver",
            Text("审批决定", "Approver"),
            Text(
                "对本单位的事项作出决定，不决定自己受理的", "Decides the unit's matters, none that he accepted himself"
            ),
            needs_unit=True,
            opens_personal=True,
            granted_by=("operator", "unit_admin"),
        ),
        Role(
            "supervisor",
            Text("司法局督导", "Justice bureau supervisor"),
            Text("看各单位的数字和进度，不看个人身份", "Sees every unit's figures and progress, no identities"),
        ),
        Role(
            "auditor",
            Text("审计", "Auditor"),
            Text("查看并验证操作记录，不改动任何业务数据", "Reads and verifies the audit trail, changes nothing"),
        ),
        Role(
            "operator",
            Text("平台运维", "Platform operator"),
            Text(
                "管理任务、账号和授权，看不到加密字段的内容",
                "Keeps jobs, accounts and grants; cannot read sealed fields",
            ),
            needs_second=True,
        ),
        Role(
            "calendar_admin",
            Text("日历管理", "Calendar administrator"),
            Text("录入国务院放假通知，改动影响全部期限", "Loads the State Council's calendar, which moves every limit"),
            needs_second=True,
        ),
        Role(
            "catalogue_admin",
            Text("事项目录管理", "Catalogue administrator"),
            Text("维护事项、时限、收费和办理渠道", "Keeps matters, limits, fees and channels"),
            needs_second=True,
        ),
        Role(
            "device_keeper",
            Text("共享电源设备运维", "Shared power: device keeper"),
            Text("登记、投运和维修共享电源设备，看不到钱", "Registers, tests and repairs devices; sees no money"),
        ),
        Role(
            "dispatcher",
            Text("共享电源安全调度", "Shared power: dispatcher"),
            Text("看告警、派工单、强制断电；不能送电", "Sees alarms, assigns tickets, forces sockets off; never on"),
        ),
        Role(
            "tariff_admin",
            Text("共享电源电价管理", "Shared power: tariff administrator"),
            Text("提出或批准今后的电价，自己提出的由另一人批准", "Puts prices to come forward or approves another's"),
        ),
        Role(
            "power_finance",
            Text("共享电源财务", "Shared power: finance"),
            Text(
                "对账，处理没有退成的款，人工退款要两人", "Reconciles and sees to stuck refunds; a manual one takes two"
            ),
        ),
        Role(
            "venue_host",
            Text("共享电源场地方", "Shared power: host"),
            Text(
                "看自己场地的用电合计，报修、申请站点", "Sees the totals of own sites, reports faults, asks for sites"
            ),
            needs_unit=True,
        ),
        Role(
            "surveyor",
            Text("权籍调查", "Cadastral surveyor"),
            Text(
                "登记测绘成果、起草份额量化计划表，不受理、不登簿",
                "Takes in surveys and drafts share plans; neither accepts nor records",
            ),
            needs_unit=True,
            granted_by=("operator", "unit_admin"),
        ),
        Role(
            "registry_acceptor",
            Text("登记受理", "Registry: acceptance"),
            Text(
                "受理登记申请，一次告知补正；不审核、不登簿自己受理的",
                "Accepts applications, asks once for corrections; neither reviews nor records his own",
            ),
            needs_unit=True,
            opens_personal=True,
            granted_by=("operator", "unit_admin"),
        ),
        Role(
            "registry_reviewer",
            Text("登记审核", "Registry: review"),
            Text("审核别人受理的申请", "Reviews what another accepted"),
            needs_unit=True,
            opens_personal=True,
            granted_by=("operator", "unit_admin"),
        ),
        Role(
            "registry_booker",
            Text("核定登簿", "Registry: booking"),
            Text("把别人受理、审核过的写进登记簿", "Records what others accepted and reviewed"),
            needs_unit=True,
            opens_personal=True,
            granted_by=("operator", "unit_admin"),
        ),
        Role(
            "land_group",
            Text("量化登记领导小组", "Land shares: leading group"),
            Text(
                "一事一议，定存量地类型，只看不登簿",
                "Decides the type of existing land, each matter by itself; records nothing",
            ),
            needs_unit=True,
            granted_by=("operator", "unit_admin"),
        ),
        Role(
            "court_clerk",
            Text("法院查控经办", "Court: enforcement clerk"),
            Text(
                "查询可查封份额，送达查封、续封、解封文书，只看本院的",
                "Asks what can be seized, serves seizures, renewals and lifts of own court",
            ),
            needs_unit=True,
            opens_personal=True,
            granted_by=("operator", "unit_admin"),
        ),
        Role(
            "bank_clerk",
            Text("银行经办", "Bank: clerk"),
            Text("在本行网点申报抵押登记，只看本行的", "Files mortgages at own bank's outlet; sees own bank's only"),
            needs_unit=True,
            opens_personal=True,
            granted_by=("operator", "unit_admin"),
        ),
        Role(
            "bank_approver",
            Text("银行审批", "Bank: approver"),
            Text(
                "复核并提交本行经办的申报，不复核自己的", "Checks and submits what a colleague prepared, never his own"
            ),
            needs_unit=True,
            opens_personal=True,
            granted_by=("operator", "unit_admin"),
        ),
        Role(
            "bank_archivist",
            Text("银行档案保管", "Bank: archivist"),
            Text("保管本行代管的抵押登记纸质档案", "Keeps the paper files in own bank's custody"),
            needs_unit=True,
            granted_by=("operator", "unit_admin"),
        ),
        Role(
            "service_officer",
            Text("首席服务官", "Chief service officer"),
            Text("对口一家银行，收集、研判、解决诉求", "Serves one bank: collects, sorts and solves its requests"),
            needs_unit=True,
            granted_by=("operator", "unit_admin"),
        ),
        Role(
            "notice_admin",
            Text("通知模板管理", "Notice template administrator"),
            Text("维护并发布通知模板", "Keeps and publishes notice templates"),
        ),
    )
}


def role(code: str) -> Role:
    """Return the role `code`. Raises KeyError: a role nobody defined is a bug."""
    return ROLES[code]


def may_grant(granter: Actor, code: str, *, unit: str) -> bool:
    """Return whether `granter` may give or take role `code` in `unit`; the machine may at set-up."""
    if granter.ref == PLATFORM:
        return True
    return any(
        held.role in ROLES[code].granted_by and (held.role != "unit_admin" or (bool(unit) and held.unit == unit))
        for held in granter.grants
    )


def may_open(actor: Actor) -> bool:
    """Return whether any of `actor`'s roles may ever see an unmasked value (P-10: administrators never)."""
    return any(ROLES[held.role].opens_personal for held in actor.grants if held.role in ROLES)


def covers(scope: Collection[str], wanted: str) -> bool:
    """Return whether an agency's list covers `wanted`; an empty list covers all, an empty `wanted` asks for any."""
    return not scope or not wanted or wanted in scope


def in_force(first: date, last: date | None, on: date) -> bool:
    """Return whether a span of days, both ends included, holds `on`."""
    return first <= on and (last is None or on <= last)


PURPOSES: dict[str, Text] = {
    "contact": Text("用联系方式接收证照到期提醒", "Use of contact data for licence reminders"),  # R10.8
    "face": Text("刷脸核验身份", "Identity check by face"),  # R-ID-2: separate consent
    "prefill": Text("用已有信息填好申请表", "Filling in forms with what is known"),  # B2.9
}

# how somebody's identity was proven for a registration (R-ID-4: 登记管理条例实施细则 第十六条); a face is never the only way
PROOFS: dict[str, Text] = {
    "city": Text("城市统一身份认证实名登录", "Signed in by the city's identity service"),
    "in_person": Text("本人持证到窗口", "In person, with the ID card"),
    "notarised": Text("公证的身份证明", "Notarised proof of identity"),
}
