"""The review: accept, accept with gaps, ask once for all corrections, or not accept with reason, article and remedy."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from bancheng.kernel.cases.facts import Because, Defect
from bancheng.kernel.cases.models import CorrectionItem, Gap, Submission
from bancheng.kernel.cases.operations.family import Family, One, day, locked
from bancheng.kernel.cases.rules import standing
from bancheng.kernel.cases.rules.flow import Step
from bancheng.kernel.cases.rules.words import Act, Kind
from bancheng.kernel.clocks import public as clocks
from bancheng.lib.refusal import Refused

ANSWER_WITHIN = clocks.Length(15, clocks.Unit.WD)  # for the applicant's answer; no law names a day, the city does
MERGE_WITHIN = clocks.Length(1, clocks.Unit.WD)  # departments wait for each other so long, then the notice goes


def accept(*, case_id: UUID, by: str, at: datetime, gaps: Sequence[tuple[str, date, bool]] = ()) -> None:
    """Accept a case; `gaps` are secondary papers that follow later: material, by when, whether the result waits (R-RQ-1, R-RQ-4).

    Raises Refused: no_such_case, step_not_open, gap_backwards.
    """
    with locked(case_id, by=by, at=at) as family:
        one, step = _review(family, case_id)
        for material, due_on, holds in gaps:
            _promise(family, one, material, due_on, holds)
        _drop_unsent(one, at)
        family.add(one, Act.ACCEPTED, step=step.code)


def _promise(family: Family, one: One, material: str, due_on: date, holds: bool) -> None:
    if due_on < family.today:
        raise Refused(
            "gap_backwards",
            "容缺材料的补交期限不能早于今天，未受理，请改正日期。",
            en="The day to supply the missing paper lies in the past. Nothing was accepted: correct the day.",
            status=422,
        )
    Gap.objects.create(
        region=one.row.region,
        case=one.row,
        material=material,
        holds_result=holds,
        promised_by=one.row.filed_by,
        promised_at=family.at,
        due_on=due_on,
        state=Gap.OPEN,
    )
    family.add(one, Act.GAP_PROMISED, material=material, due_on=str(due_on), holds_result=holds)


def refuse(*, case_id: UUID, because: Because, by: str, at: datetime) -> None:
    """Do not accept a case, with reason, article and remedy; the other matters of its bundle go on (R14.2).

    Raises Refused: no_such_case, step_not_open, unfounded.
    """
    check_founded(because)
    with locked(case_id, by=by, at=at) as family:
        one, step = _review(family, case_id)
        _drop_unsent(one, at)
        family.add(one, Act.NOT_ACCEPTED, step=step.code, because=because)
        _send_when_ready(family)


def check_founded(because: Because) -> None:
    """Raise Refused("unfounded") unless a refusal says why, by which article, and what can be done about it."""
    if not (because.reason.strip() and because.law.strip() and because.remedy.strip()):
        raise Refused(
            "unfounded",
            "不予受理或不予准予须写明理由、法律依据和救济途径，尚未提交，请补全。",
            en="A refusal needs its reason, its legal article and the remedy. Nothing was submitted: complete it.",
            law="行政许可法 第三十八条",
            status=422,
        )


def ask_correction(*, case_id: UUID, defects: Sequence[Defect], by: str, at: datetime, overridden_by: str = "") -> None:
    """Note everything that is to be corrected; the applicant hears it once, with what other departments ask (R-OT-1, R14.3).

    The notice goes when no department of the bundle is still looking, at the latest after a working day. What could have been
    asked the first time is refused, unless a supervisor (`overridden_by`) takes it on as a defect of the service.
    Raises Refused: no_such_case, step_not_open, no_defect, one_time_notice.
    """
    if not defects:
        raise Refused(
            "no_defect",
            "请至少写明一处需要补正的内容，尚未提交。",
            en="Say at least one thing to correct; nothing was submitted.",
            status=422,
        )
    with locked(case_id, by=by, at=at) as family:
        one, step = _review(family, case_id)
        round_ = one.now.round
        late = _visible_before(family, one, defects) if round_ > 1 else []
        if late and not overridden_by:
            raise _one_time(late)
        CorrectionItem.objects.bulk_create(
            CorrectionItem(
                region=one.row.region,
                root_id=one.row.root_id,
                case=one.row,
                round=round_,
                about=defect.about,
                says=defect.says,
                example=defect.example,
                law=defect.law,
                overridden_by=overridden_by if defect in late else "",
                asked_by=by,
                asked_at=at,
            )
            for defect in defects
        )
        family.add(one, Act.CORRECTION_ASKED, step=step.code, count=len(defects), late=len(late))
        _send_when_ready(family)


def _visible_before(family: Family, one: One, defects: Sequence[Defect]) -> list[Defect]:
    """Return the defects that stood there unchanged in the round before and were not asked then."""
    asked = set(
        CorrectionItem.objects.filter(case=one.row, round__lt=one.now.round, dropped_at=None).values_list(
            "about", flat=True
        )
    )
    last = list(Submission.objects.filter(case_id=one.row.root_id).order_by("-round")[:2])
    if len(last) < 2:
        return []
    new, old = last
    return [d for d in defects if d.about not in asked and _said(new, d.about) == _said(old, d.about)]


def _said(submission: Submission, about: str) -> object:
    kind, _, code = about.partition(":")
    return (submission.materials if kind == "material" else submission.values).get(code)


def _one_time(late: Sequence[Defect]) -> Refused:
    names = "、".join(defect.says for defect in late)
    return Refused(
        "one_time_notice",
        f"以下内容首次审查时就能看到，应当一次告知，不能再次要求补正：{names}。确需提出的，请由主管人员确认并记为服务缺陷。",
        en=f"This could be seen in the first review and had to be told then: {names}. If it must be asked, a supervisor "
        "confirms it as a defect of the service.",
        law="行政许可法 第三十二条",
    )


def send_corrections(*, today: date, at: datetime, by: str = "system") -> int:
    """Send the merged notices that have waited for other departments a working day; return how many."""
    latest = clocks.before(event_on=today, length=MERGE_WITHIN, calendar=clocks.calendar()).on
    waiting = CorrectionItem.objects.filter(sent_at=None, dropped_at=None)
    roots = {pk for pk, asked in waiting.values_list("root_id", "asked_at") if day(asked) <= latest}
    for root in sorted(roots):
        with locked(root, by=by, at=at) as family:
            _send(family)
    return len(roots)


def _send_when_ready(family: Family) -> None:
    looking = [one for one in family.members if not one.flow.is_bundle and _looks(one)]
    if not looking and any(one.now.asked for one in family.members):
        _send(family)


def _looks(one: One) -> bool:
    now = one.now
    return not (now.asked or now.correcting or now.accepted or now.over)


def _send(family: Family) -> None:
    """Tell the applicant of everything asked, in one notice, with the day to answer by."""
    asked = [one for one in family.members if one.now.asked]
    if not asked:
        return
    due = clocks.due(started_on=family.today, length=ANSWER_WITHIN, calendar=clocks.calendar()).on
    sent = CorrectionItem.objects.filter(root_id=family.root.row.pk, sent_at=None, dropped_at=None).update(
        sent_at=family.at, due_on=due
    )
    for one in asked:
        family.add(one, Act.CORRECTION_SENT, due_on=str(due))
    if family.root not in asked:
        family.add(family.root, Act.CORRECTION_SENT, due_on=str(due), items=sent, departments=len(asked))


def _review(family: Family, case_id: UUID) -> tuple[One, Step]:
    one = family.of(case_id)
    review = one.flow.the(Kind.REVIEW)
    return one, standing.check_open(one.flow, one.now, review.code if review else "", Kind.REVIEW)


def _drop_unsent(one: One, at: datetime) -> None:
    if one.now.asked:
        CorrectionItem.objects.filter(case=one.row, sent_at=None, dropped_at=None).update(dropped_at=at)
