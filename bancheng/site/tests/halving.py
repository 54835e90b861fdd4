"""A helper for tests; it stands apart, because its process reads no settings."""

from multiprocessing.connection import Connection


def halve(pipe: Connection) -> None:
    """Answer with the half of each number; one that has none is a failure."""
    while True:
        try:
            number = pipe.recv()
        except EOFError:
            return
        if number == 0:
            raise SystemExit(7)
        pipe.send("it has no half" if number % 2 else (number // 2, 0.0))
