"""Take other people's files into the repository, and prove later that they are still the ones taken.

    python tools/vendor.py           fetch what vendor.toml names with `npm pack`, write vendor.lock.json and THIRD_PARTY.md
    python tools/vendor.py --check   compare the files with the lock, offline; what `make check` runs

Running or installing the project never needs Node: the files are committed.
"""

import argparse
import hashlib
import json
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
LIST, LOCK, NOTICE = ROOT / "tools" / "vendor.toml", ROOT / "tools" / "vendor.lock.json", ROOT / "THIRD_PARTY.md"
# a hashed static storage follows these comments and fails on the missing map
SOURCE_MAP = re.compile(rb"(/\*#\s*sourceMappingURL=[^*]*\*/|//#\s*sourceMappingURL=[^\n]*)\n?")
DRAWING = re.compile(r"<svg[^>]*>(.*)</svg>", re.DOTALL)


def folder(package: dict[str, Any]) -> Path:
    """Return where a package's files stand: `<into>/<name>-<version>`, the scope's "@" and "/" made plain."""
    name = package["name"].lstrip("@").replace("/", "-")
    return ROOT / package["into"] / f"{name}-{package['version']}"


def sprite(source: Path, icons: list[str]) -> bytes:
    """Return one SVG of symbols, drawn in the colour of the words beside them."""
    parts = ['<svg xmlns="http://www.w3.org/2000/svg">']
    for icon in icons:
        drawing = DRAWING.search((source / "icons" / "outline" / f"{icon}.svg").read_text(encoding="utf-8"))
        if drawing is None:
            raise SystemExit(f"{icon}.svg is not a drawing")
        inner = re.sub(r"\s+", " ", drawing[1]).strip()
        parts.append(
            f'<symbol id="{icon}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75"'
            f' stroke-linecap="round" stroke-linejoin="round">{inner}</symbol>'
        )
    return ("\n".join([*parts, "</svg>"]) + "\n").encode()


def fetch(package: dict[str, Any]) -> None:
    """Put the listed files of one package in its folder."""
    target = folder(package)
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as place:
        subprocess.run(
            ["npm", "pack", "--silent", f"{package['name']}@{package['version']}"],
            cwd=place,
            check=True,
            stdout=subprocess.DEVNULL,
        )
        (tarball,) = Path(place).glob("*.tgz")
        with tarfile.open(tarball) as tar:
            tar.extractall(place, filter="data")
        source = Path(place) / "package"
        for inside, name in package["files"].items():
            (target / name).write_bytes(SOURCE_MAP.sub(b"", (source / inside).read_bytes()))
        if name := package.get("sprite"):
            (target / name).write_bytes(sprite(source, package["icons"]))


def hashes(packages: list[dict[str, Any]]) -> dict[str, str]:
    """Return the sha256 of every file in the packages' folders."""
    files = sorted(path for package in packages for path in folder(package).rglob("*") if path.is_file())
    return {path.relative_to(ROOT).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def notice(packages: list[dict[str, Any]]) -> str:
    """Return THIRD_PARTY.md: each package with its licence and what it is for."""
    rows = [
        f"| {p['name']} | {p['version']} | {p['licence']} | {p['use']} | `{folder(p).relative_to(ROOT).as_posix()}` |"
        for p in packages
    ]
    head = [
        "# Work of others kept in this repository",
        "",
        "Written by `tools/vendor.py`. Each folder holds the package's own licence. Python packages are named in `pyproject.toml`.",
        "",
        "| package | version | licence | what for | where |",
        "| --- | --- | --- | --- | --- |",
    ]
    return "\n".join([*head, *rows]) + "\n"


def differences(packages: list[dict[str, Any]]) -> list[str]:
    """Return what is changed, missing or not listed; empty when all is as it was taken."""
    locked, here = json.loads(LOCK.read_text(encoding="utf-8")), hashes(packages)
    found = [f"changed or missing: {path}" for path in locked if here.get(path) != locked[path]]
    found += [f"not in the lock: {path}" for path in here if path not in locked]
    if NOTICE.read_text(encoding="utf-8") != notice(packages):
        found.append("THIRD_PARTY.md does not say what vendor.toml says")
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="compare only, offline")
    checking = parser.parse_args().check
    packages = tomllib.loads(LIST.read_text(encoding="utf-8"))["package"]
    if not checking:
        for package in packages:
            fetch(package)
        LOCK.write_text(json.dumps(hashes(packages), indent=1) + "\n", encoding="utf-8")
        NOTICE.write_text(notice(packages), encoding="utf-8")
    for line in differences(packages):
        sys.stderr.write(f"{line}\n")
    return 1 if differences(packages) else 0


if __name__ == "__main__":
    raise SystemExit(main())
