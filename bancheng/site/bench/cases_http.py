"""Cases over HTTP, through every middleware: one applied for, one read with its timeline, a page of a hundred tasks.

The limit of the first are the same rows written by hand through psycopg in one transaction; the others are shown beside what issue 3
aims at. What counts is CPU time, of web and database together: one is held against the other per CPU second. The tables are emptied at
the end, so the bench refuses to run beside cases that are not its own.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from statistics import median
from time import perf_counter, process_time
from typing import Any
from uuid import UUID

import psycopg

from bancheng.kernel.cases import public as cases
from bancheng.site.bench import Figure, _cpu, _town, _written
from bancheng.site.bench.cases import own_cases
from bancheng.site.bench.http import web

ROUNDS, CREATED, READ, LISTED = 5, 40, 100, 60
CREATE_MS, READ_MS, LIST_MS = 7.0, 5.0, 12.0  # goal them
GOAL = 0.35
OFFICE = ("case_officer", "approver")


def run(scale: float) -> list[Figure]:
    """Measure on one web process; `scale` shrinks how much of each is done."""
    with own_cases(), web() as (address, server):
        _town.founded()
        bench = _Bench(address, server, scale)
        return [*bench.creating(), *bench.reading(), *bench.listing()]


class _Bench:
    """One web process, and what is done to it."""

    def __init__(self, address: str, server: int, scale: float) -> None:
        self.address, self.server = address, server
        self.created, self.read, self.listed = (max(5, round(n * scale)) for n in (CREATED, READ, LISTED))
        self.people = self._people()
        self.filed: list[tuple[_town.Ready, UUID]] = []

    def _people(self) -> Iterator[_town.Ready]:
        number = 0
        while True:
            yield _town.ready(number)
            number += 1

    def browser(self, client: Any) -> _town.Browser:
        return _town.Browser(self.address, client)

    # -- one applied for

    def creating(self) -> list[Figure]:
        """Return what sending an application costs, beside the same rows by hand."""
        for _ in range(3):  # what a process reads once
            self._send([next(self.people)])
        sample = next(self.people)
        written = _written.by(lambda: self._send([sample]), own=[str(sample.draft)])
        ours: list[tuple[float, float]] = []
        by_hand: list[tuple[float, float]] = []
        with psycopg.connect(os.environ["DATABASE_URL"]) as hand:
            for _ in range(ROUNDS):
                waiting = [next(self.people) for _ in range(self.created)]
                ours.append(self._spent(lambda: self._send(waiting), self.created))  # noqa: B023  done at once
                copies = [written.again() for _ in range(self.created)]
                by_hand.append(self._by_hand(hand, copies))
        cpu, wall = (median(column) for column in zip(*ours, strict=True))
        hand_cpu, hand_wall = (median(column) for column in zip(*by_hand, strict=True))
        rows = sum(len(one.values) for one in written.rows)
        note = f"form of {_town.BUNDLE}, 3 papers, {rows} rows of {len(written.rows)} tables; the same rows by hand"
        return [
            Figure("create a case, per CPU second", 1 / cpu, 1 / hand_cpu, GOAL, "per CPU s", note),
            Figure("create a case, one by one", 1 / wall, 1 / hand_wall, None, "/s", note),
            Figure("create a case, CPU of web and database", cpu * 1000, CREATE_MS, 1, "ms", "goal 7 ms"),
        ]

    def _send(self, waiting: Sequence[_town.Ready]) -> None:
        for one in waiting:
            status, where = self.browser(one.client).post(one.path, seen=one.seen)
            if status != 302:
                raise RuntimeError(f"{one.path} answered {status}")
            self.filed.append((one, UUID(where.split("/")[3])))

    def _by_hand(self, hand: "psycopg.Connection[Any]", copies: Sequence[Any]) -> tuple[float, float]:
        began, cpu = perf_counter(), process_time() + _cpu.database()
        for statements in copies:
            _written.write(hand, statements)
        spent = process_time() + _cpu.database() - cpu
        return spent / len(copies), (perf_counter() - began) / len(copies)

    # -- read, and listed

    def reading(self) -> list[Figure]:
        """Return what reading a case with its timeline costs, on its page and by the API."""
        one, case_id = self.filed[0]
        found = cases.view(case_id)
        assert found
        clerk = self.browser(_town.officer(*OFFICE, unit=found.matters[0].unit))
        mine, desk = self.browser(one.client), f"/onething/desk/{found.matters[0].id}/"
        return [
            self._reading(mine, f"/api/v1/onething/mine/{case_id}", READ_MS, self.read, "read one's case, API"),
            self._reading(
                mine, f"/onething/cases/{case_id}/", READ_MS, self.read, "read one's case, page", judged=False
            ),
            self._reading(clerk, desk, READ_MS, self.read, "read a case on the desk, page", judged=False),
        ]

    def listing(self) -> list[Figure]:
        """Return what a page of a hundred tasks costs, to somebody of one unit and to somebody of all."""
        while len(self.filed) < 110:
            self._send([next(self.people)])
        found = cases.view(self.filed[0][1])
        assert found
        unit = found.matters[0].unit
        narrow, wide = self.browser(_town.officer(*OFFICE, unit=unit)), self.browser(_town.officer(*OFFICE))
        path = "/api/v1/onething/queue?size=100"
        return [
            self._reading(narrow, path, LIST_MS, self.listed, "a page of 100 of one unit, API"),
            self._reading(wide, path, LIST_MS, self.listed, "a page of 100 of every unit, API"),
            self._reading(wide, "/onething/desk/", LIST_MS, self.listed, "a page of 30, page", judged=False),
        ]

    def _reading(
        self, browser: _town.Browser, path: str, aim: float, times: int, name: str, *, judged: bool = True
    ) -> Figure:
        def ask() -> None:
            for _ in range(times):
                if (status := browser.get(path)) != 200:
                    raise RuntimeError(f"{path} answered {status}")

        ask()
        cpu = median(self._spent(ask, times)[0] for _ in range(3))
        note = f"CPU of web and database; goal {aim:g} ms"
        return Figure(name, cpu * 1000, aim, 1 if judged else None, "ms", note)

    def _spent(self, work: Callable[[], object], times: int) -> tuple[float, float]:
        """Return the CPU seconds of web and database, and the seconds, that each of `times` took."""
        began, cpu = perf_counter(), _cpu.tree(self.server) + _cpu.database()
        work()
        spent = _cpu.tree(self.server) + _cpu.database() - cpu
        return spent / times, (perf_counter() - began) / times
