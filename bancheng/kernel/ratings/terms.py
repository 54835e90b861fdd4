"""By what terms a service is rated: its own where it has some, else the city's, else the table's (R-RT-7).

Terms stand in the city's pack, which the kernel does not read: whoever reads a section says so once, when Django is loaded.
"""

from collections.abc import Callable

from bancheng.kernel.ratings.rules import Terms

Read = Callable[[], Terms | None]
_readers: dict[str, Read] = {}
CITY = ""


def declare_terms(read: Read, *, service: str = CITY) -> None:
    """Say who reads the terms of a service, or of all that have none of their own; None: the pack has none."""
    _readers[service] = read


def own_terms() -> dict[str, Terms]:
    """Return the terms of each service that has its own."""
    found = {service: read() for service, read in sorted(_readers.items()) if service != CITY}
    return {service: terms for service, terms in found.items() if terms}


def terms_of(service: str) -> Terms:
    """Return the terms a service is rated by."""
    for read in filter(None, (_readers.get(service), _readers.get(CITY))):
        if found := read():
            return found
    return Terms()
