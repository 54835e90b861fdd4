"""What is judged of an application on filing, and once more on recording: parties, consents, papers, amounts, areas.

Each check yields problems; all of them are told at once. What the book itself forbids is the book's to say.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from bancheng.kernel.registrations.rules.kinds import OWNERS, ROLES, Filer, Kind, Role, material
from bancheng.lib.refusal import Refused
from bancheng.lib.text import Text

CURRENCY = "CNY"
LEAST_FEN, MOST_FEN = (
    1_00,
    100_000_000_000_00,
)  # one yuan to a hundred thousand million: outside of it a zero or a unit slipped
LONGEST_YEARS = 50
MOST_PARTIES, MOST_LOTS, MOST_WORDS = 60, 500, 2000


@dataclass(frozen=True)
class Problem:
    """One thing that stands against an application."""

    code: str
    says: Text
    field: str = ""
    lot: str = ""
    status: int = 422


@dataclass(frozen=True)
class Named:
    """Somebody named in an application, as the checks need him: `known` identifies him, a hash or a unit's code."""

    role: Role
    kind: str  # person, organisation, unit
    name: str
    known: bytes | str
    married: bool = False
    spouse_of: str = ""


def refuse(problems: Sequence[Problem]) -> None:
    """Raise Refused with all problems in one sentence; the first one's code and status."""
    if not problems:
        return
    first = problems[0]
    zh = "；".join(each.says.zh.rstrip("。") for each in problems)
    en = "; ".join(each.says.en.rstrip(".") for each in problems)
    raise Refused(
        first.code,
        f"{zh}。申请没有提交，也没有写入登记簿。",
        en=f"{en}. Nothing was filed or recorded.",
        status=first.status,
    )


def parties(kind: Kind, filer: Filer, named: Sequence[Named]) -> Iterator[Problem]:
    """Yield what is wrong with who files and who is named. R13.3, B13.3."""
    if filer not in kind.files:
        yield Problem(
            "filer_not_for_kind",
            Text(f"“{kind.name.zh}”不能由您这一方申报", f"“{kind.name.en}” is not yours to file"),
            "by",
            status=403,
        )
    held = {each.role for each in named}
    for role in sorted(kind.roles - held):
        said = ROLES[role]
        yield Problem(
            "party_missing", Text(f"缺少{said.zh}，请补充后再提交", f"The {said.en} is missing; name him"), "parties"
        )
    yield from _spouses(kind, named)


def _spouses(kind: Kind, named: Sequence[Named]) -> Iterator[Problem]:
    """Yield each married owner whose spouse neither holds nor is named (民法典 第一千零六十二条: what is bought in marriage is of both)."""
    if Role.SPOUSE not in kind.consents:
        return
    spoused = {each.spouse_of for each in named if each.spouse_of}
    for each in named:
        if each.kind == "person" and each.married and each.name not in spoused and not each.spouse_of:
            yield Problem(
                "spouse_missing",
                Text(
                    f"{each.name}已婚，缺少配偶的信息和同意，请补充配偶",
                    f"{each.name} is married; name the spouse, who has to agree",
                ),
                "parties",
            )


def owners(kind: Kind, named: Sequence[Named], holders: Mapping[str, Mapping[bytes | str, str]]) -> Iterator[Problem]:
    """Yield where the parties are not the holders in the book: `holders` gives, by lot, whoever holds it and his name. R13.3: all of them."""
    if not kind.owners:
        return
    given = {each.known for each in named if each.role in OWNERS}
    for lot, held in holders.items():
        missing = [name for known, name in held.items() if known not in given]
        if missing and len(missing) == len(held):
            yield Problem(
                "not_the_holder",
                Text(
                    f"不动产单元{lot}登记簿上的权利人不是申请中的{ROLES[Role.MORTGAGOR].zh}，请核对身份和单元代码",
                    f"The book's holder of {lot} is not the one named; check identity and unit code",
                ),
                "parties",
                lot,
            )
        elif missing:
            yield Problem(
                "holder_missing",
                Text(
                    f"不动产单元{lot}为共有，缺少{len(missing)}位共有人，须全部列明并本人同意",
                    f"{lot} is held jointly: {len(missing)} co-holder(s) not named; all have to be and to agree",
                ),
                "parties",
                lot,
            )


def freed(
    kind: Kind, filer: Filer, named: Sequence[Named], holders: Mapping[str, Collection[bytes | str]]
) -> Iterator[Problem]:
    """Yield when who asks that a mortgage ends, by the mortgagee's word alone, does not hold all it rests on: `holders` gives them by lot."""
    if filer not in kind.word:
        return
    given = {each.known for each in named if each.role in OWNERS}
    others = [lot for lot, held in holders.items() if not given & set(held)]
    if others or not holders:
        yield Problem(
            "not_the_holder",
            Text(
                f"抵押权还抵押着不属于您的不动产单元（共{len(others)}个），不能由您一方申请整体注销，请银行申请部分解押",
                f"The mortgage rests on {len(others)} unit(s) that are not yours too; ask the bank for a partial release",
            ),
            "parties",
            status=403,
        )


def papers(kind: Kind, given: Collection[str], *, word: bool) -> Iterator[Problem]:
    """Yield each paper that is missing: all at once, so that nobody is asked twice. With `word` the mortgagee says it in their place."""
    for code in () if word else kind.papers:
        if code not in given:
            said = material(code)
            yield Problem("papers_missing", Text(f"缺少材料：{said.zh}", f"Missing paper: {said.en}"), "papers")


def amounts(kind: Kind, payload: Mapping[str, Any], today: date) -> Iterator[Problem]:
    """Yield what cannot be right about principal, currency and term. B13.6, B7.8: amounts are whole fen, never floats."""
    if not kind.amounts:
        return
    fen = payload.get("principal_fen")
    if type(fen) is not int or not LEAST_FEN <= fen <= MOST_FEN:
        yield Problem(
            "amount_absurd",
            Text(
                "被担保的主债权数额须是以分为单位的整数，且在合理范围内",
                "The principal must be whole fen, within reason",
            ),
            "principal_fen",
        )
    if payload.get("currency", CURRENCY) != CURRENCY:
        yield Problem(
            "currency_unknown",
            Text(f"登记簿只记人民币（{CURRENCY}），请按合同约定折算", f"The book keeps {CURRENCY} only"),
            "currency",
        )
    yield from _term(payload, today)


def _term(payload: Mapping[str, Any], today: date) -> Iterator[Problem]:
    first, last = day(payload.get("first")), day(payload.get("last"))
    wrong = first is None or last is None or last <= first or last <= today
    if wrong or (first and last and last.year - first.year > LONGEST_YEARS):
        yield Problem(
            "term_absurd",
            Text(
                f"债务履行期限不合理：须起止日期齐全、止期在今天之后、不超过{LONGEST_YEARS}年",
                f"The term is not possible: it needs both dates, ends after today and lasts {LONGEST_YEARS} years at most",
            ),
            "last",
        )


def areas(payload: Mapping[str, Any], book: Mapping[str, int]) -> Iterator[Problem]:
    """Yield each area that is not the book's, both in m². B13.4; whole dm², never a float (B7.8)."""
    given = payload.get("areas", {})
    for lot, said in given.items() if isinstance(given, Mapping) else ():
        held = book.get(lot)
        if type(said) is not int or (held is not None and said != held):
            shown = square(said) if type(said) is int else str(said)
            yield Problem(
                "area_differs",
                Text(
                    f"不动产单元{lot}申请面积{shown}㎡与登记簿{square(held or 0)}㎡不一致，以登记簿为准，请改正",
                    f"{lot}: the area filed, {shown} m², is not the book's, {square(held or 0)} m²; the book decides",
                ),
                "areas",
                lot,
            )


def size(named: Sequence[Named], lots: Sequence[str]) -> Iterator[Problem]:
    """Yield when there are no lots, one twice, or more than one case may hold."""
    if not 1 <= len(lots) <= MOST_LOTS or len(set(lots)) != len(lots) or len(named) > MOST_PARTIES:
        yield Problem(
            "lots_wrong",
            Text(f"不动产单元须有1至{MOST_LOTS}个且不重复", f"Name 1 to {MOST_LOTS} units, each once"),
            "lots",
        )


def consenting(kind: Kind, named: Iterable[Named], *, unit: str) -> list[int]:
    """Return the places of those who have to agree with accounts of their own (R13.1, R13.3); a mortgagee, too, unless it files itself."""
    return [
        at
        for at, each in enumerate(named)
        if each.role in kind.consents or (each.role is Role.MORTGAGEE and each.known != unit)
    ]


def check_words(words: str) -> str:
    """Return a reason, stripped. Raises Refused("reason_missing"): a no always says why (条例 第十七、二十二条)."""
    said = words.strip()
    if not said or len(said) > MOST_WORDS:
        raise Refused(
            "reason_missing",
            f"须写明理由，不超过{MOST_WORDS}字，未作任何改动。",
            en=f"Say why, in at most {MOST_WORDS} characters; nothing was changed.",
            status=422,
        )
    return said


def day(text: Any) -> date | None:
    """Return a day written as in ISO, None when it is none."""
    try:
        return date.fromisoformat(text) if isinstance(text, str) and len(text) == 10 else None
    except ValueError:
        return None


def square(dm2: int) -> str:
    """Return an area in m² with its two digits, from whole dm²."""
    return f"{dm2 // 100}.{dm2 % 100:02d}"
