"""The pack's claims folder: one TOML file per case, `checks.toml` for the arithmetic. Errors name file and line."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from bancheng.kernel.claims.rules import ID, BadFormula, Comparison, Kind, Relation, Topic, evaluate, ids_in


class BadPack(ValueError):
    """The folder cannot be read: every mistake found, one a line, "file:line: what is wrong"."""

    def __init__(self, mistakes: Iterable[str]) -> None:
        self.mistakes = list(mistakes)
        super().__init__("\n".join(self.mistakes))


@dataclass(frozen=True)
class ClaimRow:
    """One claim as written."""

    code: str
    kind: Kind
    sentence: str
    sentence_en: str
    expected: str
    comparison: Comparison
    number: Decimal | None
    tolerance: Decimal
    unit: str
    unit_en: str
    definition: str
    definition_en: str
    period: str
    period_en: str
    as_of: str
    section: str
    paragraph: int
    topic: Topic
    check_name: str


@dataclass(frozen=True)
class CaseRow:
    """One case with its claims in the order of the file."""

    number: int
    service: str
    title: str
    title_en: str
    unit: str
    unit_en: str
    claims: tuple[ClaimRow, ...]


@dataclass(frozen=True)
class CheckRow:
    """One consistency check as written."""

    code: str
    says: str
    says_en: str
    left: str
    relation: Relation
    right: str
    places: int | None


@dataclass(frozen=True)
class Pack:
    """A city's claims."""

    cases: tuple[CaseRow, ...]
    checks: tuple[CheckRow, ...]

    @property
    def claims(self) -> list[ClaimRow]:
        """Return every claim in the order of cases."""
        return [claim for case in self.cases for claim in case.claims]


CASE_FIELDS = ("title", "title_en", "unit", "unit_en")
CLAIM_TEXTS = ("sentence", "sentence_en", "section")
OPTIONAL = ("definition", "definition_en", "unit", "unit_en", "period", "period_en", "as_of", "check")
KNOWN = {"id", "kind", "topic", "paragraph", "expected", "comparison", "number", "tolerance", *CLAIM_TEXTS, *OPTIONAL}


def read(folder: Path) -> Pack:
    """Return the claims of `folder`; raises BadPack with every mistake found."""
    mistakes: list[str] = []
    seen: dict[str, str] = {}
    cases = [_case(path, mistakes, seen) for path in sorted(folder.glob("[0-9][0-9]-*.toml"))]
    found = [case for case in cases if case is not None]
    if not found:
        raise BadPack([*mistakes, f"{folder.name}:1: 没有案例文件 · no case files (NN-name.toml)"])
    path = folder / "checks.toml"
    numbers = {claim.code: claim.number for case in found for claim in case.claims if claim.number is not None}
    checks = _checks(path, numbers, mistakes) if path.exists() else []
    if mistakes:
        raise BadPack(mistakes)
    return Pack(tuple(found), tuple(checks))


def _open(path: Path, mistakes: list[str]) -> dict[str, Any] | None:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        at = re.search(r"line (\d+)", str(error))
        mistakes.append(f"{path.name}:{at[1] if at else 1}: 不是有效的 TOML · not TOML: {error}")
        return None


def _lines(path: Path, table: str) -> list[int]:
    """Return the line of each [[table]], which TOML itself does not keep."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [number for number, line in enumerate(lines, 1) if line.strip() == f"[[{table}]]"]


def _case(path: Path, mistakes: list[str], seen: dict[str, str]) -> CaseRow | None:
    data = _open(path, mistakes)
    if data is None:
        return None
    number = int(path.name[:2])
    mistakes += [
        f"{path.name}:1: 案例缺少 {name} · the case needs {name}" for name in CASE_FIELDS if not data.get(name)
    ]
    if data.get("case") != number:
        mistakes.append(f"{path.name}:1: 案例号应与文件名一致 · case must be {number}, as the file's name says")
    lines = _lines(path, "claim")
    claims = []
    for line, raw in zip(lines, data.get("claim", []), strict=True):
        wrong = list(_wrong(raw, number))
        mistakes += [f"{path.name}:{line}: {raw.get('id', '?')}: {what}" for what in wrong]
        if not wrong:
            claims.append(_claim(raw))
        if raw.get("id") in seen:
            mistakes.append(
                f"{path.name}:{line}: {raw['id']}: 编号重复，已见于 {seen[raw['id']]} · the id stands there already"
            )
        seen.setdefault(str(raw.get("id")), f"{path.name}:{line}")
    return CaseRow(
        number=number,
        service=f"S{number:02}",
        **{name: data.get(name, "") for name in CASE_FIELDS},
        claims=tuple(claims),
    )


def _wrong(raw: Mapping[str, Any], case: int) -> Iterable[str]:
    """Yield what is wrong with one claim."""
    code = raw.get("id", "")
    if not ID.match(code) or code[1:].split(".")[0] != str(case):
        yield f"编号应形如 A{case}.1 或 F{case}.1a · id must look like A{case}.1 or F{case}.1a"
    yield from (f"缺少 {name} · {name} is missing" for name in CLAIM_TEXTS if not str(raw.get(name, "")).strip())
    yield from (f"没有 {name} 这一项 · {name} is not a field" for name in sorted(set(raw) - KNOWN))
    kind = raw.get("kind")
    if kind not in list(Kind):
        yield f"kind 应为其一 · kind must be one of {', '.join(Kind)}"
    if raw.get("topic") not in list(Topic):
        yield f"topic 应为其一 · topic must be one of {', '.join(Topic)}"
    if not isinstance(raw.get("paragraph"), int):
        yield "paragraph 应为该案例中的段落序号 · paragraph must be the whole number of the paragraph in the case"
    if raw.get("comparison", "=") not in list(Comparison):
        yield f"comparison 应为其一 · comparison must be one of {' '.join(Comparison)}"
    if raw.get("comparison") == "≈" and not raw.get("tolerance"):
        yield "“约”须写明允差百分比 · ≈ needs a tolerance in percent"
    for name in ("number", "tolerance"):
        if not _is_decimal(raw.get(name, "0")):
            yield f'{name} 应为引号中的十进制数 · {name} must be a decimal in quotes, like "62000"'
    if code.startswith("A") and not raw.get("expected"):
        yield "数字须有 expected（原文写法）· a figure needs expected: its exact text"
    if (code.startswith("A") or kind == Kind.PROMISE) and not (raw.get("definition") and raw.get("definition_en")):
        yield "须写明口径 · a figure or promise needs definition and definition_en: what exactly is counted"
    if str(raw.get("expected", "")) not in str(raw.get("sentence", "")):
        yield "expected 不在原句中 · expected does not stand in the sentence"
    if kind == Kind.COMPUTED and "number" not in raw:
        yield "可复算的数字须有 number · a computed figure needs a number"
    if kind == Kind.PROMISE and not raw.get("check"):
        yield "承诺须写明检验 · a promise needs check: what shows that it is kept"


def _is_decimal(text: object) -> bool:
    """Return whether `text` is a plain decimal in quotes: a bare 37.5 would be a float before we see it."""
    return isinstance(text, str) and re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", text) is not None


def _claim(raw: Mapping[str, Any]) -> ClaimRow:
    return ClaimRow(
        code=raw["id"],
        kind=Kind(raw["kind"]),
        expected=raw.get("expected", ""),
        comparison=Comparison(raw.get("comparison", "=")),
        number=Decimal(raw["number"]) if "number" in raw else None,
        tolerance=Decimal(raw.get("tolerance", "0")),
        paragraph=raw["paragraph"],
        topic=Topic(raw["topic"]),
        check_name=raw.get("check", ""),
        **{name: raw[name] for name in CLAIM_TEXTS},
        **{name: raw.get(name, "") for name in OPTIONAL if name != "check"},
    )


def _checks(path: Path, numbers: Mapping[str, Decimal], mistakes: list[str]) -> list[CheckRow]:
    data = _open(path, mistakes) or {}
    checks: list[CheckRow] = []
    for line, raw in zip(_lines(path, "check"), data.get("check", []), strict=True):
        try:
            check = CheckRow(
                code=raw["id"],
                says=raw["says"],
                says_en=raw["says_en"],
                left=raw["left"],
                relation=Relation(raw["relation"]),
                right=raw["right"],
                places=raw.get("places"),
            )
            unknown = (ids_in(check.left) | ids_in(check.right)) - set(numbers)
            if unknown:
                raise ValueError(f"no number for {', '.join(sorted(unknown))}")
            evaluate(check.left, numbers), evaluate(check.right, numbers)
        except (KeyError, ValueError, BadFormula, ZeroDivisionError) as error:
            mistakes.append(f"{path.name}:{line}: {raw.get('id', '?')}: {error!r}")
        else:
            checks.append(check)
    return checks
