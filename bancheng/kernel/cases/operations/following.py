"""What follows from what was done: the machine serves, cases close, the bundle hears of it, dependants open, notices go."""

from bancheng.kernel.cases import flows
from bancheng.kernel.cases.facts import Because
from bancheng.kernel.cases.models import Case
from bancheng.kernel.cases.operations import corrections, gaps
from bancheng.kernel.cases.operations.family import Family, One, branches
from bancheng.kernel.cases.rules import standing
from bancheng.kernel.cases.rules.flow import Flow
from bancheng.kernel.cases.rules.words import Act, Kind, Outcome
from bancheng.lib import identifiers

UNWANTED = Because("补正后的申请不再需要办理该事项")


def follow(family: Family) -> None:
    """Let ends reach the bundle and openings reach dependants, until nothing more follows."""
    while sum(_moved(family, one) for one in list(family.members)) or _open_matters(family):
        pass
    corrections.drop_moot(family)
    corrections.send_when_ready(family)
    gaps.drop_moot(family)


def _moved(family: Family, one: One) -> bool:
    return _fall_away(family, one) or _serve(family, one) or _close(family, one) or _report(family, one)


def _fall_away(family: Family, one: One) -> bool:
    """End a matter that the corrected answers call for no more; what is decided stands."""
    root = family.root
    if one is root or one.now.over or one.now.decision is not None or root.now.branches.get(one.row.step, True):
        return False
    family.add(one, Act.WITHDRAWN, by="system", because=UNWANTED)
    return True


def _serve(family: Family, one: One) -> bool:
    """Let the machine serve where nobody has to: an e-licence is there when it is issued."""
    now = one.now
    for code in standing.steps(one.flow, now).open:
        step = one.flow.by_code[code]
        if step.kind is Kind.SERVE and not step.role and not now.over:
            family.add(one, Act.SERVED, step=code, outcome=Outcome.DONE, by="system", how="electronic")
            return True
    return False


def _close(family: Family, one: One) -> bool:
    if one.now.over or not standing.complete(one.flow, one.now):
        return False
    family.add(one, Act.CLOSED, by="system")
    return True


def _report(family: Family, one: One) -> bool:
    """Tell the bundle what came of one of its matters, once, when it ends (R14.2: it cancels no other)."""
    root, came = family.root, standing.outcome(one.now)
    if one is root or came is None or one.before.over or one.reported:
        return False
    one.reported = True
    family.add(root, Act.DONE, step=one.row.step, outcome=came, by="system", case=str(one.row.pk))
    return True


def _open_matters(family: Family) -> bool:
    """Open the matters of the bundle whose turn it is, each as a case of its own; return whether there were any."""
    root = family.root
    if not root.flow.is_bundle:
        return False
    running = {one.row.step for one in family.children() if not one.now.over}
    due = [code for code in standing.steps(root.flow, root.now).open if code not in running]
    if not due:
        return False
    found = flows.current_of(region=root.row.region, codes=[root.flow.by_code[code].flow for code in due])
    for code in due:
        _open_matter(family, code, *found[root.flow.by_code[code].flow])
    return True


def _open_matter(family: Family, code: str, flow_id: int, flow: Flow) -> None:
    above, step = family.root.row, family.root.flow.by_code[code]
    attempt = 1 + sum(one.row.step == code for one in family.children())
    row = Case(
        id=identifiers.uuid7(family.at),
        region=above.region,
        service=above.service,
        key=f"{above.pk}/{step.code}/{attempt}",
        root_id=above.pk,
        step=step.code,
        attempt=attempt,
        flow_id=flow_id,
        matter=step.matter,
        title=step.name.zh,
        title_en=step.name.en,
        unit=step.unit,
        applicant_kind=above.applicant_kind,
        applicant_name=above.applicant_name,
        applicant_hash=above.applicant_hash,
        applicant_sealed=above.applicant_sealed,
        identifier_kind=above.identifier_kind,
        filed_by=above.filed_by,
        received_at=family.at,
    )
    one = One(row, flow, new=True)
    family.members.append(one)
    family.add(one, Act.SUBMITTED, branches=branches(flow, family.values))
