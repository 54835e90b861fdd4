"""What the generated tests of every door try of the licence alarm: one holder's and one unit's things, few or many."""

from datetime import timedelta

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.identity import testing as people
from bancheng.kernel.licences import public as licences
from bancheng.services.expiry import operations
from bancheng.services.expiry.models import Batch, Item, Task, Watch
from bancheng.services.expiry.tests.books import book, row
from bancheng.web.testing import Samples, World

FILE = "样例台账"


def fill(world: World, first: int, last: int) -> None:
    """Lay out ledgers, licences, messages, tasks and bad rows number `first` to `last`: one of each a number."""
    today = clocks.today()
    numbers = range(first, last + 1)
    rows = [licence(number, (today + timedelta(days=3 if number % 2 else 7)).isoformat()) for number in numbers]
    for number in numbers:
        upload(world, book(title=str(number)), f"{FILE}{number}.xlsx")
    batch = upload(world, book(*rows, *(licence(number, "坏") for number in numbers)), f"{FILE}.xlsx")
    operations.read_batch(batch_id=str(batch.pk), at=clocks.now())
    operations.inspect(today=today, at=clocks.now(), region=world.region)


def licence(number: int, until: str) -> list[object]:
    """Return a row of the ledger: the holder's licence of that number."""
    return row(证照编号=f"样例{number:04d}", 证件号码=people.citizen_id(1), 有效期至=until)


def upload(world: World, data: bytes, name: str) -> Batch:
    by = people.actor(world.admin, at=world.at)
    return operations.upload(unit=world.unit, name=name, data=data, by=by, at=clocks.now())


def withdrawn(world: World) -> str:
    """Return the code of an item that the unit has taken out of the directory."""
    gone = Item.objects.filter(unit=world.unit, withdrawn_on__isnull=False).first()
    if gone is None:
        gone = Item.objects.filter(unit=world.unit, watch=None).earliest("code")
        operations.withdraw(code=gone.code, by=people.actor(world.admin, at=world.at), at=clocks.now())
    return gone.code


def samples(world: World) -> Samples:
    watch = Watch.objects.filter(unit=world.unit).earliest("pk")
    task = Task.objects.filter(unit=world.unit).earliest("pk")
    ledger = {"unit": world.unit, "file": book(licence(1000, "2027-01-01"))}
    return Samples(
        values={
            "watch_id": watch.pk,
            "task_id": task.pk,
            "batch_id": Batch.objects.filter(bad__gt=0).latest("uploaded_at").pk,
            "expiry:item/code": watch.item.code,
            "expiry:withdraw/code": watch.item.code,
            "expiry:restore/code": withdrawn(world),
            "expiry:verify/code": licences.show_code(watch.licence_id, clocks.now()),
            "api:expiry:item/code": watch.item.code,
            "api:expiry:verify/code": licences.show_code(watch.licence_id, clocks.now()),
        },
        sends={
            "expiry:answer": {"says": "given_up"},
            "expiry:help": {"wanted": "1"},
            "expiry:upload": ledger,
            "expiry:assign": {"task": task.pk, "officer": world.admin.pk},
            "expiry:close": {"method": "call", "result": "told"},
            "expiry:application": {"what": "accepted"},
            "expiry:review": {"unit": world.unit, "note": "样例"},
            "api:expiry:answer": {"says": "given_up"},
            "api:expiry:upload": ledger,
        },
        marks=("样例0001", FILE, watch.item.name),
        figures=frozenset({"expiry:board", "expiry:board_csv", "api:expiry:board", "expiry:template"}),
    )
