"""Every page that is read, with the samples of its own unit: it shows what is there."""

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.identity import testing as people
from bancheng.lib.manifest import CITIZEN, PUBLIC
from bancheng.services.mortgages.service import SERVICE
from bancheng.services.mortgages.tests import samples
from bancheng.web import entrances, matrix
from bancheng.web.testing import World


def test_every_page_opens_for_its_own_and_shows_its_samples(loaded_city: None) -> None:
    unit, holder = "market", people.citizen(serial=1)
    world = World(people.REGION, unit, "tobacco", people.staff("unit_admin", unit=unit), holder, clocks.now())
    samples.fill(world, 1, 2)
    given = samples.samples(world)
    for door in entrances.every():
        if door.service != SERVICE.code or door.kind != "page" or "GET" not in door.methods:
            continue
        who = door.who[0]
        user = holder if who in (CITIZEN, PUBLIC) else people.staff(who, unit=unit if who != "supervisor" else "")
        answer = people.client_for(user).get(
            matrix.address(
                door, lambda name, kind, at=door.name: given.values.get(f"{at}/{name}", given.values.get(name, "x"))
            )
        )
        assert answer.status_code == 200, door.name
