"""The land register and mortgages in a browser: parcels, courts, the office's desks, the bank's desk, owners' and developers' own pages."""

import pytest
from playwright.sync_api import expect

from tests.journeys.eyes import faults

PARCEL = "411002001001GB00011"  # of the pack's sample estates: presold, mortgaged, seized in part
PAGES = {
    "/landshares/parcels/": "surveyor",
    f"/landshares/parcels/{PARCEL}/": "surveyor",
    f"/landshares/parcels/{PARCEL}/plan/": "surveyor",
    f"/landshares/parcels/{PARCEL}/sheet/": "surveyor",
    f"/landshares/parcels/{PARCEL}/steps/": "surveyor",
    f"/landshares/parcels/{PARCEL}/history/": "surveyor",
    f"/landshares/parcels/{PARCEL}/hand-in/transfer/": "surveyor",
    f"/landshares/parcels/{PARCEL}/hand-in/plan.quantify/": "surveyor",
    f"/landshares/parcels/{PARCEL}/hand-in/objection.set/": "surveyor",
    f"/landshares/parcels/{PARCEL}/hand-in/correction.area/": "surveyor",
    f"/landshares/parcels/{PARCEL}/hand-in/correction.own_holder/": "surveyor",
    "/landshares/parcels/new/": "surveyor",
    "/landshares/map/": "surveyor",
    "/landshares/group/": "land-group",
    "/landshares/court/": "court-clerk",
    f"/landshares/court/{PARCEL}/": "court-clerk",
    "/landshares/board/": "supervisor",
    "/landshares/mine/": "zhang-wei",
    "/landshares/mine/estates/": "sun-zhiyuan",
    f"/landshares/mine/estates/{PARCEL}/": "sun-zhiyuan",
    "/registry/": "",
    "/registry/enquire/": "zhang-wei",
    "/registry/verify/": "",
    "/registry/desk/": "registry-acceptor",
    "/registry/asks/": "bank-approver",
    "/mortgages/": "",
    "/mortgages/filings/": "bank-clerk",
    "/mortgages/quote/": "bank-clerk",
    "/mortgages/filings/new/": "bank-clerk",
    "/mortgages/filings/new/?kind=mortgage.release": "bank-clerk",
    "/mortgages/filings/held/": "bank-clerk",
    "/mortgages/agreements/": "bank-approver",
    "/mortgages/archive/": "bank-archivist",
    "/mortgages/requests/": "service-officer",
    "/mortgages/officers/": "service-officer",
    "/mortgages/complaints/": "service-officer",
    "/mortgages/inspections/": "xiangcheng-reviewer",
    "/mortgages/board/": "supervisor",
    "/partners/": "operator",
    "/partners/own/": "bank-approver",
    "/partners/differences/": "xiangcheng-reviewer",
}


@pytest.mark.parametrize("path", PAGES)
def test_a_page_of_the_land_is_open_to_everyone_s_eyes(town, path):
    found = faults(town, PAGES[path], path)
    assert not found, "\n".join(map(str, found))


def test_a_court_sees_what_is_left_and_serves_without_scripts(town):
    """F7.10 B7.4: the quote divides the parcel; the order takes exactly what is left, at once."""
    clerk = town.visitor("court-clerk", js=False, width=390)
    clerk.goto(f"/landshares/court/{PARCEL}/")
    expect(clerk.locator("main")).to_contain_text("可即时查封")
    expect(clerk.locator("main")).to_contain_text("已预售")
    clerk.get_by_label("协助执行通知书案号").fill("（2026）豫10执77号")
    clerk.get_by_label("查封期限至").fill("2028-11-01")
    clerk.get_by_role("button", name="送达，立即登簿").click()
    expect(clerk.locator("main")).to_contain_text("（2026）豫10执77号")
    clerk.context.close()
