"""What the generated tests of every door try of one thing: single matters of the unit, filed by the holder, few or many."""

from bancheng.kernel.cases import public as cases
from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.identity import public as identity
from bancheng.kernel.identity import testing as people
from bancheng.services.onething import operations, queries
from bancheng.web.testing import Samples, World

MATTER, BUNDLE = "food-business-new", "open-restaurant"


def file(world: World, key: str) -> cases.Filed:
    """Return a case of the holder's, at the unit."""
    sealed = identity.seal(people.citizen_id(1), kind="citizen_id")
    applicant = cases.Applicant("person", "样例申请人", holder(), sealed, "citizen_id")
    return cases.file(
        region=world.region,
        service=queries.SERVICE,
        flow=MATTER,
        applicant=applicant,
        said=cases.Said({"food_business_kind": "catering"}),
        key=key,
        unit=world.unit,
        by=f"person:{world.holder.person_id}",
        at=clocks.now(),
    )


def holder() -> bytes:
    return identity.find_hash(people.citizen_id(1), kind="citizen_id")


def fill(world: World, first: int, last: int) -> None:
    """File cases number `first` to `last`."""
    for number in range(first, last + 1):
        file(world, f"sample-{number}")


def samples(world: World) -> Samples:
    found = file(world, "sample-1")
    file(world, f"partner:town-{world.unit}:A-1")  # as the sample partner's own
    me = people.actor(world.holder, at=clocks.now())
    draft = operations.begin(bundle=BUNDLE, subject=f"person:{me.person_id}", by=me, at=clocks.now())
    officer = {"officer": "A01"}
    return Samples(
        values={
            "case_id": found.id,
            "reference": "A-1",
            "draft_id": draft.id,
            "section": "contact",
            "onething:bundle/code": BUNDLE,
            "onething:start/code": BUNDLE,
        },
        sends={
            "api:onething:submit": {"code": "x"},
            "api:onething:subscribe": {"url": "no address"},
            "api:onething:accept": officer,
            "api:onething:ask_correction": {**officer, "defects": [{"about": "field:x", "says": "请补正"}]},
            "api:onething:refuse": {**officer, "reason": "不属职权", "law": "行政许可法 第三十二条", "remedy": "复议"},
            "api:onething:result": {**officer, "result": "已核查"},
            "api:onething:decide": {**officer, "outcome": "granted"},
            "api:onething:correct": {"answers": {}},
        },
        marks=(found.number,),
        # an officer's queue holds what his role does next, not every case of his unit
        figures=frozenset({"api:onething:my_queue", "onething:desk"}),
    )
