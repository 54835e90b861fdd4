"""The types of existing land by the pages of each role, from the leading group's decision to the last step, with the numbers of the worked example."""

import pytest
from django.test import Client

from bancheng.kernel.identity import testing as people
from bancheng.kernel.registrations import public as registrations
from bancheng.kernel.titles import public as titles
from bancheng.services.landshares.models import Meeting
from bancheng.services.landshares.rules import procedures
from bancheng.services.landshares.tests.conftest import Desk
from bancheng.services.landshares.tests.office import ONE, PARCEL, REGION, SOLD, Office

CASE = "（2026）豫1025执9号"
HOMES = {  # the worked example: floor area and share, in m²
    "00010001": ("88.50", "130.84"),
    "00010002": ("88.50", "130.84"),
    "00010003": ("91.25", "134.90"),
    "00020001": ("120.10", "177.56"),
    "00020002": ("120.10", "177.56"),
    "00020003": ("77.77", "114.97"),
}
TO_OWNERS, REST = list(HOMES)[:4], list(HOMES)[4:]
OWNERS = {"00010001": ("王芳", 71), "00010002": ("李四", 72), "00010003": ("赵六", 73), "00020001": ("钱七", 74)}


@pytest.fixture(autouse=True)
def _own_seals(settings: object, tmp_path: object) -> None:
    """Let each test make its own test authority."""
    settings.VAR = tmp_path  # type: ignore[attr-defined]


@pytest.fixture
def office(desk: Desk) -> Office:
    return Office(desk)


@pytest.fixture
def court(desk: Desk) -> Client:
    return desk("court_clerk", "city-court")


def decided(desk: Desk, kind: str) -> None:
    """Let the leading group meet and decide what the parcel is."""
    group = desk("land_group")
    held = {"number": f"〔2026〕{kind}", "held_on": "2026-03-01", "chair": "段正", "minutes": "研究存量用地。"}
    assert group.post("/landshares/group/hold/", held).status_code == 302
    meeting = Meeting.objects.get(number=held["number"])
    matter = {"parcel": titles.spaced(PARCEL), "question": "怎么办？", "kind": kind, "decision": "按类型办理。"}
    assert group.post(f"/landshares/group/{meeting.pk}/decide/", matter).status_code == 302
    assert PARCEL in group.get("/landshares/group/").content.decode()


def opened(office: Office, kind: str) -> None:
    office.opened(area="866.67", origin=kind, permit="")


def measured(office: Office) -> None:
    for building in ("1", "2"):
        rows = [f"{PARCEL}F{code},{area},saleable" for code, (area, _) in HOMES.items() if code[3] == building]
        office.survey("measured", building, "\n".join(["unit,area,category", *rows]))


def quantified(office: Office) -> None:
    office.record(office.filed("plan.quantify", approval="实测核定9号"))


def registered(office: Office) -> None:
    for building in ("F0001", "F0002"):
        office.record(office.filed("building.first", building=PARCEL + building, approval="原房屋登记9号"))


def sold(office: Office, code: str) -> dict[str, str]:
    name, serial = OWNERS[code]
    who = {"buyer_name": name, "buyer_id": people.citizen_id(serial)}
    return {"lot": f"{PARCEL}F{code}", "contract_no": f"MM-{code}", **who}


def transferred(office: Office, code: str) -> None:
    made = office.filed("transfer", **sold(office, code))
    office.agree(made, office.developer, people.client_for(people.citizen(OWNERS[code][0], serial=OWNERS[code][1])))
    office.record(made)
    assert len(office.certificates(made)) == 1


def words(kind: str, until: int) -> list[str]:
    return [step.name.zh for step in procedures.OF_KIND[kind][:until]]


def covered(number: str) -> int:
    return sum(one.dm2 for one in titles.right(REGION, number).lots if one.open)


def serve(court: Client, **said: str) -> int:
    return court.post(f"/landshares/court/{PARCEL}/serve/", {"number": CASE, "until": "2029-03-01", **said}).status_code


def shown(office: Office) -> str:
    return office.counter.get(f"/landshares/parcels/{PARCEL}/").content.decode()


def test_e1_houses_registered_and_the_land_divided_to_their_owners(office: Office, desk: Desk) -> None:
    """F7.4, F7.8: type 1; each owner gets a title of house and land, and each step shows as done once the book has it"""
    decided(desk, "e1")
    for number, act in enumerate(
        (lambda: opened(office, "e1"), lambda: measured(office), lambda: quantified(office)), 2
    ):
        act()
        assert office.done() == words("e1", number)
    page = shown(office)
    for _, share in HOMES.values():
        assert share in page
    registered(office)
    assert office.done() == words("e1", 5)
    for code in TO_OWNERS:
        transferred(office, code)
    assert office.done() == words("e1", 6)
    total = titles.sheet(REGION, PARCEL).total
    assert (total.with_buyers, total.developer_registered) == (57_414, 29_253)
    assert "292.53" in shown(office)
    assert not list(titles.verify())


SURVEY = "\n".join(
    ["unit,area,category", *(f"{PARCEL}F{code},{area},saleable" for code, (area, _) in HOMES.items() if code[3] == "1")]
)


def test_e2_a_court_takes_exactly_what_is_left_of_a_live_project(office: Office, desk: Desk, court: Client) -> None:
    """F7.4, R7.5, R7.6, B7.4: type 2; what is presold stays out and is listed, the next court waits, and what is seized is not mortgaged"""
    decided(desk, "e2")
    opened(office, "e2")
    office.survey("predicted", "1", SURVEY)
    quantified(office)
    assert office.done() == words("e2", 4)
    made = office.filed("claim.notice", lot=ONE, **SOLD)
    office.agree(made, office.developer, office.buyer)
    office.record(made)
    page = court.get(f"/landshares/court/{PARCEL}/").content.decode()
    assert "已预售" in page
    assert "YS-9-1" in page
    assert serve(court, yuan="99999999") == 302  # more than all of it is worth: only what is left
    presold = titles.lot(REGION, ONE).dm2
    assert covered(CASE) == 86_667 - presold
    assert not [one for one in titles.right(REGION, CASE).lots if one.lot == ONE]
    assert office.done() == words("e2", 5)
    second = "（2026）豫1002执10号"
    other = desk("court_clerk", "weidu-court")
    assert serve(other, number=second) == 302
    assert {one.state for one in titles.right(REGION, second).lots if one.open} == {titles.State.WAITING}
    assert covered(second) == 86_667 - presold
    stops = titles.check(REGION, titles.Act.DEVELOPER_MORTGAGE, [f"{PARCEL}F00010002"])
    assert {one.number for one in stops} == {CASE, second}
    answer = office.send("claim.notice", **SOLD | {"lot": f"{PARCEL}F00010002", "contract_no": "YS-9-2"})
    assert answer.status_code == 409
    assert CASE in answer.content.decode()
    assert court.post("/landshares/orders/lift/", {"number": CASE, "lots": ""}).status_code == 302
    assert {one.state for one in titles.right(REGION, second).lots if one.open} == {titles.State.EFFECTIVE}
    assert not list(titles.verify())


def test_e4_a_parcel_mortgaged_and_seized_as_a_whole_frees_what_is_sold(
    office: Office, desk: Desk, court: Client
) -> None:
    """F7.4, F7.8, R7.5: type 4 with the burdens of type 3, worked example C to the dm²; a transfer before either step is refused by name"""
    decided(desk, "e4")
    opened(office, "e4")
    office.mortgaged(titles.land(PARCEL))
    assert serve(court) == 302
    measured(office)
    quantified(office)
    registered(office)
    assert office.done() == words("e4", 5)
    assert (covered("M9"), covered(CASE)) == (86_667, 86_667)
    refused_by(office, CASE)
    lots = "\n".join(TO_OWNERS)
    made = office.filed("mortgage.release", right="M9", lots=" ".join(f"{PARCEL}F{code}" for code in TO_OWNERS))
    assert office.bank.post(f"/registry/asks/{made}/agree/").status_code == 302
    office.record(made)
    assert covered("M9") == 29_253
    refused_by(office, CASE)
    assert office.done() == words("e4", 5)
    assert court.post("/landshares/orders/lift/", {"number": CASE, "lots": lots}).status_code == 302
    assert covered(CASE) == 29_253
    assert office.done() == words("e4", 6)
    for code in TO_OWNERS:
        transferred(office, code)
    assert office.done() == words("e4", 7)
    total = titles.sheet(REGION, PARCEL).total
    assert (total.with_buyers, total.developer_registered, total.seized) == (57_414, 29_253, 29_253)
    assert serve(desk("court_clerk", "weidu-court"), number="（2026）豫1002执10号") == 302
    waiting = [one for one in titles.right(REGION, "（2026）豫1002执10号").lots if one.state is titles.State.WAITING]
    assert sum(one.dm2 for one in waiting) == 29_253
    assert not list(titles.verify())


def refused_by(office: Office, number: str) -> None:
    """Try a transfer: refused, it names what stands in the way, and nothing is filed."""
    answer = office.send("transfer", **sold(office, "00010001"))
    assert answer.status_code == 409
    assert number in answer.content.decode()


def test_e3_a_transfer_before_the_release_waits_for_the_bank_and_names_its_mortgage(office: Office, desk: Desk) -> None:
    """F7.4, F7.8: type 3; nothing is accepted before the bank has said yes, and its no ends it"""
    decided(desk, "e3")
    opened(office, "e3")
    office.mortgaged(titles.land(PARCEL))
    measured(office)
    quantified(office)
    registered(office)
    made = office.filed("transfer", **sold(office, "00010001"))
    office.agree(made, office.developer, office.buyer)
    assert office.three[0].post(f"/registry/desk/{made}/accept/").status_code == 409
    assert "M9" in office.bank.get(f"/registry/asks/{made}/").content.decode()
    assert office.bank.post(f"/registry/asks/{made}/decline/", {"reason": "请先解押"}).status_code == 302
    made = office.filed("mortgage.release", right="M9", lots=" ".join(f"{PARCEL}F{code}" for code in TO_OWNERS))
    assert office.bank.post(f"/registry/asks/{made}/agree/").status_code == 302
    office.record(made)
    assert office.done() == words("e3", 6)
    for code in TO_OWNERS:
        transferred(office, code)
    assert office.done() == words("e3", 7)
    assert covered("M9") == 29_253
    assert registrations.of_lots([ONE], region=REGION)
    assert not list(titles.verify())
