"""The keeper: parent of one postmaster, which it stops when the last user's lock is gone.

Run as a program by `server.py`, with the standard library alone (`python -I -S`). It waits on three things at once,
each the kernel's word: its child's death, the users' lock coming free (they left, or were killed), somebody opening the
pipe `stop`. It detaches itself, so who started the server has no child to reap and the terminal has no hold on it.
"""

import ctypes
import fcntl
import json
import os
import signal
import subprocess
import sys
import threading
from typing import Any

PR_SET_PDEATHSIG = 1
PATIENCE = 120  # seconds for a fast shutdown, which writes everything out; then an immediate one, recovered from later


def follow() -> None:
    """Run in the child before it becomes the postmaster: a fast shutdown when the keeper itself is killed."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGINT, 0, 0, 0)


def start(order: dict[str, Any]) -> "subprocess.Popen[bytes]":
    """Start the postmaster, which inherits the held lock: it is free again when the last of its processes is gone."""
    uid, gid = order["account"] or (None, None)
    server = subprocess.Popen(
        order["command"],
        cwd="/",
        env=order["environment"],
        stdin=subprocess.DEVNULL,
        pass_fds=[order["lock"]],
        start_new_session=True,
        preexec_fn=follow,
        user=uid,
        group=gid,
        extra_groups=None if uid is None else [],
    )
    os.close(order["lock"])
    return server


def stop(server: "subprocess.Popen[bytes]") -> None:
    """Ask for a fast shutdown; insist after a while."""
    server.send_signal(signal.SIGINT)
    insist = threading.Timer(PATIENCE, server.send_signal, [signal.SIGQUIT])
    insist.daemon = True
    insist.start()


def stop_with_the_last_user(server: "subprocess.Popen[bytes]", users: str) -> None:
    """Wait until nobody holds `users`, and keep newcomers waiting there until the server is down."""
    held = os.open(users, os.O_RDWR)
    fcntl.flock(held, fcntl.LOCK_EX)
    stop(server)


def stop_when_told(server: "subprocess.Popen[bytes]", pipe: str) -> None:
    """Wait until somebody opens the pipe for writing."""
    os.close(os.open(pipe, os.O_RDONLY))
    stop(server)


def watch(target: Any, *args: Any) -> None:
    """Wait for one thing in a thread that does not outlive the keeper."""
    threading.Thread(target=target, args=args, daemon=True).start()


def main() -> None:
    order = json.loads(sys.argv[1])
    if os.fork():
        os._exit(0)
    os.setsid()
    server = start(order)
    signal.signal(signal.SIGTERM, lambda *_: stop(server))
    watch(stop_with_the_last_user, server, order["users"])
    watch(stop_when_told, server, order["stop"])
    server.wait()
    os._exit(0)  # the threads may wait for ever


if __name__ == "__main__":
    main()
