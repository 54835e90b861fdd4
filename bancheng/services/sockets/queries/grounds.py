"""What a session stands on: the socket as it is sold at an instant. Provisional on the places side."""

from dataclasses import dataclass
from datetime import datetime

from bancheng.lib.refusal import Refused
from bancheng.services.sockets.models import Socket
from bancheng.services.sockets.queries import tariffs


@dataclass(frozen=True)
class Ground:
    """A socket that may be sold, and on what terms."""

    socket_id: int
    site_id: int
    region: str
    gateway: str
    wire: str
    most_w: int
    idle_w: int
    longest_s: int
    plan_id: int

    def highest(self, since: datetime, before: datetime) -> int:
        """Return the highest price that can apply."""
        return tariffs.highest(self.plan_id, since, before)


def of(code: str, *, at: datetime) -> Ground:
    """Return what a session on the socket `code` would stand on."""
    found = Socket.objects.select_related("unit__site").filter(code=code).first()
    if found is None:
        raise Refused("no_such_socket", "没有这个插座。", en="There is no such socket.", status=404)
    return Ground(
        found.pk, found.unit.site_id, found.region, found.unit.gateway, found.wire, found.rated_ma * 220 // 1000, 0, 12 * 3600, 1
    )
