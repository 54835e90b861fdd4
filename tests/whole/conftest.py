"""One ground for all tests that kill; a city of its own for each."""

import signal
from collections.abc import Iterator

import pytest

from tests.whole.city import City, Ground


@pytest.fixture(scope="session")
def ground() -> Iterator[Ground]:
    signal.signal(signal.SIGTERM, lambda *_: pytest.exit("terminated", 143))  # so that what was made is taken away
    made = Ground()
    try:
        made.prepare()
        yield made
    finally:
        made.end()


@pytest.fixture
def city(ground: Ground) -> Iterator[City]:
    ground.server.start()  # a test may have left it killed
    made = ground.city()
    yield made
    made.end()
