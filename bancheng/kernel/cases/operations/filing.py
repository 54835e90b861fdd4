"""Taking cases in, and taking them back."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from bancheng.kernel.cases import content, flows
from bancheng.kernel.cases.facts import Applicant, Attached, Because, Filed, Said
from bancheng.kernel.cases.models import Case, CorrectionItem, Submission
from bancheng.kernel.cases.operations.family import Family, One, branches, locked
from bancheng.kernel.cases.rules import standing
from bancheng.kernel.cases.rules.words import GOOD, Act, Outcome
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
) -> Filed:
    """Take in an application for `flow`: a matter, or a bundle with every matter its answers call for.

    `key` is the sender's own name for this application: sent twice, from two devices or after a broken line, it is taken in
    once, and the second time its receipt comes back. `unit` is the unit of a single matter; those of a bundle say their own.
    Raises Refused: no_such_flow, key_of_another.
    """
    with transaction.atomic():
        if (before := Case.objects.filter(region=region, service=service, key=key).first()) is not None:
            return _again(before, applicant)
        flow_id, found = flows.current(region=region, code=flow)
        case_id = identifiers.uuid7(at)
        row = Case(
            id=case_id,
            region=region,
            service=service,
            key=key,
            root_id=case_id,
            flow_id=flow_id,
            matter=found.matter,
            title=found.name.zh,
            title_en=found.name.en,
            unit=unit,
            applicant_kind=applicant.kind,
            applicant_name=applicant.name,
            applicant_hash=applicant.hash,
            applicant_sealed=applicant.sealed,
            identifier_kind=applicant.identifier_kind,
            filed_by=by,
            received_at=at,
        )
        one = One(row, found, new=True)
        family = Family(one, [one], [], by=by, at=at)
        family.values = dict(said.values)
        family.add(one, Act.SUBMITTED, branches=branches(found, family.values))
        family.settle()
        _keep(row, 1, said, by, at)
    return Filed(case_id, row.number)


def _again(before: Case, applicant: Applicant) -> Filed:
    if bytes(before.applicant_hash) != applicant.hash:
        raise Refused(
            "key_of_another",
            "这个提交编号已被另一份申请使用，本次没有提交，请刷新页面后重新提交。",
            en="This submission key belongs to another application. Nothing was submitted: reload the page and try again.",
        )
    return Filed(before.pk, before.number, again=True)


def _keep(row: Case, round_: int, said: Said, by: str, at: datetime) -> None:
    Submission.objects.create(
        region=row.region,
        case=row,
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

    `said` is the whole form as it is now. Raises Refused: no_such_case, nothing_to_correct, not_the_bundle.
    """
    with locked(case_id, by=by, at=at) as family:
        root = family.root
        asked = [one for one in family.members if one.now.correcting]
        if not asked or root.row.pk != case_id:
            raise Refused(
                "nothing_to_correct",
                "该件目前没有需要补正的内容，本次没有提交。",
                en="There is nothing to correct in this case now; nothing was submitted.",
            )
        family.values = dict(said.values)
        for one in {id(one): one for one in (*asked, root)}.values():
            family.add(one, Act.CORRECTED, branches=branches(one.flow, family.values))
        _keep(root.row, root.now.round, said, by, at)
        CorrectionItem.objects.filter(root_id=case_id, sent_at__isnull=False, answered_at=None).update(answered_at=at)


def withdraw(*, case_id: UUID, reason: str, by: str, at: datetime) -> None:
    """Take back an application, or one matter of a bundle: what is decided stands, what depends on it is told (B14.5).

    Raises Refused: no_such_case, case_over, decided_already.
    """
    with locked(case_id, by=by, at=at) as family:
        one = family.of(case_id)
        standing.check_not_over(one.flow, one.now)
        ends = [one, *family.children()] if one is family.root else [one]
        ends = [each for each in ends if not each.now.over and each.now.decision is None]
        if not ends or one.now.decision is not None:
            raise Refused(
                "decided_already",
                "该件已作出决定，不能撤回；如不再需要，可申请注销相应证照。",
                en="This case has been decided and cannot be withdrawn; if you no longer need it, ask to cancel the licence.",
            )
        for each in ends:
            family.add(each, Act.WITHDRAWN, because=Because(reason))


def retry(*, case_id: UUID, step: str, by: str, at: datetime) -> None:
    """Apply again for one matter of a bundle that was not granted; those that wait for it go on waiting (R14.2).

    Raises Refused: no_such_case, case_over, not_to_retry.
    """
    with locked(case_id, by=by, at=at) as family:
        root = _held_or_failed(family, step)
        family.add(root, Act.RETRIED, step=step)
        family.open_matter(step)


def give_up(*, case_id: UUID, step: str, reason: str, by: str, at: datetime) -> None:
    """Do without a matter of a bundle that waits for another which was not granted."""
    with locked(case_id, by=by, at=at) as family:
        root = family.root
        if step not in standing.steps(root.flow, root.now).held:
            raise _not_to_retry()
        family.add(root, Act.DONE, step=step, outcome=Outcome.WITHDRAWN, because=Because(reason))


def _held_or_failed(family: Family, step: str) -> One:
    root = family.root
    standing.check_not_over(root.flow, root.now)
    came = root.now.settled.get(step)
    if not root.flow.is_bundle or came is None or came in GOOD:
        raise _not_to_retry()
    return root


def _not_to_retry() -> Refused:
    return Refused(
        "not_to_retry",
        "这个事项目前不能这样处理，未作任何改动，请刷新后再看。",
        en="This cannot be done with this matter now; nothing was changed. Reload and look again.",
    )
