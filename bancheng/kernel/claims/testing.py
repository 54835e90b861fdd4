"""Claims for other parts' tests: a query registered for one test only."""

from collections.abc import Iterator
from contextlib import contextmanager

from bancheng.kernel.claims.operations import QUERIES, Query


@contextmanager
def registered(**queries: Query) -> Iterator[None]:
    """Use only these queries inside the block; codes are written A10_4 for A10.4."""
    before = dict(QUERIES)
    QUERIES.clear()
    QUERIES.update({name.replace("_", "."): query for name, query in queries.items()})
    try:
        yield
    finally:
        QUERIES.clear()
        QUERIES.update(before)
