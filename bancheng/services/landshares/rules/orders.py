"""What a court reads and writes: how a parcel divides for its seizure, and the review suggestion when it names what is presold (审查建议)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from bancheng.kernel.titles import public as titles
from bancheng.lib.refusal import Refused
from bancheng.lib.text import Text
from bancheng.services.landshares.rules import amounts, places

CLAIMED = (titles.Standing.CONTRACT, titles.Standing.NOTICE)
LAW = "法发〔2004〕5号 第三条"


@dataclass(frozen=True)
class Group:
    """One of the four groups of a quote."""

    name: Text
    says: Text
    lines: tuple[titles.SeizureLine, ...]

    @property
    def dm2(self) -> int:
        return sum(line.dm2 for line in self.lines)

    @property
    def amount(self) -> str:
        return amounts.shown(self.dm2)

    @property
    def placed(self) -> list[tuple[Text, titles.SeizureLine]]:
        """Return its lines, each with where the lot is."""
        return [(places.place(line.lot), line) for line in self.lines]


def groups(quote: titles.SeizureQuote) -> tuple[Group, ...]:
    """Return the parcel divided for a seizure against its developer; the amounts add up to the parcel (§8.3)."""
    return (
        Group(Text("可即时查封", "Seizable at once"), Text("送达即生效", "takes effect when served"), quote.seizable),
        Group(
            Text("将轮候", "Would wait"),
            Text("已有在先查封，按送达时间排队", "behind an earlier seizure, by time of service"),
            quote.would_wait,
        ),
        Group(
            Text("已预售", "Presold"),
            Text("不在剩余份额内，除非另有裁定", "outside of the remaining share unless ordered otherwise"),
            quote.presold,
        ),
        Group(
            Text("已转移或移交", "With buyers or public bodies"),
            Text("不是企业的财产", "not the developer's"),
            quote.with_others,
        ),
    )


def suggestion(*, court: str, number: str, blockers: Sequence[titles.Blocker]) -> Text:
    """Return the drafted review suggestion when an order names lots that are presold; the registry carries the order out when the court insists."""
    claims = list({each.lot: each for each in reversed(blockers) if each.standing in CLAIMED}.values())[::-1]
    listed = "；".join(each.says.zh.rstrip("。") for each in claims)
    listed_en = "; ".join(each.says.en.rstrip(".") for each in claims)
    return Text(
        f"{court}：贵院{number}协助执行通知书所列不动产单元中，{listed}。上述单元已预售，依登记簿不属于被执行人可处分的剩余份额。"
        f"依照{LAW}，我机构先提出审查建议，请贵院审查；贵院书面坚持的，我机构照办，并在登记簿注明有争议。",
        f"To {court}: of the units listed in {number}, {listed_en}. They are presold and by the book not part of the debtor's disposable share. "
        f"By {LAW} we ask the court to review this; if it insists in writing we carry the order out and mark it as contested in the book.",
    )


def read_lots(text: str, *, parcel: str) -> tuple[str, ...]:
    """Return the units named one a line, by their whole code or their last eight digits. Raises Refused("no_such_lots")."""
    found = []
    for written in text.upper().replace(",", " ").replace("，", " ").split():
        code = f"{parcel}F{written}" if len(written) == 8 and written.isdigit() else written
        if code[:19] != parcel or len(code) not in (24, 28):
            raise Refused(
                "no_such_lots",
                f"“{written[:30]}”不是这宗地的单元代码，没有登记。",
                en=f"“{written[:30]}” is no unit of this parcel; nothing was recorded.",
                status=422,
            )
        found.append(code)
    return tuple(dict.fromkeys(found))


def read_day(text: str) -> date:
    """Return a day of a form. Raises Refused("no_such_day")."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refused(
            "no_such_day", "请填写真实的日期。没有登记。", en="Give a real date. Nothing was recorded.", status=422
        ) from None
