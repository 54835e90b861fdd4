"""Backup, restore and the upgrade across majors, by PostgreSQL's own programs.

A backup is a folder: `dump/` (pg_dump's folder format), `files/` (what people uploaded) and `backup.json`. The keys are not
in it: whoever holds both can read every sealed value, so they are kept apart (docs/operate/backup.md).
"""

import json
import os
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg.conninfo import conninfo_to_dict

from bancheng.lib.refusal import Refused
from bancheng.site import house
from bancheng.site.postgres import Binaries, EmbeddedPg, binaries
from bancheng.site.verbs.version import versions

JOBS = "2"
VARIABLES = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD", "sslmode": "PGSSLMODE"}


def stamp() -> str:
    """Return the machine's own date and time: a name for a file, never a legal date."""
    return time.strftime("%Y%m%d-%H%M%S")


def back_up(url: str, folder: Path, *, files: Path | None = None) -> dict[str, Any]:
    """Write a whole backup into the new `folder`, or nothing, and return what `backup.json` says.

    Raises Refused when `folder` is there already.
    """
    if folder.exists():
        raise Refused(
            "backup_exists", f"{folder} 已存在，未作改动。", en=f"{folder} is there already; nothing was done."
        )
    partial = folder.with_name(f"{folder.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True, mode=0o700)
    dump(url, partial / "dump")
    if files and files.exists():
        shutil.copytree(files, partial / "files")
    says = {"made": time.strftime("%Y-%m-%dT%H:%M:%S%z"), "versions": versions(), "rows": rows(url)}
    (partial / "backup.json").write_text(json.dumps(says, ensure_ascii=False, indent=1), encoding="utf-8")
    partial.rename(folder)
    return says


def restore(url: str, folder: Path, *, replace: bool = False, files: Path | None = None) -> str:
    """Put a backup in the place of the database of `url`, and return the name under which the old one is kept, or "".

    The backup is restored beside it first; only a whole one takes its place. Raises Refused when the folder is no backup,
    when the database holds anything and `replace` is not said, or while others are connected to it.
    """
    if not (folder / "backup.json").exists():
        raise Refused("no_backup", f"{folder} 不是完整的备份。", en=f"{folder} is no whole backup.")
    name = _name(url)
    holds = bool(rows(url))
    if holds and not replace:
        raise Refused(
            "database_holds_data",
            f"数据库 {name} 里已有数据，未作改动；确要替换请加 --replace（旧库改名保留）。",
            en=f"The database {name} holds data; nothing was done. --replace replaces it and keeps the old one aside.",
        )
    _refuse_while_used(url, name)
    fresh = f"{name}_restoring"
    with _admin(url) as admin:
        admin.execute(f'drop database if exists "{fresh}"')
        admin.execute(f'create database "{fresh}"')
    load(_of(url, fresh), folder / "dump")
    kept = f"{name}_before_{stamp()}" if holds else ""
    with _admin(url) as admin:
        admin.execute(f'alter database "{name}" rename to "{kept}"' if holds else f'drop database "{name}"')
        admin.execute(f'alter database "{fresh}" rename to "{name}"')
    if files and (folder / "files").exists():
        shutil.copytree(folder / "files", files, dirs_exist_ok=True)
    return kept


def upgrade(server: EmbeddedPg, old_bindir: Path) -> Path:
    """Carry the embedded data from the old major's programs to those in use, and return where the old data is kept.

    When anything fails the old data is put back as it was. Raises Refused while somebody uses the server.
    """
    if server.used():
        raise Refused(
            "database_in_use", "数据库正在使用，请先停止各进程。", en="The database is in use: stop its users first."
        )
    old = EmbeddedPg(server.root, bindir=old_bindir)
    dumped = server.home / f"upgrade-{stamp()}"
    url = old.start()
    try:
        dump(url, dumped, programs=server.binaries())
        before = rows(url)
    finally:
        old.release()
    kept = _set_aside(server)
    try:
        fresh = server.start()
        load(fresh, dumped)
        if rows(fresh) != before:
            raise RuntimeError("The new database does not hold the same rows as the old one.")
    except BaseException:
        server.release()
        _put_back(server, kept)
        raise
    server.release()
    shutil.rmtree(dumped)
    return kept


def dump(url: str, folder: Path, *, programs: Binaries | None = None) -> None:
    """Write the database of `url` into `folder`, compressed, a file a table."""
    _run(programs, ["pg_dump", "--format=directory", f"--jobs={JOBS}", f"--file={folder}", "--no-owner"], url)


def load(url: str, folder: Path) -> None:
    """Read `folder` into the empty database of `url`; the first error ends it."""
    command = ["pg_restore", f"--jobs={JOBS}", "--exit-on-error", "--no-owner", f"--dbname={_name(url)}", str(folder)]
    _run(None, command, url)


def rows(url: str) -> dict[str, int]:
    """Return how many rows each of our tables holds, those that hold any."""
    with psycopg.connect(url) as connection:
        names = connection.execute(
            "select quote_ident(schemaname) || '.' || quote_ident(relname) from pg_stat_user_tables order by 1"
        ).fetchall()
        counts = {name: _first(connection, f"select count(*) from {name}") for (name,) in names}
    return {name: count for name, count in counts.items() if count}


def _first(connection: psycopg.Connection[Any], sql: str) -> int:
    row = connection.execute(sql.encode()).fetchone()  # bytes: a table's name is not a literal
    assert row
    return int(row[0])


def _run(programs: Binaries | None, command: list[str], url: str) -> None:
    """Run one of PostgreSQL's programs; the password goes by the environment, where other accounts cannot read it."""
    found = programs or binaries.find()
    told = conninfo_to_dict(url)
    environment = {VARIABLES[name]: str(value) for name, value in told.items() if name in VARIABLES}
    said = subprocess.run(
        [found / command[0], *command[1:]],
        env={**os.environ, **environment, "PGDATABASE": _name(url)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if said.returncode:
        raise Refused(
            "postgres_program_failed",
            f"{command[0]} 失败：{said.stderr.strip()}",
            en=f"{command[0]} failed: {said.stderr.strip()}",
        )


def _refuse_while_used(url: str, name: str) -> None:
    with _admin(url) as admin:
        row = admin.execute("select count(*) from pg_stat_activity where datname = %s", [name]).fetchone()
    if row and row[0]:
        raise Refused(
            "database_in_use",
            f"有 {row[0]} 个连接正在使用数据库 {name}，未作改动；请先停止各进程。",
            en=f"{row[0]} connection(s) use the database {name}; nothing was done. Stop the processes first.",
        )


def _set_aside(server: EmbeddedPg) -> Path:
    """Move the data and its password out of the way, together."""
    major = (server.data / "PG_VERSION").read_text(encoding="utf-8").strip()
    kept = server.home / f"kept-{major}-{stamp()}"
    kept.mkdir(mode=0o710)
    shutil.chown(kept, group=server.home.stat().st_gid)
    server.data.rename(kept / "pgdata")
    (server.home / "secret").rename(kept / "secret")
    return kept


def _put_back(server: EmbeddedPg, kept: Path) -> None:
    shutil.rmtree(server.data, ignore_errors=True)
    (kept / "pgdata").rename(server.home / "pgdata")
    (kept / "secret").replace(server.home / "secret")
    kept.rmdir()


def _admin(url: str) -> psycopg.Connection[Any]:
    return psycopg.connect(_of(url, "postgres"), autocommit=True)


def _of(url: str, name: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


def _name(url: str) -> str:
    return str(conninfo_to_dict(url)["dbname"])


def files_folder() -> Path:
    """Return where uploads are kept (settings.MEDIA_ROOT)."""
    return house.var() / "files"
