"""CPU seconds from /proc: of a process with its descendants, of the database server. Steadier than the clock where machines are shared."""

import os
from pathlib import Path

from django.db import connection

TICK = os.sysconf("SC_CLK_TCK")


def of(pid: int) -> float:
    """Return the CPU seconds of a process and of its children that have ended; 0 when there is none."""
    return sum(int(ticks) for ticks in _stat(pid)[11:15]) / TICK


def own() -> float:
    """Return the CPU seconds of this process, in fine grains and without its children."""
    times = os.times()
    return times.user + times.system


def children() -> float:
    """Return the CPU seconds of this process's children that have ended."""
    times = os.times()
    return times.children_user + times.children_system


def tree(pid: int) -> float:
    """Return the CPU seconds of a process and its descendants."""
    return sum(of(each) for each in descendants(pid))


def memory(pids: list[int]) -> float:
    """Return the megabytes that processes hold, what they share counted once a sharer (PSS)."""
    return sum(_pss(pid) for pid in pids) / 1024


def _pss(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)


def descendants(pid: int) -> list[int]:
    """Return a process and all below it."""
    below: dict[int, list[int]] = {}
    for entry in Path("/proc").glob("[0-9]*"):
        if stat := _stat(int(entry.name)):
            below.setdefault(int(stat[1]), []).append(int(entry.name))
    found = [pid]
    for each in found:
        found += below.get(each, [])
    return found


def database() -> float:
    """Return the CPU seconds of the whole database server, when it runs on this machine; else 0."""
    server = postmaster()
    return tree(server) if server else 0.0


def postmaster() -> int:
    """Return the process id of the database server, 0 when it runs elsewhere."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        stat = _stat(int(cursor.fetchone()[0]))
    return int(stat[1]) if stat else 0


def _stat(pid: int) -> list[str]:
    """Return the fields of /proc/PID/stat from the state on: parent at 1, times at 11 to 14."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rsplit(")", 1)[1].split()
    except (FileNotFoundError, ProcessLookupError):
        return []
