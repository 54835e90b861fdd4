"""How `verify` of a part that can recompute itself is shown: the faults that were found, or that everything fits."""

import json
import sys
from collections.abc import Callable, Iterable
from typing import Protocol

from rich.console import Console
from rich.progress import Progress

from bancheng.lib.text import Text

SHOWN = 50  # faults that are printed one by one


class Fault(Protocol):
    """What does not fit, and where."""

    @property
    def what(self) -> str: ...

    @property
    def says(self) -> Text: ...


def verified(verify: Callable[[Callable[[int, int], None]], Iterable[Fault]], *, as_json: bool) -> int:
    """Run `verify`, which tells its progress as done and total; print what it found and return 1 when it found something."""
    with Progress(console=Console(stderr=True), disable=as_json or not sys.stderr.isatty()) as bar:
        task = bar.add_task("核对 · verifying", total=None)
        found = list(verify(lambda done, total: bar.update(task, completed=done, total=total)))
    if as_json:
        faults = [{"what": one.what, "zh": one.says.zh, "en": one.says.en} for one in found]
        say(json.dumps({"ok": not found, "faults": faults}, ensure_ascii=False))
        return 1 if found else 0
    for one in found[:SHOWN]:
        say(f"{one.says.zh}\n{one.says.en}")
    say(f"不符 {len(found)} 处 · {len(found)} faults" if found else "相符 · everything fits")
    return 1 if found else 0


def say(line: str) -> None:
    """Print a line."""
    sys.stdout.write(line + "\n")
