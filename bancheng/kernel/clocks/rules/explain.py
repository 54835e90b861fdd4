"""The one sentence, in Chinese and in English, that says how a deadline was worked out.

Clauses are made one by one and joined, so that a sentence holds what mattered and nothing else.
"""

from datetime import date, datetime

from bancheng.kernel.clocks.rules.calendar import ONE_DAY, WEEKDAYS, Calendar
from bancheng.kernel.clocks.rules.citation import cite
from bancheng.kernel.clocks.rules.deadline import Deadline, Pause, counts
from bancheng.kernel.clocks.rules.law import Unit
from bancheng.lib.text import Text

ENGLISH_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
FIRST_HALF = ("January", "February", "March", "April", "May", "June")
ENGLISH_MONTHS = (*FIRST_HALF, "July", "August", "September", "October", "November", "December")

# pause and extension causes as people call them; a cause that is not here is printed as it was given
CAUSES: dict[str, Text] = {
    "hearing": Text("听证", "hearing"),
    "tender": Text("招标", "tender"),
    "auction": Text("拍卖", "auction"),
    "inspection": Text("检验", "inspection"),
    "testing": Text("检测", "testing"),
    "quarantine": Text("检疫", "quarantine"),
    "appraisal": Text("鉴定", "appraisal"),
    "expert_review": Text("专家评审", "expert review"),
    "supplement": Text("补正", "supplement by the party"),
    "assessment": Text("鉴定评估", "appraisal and assessment"),
    "announcing": Text("公告", "announcement"),
    "site_visit": Text("实地查看", "site visit"),
    "court_order": Text("人民法院查封", "seizure by a court"),
    "dispute": Text("权属争议", "dispute over the right"),
    "book_correction": Text("登记簿更正", "correction of the book"),
    "pause": Text("暂停", "pause"),  # no cause of the law: what a sum at the terminal leaves out
}


def sentence(deadline: Deadline) -> Text:
    """Return the sentence of `deadline`: law, length, start, pauses, extension, calendar, end, whether
    provisional."""
    clauses = [_opening(deadline)]
    if not deadline.back:
        clauses += _pauses(deadline)
        clauses += _extension(deadline)
    if deadline.length.n:
        clauses += [*_calendar(deadline), _end(deadline)]
    after = [*_kept(deadline), *_provisional(deadline)]
    return Text(
        "；".join(["，".join(clause.zh for clause in clauses), *(clause.zh for clause in after)]) + "。",
        "; ".join([", ".join(clause.en for clause in clauses), *(clause.en for clause in after)]) + ".",
    )


def _opening(deadline: Deadline) -> Text:
    law = cite(deadline.law) if deadline.law else Text("", "")
    zh, en = (f"依据{law.zh}，", f"under the {law.en}, ") if deadline.law else ("", "")
    length, start = deadline.length.text, chinese(deadline.started_on, weekday=False)
    if deadline.back:
        zh += f"以{start}为准（当日不计）向前推算{length.zh}"
        en += f"{length.en} counted back from {english(deadline.started_on, weekday=False)} (itself not counted)"
    elif deadline.given:
        zh += f"最迟应当在{chinese(deadline.on)}作出"
        en += f"this is to be done by {english(deadline.on)} at the latest"
    elif deadline.length.n == 0:
        zh += f"应当在{chinese(deadline.on)}当场办理"
        en += f"this is to be done on the spot on {english(deadline.on)}"
    elif isinstance(deadline.started_on, datetime):
        zh += f"期限{length.zh}，自{_chinese_hour(deadline.started_on)}起算（开始的小时不计）"
        en += f"a period of {length.en} from {_english_hour(deadline.started_on)} (the hour of the start not counted)"
    else:
        zh += f"期限{length.zh}，自{start}的次日起算"
        en += f"a period of {length.en} from the day after {english(deadline.started_on, weekday=False)}"
    return Text(zh, en[0].upper() + en[1:])


def _pauses(deadline: Deadline) -> list[Text]:
    """Return a clause for the pauses that were counted out, and one for those that were ignored and why."""
    counted = [pause for pause in deadline.pauses if counts(pause, _day(deadline.started_on), deadline.on)]
    unserved = [pause for pause in deadline.pauses if pause.served_on is None]
    outside = [pause for pause in deadline.pauses if pause not in counted and pause not in unserved]
    clauses = []
    if counted:
        zh, en = _listed(counted)
        clauses.append(Text(f"扣除已书面告知的{zh}", f"leaving out the {en}, of which the party was told in writing"))
    if unserved:
        zh, en = _listed(unserved)
        clauses.append(Text(f"未送达告知书的{zh}不产生暂停效力", f"ignoring the {en}, whose notice was not served"))
    if outside:
        zh, en = _listed(outside)
        clauses.append(Text(f"{zh}不在期限之内，不影响计算", f"ignoring the {en}, which falls outside the period"))
    return clauses


def _listed(pauses: list[Pause]) -> tuple[str, str]:
    zh, en = [], []
    for pause in pauses:
        name = CAUSES.get(pause.cause, Text(pause.cause, pause.cause))
        first = pause.first
        if pause.last is None:
            zh.append(f"{name.zh}（{chinese(first, weekday=False)}起，尚未结束）")
            en.append(f"{name.en} (from {english(first, weekday=False)}, not ended)")
        else:
            zh.append(f"{name.zh}（{chinese(first, weekday=False)}至{chinese(pause.last, weekday=False)}）")
            en.append(f"{name.en} ({english(first, weekday=False)} to {english(pause.last, weekday=False)})")
    return "、".join(zh), " and the ".join(en)


def _extension(deadline: Deadline) -> list[Text]:
    extension = deadline.extension
    if extension is None:
        return []
    length = extension.length.text
    if extension.served_on is None:
        return [
            Text(
                f"延长{length.zh}的决定未送达，不予计入",
                f"ignoring an extension of {length.en} whose decision was not served",
            )
        ]
    return [
        Text(
            f"经{extension.by}批准延长{length.zh}（理由：{extension.reason}）",
            f"extended by {length.en} with the approval of {extension.by} (reason: {extension.reason})",
        )
    ]


def _calendar(deadline: Deadline) -> list[Text]:
    """Return what the calendar did: rest days skipped, or the roll-over of a last day that is a rest day."""
    if deadline.length.unit is Unit.WD:
        first, last = _counted_days(deadline)
        if last < first:
            return []
        rests = (last - first).days + 1 - deadline.calendar.working_days(first, last)
        by = _notices(deadline.calendar, first, last)
        return [
            Text(f"按{by.zh}跳过{rests}个休息日", f"skipping {rests} rest day{'' if rests == 1 else 's'} by {by.en}")
        ]
    last_counted = deadline.last_counted
    if not deadline.rolls or last_counted is None:
        return []
    by = _notices(deadline.calendar, last_counted, last_counted)
    if deadline.on == last_counted or deadline.kept_from == last_counted:
        return []
    return [
        Text(
            f"最后一日{chinese(last_counted)}按{by.zh}为休息日，顺延至其后的第一个工作日",
            f"whose last day, {english(last_counted)}, is a rest day by {by.en} and moves to the next working day",
        )
    ]


def _counted_days(deadline: Deadline) -> tuple[date, date]:
    start = _day(deadline.started_on)
    if deadline.back:
        return deadline.on, start - ONE_DAY
    return start + ONE_DAY, deadline.last_counted or deadline.on


def _notices(calendar: Calendar, first: date, last: date) -> Text:
    """Return the yearly notices that `first` to `last` rest on: number, and the version when it is not the first."""
    zh, en = [], []
    guessed = []
    for number in range(first.year, last.year + 1):
        year = calendar.years.get(number)
        if year is None:
            guessed.append(number)
            continue
        version = "" if year.version == 1 else f"，第{year.version}版"
        zh.append(f"{number}年放假安排（{year.source}{version}）")
        en.append(f"the {number} holiday notice ({year.source}{f', version {year.version}' if version else ''})")
    for number in guessed:
        zh.append(f"{number}年周一至周五的推算")
        en.append(f"a Monday-to-Friday guess for {number}")
    return Text("和".join(zh), " and ".join(en))


def _end(deadline: Deadline) -> Text:
    if deadline.at is not None:
        return Text(f"至{_chinese_hour(deadline.at)}届满", f"ends at {_english_hour(deadline.at)}")
    zh, en = chinese(deadline.on), english(deadline.on)
    guess, guess_en = ("预计", "provisionally ") if deadline.provisional else ("", "")
    if not deadline.back:
        return Text(f"{guess}至{zh}届满", f"ends {guess_en}on {en}")
    if deadline.calendar.is_working(deadline.on):
        return Text(f"{guess}最迟为{zh}", f"give {guess_en}{en} as the last day")
    earlier = deadline.calendar.previous_working(deadline.on)
    return Text(
        f"最迟为{zh}，该日为休息日且不顺延，请提前至{chinese(earlier)}",
        f"give {en} as the last day, a rest day that does not move, so act by {english(earlier)}",
    )


def _kept(deadline: Deadline) -> list[Text]:
    if deadline.kept_from is None:
        return []
    return [
        Text(
            f"重新计算得{chinese(deadline.kept_from)}，早于已告知的日期，仍以已告知的日期为准",
            f"a new working gives {english(deadline.kept_from)}, earlier than the date already notified, which stands",
        )
    ]


def _provisional(deadline: Deadline) -> list[Text]:
    """Return why the date is provisional (预计): years not published yet, or a pause still going on."""
    if not deadline.provisional:
        return []
    if any(pause.last is None and counts(pause, _day(deadline.started_on), deadline.on) for pause in deadline.pauses):
        return [
            Text(
                "暂停尚未结束，恢复后重新计算", "the pause is still going on and the date is worked out again after it"
            )
        ]
    first, last = sorted((_day(deadline.started_on), deadline.on))
    unknown = [str(number) for number in range(first.year, last.year + 1) if number not in deadline.calendar.years]
    return [
        Text(
            f"{'、'.join(unknown)}年放假安排尚未载入，载入后重新计算",
            f"the {' and '.join(unknown)} holiday notice is not loaded yet and the date is worked out again when it is",
        )
    ]


def chinese(day: date, *, weekday: bool = True) -> str:
    """Return 2026年2月27日（周五）."""
    return f"{day.year}年{day.month}月{day.day}日" + (f"（周{WEEKDAYS[day.weekday()]}）" if weekday else "")


def english(day: date, *, weekday: bool = True) -> str:
    """Return Friday 27 February 2026."""
    return (
        f"{ENGLISH_DAYS[day.weekday()]} " if weekday else ""
    ) + f"{day.day} {ENGLISH_MONTHS[day.month - 1]} {day.year}"


def _chinese_hour(at: datetime) -> str:
    return f"{chinese(at, weekday=False)}{at:%H:%M}"


def _english_hour(at: datetime) -> str:
    return f"{at:%H:%M} on {english(at, weekday=False)}"


def _day(day: date) -> date:
    return day.date() if isinstance(day, datetime) else day
