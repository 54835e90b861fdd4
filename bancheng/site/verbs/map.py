"""`bancheng map`: write what the code knows of itself into the papers, or check that they still say so.

ARCHITECTURE.md gets its tables of parts, services and hooks; docs/permissions.md the matrix of doors and roles; docs/coverage.md
which test names which requirement code, and which codes nobody names.
"""

import argparse
import ast
import importlib
import re
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

HELP = "写出架构图表、权限矩阵、需求覆盖 · write the generated map, permissions and coverage"

ROOT = Path(__file__).resolve().parent.parent.parent.parent
BEGIN, END = "<!-- map: begin -->", "<!-- map: end -->"
CODE = re.compile(
    r"(?<![A-Za-z0-9.-])(?:[FRBA]\d{1,2}\.\d+[a-z]?|R-[A-Z]{1,3}-\d+|[PN]-\d+|(?:[KX]|LI)\d+|C-\d+)(?![0-9.])"
)


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--check", action="store_true", help="只检查是否过期 / only check that nothing is stale")


def run(args: argparse.Namespace) -> int:
    from bancheng.web import matrix

    papers = {
        ROOT / "ARCHITECTURE.md": with_map((ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")),
        ROOT / "docs" / "permissions.md": matrix.markdown(),
        ROOT / "docs" / "coverage.md": coverage(),
    }
    stale = [path for path, text in papers.items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    for path in stale:
        if args.check:
            print(f"{path.relative_to(ROOT)} 已过期，请运行 make map / is stale: run `make map`")  # noqa: T201
        else:
            path.write_text(papers[path], encoding="utf-8")
            print(f"{path.relative_to(ROOT)}: {len(papers[path].splitlines())} lines")  # noqa: T201
    return 1 if stale and args.check else 0


def with_map(paper: str) -> str:
    """Return the paper with a fresh map between its two marks."""
    head, rest = paper.split(BEGIN, 1)
    return f"{head}{BEGIN}\n\n{house_map()}\n{END}{rest.split(END, 1)[1]}"


def house_map() -> str:
    """Return the tables of kernel parts, services and hooks."""
    from django.conf import settings

    lines = ["| kernel part | for | hooks it fires |", "| --- | --- | --- |"]
    for part in sorted(path.name for path in (ROOT / "bancheng" / "kernel").iterdir() if (path / "public.py").exists()):
        lines.append(f"| `{part}` | {purpose(f'bancheng.kernel.{part}')} | {', '.join(hooks_of(part)) or '–'} |")
    lines += ["", "| service | name | pages | listens to | every |", "| --- | --- | --- | --- | --- |"]
    for dotted in settings.SERVICES:
        service = importlib.import_module(f"{dotted}.service").SERVICE
        listens = ", ".join(f"`{hook.name}`" for hook in service.on) or "–"
        every = ", ".join(f"`{job}` {cron}" for job, cron in service.schedule.items()) or "–"
        lines.append(f"| `{service.code}` | {service.name} | {len(service.pages)} | {listens} | {every} |")
    return "\n".join(lines) + "\n"


def purpose(dotted: str) -> str:
    """Return the first sentence of a package's docstring, without its own name."""
    first = (importlib.import_module(dotted).__doc__ or "").strip().split("\n")[0]
    return first.split(": ", 1)[-1].rstrip(".")


def hooks_of(part: str) -> list[str]:
    from bancheng.lib.hooks import Hook

    face = importlib.import_module(f"bancheng.kernel.{part}.public")
    return [f"`{thing.name}`" for thing in vars(face).values() if isinstance(thing, Hook)]


def coverage() -> str:
    """Return the paper that says which test or walk names which code."""
    named = defaultdict(set)
    for code, where in codes_in_tests():
        named[code].add(where)
    lines = [
        "# Requirement coverage",
        "",
        "Made by `make map` from the codes that tests and page walks name in their docstrings.",
        "",
    ]
    wanted = tomllib.loads((ROOT / "docs" / "requirements.toml").read_text(encoding="utf-8"))
    for group in wanted.values():
        codes = {code: text for code, text in group.items() if code != "title"}
        missing = [code for code in codes if code not in named]
        lines += [f"## {group['title']}: {len(codes) - len(missing)} of {len(codes)}", ""]
        if missing:
            lines += [f"Named by no test: {', '.join(missing)}", ""]
        lines += ["| code | what | named by |", "| --- | --- | --- |"]
        lines += [f"| {code} | {text} | {_first(named[code])} |" for code, text in codes.items()] + [""]
    return "\n".join(lines)


def _first(places: set[str], most: int = 3) -> str:
    names = sorted(places)
    more = f" (+{len(names) - most})" if len(names) > most else ""
    return "<br>".join(f"`{name}`" for name in names[:most]) + more or "–"


def codes_in_tests() -> Iterator[tuple[str, str]]:
    """Yield (code, test) for every code in the docstring of a test function, a test class or a test module."""
    for path in sorted([*ROOT.glob("bancheng/**/tests/**/test_*.py"), *ROOT.glob("tests/**/test_*.py")]):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Module | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                name = getattr(node, "name", "")
                where = f"{path.relative_to(ROOT).as_posix().removeprefix('bancheng/')}{'::' + name if name else ''}"
                for code in CODE.findall(ast.get_docstring(node) or ""):
                    yield code, where
