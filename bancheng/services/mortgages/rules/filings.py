"""What a bank prepares: how far it is, who may do what with it, and what has to be said in it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from bancheng.lib.identifiers import Invalid, check_uscc
from bancheng.lib.refusal import Refused
from bancheng.lib.text import Text
from bancheng.services.mortgages.rules.channels import Kind


class Stage(StrEnum):
    DRAFT = "draft"
    FILED = "filed"
    DROPPED = "dropped"


STAGES: dict[Stage, Text] = {
    Stage.DRAFT: Text("待本行审批提交", "Waits for the bank's approver"),
    Stage.FILED: Text("已提交登记机构", "Filed with the registry"),
    Stage.DROPPED: Text("已作废", "Dropped"),
}

NAMES_OWNERS = frozenset({Kind.SET_UP, Kind.PRE, Kind.CHANGE, Kind.FIX})  # whose owners are named and agree
ON_RIGHT = frozenset(
    {Kind.CHANGE, Kind.TRANSFER, Kind.RELEASE, Kind.CANCEL, Kind.FIX}
)  # about a mortgage that stands in the book
CHANGES = ("principal_fen", "last", "transfer_restricted")  # what a change can change


@dataclass(frozen=True)
class Person:
    """An owner, a co-holder or a spouse, as the clerk typed him; an owner may be an enterprise."""

    role: str
    name: str
    number: str
    married: bool = False
    spouse_of: str = ""

    @property
    def kind(self) -> str:
        """Return "organisation" where the number is a unified social credit code; no citizen's number begins with 9 or holds letters before its last."""
        if self.number[:17].isdigit() and not self.number.startswith("9"):
            return "person"
        try:
            check_uscc(self.number)
        except Invalid:
            return "person"
        return "organisation"

    def told(self) -> dict[str, Any]:
        """Return it as it is sealed."""
        return asdict(self)


ROLES = ("mortgagor", "co_holder", "spouse")


def check_draft(stage: Stage) -> None:
    """Raises Refused("filing_moved_on")."""
    if stage is not Stage.DRAFT:
        raise Refused(
            "filing_moved_on",
            f"这件申报已是“{STAGES[stage].zh}”，没有改动。",
            en=f"This filing is “{STAGES[stage].en}” by now; nothing was changed.",
        )


def check_four_eyes(prepared_by: str, by: str) -> None:
    """Raises Refused("own_filing"): who prepares does not file."""
    if prepared_by == by:
        raise Refused(
            "own_filing",
            "经办和审批应是两个人，您不能提交自己经办的申报，没有提交；请交给同事。",
            en="Who prepares a filing does not file it; nothing was filed. Let a colleague do it.",
        )


def check_declared(no_conditions: bool) -> None:
    """R13.9. Raises Refused("declare_first")."""
    if not no_conditions:
        raise Refused(
            "declare_first",
            "请确认没有把购买保险、理财、办卡等其他服务作为办理条件，没有保存；有搭售的不得申报。",
            en="Declare that no other service was made a condition; nothing was kept. With a condition nothing may be filed.",
            status=422,
        )


def check_quoted(kind: Kind, version: int | None) -> None:
    """R13.4, F13.9: what is set up was asked of the book before. Raises Refused("quote_first")."""
    if kind not in ON_RIGHT and version is None:
        raise Refused(
            "quote_first",
            "请先查询登记簿，再从查询结果申报，没有保存；这样面积、权利人和已有权利都以登记簿为准。",
            en="Ask the book first and file from what it says; nothing was kept. Area, holder and rights are then the book's.",
            status=422,
        )


def check_said(kind: Kind, terms: Mapping[str, Any]) -> None:
    """A change changes something, and a fixing says how much by which case of 民法典 第四百二十三条.

    Raises Refused: nothing_changes, say_why_fixed, say_how_much_fixed.
    """
    if kind is Kind.CHANGE and all(terms.get(name) in (None, "") for name in CHANGES):
        raise Refused(
            "nothing_changes",
            "请填写变更后的主债权、债务履行止期或限制转让的约定，至少一项，没有保存。",
            en="Give the new principal, the new end of the term or what is agreed of transfers, one of them at least; nothing was kept.",
            status=422,
        )
    if kind is Kind.FIX and not str(terms.get("reason", "")).strip():
        raise Refused(
            "say_why_fixed",
            "请写明债权确定的事由，没有保存。",
            en="Say by what the claim is fixed; nothing was kept.",
            law="民法典 第四百二十三条",
            status=422,
        )
    if kind is Kind.FIX and terms.get("principal_fen") is None:
        raise Refused(
            "say_how_much_fixed",
            "请填写确定的债权额，没有保存。",
            en="Say how much is fixed; nothing was kept.",
            law="民法典 第四百二十三条",
            status=422,
        )


def payload(kind: Kind, right: str, terms: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the office is told of a filing, by its kind; what was not said is left out."""
    said = {name: value for name, value in terms.items() if value not in (None, "", {})}
    return said | ({"right": right} if kind in ON_RIGHT else {})
