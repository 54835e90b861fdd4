"""The pictures of the README, taken from a running house: `make screenshots`. Not a test, and not run with them."""

from datetime import timedelta
from pathlib import Path

from tests.journeys.test_mortgage import prepare
from tests.journeys.test_onething import HOLDER, apply
from tests.journeys.test_power import FIRST, SECOND, Passer
from tests.journeys.town import KINDS, PERSON, ROOT, TODAY, book, of_person, row, spoiled, until

FOLDER = ROOT / "docs" / "screenshots"
PHONE, DESK = 390, 1280
FREE, DISPATCHER = "XC01-02", "power-dispatcher"
PARCEL = "411025001001GB00001"  # of the sample estates: a part with its buyers, a part presold, the rest to be seized
MORTGAGED = "411002001003GB00013"  # mortgaged as a whole and partly sold


def test_take_the_pictures(town):
    take(town, FOLDER)


def take(town, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    ledger, licence = live_a_little(town)
    case = open_a_restaurant(town)
    live = use_power(town)
    filing = prepare(town, "襄中银借字〔2026〕0002号")
    for name, who, address, width, english in (
        ("ledger", "unit-admin", ledger, DESK, False),
        ("board", "supervisor", "/expiry/board/", DESK, False),
        ("board-en", "supervisor", "/expiry/board/", DESK, True),
        ("licence", "zhao-jianjun", licence, PHONE, False),
        ("licence-en", "zhao-jianjun", licence, PHONE, True),
        ("guide-en", "", "/onething/open-restaurant/", DESK, True),
        ("guide", "", "/onething/open-restaurant/", DESK, False),
        ("case-en", HOLDER, case, PHONE, True),
        ("case", HOLDER, case, PHONE, False),
        ("power-scan", "", f"/sockets/s/{FREE}/", PHONE, False),
        ("power-scan-en", "", f"/sockets/s/{FREE}/", PHONE, True),
        ("power-live", "", live[False], PHONE, False),
        ("power-live-en", "", live[True], PHONE, True),
        ("power-sites", DISPATCHER, "/sockets/sites/", DESK, False),
        ("power-sites-en", DISPATCHER, "/sockets/sites/", DESK, True),
        ("parcel", "registry-acceptor", f"/landshares/parcels/{MORTGAGED}/#b{MORTGAGED}F0001", DESK, False),
        ("parcel-en", "registry-acceptor", f"/landshares/parcels/{MORTGAGED}/#b{MORTGAGED}F0001", DESK, True),
        ("filing", "bank-approver", filing, DESK, False),
        ("filing-en", "bank-approver", filing, DESK, True),
        ("court", "court-clerk", f"/landshares/court/{PARCEL}/", PHONE, False),
        ("court-en", "court-clerk", f"/landshares/court/{PARCEL}/", PHONE, True),
        ("phone", "", f"{town.sim}/phone/?n={PERSON['zhao-jianjun'].mobile}", PHONE, False),
    ):
        page = town.visitor(who, width=width, english=english)
        page.goto(address)
        page.screenshot(path=str(folder / f"{name}.png"), animations="disabled")
        page.context.close()


def live_a_little(town) -> tuple[str, str]:
    """Bring a ledger with Zhao Jianjun's licence in, have the city inspected; return the addresses of both."""
    kind = KINDS[0][0]
    rows = [row(kind, f"JY1411002400{n:04d}", 300 + n, TODAY + timedelta(days=200 + n)) for n in range(240)]
    rows += [of_person("zhao-jianjun", kind, "JY14110024100001", TODAY + timedelta(days=28)), *spoiled(TODAY)]
    admin, supervisor, holder = town.visitor("unit-admin"), town.visitor("supervisor"), town.visitor("zhao-jianjun")
    ledger = town.upload(admin, "市场监管局工作台账-2026年11月.xlsx", book(rows))
    town.inspect(supervisor)
    holder.goto("/expiry/mine/")
    licence = holder.get_by_role("link", name="看看怎么办").first.get_attribute("href")
    phone = town.visitor()

    def came():
        phone.goto(f"{town.sim}/phone/?n={PERSON['zhao-jianjun'].mobile}")
        return phone.get_by_text(kind).count() > 0

    assert until(came, 30)
    for page in (admin, supervisor, holder, phone):
        page.context.close()
    return ledger, licence


def open_a_restaurant(town) -> str:
    """Apply for all that a restaurant needs; return the address of the case."""
    applicant = town.visitor(HOLDER)
    case, _ = apply(applicant)
    applicant.context.close()
    return case


def use_power(town) -> dict[bool, str]:
    """Scan, pay and use at two sockets; return the address of each use, by whether it is in English."""
    town.power(FIRST[0], SECOND[0])
    people = [Passer(town, FIRST, english=False), Passer(town, SECOND, english=True)]
    for step in (Passer.scans, Passer.pays, Passer.uses):
        for person in people:
            step(person)
    for person in people:
        person.page.context.close()
    return {person.english: person.use for person in people}
