"""Backup, restore and the upgrade across majors, by PostgreSQL's own programs.

A backup is a folder: `dump/` (pg_dump's folder format), `documents/` (the sealed blobs of what people handed in), `files/` and
`backup.json`. The keys are not in it: whoever holds both can read every sealed value, so they are kept apart
(docs/operate/backup.md). Blobs are copied after the dump and put back before it: whatever is taken in or swept meanwhile, a
row that is restored has its blob (decision 0014).
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
UNFINISHED = ".copying"
VARIABLES = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD", "sslmode": "PGSSLMODE"}


def stamp() -> str:
    """Return the machine's own date and time: a name for a file, never a legal date."""
    return time.strftime("%Y%m%d-%H%M%S")


def back_up(url: str, folder: Path, *, files: Path | None = None, documents: Path | None = None) -> dict[str, Any]:
    """Write a whole backup into the new `folder`, or nothing, and return what `backup.json` says.

    `documents` is the store's folder; None where documents are in a bucket, which has a backup of its own.
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
    blobs = copy_documents(documents, partial / "documents") if documents else None
    says = {
        "made": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
        "versions": versions(),
        "rows": rows(url),
        "documents": blobs,  # blobs copied; null: they are in a bucket
    }
    (partial / "backup.json").write_text(json.dumps(says, ensure_ascii=False, indent=1), encoding="utf-8")
    partial.rename(folder)
    return says


def restore(
    url: str, folder: Path, *, replace: bool = False, files: Path | None = None, documents: Path | None = None
) -> str:
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
    if documents:  # only added to: what the present database names stays where it is
        copy_documents(folder / "documents", documents)
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


def copy_documents(source: Path, target: Path) -> int:
    """Copy every blob that `target` has not, and return how many `source` holds; each has its name only when it is whole.

    A blob is never changed, so one that is there need not be looked at; one that the sweep took meanwhile has no row.
    """
    blobs = 0
    for blob in source.glob("[0-9a-f][0-9a-f]/[0-9a-f][0-9a-f]/*.*"):
        copy = target / blob.relative_to(source)
        if blob.suffix == UNFINISHED:
            continue
        blobs += 1
        if copy.exists():
            continue
        copy.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        unfinished = copy.with_name(copy.name + UNFINISHED)
        try:
            shutil.copy2(blob, unfinished)
        except FileNotFoundError:
            blobs -= 1
            continue
        unfinished.rename(copy)
    return blobs


def without_blob(url: str, documents: Path) -> int:
    """Return how many documents of the database have no blob in the store's folder."""
    with psycopg.connect(url) as connection:
        if not _first(connection, "select count(*) from pg_class where relname = 'documents_document'"):
            return 0
        names = connection.execute("select address from documents_document").fetchall()
    return sum(not (documents / name[:2] / name[2:4] / name).exists() for (name,) in names)


def documents_folder() -> Path | None:
    """Return where documents are kept on this machine (settings.DOCUMENTS_FOLDER), or None when they are in a bucket."""
    if os.environ.get("BANCHENG_S3_URL") or os.environ.get("BANCHENG_S3_URL_FILE"):
        return None
    return house.var() / "documents"


def files_folder() -> Path:
    """Return where uploads are kept (settings.MEDIA_ROOT)."""
    return house.var() / "files"
