"""What has to be shown on paper: consents with their date and scan, the office's own corrections, floor areas short of the plan permit.

A consent on paper stands in the payload's `paper_consents` as {"right", "dated", "digest"}: the number of the right (or the code of the lot) whose
holder agrees, the day he signed, and the SHA-256 of the scan, which is a paper of the application.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from bancheng.kernel.registrations.rules.checks import Problem, day, square
from bancheng.kernel.registrations.rules.kinds import Kind
from bancheng.lib.text import Text

CONSENT, CHECK = "consent", "survey_check"  # materials
Given = Sequence[Mapping[str, Any]]


def given(payload: Mapping[str, Any]) -> Given:
    """Return the consents on paper that an application brings; what is none of them is left out."""
    said = payload.get("paper_consents")
    return [each for each in said if isinstance(each, Mapping)] if isinstance(said, list | tuple) else []


def consents(payload: Mapping[str, Any], *, scans: Collection[str], today: date) -> Iterator[Problem]:
    """Yield what is wrong with the consents on paper: each has a day, which is not after the act, and a scan that was handed in."""
    # as they were taken in before they had to be shown
    named = [str(number) for number in payload.get("right_consents") or ()]
    for number, dated, digest in [
        *((number, "", "") for number in named),
        *((str(each.get("right", "")), each.get("dated"), str(each.get("digest", ""))) for each in given(payload)),
    ]:
        on = day(dated)
        if on is None:
            yield _consent("undated", number, "没有写明签署日期", "has no day on which it was signed")
        elif on > today:
            yield _consent("postdated", number, f"签署日期{on}晚于办理日", f"is dated {on}, after the act itself")
        if digest not in scans:
            yield _consent("unscanned", number, "没有附扫描件", "has no scan")


def _consent(code: str, number: str, zh: str, en: str) -> Problem:
    says = Text(
        f"权利{number or '（未填写）'}的书面同意{zh}，请补齐",
        f"The written consent for {number or '(no right named)'} {en}",
    )
    return Problem(f"consent_{code}", says, "paper_consents")


def own_motion(payload: Mapping[str, Any], *, notice_ends: date | None, today: date) -> Iterator[Problem]:
    """Yield why the office may not correct by itself yet: no reason, no day of service, or days in which the holder may still apply himself.

    实施细则 第八十一条; `notice_ends` is the last of those days, counted from `noticed_on`.
    """
    erred_on = day(payload.get("erred_on"))
    if not str(payload.get("reason", "")).strip() or erred_on is None or erred_on > today:
        says = Text(
            "须写明登记簿错在哪里、错误何时登簿（不晚于今天）",
            "Say what is wrong in the book and when it was recorded, which is not after today",
        )
        yield Problem("own_motion_unfounded", says, "reason")
    if notice_ends is None:
        says = Text("须写明更正通知书的送达日期", "Say on which day the notice of the correction was served")
        yield Problem("notice_missing", says, "noticed_on")
    elif today <= notice_ends:
        says = Text(
            f"权利人可在{notice_ends}以前自己申请更正，期满以后登记机构才能依职权更正",
            f"The holder may apply himself until {notice_ends}; only after that does the registry correct by itself",
        )
        yield Problem("notice_running", says, "noticed_on", status=409)


def barred(kind: Kind, since: Sequence[str]) -> Iterator[Problem]:
    """Yield that the office may not correct by itself any more: after the mistake somebody acquired, was noticed or seized (实施细则 第八十一条)."""
    if kind.own_motion and since:
        says = Text(
            f"错误登记之后已办理处分、预告或查封登记（{since[0]}等{len(since)}件），不能依职权更正，须由权利人申请",
            f"After the mistake {len(since)} disposals, notices or seizures were recorded (the first: {since[0]}): the holder has to apply",
        )
        yield Problem("own_motion_barred", says, "lots", status=409)


def permit(
    kind: Kind, payload: Mapping[str, Any], materials: Collection[str], *, total_dm2: int, permit_dm2: int | None
) -> Iterator[Problem]:
    """Yield that floor areas fall short of the plan permit with no explanation and no paper of the survey's check (B7.1)."""
    if not kind.divides or permit_dm2 is None or total_dm2 >= permit_dm2:
        return
    if str(payload.get("explanation", "")).strip() and CHECK in materials:
        return
    total, allowed, short = square(total_dm2), square(permit_dm2), square(permit_dm2 - total_dm2)
    says = Text(
        f"建筑面积合计{total}㎡，比规划许可{allowed}㎡少{short}㎡，请先核查测绘成果，写明原因并提交核查说明",
        f"The floor areas, {total} m², are {short} m² short of the {allowed} m² of the plan permit: have the survey checked, say why, and hand "
        "in the explanation",
    )
    yield Problem("permit_short", says, "explanation")
