"""Which licences are whose, as the record names them."""

from datetime import date

from bancheng.kernel.audit import public as audit
from bancheng.kernel.identity import public as identity
from bancheng.kernel.identity import testing as people
from bancheng.services.expiry import operations
from bancheng.services.expiry.models import Task, Watch
from bancheng.services.expiry.tests.conftest import UNIT
from bancheng.services.expiry.tests.test_operations import REGION, at, licence, take_in


def test_a_look_at_a_holders_number_is_found_by_the_holder(admin: identity.Actor) -> None:
    """P-3 P-4: an officer's look at the number stands on the holder's own page."""
    holder = people.citizen(serial=7)
    take_in(admin, licence(7, date(2026, 3, 4), 证件号码=people.citizen_id(7)))
    operations.inspect(today=date(2026, 3, 2), at=at(date(2026, 3, 2), 3), region=REGION)
    task = Task.objects.get(kind="one_on_one")
    officer = people.actor(people.staff("section_officer", unit=UNIT))
    operations.take(task_id=task.pk, by=officer, at=at(date(2026, 3, 2), 4))
    operations.reveal_contact(task_id=task.pk, by=officer, at=at(date(2026, 3, 2), 5))
    shown = people.client_for(holder).get("/mine/looks/").content.decode()
    assert "完整手机号" in shown
    assert "食品经营许可证（JY000007）" in shown
    assert f"/expiry/mine/{Watch.objects.get().pk}/" in shown
    others = audit.Holders([people.citizen(serial=8).person.citizen_id_hash])
    assert not any(audit.things_of.fire(others))
