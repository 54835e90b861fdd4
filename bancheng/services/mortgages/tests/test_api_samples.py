"""The samples of the bank's interface can be made again and again: every door is tried with them."""

from typing import Any

from bancheng.kernel.exchange import testing
from bancheng.kernel.identity import testing as people
from bancheng.lib import sigalgs
from bancheng.services.mortgages.tests import api_samples
from bancheng.web.testing import World


def test_what_stands_in_the_addresses_answers_the_bank_it_belongs_to(
    loaded_city: None, settings: Any, tmp_path: Any
) -> None:
    settings.VAR = tmp_path
    admin, holder = people.staff("unit_admin", unit="market"), people.citizen(serial=1)
    world = World(people.REGION, "market", "tobacco", admin, holder, people.AT)
    made, client = testing.bank(
        *((act, "mortgages", "*") for act in ("submit", "read", "events", "collect")),
        unit="market",
        algorithm=sigalgs.ED25519,
    )
    testing.difference(made)
    for _ in range(2):
        found = {
            name.split("/")[0].removeprefix("api:mortgages:"): value
            for name, value in api_samples.values(world).items()
        }
        for path in (
            f"applications/{found['one']}",
            f"archives/{found['archive']}",
            f"certificates/{found['certificate']}",
            f"certificates/{found['certificate_file']}/file",
            f"batches/{found['batch']}",
            f"reconciliations/{found['day_of']}",
            f"reconciliations/{found['file_of']}/file",
        ):
            assert client.get(f"/api/v1/mortgages/{path}").status_code == 200, path
