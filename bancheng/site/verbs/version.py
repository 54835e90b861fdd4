"""`bancheng version`."""

import argparse
import platform
import sys
from importlib.metadata import PackageNotFoundError, version

from bancheng.site.postgres import EmbeddedPgError, binaries

HELP = "版本 · versions of Bancheng, Python, Django and PostgreSQL"
DJANGO = False


def add(parser: argparse.ArgumentParser) -> None:
    """No arguments."""


def run(args: argparse.Namespace) -> int:
    """Print the versions, one a line."""
    for name, value in versions().items():
        sys.stdout.write(f"{name} {value}\n")
    return 0


def versions() -> dict[str, str]:
    """Return what a bug report or a figure of record should name."""
    known = {"bancheng": installed("bancheng"), "Python": platform.python_version(), "Django": installed("Django")}
    try:
        known["PostgreSQL"] = binaries.find().version
    except EmbeddedPgError:
        known["PostgreSQL"] = "-"
    return known


def installed(package: str) -> str:
    """Return the installed version of `package`, or a dash."""
    try:
        return version(package)
    except PackageNotFoundError:
        return "-"
