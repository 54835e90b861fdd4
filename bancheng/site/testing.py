"""The test run's plug-in: every test runs on a real PostgreSQL.

DATABASE_URL names one, or an embedded server of the tests' own is started under var/test. Loaded by `-p` in pyproject.toml, because
pytest-django reads the settings before any conftest is found.
"""

import os
from pathlib import Path

from bancheng.site.postgres import EmbeddedPg

ROOT = Path(__file__).resolve().parent.parent.parent
SERVERS: list[EmbeddedPg] = []  # held: its open lock is what keeps the server running

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bancheng.site.settings")
os.environ.setdefault("BANCHENG_VAR", str(ROOT / "var" / "test"))
os.environ.setdefault("DB_POOLING", "0")  # a test's transaction lives on one plain connection

if "DATABASE_URL" not in os.environ:
    # no fsync: these rows outlive nothing; the fault tests start servers of their own with the real settings
    fast = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
    SERVERS.append(EmbeddedPg(ROOT / "var" / "test" / "pg", settings=fast))
    os.environ["DATABASE_URL"] = SERVERS[0].start()


def pytest_unconfigure() -> None:
    for server in SERVERS:
        server.release()
