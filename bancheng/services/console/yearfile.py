"""A year's holiday notice as people bring it: a CSV of days, or the TOML file that ships with the software."""

import csv
import io
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from bancheng.lib.refusal import Refused

LARGEST = 64 * 1024
KINDS = {"放假": "rest", "rest": "rest", "上班": "work", "调休上班": "work", "work": "work"}


@dataclass(frozen=True)
class Notice:
    """What a file says; `year` and `source` are empty where it is a CSV and leaves them to the form."""

    rest: Mapping[date, str]  # each day's festival
    work: tuple[date, ...]
    year: int | None = None
    source: str = ""

    @property
    def lines(self) -> str:
        """Return the days as the CSV that `read` takes."""
        days = [(day, "放假", name) for day, name in self.rest.items()] + [(day, "上班", "") for day in self.work]
        return "".join(f"{day},{kind},{name}\n" for day, kind, name in sorted(days))


def read(data: bytes) -> Notice:
    """Return what a file holds. Raises Refused("bad_year_file") naming the line."""
    if len(data) > LARGEST:
        raise _bad("文件超过64 KB，不是一年的放假安排。", "The file is larger than 64 KB: no notice of one year.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = data.decode("gb18030")  # how Chinese Excel writes a CSV
        except UnicodeDecodeError:
            raise _bad("文件不是文本，请用CSV或TOML。", "The file is no text: use CSV or TOML.") from None
    return _toml(text) if "[[rest]]" in text else _csv(text)


def _csv(text: str) -> Notice:
    rest: dict[date, str] = {}
    work: list[date] = []
    for n, row in enumerate(csv.reader(io.StringIO(text)), 1):
        cells = [cell.strip() for cell in row]
        if not any(cells) or (n == 1 and cells[0] in {"日期", "date"}):
            continue
        day, kind = _day(cells[0], n), KINDS.get(cells[1] if len(cells) > 1 else "")
        if kind is None:
            raise _bad(f"第{n}行：第二列请写“放假”或“上班”。", f"Line {n}: the second column is 放假 or 上班.")
        if day in rest or day in work:
            raise _bad(f"第{n}行：{day}写了两次。", f"Line {n}: {day} stands there twice.")
        if kind == "rest":
            rest[day] = cells[2] if len(cells) > 2 else ""
        else:
            work.append(day)
    return Notice(rest, tuple(work))


def _day(text: str, n: int) -> date:
    try:
        return date.fromisoformat(text.replace("/", "-"))
    except ValueError:
        raise _bad(
            f"第{n}行：“{text}”不是日期，请写成2027-01-01。", f"Line {n}: “{text}” is no date; write 2027-01-01."
        ) from None


def _toml(text: str) -> Notice:
    try:
        table = tomllib.loads(text)
        rest = {day: str(span.get("name", "")) for span in table["rest"] for day in _span(span)}
        work = tuple(day for day in table.get("work", []) if isinstance(day, date))
        return Notice(rest, work, int(table["year"]), str(table.get("source", "")))
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
        raise _bad(f"TOML读不懂：{error}", f"The TOML cannot be read: {error}") from None


def _span(span: Mapping[str, Any]) -> Iterator[date]:
    first, last = span["first"], span["last"]
    if not 0 <= (last - first).days < 60:
        raise ValueError(f"{first} – {last}")
    yield from (first + timedelta(days=n) for n in range((last - first).days + 1))


def _bad(zh: str, en: str) -> Refused:
    return Refused("bad_year_file", f"{zh}没有载入任何内容。", en=f"{en} Nothing was loaded.", status=422)
