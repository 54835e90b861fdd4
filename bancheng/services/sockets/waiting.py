"""What stands on the home page of finance: refunds that wait for a person, and what another one put forward."""

from django.conf import settings
from django.urls import reverse

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.identity import public as identity
from bancheng.lib.text import Text
from bancheng.services.sockets.queries import finance as queries
from bancheng.web.front import Todo


def to_do(actor: identity.Actor) -> list[Todo]:
    """Return what waits for the actor in finance; for anybody else nothing."""
    if not actor.has(queries.FINANCE):
        return []
    second, first = queries.waits_for(settings.REGION, actor.ref, clocks.now())
    found = []
    if second:
        said = Text(f"{second}笔退款待您批准", f"Refunds for you to decide on: {second}")
        found.append(Todo(said, reverse("sockets:finance_refunds"), None, "warn"))
    if first:
        said = Text(f"{first}笔退款渠道退不回去", f"Refunds the channel cannot send back: {first}")
        found.append(Todo(said, reverse("sockets:finance_refunds"), None, "bad"))
    return found
