"""Opens the files of a pack and remembers on which line each value stands.

An `Entry` is one table or row. Its getters never raise: what cannot be read is noted as a `Problem` with file and line,
and a harmless value of the right type comes back, so that one run tells everything that is wrong. `finish` notes the
keys nobody asked for: a misspelt key is an error, not a silent default.

    notes = Notes(root)
    for entry in tables(folder / "items.toml", "item", notes=notes):
        code = entry.text("code")
        ...
        entry.finish()
    notes.check()  # raises Faulty with all of them
"""

import csv
import io
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

from bancheng.kernel.clocks import public as clocks
from bancheng.lib.text import Text

Word = TypeVar("Word", bound=StrEnum)
LARGEST = 20_000_000  # bytes; a pack is written by people


@dataclass(frozen=True, order=True)
class Problem:
    """One thing to correct, and the line it stands on."""

    file: str
    line: int
    zh: str
    en: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.zh}"

    def of(self, language: str) -> str:
        """Return the line in `language`."""
        return f"{self.file}:{self.line}: {Text(self.zh, self.en).of(language)}"


class Faulty(Exception):
    """A pack that cannot be loaded: all its problems, in the order of files and lines. Nothing was changed."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


@dataclass
class Notes:
    """Collects the problems of one reading; file names are shown relative to `root`."""

    root: Path
    problems: list[Problem] = field(default_factory=list)

    def name(self, path: Path) -> str:
        """Return `path` as a problem shows it."""
        return path.relative_to(self.root).as_posix() if path.is_relative_to(self.root) else path.as_posix()

    def add(self, path: Path, line: int, zh: str, en: str) -> None:
        """Note a problem on `line` (from 1) of `path`."""
        self.problems.append(Problem(self.name(path), line, zh, en))

    def check(self) -> None:
        """Raise Faulty when anything was noted."""
        if self.problems:
            raise Faulty(tuple(sorted(set(self.problems))))


@dataclass
class Entry:
    """One table of a TOML file or one row of a CSV file."""

    path: Path
    line: int
    values: Mapping[str, Any]
    notes: Notes
    lines: Mapping[tuple[Any, ...], int] = field(default_factory=dict)
    place: tuple[Any, ...] = ()
    asked: set[str] = field(default_factory=set)

    def line_of(self, *keys: Any) -> int:
        """Return the line of a key, or the nearest line known around it."""
        for end in range(len(keys), 0, -1):
            if found := self.lines.get((*self.place, *keys[:end])):
                return found
        return self.line

    def wrong(self, key: str, zh: str, en: str, *more: Any) -> None:
        """Note that `key` is wrong."""
        self.notes.add(self.path, self.line_of(key, *more), zh, en)

    def _get(self, key: str, required: bool) -> Any:
        self.asked.add(key)
        value = self.values.get(key)
        if isinstance(value, str):
            value = value.strip()
        if value in (None, "") and required:
            self.wrong(key, f"缺少“{key}”。", f"“{key}” is missing.")
        return None if value == "" else value

    def _typed(self, key: str, kind: type, zh: str, en: str, required: bool) -> Any:
        value = self._get(key, required)
        if value is None:
            return None
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            self.wrong(key, f"“{key}”应为{zh}。", f"“{key}” must be {en}.")
            return None
        return value

    def text(self, key: str, *, required: bool = True, longest: int = 0) -> str:
        """Return a text; nothing when it is missing."""
        value = self._typed(key, str, "文字，请加引号", "text, in quotes", required) or ""
        if longest and len(value) > longest:
            self.wrong(key, f"“{key}”不超过{longest}个字，这里有{len(value)}个。", f"“{key}” is longer than {longest}.")
        return str(value)

    def whole(self, key: str, *, required: bool = True) -> int | None:
        """Return a whole number that is not negative; from a CSV row it is read from text."""
        value = self._get(key, required)
        if isinstance(value, str) and re.fullmatch(r"\d{1,15}", value) and not self.lines:
            return int(value)
        if value is not None and (not isinstance(value, int) or isinstance(value, bool) or value < 0):
            self.wrong(key, f"“{key}”应为不小于0的整数。", f"“{key}” must be a whole number, not negative.")
            return None
        return value

    def flag(self, key: str) -> bool:
        """Return yes or no; no when it is missing."""
        value = self._get(key, required=False)
        if value in ("true", "false"):
            return bool(value == "true")
        if value is not None and not isinstance(value, bool):
            self.wrong(key, f"“{key}”应为 true 或 false。", f"“{key}” must be true or false.")
        return value is True

    def day(self, key: str, *, required: bool = False) -> date | None:
        """Return a date, written 2026-11-30."""
        value = self._get(key, required)
        if value is None or type(value) is date:
            return value if type(value) is date else None
        try:
            return date.fromisoformat(value)
        except (TypeError, ValueError):
            self.wrong(
                key, f"“{key}”应为真实的日期，如2026-11-30。", f"“{key}” must be a real date such as 2026-11-30."
            )
            return None

    def decimal(self, key: str, *, required: bool = False) -> Decimal | None:
        """Return an exact number, written as text so that no float comes near it."""
        value = self._get(key, required)
        if value is None:
            return None
        try:
            found = Decimal(value) if isinstance(value, str) else None
        except InvalidOperation:
            found = None
        if found is None or not found.is_finite():
            self.wrong(key, f"“{key}”应为加引号的小数。", f"“{key}” must be a decimal number in quotes.")
            return None
        return found

    def choice(self, key: str, words: type[Word]) -> Word:
        """Return one of `words`; the first of them when it is wrong."""
        value = self._get(key, required=True)
        try:
            return words(value)
        except ValueError:
            if value is not None:
                allowed = "、".join(words)
                self.wrong(key, f"“{key}”应为{allowed}之一。", f"“{key}” must be one of {allowed}.")
            return next(iter(words))

    def texts(self, key: str, *, required: bool = False) -> tuple[str, ...]:
        """Return a list of texts; in a CSV row they stand between bars: `a|b`."""
        value = self._get(key, required)
        if isinstance(value, str) and not self.lines:
            value = value.split("|")
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(one, str) and one.strip() for one in value):
            self.wrong(key, f"“{key}”应为文字的列表。", f"“{key}” must be a list of texts.")
            return ()
        return tuple(one.strip() for one in value)

    def choices(self, key: str, words: type[Word]) -> tuple[Word, ...]:
        """Return a list of `words`, none of them twice; nothing when it is missing."""
        written = self.texts(key)
        known = {word.value: word for word in words}
        if wrong := [one for one in written if one not in known]:
            allowed = "、".join(words)
            self.wrong(
                key,
                f"“{key}”里的“{wrong[0]}”应为{allowed}之一。",
                f"“{wrong[0]}” in “{key}” must be one of {allowed}.",
            )
        return tuple(known[one] for one in dict.fromkeys(written) if one in known)

    def length(self, key: str, *, required: bool = True) -> clocks.Length | None:
        """Return a length of time, written `{ n = 20, unit = "WD" }` (WD, ND, MONTH or HOUR)."""
        value = self._get(key, required)
        if value is None:
            return None
        try:
            return clocks.Length(_natural(value["n"]), clocks.Unit[value["unit"]])
        except (KeyError, TypeError, ValueError):
            units = "、".join(unit.name for unit in clocks.Unit)
            self.wrong(
                key,
                f'“{key}”应写成 {{ n = 20, unit = "WD" }}，单位为{units}之一。',
                f'“{key}” must be written {{ n = 20, unit = "WD" }}, the unit one of {units}.',
            )
            return None

    def tables(self, key: str, *, required: bool = False) -> list["Entry"]:
        """Return the tables that stand inside this one."""
        value = self._get(key, required)
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
            self.wrong(key, f"“{key}”应为表的列表。", f"“{key}” must be a list of tables.")
            return []
        return [self._inside(key, i, one) for i, one in enumerate(value)]

    def table(self, key: str, *, required: bool = False) -> "Entry | None":
        """Return the one table that stands inside this one."""
        value = self._get(key, required)
        if value is None:
            return None
        if not isinstance(value, dict):
            self.wrong(key, f"“{key}”应为一个表。", f"“{key}” must be a table.")
            return None
        return self._inside(key, None, value)

    def _inside(self, key: str, i: int | None, values: Mapping[str, Any]) -> "Entry":
        place = (key,) if i is None else (key, i)
        return Entry(self.path, self.line_of(*place), values, self.notes, self.lines, (*self.place, *place))

    def finish(self) -> None:
        """Note every key that was never asked for."""
        for key in self.values:
            if key not in self.asked:
                self.wrong(key, f"不认识的键“{key}”，请对照说明改正。", f"“{key}” is not a known key; see the guide.")


def _natural(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError(value)
    return value


def document(path: Path, *, notes: Notes) -> Entry:
    """Return the whole TOML file as one entry; an empty one, with the reason noted, when it cannot be read."""
    text = _read(path, notes)
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"line (\d+)", str(error))
        line = int(found.group(1)) if found else max(text.count("\n"), 1)
        notes.add(path, line, f"TOML格式有误：{error}。", f"This is not valid TOML: {error}.")
        values = {}
    return Entry(path, 1, values, notes, toml_lines(text) or {(): 1})


def tables(path: Path, key: str, *, notes: Notes) -> list[Entry]:
    """Return the `[[key]]` tables of a TOML file that holds nothing else."""
    whole = document(path, notes=notes)
    found = whole.tables(key)
    whole.finish()
    return found


def rows(path: Path, columns: tuple[str, ...], *, notes: Notes) -> list[Entry]:
    """Return the rows of a CSV file whose first line names exactly `columns`, in any order."""
    text = _read(path, notes)
    if not text.strip():
        return []
    reader = csv.reader(io.StringIO(text), strict=True)
    found: list[Entry] = []
    try:
        head = [name.strip() for name in next(reader)]
        if sorted(head) != sorted(columns):
            wanted, is_there = "、".join(columns), "、".join(head)
            zh, en = (
                f"首行应列出：{wanted}；现在是：{is_there}。",
                f"The first line must name {wanted}, not {is_there}.",
            )
            notes.add(path, 1, zh, en)
            return []
        before = reader.line_num
        for cells in reader:
            line, before = before + 1, reader.line_num
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(head):
                zh = f"这一行有{len(cells)}格，应有{len(head)}格，请检查逗号。"
                notes.add(path, line, zh, f"This row has {len(cells)} cells instead of {len(head)}: check the commas.")
                continue
            found.append(Entry(path, line, dict(zip(head, cells, strict=True)), notes))
    except csv.Error as error:
        notes.add(path, reader.line_num, f"CSV格式有误：{error}。", f"This is not valid CSV: {error}.")
    return found


def _read(path: Path, notes: Notes) -> str:
    """Return the text of a file; nothing, with the reason noted, when it is missing, too large or not UTF-8."""
    if not path.is_file():
        notes.add(path, 1, "缺少这个文件。", "This file is missing.")
        return ""
    if path.stat().st_size > LARGEST:
        notes.add(path, 1, f"文件超过{LARGEST // 1_000_000}MB。", f"The file is larger than {LARGEST // 1_000_000} MB.")
        return ""
    data = path.read_bytes()
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        notes.add(path, line, "文件不是UTF-8编码，请另存为UTF-8。", "The file is not UTF-8; save it as UTF-8.")
        return ""


HEADER = re.compile(r"\s*(\[\[?)\s*([^\[\]]+?)\s*\]\]?\s*(#.*)?$")
KEY = re.compile(r"\s*([A-Za-z0-9_-]+|\"[^\"]+\")\s*=")
ELEMENT = re.compile(r"\s*\{")


def toml_lines(text: str) -> dict[tuple[Any, ...], int]:
    """Return the line of each table, key and one-line element of a TOML text, by its path: ("matter", 0, "name").

    A scan, not a parser: it leans on the way people write packs (one key a line, an element of a list a line).
    """
    found: dict[tuple[Any, ...], int] = {}
    counts: dict[tuple[Any, ...], int] = {}
    place: tuple[Any, ...] = ()
    key, element, fence = "", 0, ""
    for number, line in enumerate(text.splitlines(), 1):
        if fence:
            fence = "" if fence in line else fence
            continue
        if header := HEADER.match(line):
            place = _place(header.group(2).split("."), header.group(1) == "[[", counts)
            found[place], key = number, ""
        elif named := KEY.match(line):
            key, element = named.group(1).strip('"'), 0
            found.setdefault((*place, key), number)
            if "[" in line and "{" in line:
                found[(*place, key, 0)] = number
                element = 1
            fence = next((mark for mark in ('"""', "'''") if line.count(mark) == 1), "")
        elif key and ELEMENT.match(line):
            found[(*place, key, element)] = number
            element += 1
    return found


def _place(names: list[str], is_list: bool, counts: dict[tuple[Any, ...], int]) -> tuple[Any, ...]:
    """Return the path of a header: `[[matter.materials]]` is the next of the last matter's materials."""
    place: tuple[Any, ...] = ()
    for i, name in enumerate(part.strip().strip('"') for part in names):
        place = (*place, name)
        if i == len(names) - 1 and is_list:
            counts[place] = counts.get(place, -1) + 1
        if place in counts:
            place = (*place, counts[place])
    return place
