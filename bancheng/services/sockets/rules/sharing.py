"""How gateway processes share the gateways: by partitions, each of which one process holds at a time.

A partition is a named persistent MQTT session. All of one gateway goes through one partition, so it comes in order; when a process dies, another takes
its partitions and the broker gives it what was not acknowledged. See the decision on consumers.
"""

from collections.abc import Collection
from zlib import crc32

PARTITIONS = 8


def partition(gateway: str, partitions: int = PARTITIONS) -> int:
    """Return the partition of a gateway: always the same."""
    return crc32(gateway.encode()) % partitions


def fair(partitions: int, members: int) -> int:
    """Return how many partitions one of `members` processes takes at most."""
    return -(-partitions // max(1, members))


def surplus(held: Collection[int], share: int) -> list[int]:
    """Return the partitions to give up, the last ones first, one at a time: what is given up is taken by somebody who has fewer."""
    return sorted(held)[-1:] if len(held) > share else []
