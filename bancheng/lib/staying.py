"""What stays in memory as long as the process does is left out of the collector's rounds, which walk it again and again otherwise."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def loading() -> Iterator[None]:
    """Let what the block loads stay; the collector does not run meanwhile."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def spare() -> None:
    """Let all stay that is in memory by now and is not garbage."""
    gc.collect()
    gc.freeze()
