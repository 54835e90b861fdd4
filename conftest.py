"""Every test runs on a real PostgreSQL: DATABASE_URL, or an embedded server of the tests' own under var/test."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bancheng.site.settings")
os.environ.setdefault("BANCHENG_VAR", str(ROOT / "var" / "test"))
os.environ.setdefault("DB_POOLING", "0")  # a test's transaction lives on one plain connection


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Start the embedded server before pytest-django reads the settings."""
    start_database()


def start_database() -> None:
    if "DATABASE_URL" not in os.environ:
        from bancheng.site.postgres import EmbeddedPg

        # no fsync: these rows outlive nothing; the fault tests start servers of their own with the real settings
        fast = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        os.environ["DATABASE_URL"] = EmbeddedPg(ROOT / "var" / "test" / "pg", settings=fast).start()


start_database()
