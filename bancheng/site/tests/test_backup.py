"""Backup, restore and upgrade, tried for real with data on servers of their own."""

import json
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from bancheng.kernel.documents import operations
from bancheng.kernel.documents import testing as documents
from bancheng.kernel.documents.models import Document
from bancheng.kernel.documents.queries import View
from bancheng.kernel.documents.stores import Disk, new_address
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
    place = Disk(folder / "var" / "documents")
    blob = new_address(bytes(32))
    place.put(blob, lambda: [b"sealed"], 6)
    (folder / "var" / "documents" / "new" / "tmp1").write_bytes(b"half")
    server.release()

    assert cli.main(["db", "backup", str(folder / "saved")]) == 0
    says = json.loads((folder / "saved" / "backup.json").read_text())
    assert (says["rows"], says["documents"]) == ({"public.licence": 5003}, 1)
    assert not (folder / "saved" / "documents" / "new").exists()

    monkeypatch.delenv("DATABASE_URL")
    server.start()
    with psycopg.connect(url) as connection:
        connection.execute("delete from licence where id > 10")
    server.release()
    shutil.rmtree(folder / "var" / "files")
    shutil.rmtree(folder / "var" / "documents")

    assert cli.main(["db", "restore", str(folder / "saved")]) == 1
    assert "--replace" in capsys.readouterr().err
    monkeypatch.delenv("DATABASE_URL")
    assert cli.main(["db", "restore", str(folder / "saved"), "--replace"]) == 0

    server.start()
    assert contents(url) == before
    assert (folder / "var" / "files" / "台账.xlsx").read_bytes() == b"workbook"
    assert b"".join(place.get(blob)) == b"sealed"
    with psycopg.connect(url) as connection:
        connection.execute("insert into licence (name) values ('new')")  # the counter goes on where it stood
        kept = connection.execute("select datname from pg_database where datname like 'bancheng_before_%'").fetchall()
    assert len(contents(url.replace("/bancheng?", f"/{kept[0][0]}?"))) == 10
    server.release()


@pytest.mark.django_db
def test_a_document_is_read_from_a_restored_store_and_what_is_there_stays(tmp_path: Path, settings: Any) -> None:
    settings.DOCUMENTS_FOLDER = tmp_path / "documents"
    use, other = documents.stored(), documents.stored(documents.png())
    assert backup.copy_documents(settings.DOCUMENTS_FOLDER, tmp_path / "saved") == 2
    later = documents.stored(documents.jpeg())
    (lost,) = [path for path in settings.DOCUMENTS_FOLDER.rglob("*.*") if path.name == address_of(use)]
    lost.unlink()
    (tmp_path / "saved" / "ab").mkdir(exist_ok=True)
    (tmp_path / "saved" / "ab" / "cd").mkdir(exist_ok=True)
    (tmp_path / "saved" / "ab" / "cd" / f"x.y{backup.UNFINISHED}").write_bytes(b"half")  # a copy that was killed
    assert backup.copy_documents(tmp_path / "saved", settings.DOCUMENTS_FOLDER) == 2
    for each, data in ((use, documents.pdf()), (other, documents.png()), (later, documents.jpeg())):
        content = operations.read(use_id=each.id, about=each.about, by="staff:1", at=documents.AT)
        assert b"".join(content.pieces) == data


def test_rows_whose_blob_is_not_there_are_counted_after_a_restore(folder: Path) -> None:
    server = EmbeddedPg(folder / "pg")
    url = server.start()
    assert backup.without_blob(url, folder / "documents") == 0  # a database before documents
    place = Disk(folder / "documents")
    here, gone = new_address(bytes(32)), new_address(bytes(32))
    place.put(here, lambda: [b"sealed"], 6)
    with psycopg.connect(url) as connection:
        connection.execute("create table documents_document (address text)")
        connection.cursor().executemany("insert into documents_document values (%s)", [[here], [gone]])
    assert backup.without_blob(url, folder / "documents") == 1
    server.release()


def test_documents_in_a_bucket_are_left_to_it(monkeypatch: pytest.MonkeyPatch) -> None:
    assert backup.documents_folder() is not None
    monkeypatch.setenv("BANCHENG_S3_URL", "https://s3.example")
    assert backup.documents_folder() is None


def address_of(use: View) -> str:
    return str(Document.objects.get(pk=use.document).address)


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
