"""Which jobs there are: every installed app's `jobs.py` is imported at start and its functions register here."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from bancheng.kernel.jobs import rules

Function = TypeVar("Function", bound=Callable[..., Any])


@dataclass(frozen=True)
class Spec:
    """A kind of work: its function, how often it is tried, and the queue its jobs stand in."""

    name: str
    function: Callable[..., Any]
    attempts: int
    queue: str


class UnknownJob(LookupError):
    """No function is registered under this name: a misspelling, or a `jobs.py` that was not imported."""


SPECS: dict[str, Spec] = {}
SCHEDULE: dict[str, str] = {}  # job name -> cron line in Asia/Shanghai


def job(name: str, *, attempts: int = 8, queue: str = "default") -> Callable[[Function], Function]:
    """Register a function of keyword JSON arguments as the work behind `name`.

    It may run again after a crash, so doing it twice must have the effect of once. It runs outside a transaction and
    calls operations, which open their own.
    """

    def register(function: Function) -> Function:
        if inspect.iscoroutinefunction(function):
            raise TypeError(f"the job {name!r} must be a plain function: jobs run in threads with Django's connections")
        known = SPECS.get(name)
        if known and (known.function.__module__, known.function.__qualname__) != (
            function.__module__,
            function.__qualname__,
        ):
            raise ValueError(f"two functions claim the job {name!r}")
        SPECS[name] = Spec(name=name, function=function, attempts=attempts, queue=queue)
        return function

    return register


def spec(name: str) -> Spec:
    """Return the kind of work called `name`, or raise UnknownJob."""
    try:
        return SPECS[name]
    except KeyError:
        raise UnknownJob(f"no job is called {name!r}") from None


def schedule(name: str, cron: str) -> None:
    """Have the job `name`, which takes no arguments, promised whenever `cron` (in Asia/Shanghai) falls due."""
    if not rules.is_cron(cron):
        raise ValueError(f"{cron!r} is not a cron line (job {name!r})")
    if SCHEDULE.setdefault(name, cron) != cron:
        raise ValueError(f"the job {name!r} is scheduled twice: {SCHEDULE[name]!r} and {cron!r}")
