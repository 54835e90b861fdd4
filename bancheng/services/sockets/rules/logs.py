"""How far a socket's log is stored without a gap: a mark, and the stretches beyond it that wait for what is missing."""

from collections.abc import Iterable, Sequence

Stretch = tuple[int, int]  # first and last, both stored


def merge(stored: int, ahead: Iterable[Sequence[int]], came: Iterable[int]) -> tuple[int, list[Stretch]]:
    """Return the mark and what stands beyond it once the numbers `came` are stored too; order and repetition change nothing."""
    stretches = sorted([(first, last) for first, last in ahead] + [(n, n) for n in set(came) if n > stored])
    beyond: list[Stretch] = []
    for first, last in stretches:
        if last <= stored:
            continue
        if first <= stored + 1 and not beyond:
            stored = last
        elif beyond and first <= beyond[-1][1] + 1:
            beyond[-1] = (beyond[-1][0], max(beyond[-1][1], last))
        else:
            beyond.append((first, last))
    return stored, beyond
