"""What the embedded server must survive: real processes are killed, files are spoilt, places are out of reach."""

import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest

from bancheng.site.postgres import EmbeddedPg, EmbeddedPgError, binaries, places, server

pytestmark = [pytest.mark.fault, pytest.mark.timeout(120)]

SMALL = {"shared_buffers": "32MB"}
AS_ROOT = os.geteuid() == 0
JOIN = """
import sys
from bancheng.site.postgres import EmbeddedPg
server = EmbeddedPg(sys.argv[1], {"shared_buffers": "32MB"})
print(server.start(), flush=True)
sys.stdin.readline()
server.release()
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder any account may pass through, short enough for a socket; pytest's own is neither."""
    made = Path(tempfile.mkdtemp(prefix="bc-", dir="/tmp"))
    made.chmod(0o755)
    yield made
    for note in made.rglob("place"):
        shutil.rmtree(note.read_text().strip())
    shutil.rmtree(made)


@pytest.fixture(scope="module")
def ready_made() -> Iterator[Path]:
    """One folder for the tests that leave it as they found it: making data takes longer than most of them."""
    made = Path(tempfile.mkdtemp(prefix="bc-", dir="/tmp"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made)


@pytest.fixture
def pg(ready_made: Path) -> Iterator[EmbeddedPg]:
    embedded = EmbeddedPg(ready_made / "pg", SMALL)
    yield embedded
    embedded.release()
    embedded.stop()


class User:
    """Another process that uses the server of `root` until it is told to leave or killed."""

    def __init__(self, root: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", JOIN, str(root)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        )

    def __enter__(self) -> "User":
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.communicate()

    def url(self) -> str:
        assert self.process.stdout
        return self.process.stdout.readline().strip()

    def leave(self) -> None:
        assert self.process.communicate("\n", timeout=60)
        assert self.process.returncode == 0

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


def postmaster(url: str) -> int:
    """The number of the process that listens, by the kernel's word; tests only, to have somebody to kill."""
    host = psycopg.conninfo.conninfo_to_dict(url)["host"]
    with socket.socket(socket.AF_UNIX) as door:
        door.connect(f"{host}/{places.SOCKET}")
        found = door.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
    return int.from_bytes(found[:4], sys.byteorder)


def crash(url: str) -> None:
    os.kill(postmaster(url), signal.SIGKILL)


def ask(url: str, sql: str) -> str:
    with psycopg.connect(url) as connection:
        row = connection.execute(sql).fetchone()
    assert row
    return str(row[0])


def do(url: str, sql: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute(sql)


def gone(pg: EmbeddedPg) -> bool:
    end = time.monotonic() + 20
    while pg.alive() and time.monotonic() < end:
        time.sleep(0.05)
    return not pg.alive()


def test_a_fresh_server_is_as_we_want_it_and_listens_on_no_network(pg: EmbeddedPg) -> None:
    url = pg.start()
    assert ask(url, "show data_checksums") == "on"
    assert ask(url, "show server_encoding") == "UTF8"
    assert ask(url, "show fsync") == "on"
    assert ask(url, "show listen_addresses") == ""
    assert ask(url, "select datcollate from pg_database where datname = 'bancheng'") in {"C.UTF-8", "C.utf8"}
    inodes = {os.readlink(fd) for fd in Path(f"/proc/{postmaster(url)}/fd").iterdir() if fd.is_symlink()}
    listening = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    assert not [row for row in listening if row[3] == "0A" and f"socket:[{row[9]}]" in inodes]
    assert stat.S_IMODE((pg.home / "run").stat().st_mode) == 0o700
    assert stat.S_IMODE(pg.data.stat().st_mode) == 0o700
    assert stat.S_IMODE((pg.home / "secret").stat().st_mode) == 0o600


def test_starting_twice_gives_one_server_and_leaving_stops_it(pg: EmbeddedPg) -> None:
    first = pg.start()
    assert pg.start() == first
    pg.release()
    assert not pg.alive()
    pg.release()


def test_a_second_start_is_quick(pg: EmbeddedPg) -> None:
    pg.start()
    pg.release()
    before = time.monotonic()
    pg.start()
    assert time.monotonic() - before < 5  # measured 0.25 s on a quiet machine


def test_six_processes_at_once_on_a_fresh_folder_get_one_server(folder: Path) -> None:
    pg = EmbeddedPg(folder / "pg", SMALL)
    with ExitStack() as stack:
        users = [stack.enter_context(User(pg.root)) for _ in range(6)]
        urls = {user.url() for user in users}
        assert len(urls) == 1
        assert len({postmaster(url) for url in urls}) == 1
        for user in users:
            user.leave()
    assert not pg.alive()


def test_a_process_that_stays_keeps_the_server_when_another_is_killed(pg: EmbeddedPg) -> None:
    with User(pg.root) as stays, User(pg.root) as dies:
        url = stays.url()
        assert dies.url() == url
        dies.kill()
        time.sleep(0.3)
        assert ask(url, "select 1") == "1"
        stays.leave()
    assert not pg.alive()


def test_the_server_stops_by_itself_when_its_only_user_is_killed(pg: EmbeddedPg) -> None:
    with User(pg.root) as only:
        only.url()
        only.kill()
    assert gone(pg)


def test_the_server_stops_when_its_keeper_is_killed_and_starts_again(pg: EmbeddedPg) -> None:
    url = pg.start()
    keeper = Path(f"/proc/{postmaster(url)}/stat").read_text().rsplit(")", 1)[1].split()[1]
    os.kill(int(keeper), signal.SIGKILL)
    assert gone(pg)
    assert ask(pg.start(), "select 1") == "1"


def test_after_a_crash_the_same_process_starts_it_again(pg: EmbeddedPg) -> None:
    url = pg.start()
    do(url, "drop table if exists kept; create table kept as select 7 as n")
    crash(url)
    assert ask(pg.start(), "select n from kept") == "7"


def test_a_pid_file_that_names_a_foreign_process_hinders_nothing_and_hurts_nobody(pg: EmbeddedPg) -> None:
    url = pg.start()
    pid_file = pg.data / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    with subprocess.Popen(["sleep", "600"], user=pg.data.stat().st_uid if AS_ROOT else None) as foreign:
        crash(url)
        assert gone(pg)
        pid_file.write_text("\n".join([str(foreign.pid), *lines[1:]]) + "\n")
        assert ask(pg.start(), "select 1") == "1"
        pg.release()
        assert foreign.poll() is None
        foreign.kill()


def test_stopping_signals_no_process_that_the_pid_file_names(pg: EmbeddedPg) -> None:
    pg.start()
    pid_file = pg.data / "postmaster.pid"
    with subprocess.Popen(["sleep", "600"]) as foreign:
        lines = pid_file.read_text().splitlines()
        pid_file.write_text("\n".join([str(foreign.pid), *lines[1:]]) + "\n")
        pg.release()
        assert not pg.alive()
        assert foreign.poll() is None
        foreign.kill()


def test_a_truncated_pid_file_hinders_nothing(pg: EmbeddedPg) -> None:
    url = pg.start()
    crash(url)
    assert gone(pg)
    (pg.data / "postmaster.pid").write_text("1\n/nowhere\n")
    assert ask(pg.start(), "select 1") == "1"


def test_no_acknowledged_row_is_lost_when_the_postmaster_is_killed_under_writers(pg: EmbeddedPg) -> None:
    url = pg.start()
    do(url, "drop table if exists written; create table written (writer int, n int)")
    acknowledged: list[list[int]] = [[], [], [], []]

    def write(writer: int) -> None:
        try:
            with psycopg.connect(url, autocommit=True) as connection:
                for n in range(1_000_000):
                    connection.execute("insert into written values (%s, %s)", [writer, n])
                    acknowledged[writer].append(n)
        except psycopg.OperationalError:
            return

    for _ in range(3):
        for rows in acknowledged:
            rows.clear()
        do(url, "delete from written")
        threads = [threading.Thread(target=write, args=[writer]) for writer in range(4)]
        for thread in threads:
            thread.start()
        time.sleep(0.4)
        crash(url)
        for thread in threads:
            thread.join(30)
        assert pg.start() == url
        with psycopg.connect(url) as connection:
            there = set(connection.execute("select writer, n from written").fetchall())
        promised = {(writer, n) for writer, rows in enumerate(acknowledged) for n in rows}
        assert promised
        assert promised <= there


def test_start_waits_for_crash_recovery_in_one_call(pg: EmbeddedPg) -> None:
    url = pg.start()
    do(
        url,
        "drop table if exists big; create table big as select g, repeat('x', 200) from generate_series(1, 300000) g",
    )
    crash(url)
    assert ask(pg.start(), "select count(*) from big") == "300000"


def test_a_crash_before_the_server_is_ready_is_told_with_the_end_of_its_log(folder: Path) -> None:
    broken = EmbeddedPg(folder / "pg", {"shared_buffers": "no number"})
    with pytest.raises(EmbeddedPgError, match="does not start") as caught:
        broken.start()
    assert "shared_buffers" in str(caught.value)
    broken.release()


@pytest.mark.skipif(not AS_ROOT, reason="only root can act as another account")
def test_another_account_with_the_address_is_denied(pg: EmbeddedPg) -> None:
    url = pg.start()
    outsider = 4711 if pg.data.stat().st_uid != 4711 else 4712
    tried = subprocess.run(
        [binaries.find() / "psql", url, "-c", "select 1"],
        user=outsider,
        group=outsider,
        extra_groups=[],
        capture_output=True,
        text=True,
        cwd="/",
        check=False,
    )
    assert tried.returncode != 0
    assert "Permission denied" in tried.stderr


def test_a_wrong_password_is_denied_and_a_lost_one_is_explained(pg: EmbeddedPg) -> None:
    url = pg.start()
    told = psycopg.conninfo.conninfo_to_dict(url)
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(host=told["host"], user=told["user"], dbname=told["dbname"], password="guessed")
    secret = (pg.home / "secret").read_text()
    (pg.home / "secret").write_text("guessed")
    with pytest.raises(EmbeddedPgError, match="put the right file back"):
        pg.start()
    (pg.home / "secret").write_text(secret)


@pytest.mark.skipif(not AS_ROOT, reason="only root hands the server to another account")
def test_data_out_of_the_accounts_reach_goes_elsewhere_and_no_folder_is_widened(folder: Path) -> None:
    shut = folder / "shut"
    shut.mkdir(mode=0o700)
    embedded = EmbeddedPg(shut / "var" / "pg", SMALL)
    url = embedded.start()
    assert ask(url, "select 1") == "1"
    assert embedded.home.is_relative_to(places.FAR)
    assert stat.S_IMODE(shut.stat().st_mode) == 0o700
    embedded.release()
    again = EmbeddedPg(shut / "var" / "pg", SMALL)
    assert again.start() == url
    again.release()


@pytest.mark.skipif(not AS_ROOT, reason="only root hands the server to another account")
def test_programs_out_of_the_accounts_reach_are_copied_once(folder: Path) -> None:
    shut = folder / "shut"
    shut.mkdir(mode=0o700)
    base, trees = places._installed(binaries.find())
    for tree in trees:
        shutil.copytree(tree, shut / tree.relative_to(base))
    embedded = EmbeddedPg(folder / "pg", SMALL, bindir=shut / binaries.find().folder.relative_to(base))
    assert ask(embedded.start(), "select 1") == "1"
    copy = embedded.binaries().folder
    assert copy.is_relative_to(embedded.home)
    assert stat.S_IMODE(shut.stat().st_mode) == 0o700
    assert embedded.binaries().folder == copy
    embedded.release()


def test_a_long_path_gets_a_short_private_socket_folder_and_gives_it_back(folder: Path) -> None:
    deep = folder / ("d" * 90) / ("e" * 40)
    deep.mkdir(parents=True)
    embedded = EmbeddedPg(deep / "pg", SMALL)
    url = embedded.start()
    chosen = Path(psycopg.conninfo.conninfo_to_dict(url)["host"])
    assert ask(url, "select 1") == "1"
    assert stat.S_IMODE(chosen.stat().st_mode) == 0o700
    assert chosen.stat().st_uid == embedded.data.stat().st_uid
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(url.replace(embedded.uri().split(":")[2].split("@")[0], "guessed"))
    embedded.release()
    assert not chosen.exists()


def test_data_of_another_major_is_refused_and_left_alone(pg: EmbeddedPg) -> None:
    pg.start()
    pg.release()
    wrote = (pg.data / "PG_VERSION").read_text()
    (pg.data / "PG_VERSION").write_text("14\n")
    with pytest.raises(EmbeddedPgError, match="bancheng db upgrade"):
        pg.start()
    assert (pg.data / "PG_VERSION").read_text() == "14\n"
    (pg.data / "PG_VERSION").write_text(wrote)


def test_a_half_made_data_folder_is_made_anew(folder: Path) -> None:
    pg = EmbeddedPg(folder / "pg", SMALL)
    half = pg.root / "pgdata.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    assert ask(pg.start(), "select 1") == "1"
    assert not half.exists()
    pg.release()


def test_the_keeper_needs_nothing_but_the_standard_library() -> None:
    names = f"import runpy; runpy.run_path({str(server.KEEPER)!r}, run_name='keeper')"
    said = subprocess.run([sys.executable, "-I", "-S", "-c", names], capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stderr


def test_a_server_in_use_says_so_and_stops_when_told(pg: EmbeddedPg) -> None:
    with User(pg.root) as user:
        user.url()
        assert pg.used()
        pg.stop()
        assert not pg.alive()
    assert not pg.used()
