"""What the office has to give in writing, and in which words: not accepted, corrections (told once), refused. Pure.

不动产登记暂行条例 第十七条: not accepting, and all that is to be corrected, in writing. 第二十二条: a refusal in writing.
What an officer wrote stands as he wrote it, in the language he wrote it in.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from bancheng.kernel.registrations.rules.words import Act
from bancheng.lib.text import Text

TITLES: Mapping[Act, Text] = {
    Act.NOT_ACCEPTED: Text("不动产登记不予受理告知书", "Notice that the application is not accepted"),
    Act.CORRECTION: Text("不动产登记补正告知书", "Notice of corrections"),
    Act.REFUSED: Text("不动产不予登记告知书", "Notice that registration is refused"),
}
ACCEPTING = "不动产登记暂行条例 第十七条"


@dataclass(frozen=True)
class Source:
    """What a letter is written from: the application, and the line of its log that calls for it."""

    act: Act
    to: Sequence[str]
    number: str
    kind: Text
    filed_on: date
    units: Text  # which real estate it is about
    words: str
    law: str
    due_on: date | None  # by which day it is to be corrected
    remedy: Text


def said(source: Source) -> dict[str, Any]:
    """Return what a letter says, Chinese first, English beneath: kept with it, so that it says the same for ever."""
    sentence, points, rows, last = WRITERS[source.act](source)
    return {
        "to": "、".join(source.to),
        "application": source.number,
        "sentences": [_both(sentence)],
        "points": list(points),
        "rows": [{"name": _both(name), "value": value} for name, value in rows],
        "last": [_both(each) for each in last],
    }


Parts = tuple[Text, Sequence[str], Sequence[tuple[Text, str]], Sequence[Text]]


def _about(source: Source) -> Text:
    on = _day(source.filed_on)
    return Text(
        f"你（单位）于{on}提出的“{source.kind.zh}”申请（受理编号{source.number}，{source.units.zh}）",
        f"Your application of {source.filed_on} for “{source.kind.en}” (number {source.number}, {source.units.en})",
    )


def _not_accepted(source: Source) -> Parts:
    about = _about(source)
    says = Text(
        f"{about.zh}，不符合受理条件。根据不动产登记暂行条例第十七条，本机构决定不予受理。",
        f"{about.en} cannot be taken in. Under art. 17 of the Interim Regulation on Real Estate Registration this office does not accept it.",
    )
    return says, (), _because(source), (source.remedy,)


def _refused(source: Source) -> Parts:
    about = _about(source)
    says = Text(
        f"{about.zh}，经审核，有依法不予登记的情形。根据不动产登记暂行条例第二十二条，本机构决定不予登记，登记簿的记载没有变化。",
        f"{about.en} was examined and falls under what must not be registered. Under art. 22 of the Interim Regulation on Real Estate Registration "
        "this office refuses to register it; the book is as it was.",
    )
    return says, (), _because(source), (source.remedy,)


def _because(source: Source) -> tuple[tuple[Text, str], ...]:
    return (Text("理由", "Reason"), source.words), (Text("法律依据", "Article"), source.law)


def _correction(source: Source) -> Parts:
    about = _about(source)
    assert source.due_on is not None  # the line that asks names its day
    by = _day(source.due_on)
    says = Text(
        f"{about.zh}，需要补正。现将需要补正的全部内容一次性告知如下，请在{by}前（含当日）一次补齐。",
        f"{about.en} is to be corrected. All that is to be corrected is told here, once; correct it in one go by {source.due_on}, that day included.",
    )
    last = Text(
        "补齐并符合要求的，本机构继续办理；逾期没有补正，或者补正后仍不符合要求的，依法不予受理或者不予登记，并书面说明理由。",
        "Once it is complete and in order the office goes on. What is not corrected by then, or still falls short, is not accepted or is refused, "
        "in writing and with reasons.",
    )
    items = [each for each in source.words.split("\n") if each]
    rows = ((Text("补正期限", "To be corrected by"), by), (Text("法律依据", "Article"), source.law or ACCEPTING))
    return says, items, rows, (last,)


WRITERS = {Act.NOT_ACCEPTED: _not_accepted, Act.CORRECTION: _correction, Act.REFUSED: _refused}


def _day(on: date) -> str:
    return f"{on.year}年{on.month}月{on.day}日"


def _both(text: Text) -> dict[str, str]:
    return {"zh": text.zh, "en": text.en}
