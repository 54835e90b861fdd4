"""Processes that share the work of a replay: each lives the day of its part of the applicants, or of the sockets, or estate after estate.

A bundle concerns nobody but its applicant, a use nobody but its socket, an act nobody but its parcel, so parts never wait for each other. What
is small is lived without helpers; a helper ends when the pipe to it does, however the replay ends.
"""

import multiprocessing
import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, Protocol, TypeVar

from bancheng.sim.bundles import Year
from bancheng.site import helping
from bancheng.site.replay import bundles

WORTH_A_HELPER = 300  # applications of a part: fewer, and starting a process takes longer than it spares
MOST = 4

Thing = TypeVar("Thing")


class Crew(Protocol):
    """Who lives the days of one-thing-done-once, and how many seconds they took; of several, the slowest of each day."""

    seconds: float

    def begin(self, day: date) -> None:
        """Let the day begin."""

    def finish(self) -> int:
        """Wait until it is over; return how many applications came in."""


class Alone:
    """The replay's own process, when the day is over elsewhere."""

    def __init__(self, year: Year, at: datetime) -> None:
        self.hall = bundles.opened(year, at=at)
        self.day: date | None = None
        self.seconds = 0.0

    def begin(self, day: date) -> None:
        self.day = day

    def finish(self) -> int:
        assert self.day
        began = time.monotonic()
        applied = bundles.live(self.hall, self.day)
        self.seconds += time.monotonic() - began
        return applied


class Shared:
    """Some helpers, each with its part."""

    def __init__(self, helpers: Sequence[tuple[Connection, BaseProcess]]) -> None:
        self.helpers = helpers
        self.seconds = 0.0

    def begin(self, day: Any) -> None:
        """Tell every helper, of a day or of whatever it takes."""
        for pipe, _ in self.helpers:
            pipe.send(day)

    def finish(self) -> int:
        answers = [_answer(pipe, process) for pipe, process in self.helpers]
        self.seconds += max(took for _, took in answers)
        return sum(number for number, _ in answers)

    def spread(self, things: Iterable[Thing]) -> Iterator[Thing]:
        """Give each thing to a helper that is free, and yield it when it is over; the next is asked for when there is one to take it."""
        todo, free = iter(things), list(self.helpers)
        at_work: dict[Connection, tuple[BaseProcess, Thing]] = {}
        while True:
            while free and (thing := next(todo, None)) is not None:
                pipe, process = free.pop()
                pipe.send(thing)
                at_work[pipe] = process, thing
            if not at_work:
                return
            heard = wait([*at_work, *(process.sentinel for process, _ in at_work.values())])
            pipe = next(one for one, (process, _) in at_work.items() if one in heard or process.sentinel in heard)
            process, thing = at_work.pop(pipe)
            _answer(pipe, process)
            free.append((pipe, process))
            yield thing


def _answer(pipe: Connection, process: BaseProcess) -> tuple[int, float]:
    try:
        answer = pipe.recv()
    except EOFError:  # its end of the pipe went with it
        process.join()
        answer = f"it ended with {process.exitcode}"
    if isinstance(answer, str):
        raise RuntimeError(f"a helper of the replay failed: {answer}")
    number, took = answer
    return int(number), float(took)


@contextmanager
def crew(year: Year, *, at: datetime) -> Iterator[Crew]:
    """Keep whoever lives the bundles' days while the block runs: helpers, as many as there are processors, or nobody else."""
    number = worth(len(year.applications))
    if number < 2:
        yield Alone(year, at)
        return
    Alone(year, at)  # the desks are staffed once, before several look for them
    with shared(helping.help_replay, [(year.part(part, number), at) for part in range(number)]) as helpers:
        yield helpers


def worth(things: int) -> int:
    """Return how many processes are worth starting: as many as there are processors, and none for a small year."""
    return min(os.cpu_count() or 1, MOST, things // WORTH_A_HELPER)


@contextmanager
def shared(live: Callable[..., None], parts: Sequence[tuple[Any, ...]]) -> Iterator[Shared]:
    """Keep a process for each part while the block runs: it is given its end of a pipe and the part, and lives the days that come."""
    started = multiprocessing.get_context("spawn")
    helpers: list[tuple[Connection, BaseProcess]] = []
    try:
        for part in parts:
            ours, theirs = started.Pipe()
            process: BaseProcess = started.Process(target=live, args=(theirs, *part), daemon=True)
            process.start()
            theirs.close()
            helpers.append((ours, process))
        yield Shared(helpers)
    finally:
        for pipe, _ in helpers:
            pipe.close()
        for _, process in helpers:
            process.join(10)
