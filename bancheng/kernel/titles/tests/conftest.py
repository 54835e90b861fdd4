"""Books that must add up after each test that asks for it, and somebody who listens."""

from collections.abc import Iterator

import pytest

from bancheng.kernel.titles import public as titles


@pytest.fixture
def whole() -> Iterator[None]:
    """After the test, every invariant of the book holds."""
    yield
    assert list(titles.verify()) == []


@pytest.fixture
def heard() -> Iterator[list[titles.Changed]]:
    """What whoever listens to the book hears."""
    found: list[titles.Changed] = []
    titles.changed.connect(found.append)
    yield found
    titles.changed._listeners.remove(found.append)
