"""Taking in: applications, corrected ones, and another attempt at one matter of a bundle."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError

from bancheng.kernel.cases import content, flows
from bancheng.kernel.cases.facts import Applicant, Attached, Because, Filed, Said
from bancheng.kernel.cases.models import Case, CorrectionItem, Submission
from bancheng.kernel.cases.operations.family import Family, One, branches
from bancheng.kernel.cases.operations.locking import locked, settle
from bancheng.kernel.cases.rules import standing
from bancheng.kernel.cases.rules.flow import Flow
from bancheng.kernel.cases.rules.words import GOOD, Act, Outcome
from bancheng.kernel.jobs import public as jobs
from bancheng.lib import identifiers
from bancheng.lib.refusal import Refused


def file(
    *,
    region: str,
    service: str,
    flow: str,
    applicant: Applicant,
    said: Said,
    key: str,
    unit: str = "",
    by: str,
    at: datetime,
    keep: Callable[[Filed], None] | None = None,
) -> Filed:
    """Take in an application for `flow`: a matter, or a bundle with every matter its answers call for.

    `key` is the sender's own name for this application: sent twice, from two devices or after a broken line, it is taken in
    once, and the second time its receipt comes back. `unit` is the unit of a single matter; those of a bundle say their own.
    `keep` does in the same transaction what is the sender's own; not when it had been taken in before.
    Raises Refused: no_such_flow, key_of_another.
    """
    flow_id, found = flows.current(region=region, code=flow)
    if not unit and any(step.role and not step.unit for step in found.steps):
        raise ValueError(f"whose is {flow}? Without a unit nobody would see its tasks")
    row = _row(
        found,
        applicant,
        region=region,
        service=service,
        key=key,
        flow_id=flow_id,
        unit=unit,
        filed_by=by,
        received_at=at,
    )
    try:
        with jobs.act():
            _take_in(row, found, said, by, at)
            filed = Filed(row.pk, row.number)
            if keep:
                keep(filed)
    except IntegrityError as error:
        if "one_case_of_a_key" not in str(error):
            raise
        return _again(Case.objects.get(region=region, service=service, key=key), applicant)
    return filed


def _row(flow: Flow, applicant: Applicant, *, received_at: datetime, **more: Any) -> Case:
    """Return the row of a case that is nobody's part."""
    row = Case(
        id=identifiers.uuid7(received_at),
        attempt=1,
        matter=flow.matter,
        title=flow.name.zh,
        title_en=flow.name.en,
        applicant_kind=applicant.kind,
        applicant_name=applicant.name,
        applicant_hash=applicant.hash,
        applicant_sealed=applicant.sealed,
        identifier_kind=applicant.identifier_kind,
        received_at=received_at,
        **more,
    )
    row.root_id = row.pk
    return row


def _take_in(row: Case, flow: Flow, said: Said, by: str, at: datetime) -> None:
    one = One(row, flow, new=True)
    family = Family(one, [one], [], by=by, at=at)
    family.values = dict(said.values)
    family.add(one, Act.SUBMITTED, branches=branches(flow, family.values))
    family.said.append(_submission(row, 1, said, by, at))
    settle(family)


def _again(before: Case, applicant: Applicant) -> Filed:
    """Return the receipt of the case that has the key: nobody looks before, the database knows (so two at one moment are one)."""
    if bytes(before.applicant_hash) != applicant.hash:
        raise Refused(
            "key_of_another",
            "这个提交编号已被另一份申请使用，本次没有提交，请刷新页面后重新提交。",
            en="This submission key belongs to another application. Nothing was submitted: reload the page and try again.",
        )
    return Filed(before.pk, before.number, again=True)


def _submission(row: Case, round_: int, said: Said, by: str, at: datetime) -> Submission:
    return Submission(
        region=row.region,
        case_id=row.pk,
        round=round_,
        values=content.encode(said.values),
        sealed=content.seal(said.personal),
        materials=_materials(said.materials),
        form=said.form,
        by=by,
        at=at,
    )


def _materials(attached: Mapping[str, Sequence[Attached]]) -> dict[str, Any]:
    return {code: [{"id": one.id, "name": one.name} for one in ones] for code, ones in attached.items()}


def correct(*, case_id: UUID, said: Said, by: str, at: datetime) -> None:
    """Take in the one answer to a merged correction notice: every department that asked gets its part (R14.3).

    `said` is the whole form as it is now; who has not looked yet looks at this, and who has accepted keeps what he accepted.
    A matter the answers call for no more ends, one they call for now opens (B14.3).
    Raises Refused: no_such_case, nothing_to_correct.
    """
    with locked(case_id, by=by, at=at) as family:
        root = family.root
        if not root.now.correcting or root.row.pk != case_id:
            raise Refused(
                "nothing_to_correct",
                "该件目前没有需要补正的内容，本次没有提交。",
                en="There is nothing to correct in this case now; nothing was submitted.",
            )
        family.values = dict(said.values)
        for one in family.members:
            if one is root or _sees_anew(one):
                family.add(one, Act.CORRECTED, branches=branches(one.flow, family.values))
        family.said.append(_submission(root.row, root.now.round, said, by, at))
        CorrectionItem.objects.filter(root_id=case_id, sent_at__isnull=False, answered_at=None).update(answered_at=at)


def _sees_anew(one: One) -> bool:
    """Return whether a matter goes by the corrected form: it is still reviewed, and asks nothing that is not told yet."""
    now = one.now
    return not (now.accepted or now.over or now.asked)


def retry(*, case_id: UUID, step: str, by: str, at: datetime) -> None:
    """Apply again for one matter of a bundle that was not granted; those that wait for it go on waiting (R14.2).

    Raises Refused: no_such_case, case_over, not_to_retry (also when what it depends on was not granted).
    """
    with locked(case_id, by=by, at=at) as family:
        root = family.root
        standing.check_not_over(root.flow, root.now)
        came = root.now.settled.get(step)
        if not root.flow.is_bundle or came is None or came in GOOD:
            raise _not_to_retry()
        family.add(root, Act.RETRIED, step=step)
        if step not in standing.steps(root.flow, root.now).open:
            raise _not_to_retry()


def give_up(*, case_id: UUID, step: str, reason: str, by: str, at: datetime) -> None:
    """Do without a matter of a bundle that waits for another which was not granted. Raises Refused: no_such_case, not_to_retry."""
    with locked(case_id, by=by, at=at) as family:
        root = family.root
        if step not in standing.steps(root.flow, root.now).held:
            raise _not_to_retry()
        family.add(root, Act.DONE, step=step, outcome=Outcome.WITHDRAWN, because=Because(reason))


def _not_to_retry() -> Refused:
    return Refused(
        "not_to_retry",
        "这个事项目前不能这样处理，未作任何改动，请刷新后再看。",
        en="This cannot be done with this matter now; nothing was changed. Reload and look again.",
    )
