"""How we measure ourselves: each figure is a ratio to a limit measured in the same run, median of interleaved rounds.

A module here has `run(scale: float) -> list[Figure]`; `bancheng bench` finds it by itself. Raw rates say more about the
machine than about us; a ratio does not flicker with it. `scale` shrinks the data for a quick look (1.0 is of record).
"""

import importlib
import os
import pkgutil
import platform
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

from bancheng.site.verbs.version import versions

Measure = Callable[[], "float | None"]
BY_NAME = frozenset({"faults", "land_proofs"})  # take an hour and more: run when they are asked for by name


@dataclass(frozen=True)
class Figure:
    """What we reach, and the limit it is held against.

    A `unit` that ends in "/s" or begins with "per" is a rate, where more is better and the ratio must reach the goal; anything else is a cost
    (s, ms, MB), where the ratio must stay below it. `ratio_goal` None: shown, not judged.
    """

    name: str
    ours: float
    limit: float
    ratio_goal: float | None
    unit: str
    note: str = ""

    @property
    def ratio(self) -> float:
        """Return ours ÷ limit."""
        return self.ours / self.limit if self.limit else float("inf")

    @property
    def more_is_better(self) -> bool:
        """Return whether the figure is a rate."""
        return self.unit.endswith("/s") or self.unit.startswith("per ")

    @property
    def reached(self) -> bool:
        """Return whether the goal is kept."""
        if self.ratio_goal is None:
            return True
        return self.ratio >= self.ratio_goal if self.more_is_better else self.ratio <= self.ratio_goal

    def as_row(self) -> dict[str, Any]:
        """Return the figure with its ratio and verdict, for JSON."""
        return {**asdict(self), "ratio": self.ratio, "reached": self.reached}


def compare(ours: Measure, limit: Measure, rounds: int = 5) -> tuple[float, float]:
    """Return the medians of both, measured in turn with the order swapped each round.

    A measure returns its own figure (a rate); one that returns None is timed, in seconds.
    """
    mine: list[float] = []
    theirs: list[float] = []
    for number in range(rounds):
        pair = [(ours, mine), (limit, theirs)]
        for measure, results in pair if number % 2 == 0 else reversed(pair):
            results.append(measured(measure))
    return median(mine), median(theirs)


def measured(measure: Measure) -> float:
    """Return what `measure` says, or the seconds it took."""
    began = time.perf_counter()
    said = measure()
    return time.perf_counter() - began if said is None else said


def names() -> list[str]:
    """Return the benches there are."""
    return sorted(found.name for found in pkgutil.iter_modules(__path__) if not found.name.startswith("_"))


def usual() -> list[str]:
    """Return the benches that are run when none is named."""
    return [name for name in names() if name not in BY_NAME]


def run(name: str, scale: float) -> list[Figure]:
    """Run one bench."""
    module = importlib.import_module(f"{__name__}.{name}")
    figures: list[Figure] = module.run(scale)
    return figures


def machine() -> str:
    """Return where and with what the figures were measured, and the machine's own date."""
    known = ", ".join(f"{name} {version}" for name, version in versions().items())
    return f"{time.strftime('%Y-%m-%d')}, {processor()}, {os.cpu_count()} × CPU, {platform.system()}; {known}"


def processor() -> str:
    """Return the processor's name as the kernel tells it."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as lines:
            return next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.machine()


def table(figures: list[Figure]) -> str:
    """Return the figures as a Markdown table, which also reads well in a terminal."""
    rows: list[tuple[str, ...]] = [("figure", "ours", "limit", "unit", "ratio", "goal", "")]
    rows += [_cells(figure) for figure in figures]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in rows
    ]
    lines.insert(1, "| " + " | ".join("-" * max(width, 3) for width in widths) + " |")
    return "\n".join(lines)


def _cells(figure: Figure) -> tuple[str, ...]:
    sign = "≥" if figure.more_is_better else "≤"
    goal = f"{sign} {figure.ratio_goal:g}" if figure.ratio_goal is not None else "-"
    verdict = "pass" if figure.reached else "SHORT"
    name = f"{figure.name} ({figure.note})" if figure.note else figure.name
    ours, limit = _number(figure.ours), _number(figure.limit)
    return (name, ours, limit, figure.unit, f"{figure.ratio:.3g}", goal, verdict)


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
