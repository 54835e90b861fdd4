"""What becomes of cases when their applicant is no more (R14.7)."""

from uuid import UUID

from bancheng.kernel.cases.facts import Because, Happened
from bancheng.kernel.cases.models import Case, Task
from bancheng.kernel.cases.operations.ending import terminate
from bancheng.kernel.cases.operations.handling import do
from bancheng.kernel.cases.rules.words import Act
from bancheng.kernel.identity import public as identity

GONE = Because(
    "申请人已办理注销登记，主体资格终止",
    "市场主体登记管理条例 第三十一条",
    "承受其权利义务的主体可以自己的名义另行申请",
)
NO_VISIT = "申请人已注销登记，不再回访"


def end_applicant(fact: Happened) -> None:
    """Close the organisation whose registration a granted decision cancels, where the flow's step says so."""
    if fact.act is Act.DECIDED and fact.detail.get("ends_applicant"):
        holder = bytes(Case.objects.values_list("applicant_hash", flat=True).get(pk=fact.case))
        identity.close_organisation(
            region=fact.region, holder_hash=holder, document=fact.number, cause=str(fact.root), by=fact.by, at=fact.at
        )


def end_cases_of(fact: identity.Cancelled) -> None:
    """Terminate every open case of an organisation that is no more, and drop its follow-ups; the case that ended it goes on."""
    theirs = Case.objects.filter(applicant_hash=fact.holder_hash)
    if fact.cause:
        theirs = theirs.exclude(root_id=UUID(fact.cause))
    for pk in theirs.filter(step="", closed_at=None).order_by("pk").values_list("pk", flat=True):
        terminate(case_id=pk, because=GONE, by=fact.by, at=fact.at)
    left = Task.objects.filter(case__in=theirs, state=Task.OPEN).order_by("pk").values_list("case_id", "step")
    for case_id, step in left:
        do(case_id=case_id, step=step, result=NO_VISIT, by=fact.by, at=fact.at)
