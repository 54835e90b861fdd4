"""Ending with one's parent, by the kernel's hand: no process outlives the one that answers for it."""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def end_with_parent(parent: int) -> None:
    """Have the kernel kill this process when its parent dies; end at once when it is dead already.

    Killed, not asked: the database goes with the same supervisor, and every process here may be killed at any moment.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        sys.exit(f"The supervisor {parent} is gone.")
