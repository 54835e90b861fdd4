"""The places of shared power in a real browser: the map and list of 46 sites, the desk of those who watch over them, the host's page."""

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.identity import testing as people
from bancheng.lib.text import Text
from bancheng.pack.loader import load_city
from bancheng.services.sockets.models import Site
from bancheng.services.sockets.operations import care
from bancheng.services.sockets.rules.care import TicketKind
from bancheng.site.verbs.load import sections
from tests.journeys.conftest import axe, shot, sideways

pytestmark = pytest.mark.django_db(transaction=True)


def check(page: Any, name: str) -> None:
    shot(page, f"places-{name}")
    assert (name, axe(page), page.problems, sideways(page)) == (name, [], [], 0)
    page.context.close()


def test_sites_for_everybody_and_for_those_who_watch(open_page: Any, session_of: Callable[[Any], str]) -> None:
    """F1.5, F1.14: 46 sites on the map and in the list, on a phone and on a desk, in both languages."""
    load_city(settings.PACK, by="staff:test", at=clocks.now(), sections=sections())
    site = Site.objects.get(code="XC01")
    ticket = care.raise_ticket(
        kind=TicketKind.TRIP, cause="walk", region=site.region, says=Text("箱门开着", "The door is open"), at=clocks.now(),
        site=site, socket=site.units.get().sockets.get(number=1), urgent=True, block=True,
    )  # fmt: skip
    for width, english in ((390, False), (1280, True)):
        for name, path in (
            ("home", ""),
            ("place", "places/XC01/"),
            ("prices", "prices/"),
            ("forged", "q/XC01-01.0000000000/"),
        ):
            page = open_page(f"/sockets/{path}", width=width, english=english)
            if name == "forged":
                page.problems = [one for one in page.problems if "404" not in one]
            check(page, f"{name}-{width}")
    keeper, dispatcher = people.staff("device_keeper", name="甲"), people.staff("dispatcher", name="乙")
    host = people.staff("venue_host", unit="night-market", name="丙")
    seen = (
        ("watch", "sites/", dispatcher),
        ("site", "sites/XC01/", keeper),
        ("tickets", "tickets/", dispatcher),
        ("ticket", f"tickets/{ticket.pk}/", dispatcher),
        ("protections", "protections/XC01-01/", keeper),
        ("host", "host/", host),
    )
    for name, path, user in seen:
        for width, english in ((390, True), (1280, False)):
            page = open_page(f"/sockets/{path}", width=width, english=english, session=session_of(user))
            check(page, f"{name}-{width}")
