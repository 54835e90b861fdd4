"""pgbench on the bench's own database: the limit of what a program without us would do."""

import os
import re
import subprocess
import tempfile
from collections.abc import Sequence

from psycopg.conninfo import conninfo_to_dict

from bancheng.site.postgres import binaries

NAMES = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD", "dbname": "PGDATABASE"}


def run(*arguments: str) -> str:
    """Run pgbench on the database that DATABASE_URL names; return what it prints."""
    told = conninfo_to_dict(os.environ["DATABASE_URL"])
    environment = {**os.environ, **{NAMES[name]: str(value) for name, value in told.items() if name in NAMES}}
    command = [str(binaries.find() / "pgbench"), *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout


def script(statements: Sequence[str], *arguments: str) -> str:
    """Run `statements`, one by one, as a transaction of pgbench's."""
    with tempfile.NamedTemporaryFile("w", suffix=".sql", encoding="utf-8") as file:
        file.write("".join(f"{sql};\n" for sql in statements))
        file.flush()
        return run("-n", "-f", file.name, *arguments)


def tps(said: str) -> float:
    """Return the transactions a second that pgbench says it reached."""
    found = re.search(r"tps = ([\d.]+)", said)
    assert found, said
    return float(found[1])
