"""Rules of registrations that carry dates: how a sole trader's operator changes, and whose identity must be proven.

What the law says on a day is a row of `data/registration.toml`; the functions take the rows and the day, and read no clock.
"""

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from pathlib import Path

from bancheng.lib.dated import NotInForce, Row, in_force
from bancheng.lib.identifiers import Invalid, check_citizen_id, normalise
from bancheng.lib.text import Text

FILE = Path(__file__).parent / "data" / "registration.toml"
SOLE_TRADER = "92"  # the head of a sole trader's credit code: GB 32100, 工商、个体工商户
BETWEEN = re.compile(r"[\s,，、;；]+")
MOST = 60  # people of one firm


class Way(StrEnum):
    """How the operator of a sole trader is changed."""

    CLOSE_FIRST = "close_first"
    DIRECT = "direct"


@dataclass(frozen=True)
class RealNames:
    """In which matters, and of whom, identity must be proven."""

    matters: frozenset[str]
    roles: tuple[str, ...]


@dataclass(frozen=True)
class Rules:
    """What the file says."""

    operator_change: tuple[Row[Way], ...]
    real_names: tuple[Row[RealNames], ...]


@dataclass(frozen=True)
class Named:
    """Somebody on the list of a firm's people."""

    role: str
    name: str
    citizen_id: str


@cache
def shipped() -> Rules:
    """Return the rows of the file."""
    data = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return Rules(
        tuple(Row(row["since"], Way(row["way"]), row["law"]) for row in data["operator_change"]),
        tuple(
            Row(row["since"], RealNames(frozenset(row["matters"]), tuple(row["roles"])), row["law"])
            for row in data["real_names"]
        ),
    )


def is_sole_trader(uscc: str) -> bool:
    """Return whether a credit code is a sole trader's."""
    return uscc.startswith(SOLE_TRADER)


def operator_change(on: date, rows: Sequence[Row[Way]]) -> Row[Way]:
    """Return how a sole trader's operator is changed by an application of that day (R14.8).

    促进个体工商户发展条例 第十三条: directly, since 2022-11-01. Before, 市场主体登记管理条例实施细则 第三十八条: the old one
    is cancelled first, the new one registers again.
    """
    return in_force(rows, on)


def must_prove(matters: Sequence[str], on: date, rows: Sequence[Row[RealNames]]) -> Row[RealNames] | None:
    """Return the row by which those who act in one of `matters` prove their identity; None when none asks for it (R14.10).

    市场主体登记管理条例实施细则 第十六条: legal representative, shareholders, directors, supervisors, agents.
    """
    try:
        row = in_force(rows, on)
    except NotInForce:
        return None
    return row if row.value.matters & set(matters) else None


def people(text: str, roles: Sequence[str], *, today: date) -> tuple[list[Named], list[Text]]:
    """Return the people of a list, a line each ("监事 李四 4110…"), and what is wrong with lines that cannot be read.

    No sentence repeats a number.
    """
    found: list[Named] = []
    wrong: list[Text] = []
    for n, line in enumerate((line for line in text.splitlines() if line.strip()), start=1):
        parts = [part for part in BETWEEN.split(line.strip()) if part]
        if len(parts) != 3 or parts[0] not in roles:
            known = "、".join(roles)
            wrong.append(
                Text(
                    f"第{n}行请写“身份 姓名 身份证号码”，身份为{known}之一",
                    f"Line {n}: write capacity, name and ID number, the capacity one of {known}",
                )
            )
            continue
        try:
            found.append(Named(parts[0], parts[1], check_citizen_id(normalise(parts[2]), today=today)))
        except Invalid as no:
            wrong.append(Text(f"第{n}行的{no.says}", f"Line {n}: {no.en}"))
    if len(found) > MOST:
        wrong.append(Text(f"名单最多{MOST}人", f"The list holds {MOST} people at most"))
    return found, wrong
