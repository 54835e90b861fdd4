"""What the proof pages show: the latest proving, filtered, in words and as rows for a file."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from bancheng.kernel.claims import public as claims
from bancheng.kernel.claims.public import Comparison, Result
from bancheng.lib.text import Text

TONES: dict[Result, str] = {
    Result.MATCHES: "ok",
    Result.DIFFERS: "bad",
    Result.CANNOT: "warn",
    Result.QUOTED: "info",
    Result.NOT_YET: "",
}
MEANS: dict[Result, Text] = {
    Result.MATCHES: Text("用本平台的数据重新计算，与原文相符。", "Recomputed from our own data, and it agrees."),
    Result.DIFFERS: Text("重新计算的结果与原文不同，两个数都列出。", "Recomputed, and it differs: both are shown."),
    Result.CANNOT: Text("本该能算，现在算不出，原因逐条写明。", "Should be computable, is not now; each says why."),
    Result.QUOTED: Text(
        "荣誉、播放量等，只能由外界证明，这里只引用原文。", "Only the world can show it, so it is quoted."
    ),
    Result.NOT_YET: Text("对应的服务还没有建成。", "The service that would show it is not built."),
}
COMPARED: dict[Comparison, Text] = {
    Comparison.EQUAL: Text("应等于{n}", "must be {n}"),
    Comparison.AT_LEAST: Text("应不少于{n}", "must be at least {n}"),
    Comparison.ABOUT: Text("应约为{n}，允差{tolerance}%", "must be about {n}, within {tolerance} percent"),
    Comparison.BELOW: Text("应接近且小于{n}", "must be near and below {n}"),
}


@dataclass(frozen=True)
class Row:
    """One claim with what the latest proving found, in words."""

    line: claims.Line

    @property
    def claim(self) -> claims.ClaimView:
        return self.line.claim

    @property
    def tone(self) -> str:
        return TONES[self.line.result]

    @property
    def result(self) -> Text:
        return claims.SAYS[self.line.result]

    @property
    def kind(self) -> Text:
        return Text("承诺", "promise") if self.promise else Text("数字", "figure")

    @property
    def promise(self) -> bool:
        return self.claim.code.startswith("F")

    @property
    def topic(self) -> Text:
        return claims.TOPICS[self.claim.topic]

    @property
    def computed(self) -> Text | None:
        """Return what was recomputed, with its unit; None when nothing was."""
        number = self.line.number
        if number is None:
            return None
        if self.promise:
            return Text("已做到", "kept") if number == 1 else Text("未做到", "not kept")
        unit, shown = self.claim.unit, claims.shown(number, 2)
        return Text(f"{shown}{unit.zh}", f"{shown}{unit.en}" if unit.en == "%" else f"{shown} {unit.en}")

    @property
    def measure(self) -> Text | None:
        """Return by what the recomputed number is judged; None for a promise or a figure without a number."""
        if self.promise or self.claim.number is None:
            return None
        n, tolerance = claims.shown(self.claim.number, 2), claims.shown(self.claim.tolerance)
        words = COMPARED[self.claim.comparison]
        return Text(words.zh.format(n=n, tolerance=tolerance), words.en.format(n=n, tolerance=tolerance))


@dataclass(frozen=True)
class Chosen:
    """What a reader asked to see: a case, a result, both or everything."""

    case: int | None
    result: Result | None

    @property
    def any(self) -> bool:
        return self.case is not None or self.result is not None


def chosen(asked: Mapping[str, str]) -> Chosen:
    """Return the filter in a query string; what is no case or no result is left out."""
    case, result = asked.get("case", ""), asked.get("status", "")
    known = {member.value for member in Result}
    return Chosen(
        int(case) if case.isdecimal() and len(case) < 4 else None, Result(result) if result in known else None
    )


def rows(board: claims.Board, wanted: Chosen) -> list[Row]:
    """Return the claims that were asked for, in the order of the source."""
    return [
        Row(line)
        for group in board.groups
        if wanted.case is None or group.case == wanted.case
        for line in group.lines
        if wanted.result is None or line.result is wanted.result
    ]


def one(code: str) -> Row | None:
    """Return one claim, or None."""
    found = claims.claim(code)
    if found is None:
        return None
    board = claims.board(service=found.service)
    return next(Row(line) for group in board.groups for line in group.lines if line.claim.code == code)


HEADER = (
    "编号 id",
    "案例 case",
    "类别 kind",
    "原句 sentence",
    "sentence_en",
    "原文 expected",
    "比较 comparison",
    "原文数值 said",
    "复算 computed",
    "单位 unit",
    "结果 result",
    "截至 as of",
    "口径 definition",
    "怎样算出或为何算不出 how or why not",
    "用时毫秒 took ms",
    "复算时间 proved at",
)


def cells(row: Row) -> list[str]:
    """Return one claim as the cells of HEADER, Chinese first."""
    claim, line = row.claim, row.line
    return [
        claim.code,
        str(claim.case),
        row.kind.zh,
        claim.sentence.zh,
        claim.sentence.en,
        claim.expected,
        str(claim.comparison),
        _exact(claim.number),
        _exact(line.number),
        claim.unit.zh,
        row.result.zh,
        line.as_of.isoformat() if line.as_of else "",
        claim.definition.zh,
        line.detail.zh,
        str(line.took_ms) if line.proved_at else "",
        _instant(line.proved_at),
    ]


def document(board: claims.Board, wanted: Chosen) -> dict[str, Any]:
    """Return the proving as one JSON document; numbers are exact texts."""
    return {
        "proved_at": _instant(board.proved_at) or None,
        "totals": {str(result): n for result, n in board.totals.items()},
        "claims": list(_claims(rows(board, wanted))),
        "checks": [
            {
                "id": check.code,
                "says": check.says.zh,
                "says_en": check.says.en,
                "left": claims.shown(check.left_value).replace(",", ""),
                "relation": str(check.relation),
                "right": claims.shown(check.right_value).replace(",", ""),
                "holds": check.holds,
            }
            for check in board.checks
        ],
    }


def _claims(found: list[Row]) -> Iterator[dict[str, Any]]:
    for row in found:
        claim, line = row.claim, row.line
        yield {
            "id": claim.code,
            "case": claim.case,
            "service": claim.service,
            "kind": str(claim.kind),
            "sentence": claim.sentence.zh,
            "sentence_en": claim.sentence.en,
            "expected": claim.expected,
            "comparison": str(claim.comparison),
            "said": _exact(claim.number) or None,
            "tolerance_percent": _exact(claim.tolerance),
            "computed": _exact(line.number) or None,
            "unit": claim.unit.zh,
            "result": str(line.result),
            "as_of": line.as_of.isoformat() if line.as_of else None,
            "definition": claim.definition.zh,
            "definition_en": claim.definition.en,
            "detail": line.detail.zh,
            "detail_en": line.detail.en,
            "took_ms": line.took_ms,
        }


def _exact(number: Decimal | None) -> str:
    return "" if number is None else claims.shown(number, 10).replace(",", "")


def _instant(at: datetime | None) -> str:
    return at.isoformat() if at else ""


def trend(code: str) -> list[claims.Point]:
    """Return what the latest provings that came to a number found for one claim, oldest first."""
    return [point for point in claims.trend(code) if point.number is not None]
