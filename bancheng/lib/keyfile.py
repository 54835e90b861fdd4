"""Files that one process makes on the first run and every other reads: keys."""

import contextlib
import os
from collections.abc import Callable
from pathlib import Path


def kept(path: Path, make: Callable[[], bytes]) -> bytes:
    """Return what `path` holds; when it is not there, what `make` answers is put there first, readable by its owner only.

    Of several processes that make it at once the first wins, and all return what that one made.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        made = path.with_name(f"{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
        made.touch(mode=0o600)
        made.write_bytes(make())
        with contextlib.suppress(FileExistsError):
            os.link(made, path)
        made.unlink()
    return path.read_bytes()
