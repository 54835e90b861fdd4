"""Every action that the code records has words in both languages, and no words stand for what nobody records.

The actions are read off the code: what is given to `audit.record` and `audit.Event`, to a parameter called `action`, or put into a
variable of that name or into a table ACTIONS. An action that is put together at run time is written out in FORMED.
"""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from django.conf import settings

from bancheng.kernel.audit import labels
from bancheng.kernel.audit import public as audit
from bancheng.kernel.cases import public as cases
from bancheng.kernel.ratings import public as ratings
from bancheng.kernel.registrations import public as registrations
from bancheng.services.expiry.rules import ANSWERABLE
from bancheng.services.sockets.rules.sessions import Event

FORMED = {
    "f'cases.{action.act}'": {f"cases.{act}" for act in cases.ACTS},
    "f'expiry.{says}'": {f"expiry.{state}" for state in ANSWERABLE},
    "f'ratings.call_back_{act}'": {f"ratings.call_back_{act}" for act in ratings.ACTS},
    "f'ratings.appeal_{found.state}'": {f"ratings.appeal_{state}" for state in ratings.RULINGS},
    "f'registrations.{act}'": {f"registrations.{act}" for act in registrations.ACTS},
    "f'sockets.session_{event}'": {f"sockets.session_{event}" for event in Event},
    "f'replay.{what}'": {"replay.began", "replay.day", "replay.ended"},
}
ACTION = re.compile(r"[a-z]+\.[a-z_]+")


def modules() -> list[ast.Module]:
    files = sorted((settings.ROOT / "bancheng").glob("**/*.py"))
    return [ast.parse(path.read_text(encoding="utf-8")) for path in files if not is_outside(path)]


def is_outside(path: Path) -> bool:
    return bool({"tests", "sim", "bench"} & set(path.parts)) or path.name == "testing.py"


def takers(module: ast.Module) -> Iterator[tuple[str, int | None]]:
    """Yield the functions that have a parameter `action`, with its place (None: by keyword only)."""
    for node in ast.walk(module):
        if isinstance(node, ast.FunctionDef):
            places = [arg.arg for arg in node.args.args]
            if "action" in places:
                yield node.name, places.index("action")
            elif "action" in [arg.arg for arg in node.args.kwonlyargs]:
                yield node.name, None


def given(module: ast.Module) -> Iterator[ast.expr]:
    """Yield every expression that becomes an action in `module`."""
    places: dict[str, int | None] = {"record": 0, "Event": 0, "note_agent_act": None, **dict(takers(module))}
    for node in ast.walk(module):
        if isinstance(node, ast.Assign) and any(ast.unparse(target) == "action" for target in node.targets):
            yield node.value
        if isinstance(node, ast.AnnAssign) and ast.unparse(node.target) == "ACTIONS" and node.value is not None:
            yield node.value
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            place = places.get(name)
            if name in places and place is not None and len(node.args) > place:
                yield node.args[place]
            yield from (word.value for word in node.keywords if word.arg == "action")


def actions(expression: ast.expr) -> Iterator[str]:
    """Yield the actions an expression can come to."""
    if isinstance(expression, ast.JoinedStr):
        yield from FORMED[ast.unparse(expression)]
        return
    for node in ast.walk(expression):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and ACTION.fullmatch(node.value):
            yield node.value


@cache
def recorded() -> frozenset[str]:
    """Return every action that the code records, read off it once."""
    return frozenset(action for module in modules() for expression in given(module) for action in actions(expression))


def test_every_recorded_action_has_words_in_both_languages() -> None:
    assert sorted(recorded() - set(labels.LABELS)) == []
    words = {action: audit.label(action) for action in recorded()}
    assert {action for action, text in words.items() if not re.search("[一-鿿]", text.zh)} == set()
    assert {action for action, text in words.items() if not text.en or re.search("[一-鿿.]", text.en)} == set()


def test_no_words_stand_for_what_nobody_records() -> None:
    assert sorted(set(labels.LABELS) - recorded()) == []


def test_the_reader_of_the_code_sees_through_every_wrapper() -> None:
    """One action of each way in which the code names one."""
    seen = {
        "expiry.uploaded": "straight",
        "jobs.discarded": "handed on by place",
        "licences.renewed": "handed on by name",
        "clocks.cancelled": "out of a table",
        "identity.account_reopened": "one of two",
        "expiry.given_up": "put together",
        "notices.unfit": "one of many",
    }
    assert set(seen) - recorded() == set()
