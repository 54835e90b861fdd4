"""A service's statements name its own tables; another part's rows come by its face, or as a relation the face promises.

What still names a kernel's table stands here, and the list may only become shorter.
"""

import re
from pathlib import Path

import bancheng

ROOT = Path(bancheng.__file__).parent
NAMED = re.compile(r"\b(?:from|join|update|into)\s+([a-z]+)_[a-z]+\b", re.IGNORECASE)
LEFT = {
    "services/sockets/checker.py": {"ledger"},  # on purpose: the second opinion trusts no face
    "services/expiry/operations/ending.py": {"licences"},
    "services/expiry/operations/inspection.py": {"licences"},
    "services/expiry/operations/watches.py": {"licences"},
    "services/expiry/promises.py": {"licences"},
    "services/onething/claims.py": {"cases"},
    "services/onething/figures.py": {"cases"},
    "services/onething/promises.py": {"cases"},
    "services/ratings/claims.py": {"ratings", "notices"},
}


def keeps_tables(folder: Path) -> bool:
    return (folder / "models.py").exists() or (folder / "models").is_dir()


def test_statements_of_services_name_no_table_of_a_kernel_part() -> None:
    kernel = {folder.name for folder in (ROOT / "kernel").iterdir() if keeps_tables(folder)}
    found: dict[str, set[str]] = {}
    for path in (ROOT / "services").rglob("*.py"):
        service = ROOT / "services" / path.relative_to(ROOT / "services").parts[0]
        own = {service.name} if keeps_tables(service) else set()
        if {"tests", "migrations"} & set(path.parts) or path.name == "testing.py":
            continue
        if named := set(NAMED.findall(path.read_text(encoding="utf-8"))) & kernel - own:
            found[path.relative_to(ROOT).as_posix()] = named
    assert found == LEFT
