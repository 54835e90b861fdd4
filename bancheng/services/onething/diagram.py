"""A flow as a picture: which step follows which, drawn as columns from left to right; pure, so that a test can count lines."""

from collections.abc import Collection
from dataclasses import dataclass

from bancheng.kernel.cases import public as cases
from bancheng.lib.text import Text

WIDE, HIGH, GAP_X, GAP_Y, PAD = 132, 46, 36, 14, 4  # units of the picture
LINE = 9  # Chinese characters in a line of a box; two letters count as one


@dataclass(frozen=True)
class Box:
    """A step in the picture."""

    code: str
    name: Text
    x: int
    y: int
    state: str  # "done", "now" or ""
    optional: bool
    after: tuple[str, ...] = ()

    @property
    def middle(self) -> int:
        return self.x + WIDE // 2


@dataclass(frozen=True)
class Picture:
    """Boxes, the lines between them, and how large it is."""

    boxes: tuple[Box, ...]
    lines: tuple[str, ...]  # paths
    width: int
    height: int

    def before(self, code: str) -> list[Text]:
        """Return the names of the steps that stand before one, of those that are drawn."""
        after = {box.code: box.after for box in self.boxes}[code]
        return [box.name for box in self.boxes if box.code in after]


def drawn(
    flow: cases.Flow, *, done: Collection[str] = (), now: Collection[str] = (), left_out: Collection[str] = ()
) -> Picture:
    """Return the picture of a flow; `left_out` are steps that the answers do not call for."""
    steps = [step for step in flow.steps if step.code not in left_out]
    column = columns(steps)
    rows: dict[int, int] = {}
    boxes = []
    for step in steps:
        at = column[step.code]
        row = rows.get(at, 0)
        rows[at] = row + 1
        state = "now" if step.code in now else "done" if step.code in done else ""
        x, y = PAD + at * (WIDE + GAP_X), PAD + row * (HIGH + GAP_Y)
        boxes.append(Box(step.code, step.name, x, y, state, _optional(flow, step), step.after))
    by_code = {box.code: box for box in boxes}
    lines = [_path(by_code[before], by_code[step.code]) for step in steps for before in step.after if before in by_code]
    width = max((box.x for box in boxes), default=0) + WIDE + PAD
    height = max((box.y for box in boxes), default=0) + HIGH + PAD
    return Picture(tuple(boxes), tuple(lines), width, height)


def _optional(flow: cases.Flow, step: cases.Step) -> bool:
    """Return whether a step comes only for some: the answers call for it, or a promise was untrue."""
    return bool(step.when.names) or (flow.promise is not None and step.code == flow.promise.recheck)


def columns(steps: Collection[cases.Step]) -> dict[str, int]:
    """Return in which column each step stands: right of everything it comes after."""
    there = {step.code for step in steps}
    column: dict[str, int] = {}
    for _ in steps:
        for step in steps:
            before = [column.get(code, 0) for code in step.after if code in there]
            column[step.code] = max(before, default=-1) + 1
    return column


def _path(a: Box, b: Box) -> str:
    x1, y1, x2, y2 = a.x + WIDE, a.y + HIGH // 2, b.x, b.y + HIGH // 2
    turn = x2 - GAP_X // 2
    return f"M{x1} {y1}H{turn}V{y2}H{x2}M{x2 - 6} {y2 - 4}L{x2} {y2}L{x2 - 6} {y2 + 4}"


def words_in_lines(name: str) -> list[str]:
    """Return a name in at most two lines that fit into a box, cut with … when it is longer."""
    parts: list[str] = []
    line, weight, whole = "", 0.0, _weight(name)
    room = LINE if whole <= LINE else max(min(whole / 2 + 1, LINE), LINE / 2)  # two lines of about the same length
    for piece in _pieces(name):
        heavy = _weight(piece)
        if line and weight + heavy > room and not (len(parts) == 1 and weight + heavy <= LINE):
            parts.append(line.strip())
            line, weight = "", 0.0
        line, weight = line + piece, weight + heavy
    parts.append(line.strip())
    return parts if len(parts) <= 2 else [parts[0], f"{parts[1][:-1]}…"]


def _weight(name: str) -> float:
    return sum(0.55 if char.isascii() else 1.0 for char in name)


def _pieces(name: str) -> list[str]:
    """Return what may not be broken: words of letters, single characters of Chinese."""
    pieces: list[str] = []
    for char in name:
        if pieces and char.isascii() and pieces[-1][-1].isascii() and not pieces[-1].endswith(" "):
            pieces[-1] += char
        else:
            pieces.append(char)
    return pieces
