"""`EmbeddedPg`: start a server or join the one that runs, and leave it."""

import errno
import fcntl
import json
import os
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import IO
from urllib.parse import quote

import psycopg

from bancheng.site.postgres import binaries, places
from bancheng.site.postgres.binaries import Binaries, EmbeddedPgError

USER = "bancheng"
DATABASE = "bancheng"
KEEPER = Path(__file__).with_name("keeper.py")
TRIES = 3  # starts that die before anybody could connect
UNREADY = (psycopg.OperationalError, OSError)


class EmbeddedPg:
    """One server under one folder, shared by every process that starts it there.

    `settings` are PostgreSQL's own names and values; they hold for whoever starts the server first. An operator's
    wishes go into `local.conf` in the same folder.
    """

    def __init__(
        self,
        root: str | Path,
        settings: Mapping[str, str] | None = None,
        *,
        start_timeout: float = 600,
        bindir: Path | None = None,
    ) -> None:
        self.root = Path(root).expanduser().resolve()
        self.settings = dict(settings or {})
        self.start_timeout = start_timeout
        self._bindir = bindir
        self._users: IO[bytes] | None = None

    # --- where things are

    @property
    def home(self) -> Path:
        """Return the folder that holds data, locks and logs: `root`, unless root's account cannot reach it."""
        return places.known_home(self.root)

    @property
    def data(self) -> Path:
        """Return PostgreSQL's data folder."""
        return self.home / "pgdata"

    @property
    def account(self) -> places.Account | None:
        """Return the account the server runs as, or None when it is our own."""
        return places.account(self.data)

    def binaries(self) -> Binaries:
        """Return the programs in use, copied beside the data where the account cannot run the originals."""
        found = binaries.at(self._bindir) if self._bindir else binaries.find()
        return places.programs(found, self.home, self.account)

    def uri(self, database: str = DATABASE) -> str:
        """Return the address for `database`; it holds the password, so it is passed by the environment only."""
        secret = (self.home / "secret").read_text(encoding="utf-8").strip()
        host = (self.home / "socket").read_text(encoding="utf-8")
        return f"postgresql://{USER}:{quote(secret)}@/{quote(database)}?host={quote(host, safe='')}"

    # --- start, join, leave

    def start(self) -> str:
        """Start the server or join it, and return its address once a connection works. Calling it again is harmless.

        Waits through crash recovery, up to `start_timeout`. Raises EmbeddedPgError, whose sentence says what to do.
        """
        places.settle(self.root, self.account)
        self._join()
        try:
            self._run_until_ready()
        except BaseException:
            self.release()
            raise
        self._create_database()
        return self.uri()

    def release(self) -> None:
        """Leave. The last one out stops the server and waits for it; were it killed instead, the keeper would do so."""
        if self._users is None:
            return
        try:
            fcntl.flock(self._users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:  # others still use it
            pass
        else:
            self.stop()
            self._drop_short_socket_folder()
        self._users.close()
        self._users = None

    def stop(self, *, timeout: float = 120) -> None:
        """Stop the server whoever uses it, and wait until it is down."""
        try:
            os.close(os.open(self.home / "stop", os.O_WRONLY | os.O_NONBLOCK))
        except OSError as error:
            if error.errno not in {errno.ENXIO, errno.ENOENT}:  # no keeper, hence no server of ours
                raise
        end = time.monotonic() + timeout
        while self.alive():
            if time.monotonic() > end:
                raise EmbeddedPgError(f"PostgreSQL did not stop within {timeout:.0f} s.")
            time.sleep(0.05)

    def alive(self) -> bool:
        """Return whether a postmaster or any process it left behind still runs."""
        return _is_held(self.home / "server.lock")

    def used(self) -> bool:
        """Return whether any process has started or joined the server and not left."""
        return _is_held(self.home / "users.lock")

    def log_tail(self, lines: int = 8) -> str:
        """Return the last lines of the newest log."""
        logs = sorted(
            (path for path in (self.home / "start.log", *(self.home / "log").glob("*.log")) if path.exists()),
            key=lambda path: path.stat().st_mtime,
        )
        text = "".join(path.read_text(encoding="utf-8", errors="replace") for path in logs[-2:])
        return "\n".join(text.splitlines()[-lines:])

    # --- one step each

    def _run_until_ready(self) -> None:
        end = time.monotonic() + self.start_timeout
        begun = 0
        while time.monotonic() < end:
            begun += self._begin()
            if self._wait_until_ready(end):
                return
            if begun >= TRIES:
                raise EmbeddedPgError(f"PostgreSQL does not start. The end of its log:\n{self.log_tail()}")
        raise EmbeddedPgError(
            f"PostgreSQL is not ready after {self.start_timeout:.0f} s; its log is in {self.home / 'log'}."
        )

    def _join(self) -> None:
        """Hold the users' lock, shared; it is ours until we close it or die. Waits while a server goes down."""
        if self._users is None:
            users = (self.home / "users.lock").open("ab")
            fcntl.flock(users, fcntl.LOCK_SH)
            self._users = users

    def _begin(self) -> bool:
        """Start the server if no process of an earlier one is alive, and return whether we did."""
        with (self.home / "server.lock").open("ab") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            self._initialise()
            self._configure()
            (self.data / "postmaster.pid").unlink(missing_ok=True)  # the lock was free: whoever it names is not ours
            self._launch(lock)
        return True

    def _initialise(self) -> None:
        """Make the data folder, whole or not at all, or refuse one that another major version wrote."""
        programs, who = self.binaries(), self.account
        version = self.data / "PG_VERSION"
        if version.exists():
            _check_major(version.read_text(encoding="utf-8").strip(), programs, self.data)
            return
        password = secrets.token_urlsafe(24)
        fresh = self.home / "pgdata.new"
        shutil.rmtree(fresh, ignore_errors=True)
        places.folder(fresh, who)
        handed = self.home / "pgdata.password"
        places.write(handed, password)
        if who:
            who.owns(handed)
        said = places.run(_initdb(programs, fresh, handed), who)
        handed.unlink()
        if said.returncode:
            raise EmbeddedPgError(f"initdb failed: {said.stdout}")
        places.write(self.home / "secret", password)
        fresh.replace(self.data)

    def _configure(self) -> None:
        """Write the settings outside the data folder: the folder may move, and an operator's own stay untouched."""
        who = self.account
        places.folder(self.home / "log", who)
        conf = {**_defaults(), **self.settings}
        conf["unix_socket_directories"] = str(places.socket_folder(self.home, who))
        conf["log_directory"] = str(self.home / "log")
        lines = [f"include {_quoted(str(self.data / 'postgresql.conf'))}"]
        lines += [f"{name} = {_quoted(value)}" for name, value in conf.items()]
        lines += [f"include_if_exists {_quoted(str(self.home / 'local.conf'))}"]
        path = self.home / "postgresql.conf"
        places.write(path, "\n".join(lines) + "\n", mode=0o640)
        if who:
            os.chown(path, -1, who.gid)

    def _launch(self, lock: IO[bytes]) -> None:
        """Start the keeper, and through it the postmaster, which inherits `lock`."""
        who = self.account
        pipe = self.home / "stop"
        pipe.unlink(missing_ok=True)
        os.mkfifo(pipe, 0o600)
        order = {
            "command": [
                self.binaries() / "postgres",
                "-D",
                str(self.data),
                f"--config_file={self.home}/postgresql.conf",
            ],
            "environment": {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
            "account": [who.uid, who.gid] if who else None,
            "lock": lock.fileno(),
            "users": str(self.home / "users.lock"),
            "stop": str(pipe),
        }
        with (self.home / "start.log").open("wb") as log:
            subprocess.run(
                [sys.executable, "-I", "-S", str(KEEPER), json.dumps(order)],
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=[lock.fileno()],
                check=True,
            )

    def _wait_until_ready(self, end: float) -> bool:
        """Return True once a connection works, False when the server has gone before that or the time is up."""
        pause = 0.02
        while time.monotonic() < end:
            if self._answers():
                return True
            if not self.alive():
                return False
            time.sleep(pause)
            pause = min(pause * 1.5, 0.5)
        return False

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.uri("postgres"), connect_timeout=5).close()
        except UNREADY as error:
            if "authentication failed" in str(error):
                raise EmbeddedPgError(
                    f"The password in {self.home / 'secret'} does not open the database in {self.data}: "
                    "put the right file back."
                ) from error
            return False
        return True

    def _create_database(self) -> None:
        with psycopg.connect(self.uri("postgres"), autocommit=True) as connection:
            if connection.execute("select 1 from pg_database where datname = %s", [DATABASE]).fetchone():
                return
            try:
                connection.execute(f'create database "{DATABASE}"')
            except (psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
                return  # another process was first

    def _drop_short_socket_folder(self) -> None:
        note = self.home / "socket"
        if not note.exists():
            return
        chosen = Path(note.read_text(encoding="utf-8"))
        if chosen.parent != self.home:
            shutil.rmtree(chosen, ignore_errors=True)


def memory_mb() -> int:
    """Return the memory this process may use: the machine's, or less where a container is given less."""
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    try:
        given = Path("/sys/fs/cgroup/memory.max").read_text(encoding="utf-8").strip()
    except OSError:
        given = "max"
    return (machine if given == "max" else min(machine, int(given))) // 2**20


def _defaults() -> dict[str, str]:
    memory = memory_mb()
    return {
        "listen_addresses": "",  # never TCP: the build has no TLS
        "unix_socket_permissions": "0700",
        "shared_buffers": f"{max(32, min(memory // 4, 1024))}MB",  # the machine caches the rest, and keeps it for others too
        "effective_cache_size": f"{max(64, memory // 2)}MB",
        "max_connections": "100",
        "jit": "off",
        "random_page_cost": "1.1",
        "max_wal_size": "2GB",
        "wal_compression": "pglz",
        "logging_collector": "on",
        "log_filename": "pg-%a.log",  # a ring of seven days
        "log_truncate_on_rotation": "on",
        "log_rotation_age": "1d",
        "log_rotation_size": "0",
        "log_timezone": "UTC",
        "timezone": "UTC",
    }


def _initdb(programs: Binaries, folder: Path, password: Path) -> list[str]:
    # the builtin C.UTF-8 never changes its order with the system's libc; it came with 17
    provider = ["--locale-provider=builtin"] if programs.major >= 17 else []
    return [
        programs / "initdb",
        f"--pgdata={folder}",
        f"--username={USER}",
        "--encoding=UTF8",
        "--locale=C.UTF-8",
        *provider,
        "--data-checksums",
        "--auth=scram-sha-256",
        f"--pwfile={password}",
    ]


def _check_major(have: str, programs: Binaries, data: Path) -> None:
    if int(have) != programs.major:
        raise EmbeddedPgError(
            f"The data in {data} was written by PostgreSQL {have}, and the programs in {programs.folder} are "
            f"{programs.version}. Nothing was changed. Run `bancheng db upgrade --from FOLDER` with the folder of the "
            f"programs of {have} (docs/operate/upgrade.md)."
        )


def _quoted(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"


def _is_held(path: Path) -> bool:
    """Return whether another open file holds the lock at `path`; our own look at it is over before we return."""
    try:
        file = path.open("ab")
    except FileNotFoundError:
        return False
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False
