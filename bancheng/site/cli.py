"""`bancheng`: one command, its verbs in `verbs/`, one module each.

A verb has `HELP` (Chinese · English), `add(parser)` and `run(args) -> int`, and `DJANGO = False` when it needs neither
database nor settings. Only the verb that was asked is imported, so that asking for help costs nothing.
"""

import argparse
import ast
import importlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

from bancheng.lib import staying
from bancheng.lib.refusal import Refused, Unavailable
from bancheng.site import house
from bancheng.site.postgres import EmbeddedPgError

VERBS = Path(__file__).with_name("verbs")
ABOUT = "办成 · one open system for a city's public services"
MORE = """\
数据库默认随用随启（仅限本机）；用 DATABASE_URL 指定外部 PostgreSQL（15 或更新）。
The database starts with its first user and stops with the last, on this host only; DATABASE_URL names an outside one.
每个命令的用法 · More on each: bancheng VERB --help"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one verb and return its exit code; a lawful no is one sentence, not a traceback."""
    words = list(sys.argv[1:] if argv is None else argv)
    die_with_the_supervisor()
    if not words or words[0] in {"-h", "--help", "help"}:
        sys.stdout.write(help_text())
        return 0
    if words[0] not in verbs():
        house.say(f"没有“{words[0]}”这个命令 · There is no verb {words[0]!r}.\n")
        sys.stdout.write(help_text())
        return 2
    try:
        return run(words[0], words[1:])
    except Refused as no:
        house.say(f"{no.says}\n{no.en}" if no.en != no.says else no.says)
    except (EmbeddedPgError, Unavailable) as error:
        house.say(str(error))
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # `bancheng … | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    return 1


def run(verb: str, words: list[str]) -> int:
    """Import `verb`, read its arguments, give it a database and settings unless it wants none, and run it."""
    module = importlib.import_module(f"bancheng.site.verbs.{verb}")
    args = parse(module, verb, words)
    if not getattr(module, "DJANGO", True):
        return int(module.run(args) or 0)
    server = house.open_database()
    try:
        set_up_django()
        return int(module.run(args) or 0)
    finally:
        if server:
            close_connections()
            server.release()


def parse(module: ModuleType, verb: str, words: list[str]) -> argparse.Namespace:
    """Return the verb's arguments. A verb with `PASS = True` gets its words as they are, in `args.words`."""
    if getattr(module, "PASS", False):
        return argparse.Namespace(words=words)
    parser = argparse.ArgumentParser(
        prog=f"bancheng {verb}", description=module.HELP, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    module.add(parser)
    return parser.parse_args(words)


def set_up_django() -> None:
    """Read the settings and load the applications."""
    import django  # here, because help and `bancheng version` do without it

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", house.SETTINGS)
    with staying.loading():
        django.setup()


def close_connections() -> None:
    """Close the pool before the server goes, or its threads complain of a server that has gone."""
    from django.db import connections

    for connection in connections.all(initialized_only=True):
        connection.close()
        if getattr(connection, "pool", None):
            connection.close_pool()  # type: ignore[attr-defined]  # PostgreSQL's wrapper has it


def verbs() -> dict[str, str]:
    """Return every verb with its line of help, read from the source without importing it."""
    return {path.stem: first_help(path) for path in sorted(VERBS.glob("*.py")) if not path.stem.startswith("_")}


def first_help(path: Path) -> str:
    """Return what HELP says in the module at `path`."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        value = getattr(node, "value", None)
        if value and any(isinstance(target, ast.Name) and target.id == "HELP" for target in targets):
            return str(ast.literal_eval(value)).splitlines()[0]
    return ""


def help_text() -> str:
    """Return the page that `bancheng --help` prints."""
    known = verbs()
    width = max(map(len, known))
    lines = [f"  {verb:<{width}}  {words}" for verb, words in known.items()]
    return "\n".join([ABOUT, "", "用法 · usage: bancheng VERB …", "", *lines, "", MORE, ""])


def die_with_the_supervisor() -> None:
    """Under `bancheng up`: end when it ends, even when it is killed and can tell nobody."""
    if supervisor := os.environ.pop("BANCHENG_SUPERVISOR", None):
        from bancheng.site import lifeline

        lifeline.end_with_parent(int(supervisor))


if __name__ == "__main__":
    sys.exit(main())
