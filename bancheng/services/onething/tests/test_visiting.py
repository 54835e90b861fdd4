"""The joint visit: one appointment, many inspectors, each with his own result."""

from datetime import timedelta

from bancheng.kernel.cases import public as cases
from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.notices import public as notices
from bancheng.services.onething import visiting
from bancheng.services.onething.tests.conftest import Town
from bancheng.services.onething.tests.test_walk import decide, submitted


def test_one_appointment_brings_the_inspectors_of_two_matters(town: Town) -> None:
    """R14.4: a day and a half-day, both offices named to the applicant, told once; each records his own result."""
    case_id = submitted(
        town, wants_tobacco="yes", tobacco_kind=["cigarettes"], tobacco_separate="yes", tobacco_distance="500米"
    )
    decide(town, case_id, "business-licence-check")
    view = cases.view(case_id)
    assert view is not None
    food, tobacco = (
        next(one for one in view.matters if one.step == step) for step in ("food-business-new", "tobacco-retail-new")
    )
    food_desk, tobacco_desk = (town.desk("case_officer", one.unit) for one in (food, tobacco))
    for desk, one in ((food_desk, food), (tobacco_desk, tobacco)):
        assert desk.post(f"/onething/desk/{one.id}/accept/").status_code == 302
    url = f"/onething/desk/{food.id}/visit/"
    assert food_desk.post(url, {"day": str(clocks.today()), "half": "am"}).status_code == 422
    day = clocks.calendar().next_working(clocks.today() + timedelta(days=3))
    booked = food_desk.post(url, {"day": str(day), "half": "am", "with": [str(tobacco.id)]})
    assert booked.status_code == 302, booked.content.decode()[-2000:]
    page = town.applicant.get(f"/onething/cases/{case_id}/").content.decode()
    note = page.split("约好了联合核查")[1].split("</ul>")[0]
    assert "上午" in note
    assert "烟草" in note
    assert [one.title for one in notices.inbox([bytes(town.shop.uscc_hash)])].count("约好了联合核查") == 1
    assert "联合核查" in tobacco_desk.get(f"/onething/desk/{tobacco.id}/").content.decode()
    assert food_desk.post(f"/onething/desk/{food.id}/done/", {"result": "符合"}).status_code == 302
    view = cases.view(case_id)
    assert view is not None
    visit = visiting.of(view)
    assert visit is not None
    assert [one.done for one in visit.participants] == [True, False]
    assert tobacco_desk.post(f"/onething/desk/{tobacco.id}/done/", {"result": "符合"}).status_code == 302
    view = cases.view(case_id)
    assert view is not None
    assert visiting.of(view) is None
