"""The review: accept, accept with gaps, ask once for all corrections, or not accept with reason, article and remedy."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from bancheng.kernel.cases.facts import Because, Defect
from bancheng.kernel.cases.models import CaseAction, CorrectionItem, Submission
from bancheng.kernel.cases.operations import corrections, promises
from bancheng.kernel.cases.operations import gaps as promised
from bancheng.kernel.cases.operations.family import Family, One
from bancheng.kernel.cases.operations.founding import check_founded
from bancheng.kernel.cases.operations.locking import locked
from bancheng.kernel.cases.operations.writing import write
from bancheng.kernel.cases.rules import standing
from bancheng.kernel.cases.rules.flow import Step
from bancheng.kernel.cases.rules.words import Act, Kind
from bancheng.kernel.clocks import public as clocks
from bancheng.lib.days import day_of
from bancheng.lib.refusal import Refused


def accept(*, case_id: UUID, by: str, at: datetime, gaps: Sequence[tuple[str, date, bool]] = ()) -> None:
    """Accept a case; `gaps` are secondary papers that follow later: material, by when, whether the result waits (R-RQ-1, R-RQ-4).

    Who chose to promise conditions has promised them with this (R-GC-1), unless he may not.
    Raises Refused: no_such_case, step_not_open, gap_backwards, gap_twice, gap_barred, promise_barred.
    """
    with locked(case_id, by=by, at=at) as family:
        one, step = _review(family, case_id)
        promises.check_may(one)
        promised.promise(family, one, gaps)
        promises.note(family, one)
        family.add(one, Act.ACCEPTED, step=step.code)


def refuse(*, case_id: UUID, because: Because, by: str, at: datetime) -> None:
    """Do not accept a case, with reason, article and remedy; the other matters of its bundle go on (R14.2).

    Raises Refused: no_such_case, step_not_open, unfounded.
    """
    check_founded(because)
    with locked(case_id, by=by, at=at) as family:
        one, step = _review(family, case_id)
        family.add(one, Act.NOT_ACCEPTED, step=step.code, because=because)


def ask_correction(*, case_id: UUID, defects: Sequence[Defect], by: str, at: datetime, overridden_by: str = "") -> None:
    """Note everything that is to be corrected; the applicant hears it once, with what other departments ask (R-OT-1, R14.3).

    The notice goes when no department of the bundle is still looking, at the latest after a working day. What could have been
    asked the first time is refused, unless a supervisor (`overridden_by`) takes it on as a defect of the service.
    Raises Refused: no_such_case, step_not_open, no_defect, asked_twice, one_time_notice.
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
        _check_told_once(one, defects)
        late = _visible_before(one, defects)
        if late and not overridden_by:
            raise _one_time(late)
        CorrectionItem.objects.bulk_create(
            CorrectionItem(
                region=one.row.region,
                root_id=one.row.root_id,
                case=one.row,
                round=one.now.round,
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
        abouts = [defect.about for defect in defects]
        seen = family.root.now.round  # the submission that was looked at
        family.add(one, Act.CORRECTION_ASKED, step=step.code, abouts=abouts, late=len(late), seen=seen)


def _check_told_once(one: One, defects: Sequence[Defect]) -> None:
    """Raise Refused("asked_twice") when a field or paper would stand twice in one notice."""
    asked = [defect.about for defect in defects]
    if one.now.asked:
        unsent = CorrectionItem.objects.filter(case=one.row, sent_at=None, dropped_at=None)
        asked += unsent.values_list("about", flat=True)
    if len(set(asked)) < len(asked):
        raise Refused(
            "asked_twice",
            "同一处内容写了两次，尚未提交，请合并成一条。",
            en="The same field or paper stands twice. Nothing was submitted: say all about it in one entry.",
            status=422,
        )


def _visible_before(one: One, defects: Sequence[Defect]) -> list[Defect]:
    """Return the defects that stood there unchanged when this department asked the last time, and were not asked then."""
    places = one.asked_before()
    if not places:
        return []
    lines = list(
        CaseAction.objects.filter(case=one.row, seq__in=places).order_by("seq").values_list("detail", flat=True)
    )
    told = {about for line in lines for about in line["abouts"]}
    submissions = Submission.objects.filter(case_id=one.row.root_id).order_by("round")
    seen, new = submissions.get(round=lines[-1]["seen"]), submissions.last()
    assert new is not None
    return [d for d in defects if d.about not in told and _said(new, d.about) == _said(seen, d.about)]


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
    latest = clocks.before(event_on=today, length=corrections.MERGE_WITHIN, calendar=clocks.calendar()).on
    waiting = CorrectionItem.objects.filter(sent_at=None, dropped_at=None)
    roots = {pk for pk, asked in waiting.values_list("root_id", "asked_at") if day_of(asked) <= latest}
    sent = 0
    for root in sorted(roots):
        with locked(root, by=by, at=at) as family:
            sent += corrections.send(family)
    return sent


def start_answer_clocks(*, at: datetime, by: str = "system") -> int:
    """Start the applicant's clock where an older version told what to correct without one, from the day it was told; return how many."""
    waiting = corrections.without_clock()
    for case_id in waiting:
        with locked(case_id, by=by, at=at) as family:
            family.of(case_id).touched = True  # nothing is done to it: its clocks become those that its log asks for
            write(family)
    return len(waiting)


def _review(family: Family, case_id: UUID) -> tuple[One, Step]:
    one = family.of(case_id)
    review = one.flow.the(Kind.REVIEW)
    return one, standing.check_open(one.flow, one.now, review.code if review else "", Kind.REVIEW)
