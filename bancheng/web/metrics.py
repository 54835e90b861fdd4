"""Figures of this process for Prometheus: how many requests by status class, and how long they took."""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

_lock = threading.Lock()
_count: Counter[str] = Counter()
_seconds = 0.0


@dataclass
class Timing:
    """The answer's status, filled in when there is one; 500 stands for a request that never came back."""

    status: int = 500


@contextmanager
def timed() -> Iterator[Timing]:
    """Count one request and its time."""
    global _seconds
    timing, began = Timing(), time.perf_counter()
    try:
        yield timing
    finally:
        took = time.perf_counter() - began
        with _lock:
            _count[f"{timing.status // 100}xx"] += 1
            _seconds += took


def lines(**gauges: float) -> str:
    """Return the exposition text: this process's requests, and the `gauges` given."""
    with _lock:
        counts, seconds = dict(_count), _seconds
    out = ["# TYPE bancheng_requests_total counter"]
    out += [f'bancheng_requests_total{{status="{status}"}} {n}' for status, n in sorted(counts.items())]
    out += ["# TYPE bancheng_request_seconds_total counter", f"bancheng_request_seconds_total {seconds:.6f}"]
    for name, value in gauges.items():
        out += [f"# TYPE bancheng_{name} gauge", f"bancheng_{name} {value:g}"]
    return "\n".join(out) + "\n"
