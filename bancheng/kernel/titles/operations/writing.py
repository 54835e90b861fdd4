"""How an act is written: under the parcel's lock, once for its key.

The parcel's row is locked first; nobody else writes in its book meanwhile, so its lots need no locks of their own. What an operation
changes on rows is compared with what they were: lines of the ledger, entries and columns follow from it, and nobody writes them by hand.
"""

from collections.abc import Callable

from django.db import connection

from bancheng.kernel.jobs import public as jobs
from bancheng.kernel.titles import models
from bancheng.kernel.titles.facts import Recorded, Said
from bancheng.kernel.titles.models import Parcel
from bancheng.kernel.titles.operations.entering import finish
from bancheng.kernel.titles.operations.pen import Pen
from bancheng.kernel.titles.queries.acts import recorded_of
from bancheng.kernel.titles.queries.ground import Ground
from bancheng.kernel.titles.rules import refusals
from bancheng.lib import rows

LOCKED = "WHERE region = %(region)s AND code = %(code)s FOR UPDATE"
LAST = "(SELECT coalesce(max(act.seq), 0) FROM titles_act AS act WHERE act.parcel_id = titles_parcel.id)"
KNOWN = "EXISTS (SELECT FROM titles_act AS act WHERE act.region = %(region)s AND act.key = %(key)s)"


def record(said: Said, kind: str, parcel: str, write: Callable[[Pen], None], *, subject: str = "") -> Recorded:
    """Write an act in the book of a parcel, once for its key. Raises Refused: title_no_parcel, title_closed, title_key_taken."""
    with jobs.act():
        row = locked(said["region"], parcel, said["key"])
        # what this statement saw beside the row is old, when it waited for somebody who wrote
        if (row.known or row.last != row.version) and (stands := standing(said, kind, parcel)):
            return stands
        if row.closed_at:
            raise refusals.closed(parcel)
        pen = pen_for(said, kind, row)
        pen.subject = subject
        write(pen)
        return finish(pen)


def locked(region: str, code: str, key: str = "") -> Parcel:
    """Return a parcel, locked, with `last` and `known` as this statement saw them. Raises Refused: title_no_parcel."""
    with connection.cursor() as cursor:
        asked = {"region": region, "code": code, "key": key}
        found = rows.read(cursor, Parcel, LOCKED, asked, last=LAST, known=KNOWN)
    if not found:
        raise refusals.no_parcel(code)
    return found[0]


def pen_for(said: Said, kind: str, parcel: Parcel) -> Pen:
    """Return what will write. Time in a parcel's book never goes back, whatever a machine's clock says."""
    at = max(said["at"], parcel.recorded_at)
    return Pen(said, kind, parcel, at, said.get("valid_from") or at, Ground(parcel, {}), grant=parcel.area_dm2)


def standing(said: Said, kind: str, parcel: str) -> Recorded | None:
    """Return what stands under the key. Raises Refused: title_key_taken, when it is something else."""
    act = models.Act.objects.filter(region=said["region"], key=said["key"]).select_related("parcel").first()
    if act is None:
        return None
    if (act.kind, act.registration, act.parcel.code) != (kind, said["registration"], parcel):
        raise refusals.key_taken()
    return recorded_of(act)
