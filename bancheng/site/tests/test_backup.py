"""Backup, restore and upgrade, tried for real with data on servers of their own."""

import json
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from bancheng.lib.refusal import Refused
from bancheng.site import backup, cli
from bancheng.site.postgres import EmbeddedPg, binaries

pytestmark = [pytest.mark.fault, pytest.mark.timeout(180)]

DEBIAN_15 = binaries.DEBIAN / "15" / "bin"
NAMES = ["许可证", "延续", "一二三四五六七八九十" * 30]


@pytest.fixture
def folder() -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="bc-", dir="/tmp"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made)


def fill(url: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("create table licence (id bigint generated always as identity primary key, name text)")
        connection.cursor().executemany("insert into licence (name) values (%s)", [[name] for name in NAMES])
        connection.execute("insert into licence (name) select 'n' || g from generate_series(1, 5000) g")
        connection.execute("create table empty_one (id int)")


def contents(url: str) -> list[str]:
    with psycopg.connect(url) as connection:
        return [name for (name,) in connection.execute("select name from licence order by id").fetchall()]


def test_a_backup_brings_back_every_row_and_file_and_keeps_what_it_replaces(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("BANCHENG_VAR", str(folder / "var"))
    monkeypatch.delenv("DATABASE_URL")
    server = EmbeddedPg(folder / "var" / "pg")
    url = server.start()
    fill(url)
    before = contents(url)
    (folder / "var" / "files").mkdir()
    (folder / "var" / "files" / "台账.xlsx").write_bytes(b"workbook")
    server.release()

    assert cli.main(["db", "backup", str(folder / "saved")]) == 0
    assert json.loads((folder / "saved" / "backup.json").read_text())["rows"] == {"public.licence": 5003}

    monkeypatch.delenv("DATABASE_URL")
    server.start()
    with psycopg.connect(url) as connection:
        connection.execute("delete from licence where id > 10")
    server.release()
    shutil.rmtree(folder / "var" / "files")

    assert cli.main(["db", "restore", str(folder / "saved")]) == 1
    assert "--replace" in capsys.readouterr().err
    monkeypatch.delenv("DATABASE_URL")
    assert cli.main(["db", "restore", str(folder / "saved"), "--replace"]) == 0

    server.start()
    assert contents(url) == before
    assert (folder / "var" / "files" / "台账.xlsx").read_bytes() == b"workbook"
    with psycopg.connect(url) as connection:
        connection.execute("insert into licence (name) values ('new')")  # the counter goes on where it stood
        kept = connection.execute("select datname from pg_database where datname like 'bancheng_before_%'").fetchall()
    assert len(contents(url.replace("/bancheng?", f"/{kept[0][0]}?"))) == 10
    server.release()


def test_restoring_waits_for_nobody_and_takes_nothing_half(folder: Path) -> None:
    server = EmbeddedPg(folder / "pg")
    url = server.start()
    fill(url)
    backup.back_up(url, folder / "saved")
    with psycopg.connect(url), pytest.raises(Refused, match="database_in_use"):
        backup.restore(url, folder / "saved", replace=True)
    with pytest.raises(Refused, match="backup_exists"):
        backup.back_up(url, folder / "saved")
    (table, *_) = sorted((folder / "saved" / "dump").glob("*.dat.gz"), key=lambda path: -path.stat().st_size)
    table.write_bytes(b"spoilt")
    with pytest.raises(Refused, match="postgres_program_failed"):
        backup.restore(url, folder / "saved", replace=True)
    assert len(contents(url)) == 5003
    (folder / "saved" / "backup.json").unlink()
    with pytest.raises(Refused, match="no_backup"):
        backup.restore(url, folder / "saved", replace=True)
    server.release()


@pytest.mark.skipif(not (DEBIAN_15 / "initdb").exists(), reason="no PostgreSQL 15 of the distribution here")
def test_an_upgrade_carries_every_row_and_keeps_the_old_data(folder: Path) -> None:
    old = EmbeddedPg(folder / "pg", bindir=DEBIAN_15)
    fill(old.start())
    before = contents(old.uri())
    old.release()

    server = EmbeddedPg(folder / "pg")
    kept = backup.upgrade(server, DEBIAN_15)
    assert contents(server.start()) == before
    assert (kept / "pgdata" / "PG_VERSION").read_text().strip() == "15"
    server.release()


@pytest.mark.skipif(not (DEBIAN_15 / "initdb").exists(), reason="no PostgreSQL 15 of the distribution here")
def test_a_failed_upgrade_puts_the_old_data_back(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = EmbeddedPg(folder / "pg", bindir=DEBIAN_15)
    fill(old.start())
    old.release()
    server = EmbeddedPg(folder / "pg")

    def fail(url: str, folder: Path) -> None:
        raise Refused("postgres_program_failed", "磁盘已满。")

    monkeypatch.setattr(backup, "load", fail)
    with pytest.raises(Refused, match="postgres_program_failed"):
        backup.upgrade(server, DEBIAN_15)
    assert len(contents(old.start())) == 5003
    old.release()
