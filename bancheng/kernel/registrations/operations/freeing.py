"""Who holds what a mortgage rests on asks that it ends: filed in his name, and the mortgagee is asked to say with its own account that it may.

What the bank would write on paper, its statement of release, it says online; nothing goes to the office before (F13.10, F13.11).
"""

from collections.abc import Sequence
from datetime import datetime

from bancheng.kernel.identity import public as identity
from bancheng.kernel.registrations import book
from bancheng.kernel.registrations.facts import Filed, Party, Request
from bancheng.kernel.registrations.operations import filing, parties
from bancheng.kernel.registrations.rules.kinds import CANCELLATION, Role
from bancheng.kernel.registrations.rules.words import AGENCY
from bancheng.lib.refusal import Refused


def ask_to_cancel(*, region: str, right: str, channel: str, reason: str, by: identity.Actor, at: datetime) -> Filed:
    """File the cancellation of a mortgage for whoever holds all it rests on, once while it is under way; it waits for the mortgagee's yes.

    Raises Refused: no_such_mortgage, own_account_only, and as `filing.file`.
    """
    found = book.right(region, right)
    if found is None or found.party is None or not found.party.unit or not any(each.open for each in found.lots):
        raise _no_such_mortgage()
    mine = _own(region, [each.lot for each in found.lots if each.open], by, at)
    if not mine:
        raise _no_such_mortgage()
    bank = Party(Role.MORTGAGEE, "unit", found.party.name, unit=found.party.unit)
    payload = {"right": right, **({"reason": reason} if reason else {})}
    asked = Request(region, CANCELLATION, channel, (*mine, bank), (), payload)
    return filing.file(asked, key=f"cancel-{right}-{at.isoformat()}", by=by, at=at)


def _own(region: str, lots: Sequence[str], by: identity.Actor, at: datetime) -> list[Party]:
    """Return as whom an account is freed by it: the person himself, or an organisation he acts for. Raises Refused: own_account_only."""
    himself, hashes = parties.own_hash(by), set(identity.person_hashes(by, at, service=AGENCY))
    found: dict[bytes, Party] = {}
    meant = parties.freed(region, lots) & {himself, *hashes} - {b""}
    for known in meant:
        if (told := parties.known(known)) and (told[0] == "organisation" or known == himself):
            found[known] = Party(Role.MORTGAGOR, *told)
    if meant and not found:
        raise Refused(
            "own_account_only",
            "须由权利人用本人的账号申请注销抵押，代理人不能代为申请，没有提交。",
            en="The owner asks for the cancellation on an account of his own; an agent cannot. Nothing was filed.",
            law="不动产登记暂行条例 第十四条",
            status=403,
        )
    return list(found.values())


def _no_such_mortgage() -> Refused:
    return Refused(
        "no_such_mortgage",
        "您的不动产上没有这项抵押权，没有提交；请刷新页面核对编号。",
        en="No such mortgage rests on what you hold; nothing was filed. Reload and check its number.",
        status=404,
    )
