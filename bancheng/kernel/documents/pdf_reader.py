"""The process that reads one PDF from standard input and tells what it found as one line of JSON.

It stands alone: started with `-I`, it imports nothing of ours, sees no setting and can write no file.
"""

import json
import resource
import sys
import warnings
from typing import Any

MEMORY = 1024 * 2**20
SECONDS = 20
MOST_OBJECTS = 500_000
DEEPEST = 40
RUNS = frozenset({"/JavaScript", "/Launch"})


def bound() -> None:
    """Let this process have so much and no more; a soft limit of the outside that is lower stays."""
    for what, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(what)[1]
        least = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (least, least))


def read(most_pages: int) -> dict[str, Any]:
    """Return {"pages": n}, or {"no": the code of a refusal}; one of more pages is refused anyway and not looked into."""
    import io
    import logging

    from pypdf import PdfReader
    from pypdf.errors import LimitReachedError

    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    try:
        reader = PdfReader(io.BytesIO(sys.stdin.buffer.read()))
        if reader.is_encrypted:
            return {"no": "document_encrypted"}
        pages = len(reader.pages)
        if pages <= most_pages and runs(reader):
            return {"no": "document_runs"}
        return {"pages": pages}
    except (MemoryError, LimitReachedError):
        return {"no": "document_too_complex"}
    except Exception:  # whatever else a reader stumbles over: it cannot be read
        return {"no": "document_damaged"}


def runs(reader: Any) -> bool:
    """Return whether any object of the file is an action that runs something."""
    from pypdf.errors import LimitReachedError
    from pypdf.generic import IndirectObject

    numbers = {(number, generation) for generation, known in reader.xref.items() for number in known}
    numbers |= {(number, 0) for number in reader.xref_objStm}
    if len(numbers) > MOST_OBJECTS:
        raise LimitReachedError("objects")
    return any(acts(IndirectObject(number, generation, reader).get_object()) for number, generation in sorted(numbers))


def acts(thing: Any, depth: int = 0) -> bool:
    """Return whether `thing` or anything written inside it is such an action; what it points to is looked at by itself."""
    from pypdf.generic import ArrayObject, DictionaryObject

    if depth > DEEPEST:
        return True
    if isinstance(thing, DictionaryObject):
        raw = dict.values(thing)
        return dict.get(thing, "/S") in RUNS or "/JS" in thing or any(acts(each, depth + 1) for each in raw)
    if isinstance(thing, ArrayObject):
        return any(acts(each, depth + 1) for each in list.__iter__(thing))
    return False


if __name__ == "__main__":
    bound()
    sys.stdout.write(json.dumps(read(int(sys.argv[1]))))
