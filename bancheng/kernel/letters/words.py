"""What a letter says: worked out from the case and the line of its log that called for it, so that a second time it says the same."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from bancheng.kernel.cases import public as cases
from bancheng.kernel.catalogue import public as catalogue
from bancheng.kernel.certificates import public as certificates
from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.letters.rules import TITLES, Kind
from bancheng.lib.days import day_of
from bancheng.lib.text import Text

Act = cases.Act


@dataclass(frozen=True)
class Said:
    """One letter in words: to whom, about what, sentences, rows of a table, numbered points."""

    kind: Kind
    unit: catalogue.Unit
    number: str
    to: str
    dated: date
    sentences: tuple[Text, ...]
    rows: tuple[tuple[Text, Text], ...] = ()
    points: tuple[Text, ...] = ()

    @property
    def title(self) -> Text:
        """Return what the letter is called."""
        return TITLES[self.kind]


@dataclass(frozen=True)
class Source:
    """What a letter is written from."""

    view: cases.View
    one: cases.Matter
    line: cases.Line
    dated: date
    units: Mapping[str, catalogue.Unit]
    papers: Mapping[str, str]  # what the guide calls each paper in English

    @property
    def about(self) -> Text:
        """Return the application in words, as every letter begins with it."""
        one, on = self.one, day(day_of(self.one.received_at))
        return Text(
            f"你（单位）于{on.zh}提交的“{one.title.zh}”申请（办件编号{one.number}）",
            f"Your application for “{one.title.en}” of {on.en} (case {one.number})",
        )


def said(kind: Kind, source: Source, unit: catalogue.Unit) -> Said:
    """Return what a letter says."""
    sentences, rows, points = WRITERS[kind](source)
    view = source.view
    return Said(kind, unit, source.one.number, view.applicant_name, source.dated, sentences, tuple(rows), tuple(points))


Parts = tuple[tuple[Text, ...], list[tuple[Text, Text]], list[Text]]


def _accepted(source: Source) -> Parts:
    about = source.about
    if source.line.act is Act.DEEMED_ACCEPTED:
        since = day(date.fromisoformat(source.line.detail["since"]))
        says = Text(
            f"{about.zh}，本机关未在法定期限内告知补正，根据行政许可法第三十二条，自{since.zh}收到申请材料之日起即为受理。",
            f"{about.en}: nothing to correct was told within the period, so under art. 32 of the Administrative Licensing Law it counts "
            f"as accepted from {since.en}, the day the papers were received.",
        )
    else:
        says = Text(
            f"{about.zh}，属于本机关职权范围，材料符合规定，根据行政许可法第三十二条，现予受理。",
            f"{about.en} is within the powers of this office and its papers are as required. It is accepted under art. 32 of the "
            "Administrative Licensing Law.",
        )
    return (says, *_promised(source)), [*_periods(source.one.flow)], [*_gaps(source)]


def _promised(source: Source) -> Iterator[Text]:
    promise = source.one.flow.promise
    if promise and any(line.act is Act.PROMISED and not line.undone for line in source.one.lines):
        yield Text(
            f"本件按告知承诺方式办理，申请人承诺：{promise.says.zh}作出决定后依法核查；承诺不实的，责令限期改正，逾期不改的撤销许可并记入信用记录。",
            f"It is handled on a promise: {promise.says.en} The promise is verified after the decision; what is untrue is to be mended in "
            "time, or the grant is taken back and the record kept.",
        )


def _periods(flow: cases.Flow) -> Iterator[tuple[Text, Text]]:
    known = clocks.rules()
    for step in flow.steps:
        if step.kind is cases.Kind.DECIDE and step.clock:
            rule = known[step.clock.rule]
            legal, promised = rule.length.text, step.clock.promised
            yield Text("法定期限", "Period by law"), Text(f"{legal.zh}（{rule.law}）", f"{legal.en} ({rule.law})")
            if promised:
                yield Text("承诺期限", "Period promised"), promised.text


def _gaps(source: Source) -> Iterator[Text]:
    for line in source.one.lines:
        if line.act is Act.GAP_PROMISED and line.at == source.line.at:
            by = day(date.fromisoformat(line.detail["due_on"]))
            name = line.detail["material"]
            yield Text(
                f"容缺补交：{name}，最晚{by.zh}；逾期不补的，本次办理终止并留下记录。",
                f"To follow: {source.papers.get(name, name)}, by {by.en}; if it does not come, the case ends and the record stays.",
            )


def _refused(zh: str, en: str) -> Callable[[Source], Parts]:
    def write(source: Source) -> Parts:
        about = source.about
        return (Text(f"{about.zh}，{zh}。", f"{about.en}: {en}."),), [*_because(source.line)], []

    return write


def _because(line: cases.Line) -> Iterator[tuple[Text, Text]]:
    """Yield reason, article and remedy as they were written: people's words are in the language they were written in."""
    for name, words in (
        (Text("理由", "Reason"), line.reason),
        (Text("法律依据", "Article"), line.law),
        (Text("救济途径", "Remedy"), line.remedy),
    ):
        if words:
            yield name, Text(words, words)


def _correction(source: Source) -> Parts:
    about = source.about
    items = [item for item in cases.corrections(source.view.case.id, sent=True) if item.sent_at == source.line.at]
    by = day(date.fromisoformat(source.line.detail["due_on"]))
    says = Text(
        f"{about.zh}，需要补正以下全部内容。请在{by.zh}前一次改好、一次提交；逾期不补的，可能视为放弃申请。根据行政许可法第三十二条一次告知。",
        f"{about.en}: all of the following is to be corrected. Correct it once by {by.en}; what is not corrected in time may be taken as "
        "waived. Told once, under art. 32 of the Administrative Licensing Law.",
    )
    asking = {matter.unit for item in items if (matter := source.view.of(item.case))}
    together = (_TOGETHER,) if len(asking) > 1 else ()
    return (says, *together), [], [_item(source, item) for item in items]


_TOGETHER = Text(
    "以下内容由各部门分别提出，根据行政许可法第二十六条汇总为一份告知；每一项由写明的部门负责，对某一项有疑问的，请与该部门联系。",
    "Each point below is that of the department named and is its to answer for; they are told in one notice under art. 26 of the "
    "Administrative Licensing Law. About a point, turn to the department that makes it.",
)


def _item(source: Source, item: cases.Correction) -> Text:
    matter = source.view.of(item.case)
    unit = source.units.get(matter.unit) if matter else None
    law = f"（{item.law}）" if item.law else ""
    zh, en = (f"{unit.name}：", f"{unit.name_en}: ") if unit else ("", "")
    return Text(f"{zh}{item.says}{law}", f"{en}{item.says}{law}")


def _granted(source: Source) -> Parts:
    about = source.about
    issued = [
        line.detail["number"] for line in source.one.lines if line.act is Act.ISSUED and line.at == source.line.at
    ]
    law = source.one.flow.law
    says = Text(
        f"{about.zh}，符合法定条件，根据行政许可法第三十八条{f'、{law}' if law else ''}，决定准予。",
        f"{about.en} meets the conditions of the law and is granted under art. 38 of the Administrative Licensing Law"
        f"{f' and {law}' if law else ''}.",
    )
    rows = [(Text("证照编号", "Number of the licence"), Text(number, number)) for number in issued]
    return (says, *_promised(source)), rows, []


def _untrue(source: Source) -> Parts:
    about, recheck = source.about, source.one.flow.promise.recheck if source.one.flow.promise else ""
    within = cases.length_of(source.one.flow, recheck) if recheck else Text("", "")
    says = Text(
        f"{about.zh}，以告知承诺方式取得许可。经核查，承诺内容不实。现责令你（单位）自本通知书送达之日起{within.zh}内改正；逾期不改正的，依法撤销许可。"
        "改正前，不再适用告知承诺。",
        f"{about.en} was granted on a promise, which was found untrue. It is to be mended within {within.en} of this notice; if it is not, "
        "the grant is taken back. Until then no other promise is taken.",
    )
    return (says,), [*_because(source.line)], []


WRITERS: Mapping[Kind, Callable[[Source], Parts]] = {
    Kind.ACCEPTED: _accepted,
    Kind.NOT_ACCEPTED: _refused("决定不予受理", "it is not accepted"),
    Kind.CORRECTION: _correction,
    Kind.GRANTED: _granted,
    Kind.DENIED: _refused("决定不予许可", "it is denied"),
    Kind.UNTRUE: _untrue,
    Kind.REVOKED: _refused(
        "以告知承诺方式取得许可，经核查承诺不实且逾期未改正，决定撤销许可",
        "granted on a promise that was untrue and not mended in time, the grant is taken back",
    ),
}


def day(on: date) -> Text:
    """Return a day as letters write it."""
    return Text(certificates.day_zh(on), on.isoformat())
