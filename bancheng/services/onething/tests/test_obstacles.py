"""What stops an application besides its form: registers, names, places, and two people on one form."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from bancheng.kernel.cases import public as cases
from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.forms import public as forms
from bancheng.kernel.identity import public as identity
from bancheng.kernel.identity import testing as people
from bancheng.services.onething import checking, operations, queries
from bancheng.services.onething.queries import Application
from bancheng.services.onething.registers.facts import Asked, Known, registers_asked
from bancheng.services.onething.registers.rules import Entry, Register
from bancheng.services.onething.tests.conftest import AT, REGION, Town
from bancheng.services.onething.tests.test_papers import business_licence

PLACE = "许昌市魏都区七一路1号"


def applied(town: Town, bundle: str, **values: Any) -> Application:
    """Return a draft of the shop in which these fields are answered."""
    now, actor = clocks.now(), people.actor(town.user)
    draft = operations.begin(bundle=bundle, subject=f"organisation:{town.shop.pk}", by=actor, at=now)
    found = queries.application(actor, draft.id, now)
    held = {code: forms.Held(value, forms.How.TYPED, 1, "person:1", now) for code, value in values.items()}
    draft = replace(found.draft, held={**found.draft.held, **held})
    return replace(found, draft=draft, form=queries.form_of(found.bundle, draft.values))


def told(found: Application) -> list[tuple[str, str]]:
    with pytest.raises(forms.Unfinished) as no:  # papers are missing, for one
        checking.check(operations.sending_of(found, clocks.now()), by="person:1", at=clocks.now())
    fields = {one.element: one.says.zh for one in no.value.problems if not one.missing}
    return list(fields.items())


@pytest.fixture
def register() -> Iterator[Callable[[Known], None]]:
    """Connect a register that knows one thing of everybody."""
    known: list[Known] = []

    def answer(asked: Asked) -> Known | None:
        return known[-1] if known else None

    before = registers_asked._listeners
    registers_asked._listeners = [answer]
    yield known.append
    registers_asked._listeners = before


def known(register: Register, number: str, authority: str) -> Known:
    return Known((Entry(register, number, authority),), "交换平台", AT)


def test_a_firm_whose_equity_is_frozen_does_not_move(town: Town, register: Callable[[Known], None]) -> None:
    """B14.1: stopped with the court's number; nothing known, nothing held against anybody."""
    assert told(applied(town, "move-in")) == []
    register(known(Register.FROZEN, "（2026）豫1002执保12号", "许昌市魏都区人民法院"))
    ((element, says),) = told(applied(town, "move-in"))
    assert element == "uscc"
    assert "（2026）豫1002执保12号" in says
    assert "请与许昌市魏都区人民法院联系" in says
    assert "截至2026-03-02 10:00" in says
    assert told(applied(town, "open-restaurant")) == []


def test_an_area_that_is_not_the_lease_s_is_told(town: Town, register: Callable[[Known], None]) -> None:
    """B14.2: area in the form against the registered lease."""
    register(Known((Entry(Register.LEASE, "豫许租1号", "许昌市房屋租赁服务中心", area_dm2=9_000),), "交换平台", AT))
    ((element, says),) = told(applied(town, "open-restaurant", floor_area=12_000))
    assert element == "floor_area"
    assert "90平方米" in says
    assert "与许昌市房屋租赁服务中心联系" in says
    assert told(applied(town, "open-restaurant", floor_area=9_050)) == []


def test_a_listed_firm_is_offered_the_ordinary_way(town: Town, register: Callable[[Known], None]) -> None:
    """B14.6, R14.6: simplified cancellation only for who is not listed; B14.8: and not after its days are over."""
    cancel = next(
        one.code for one in queries.bundles() if any(m.code == "registration-cancellation" for m in one.matters)
    )
    late = clocks.today() - timedelta(days=60)
    assert "重新公告" in told(applied(town, cancel, simplified=True, publicity_from=late))[0][1]
    assert "公告期到" in told(applied(town, cancel, simplified=True, publicity_from=clocks.today()))[0][1]
    register(known(Register.SERIOUS, "许市监罚〔2026〕8号", "许昌市市场监督管理局"))
    ((element, says),) = told(applied(town, cancel, simplified=True, publicity_from=late))
    assert element == "simplified"
    assert "普通注销" in says
    assert told(applied(town, cancel, simplified=False, publicity_from=late)) == []


def test_a_name_that_is_not_the_licence_s_is_told(town: Town) -> None:
    """B14.10: restaurant name ≠ licence name."""
    business_licence(town)
    assert told(applied(town, "open-restaurant", organisation_name=town.shop.name)) == []
    ((element, says),) = told(applied(town, "open-restaurant", organisation_name="许昌市李记饭店"))
    assert element == "organisation_name"
    assert town.shop.name in says


def test_the_same_bundle_for_the_same_place_is_not_sent_twice(town: Town) -> None:
    """B14.9: the second is told the number of the first; another place is another case."""
    found = applied(town, "open-restaurant", business_address=PLACE)
    filed = cases.file(
        region=REGION,
        service="onething",
        flow="open-restaurant",
        applicant=operations.sending_of(found, clocks.now()).applicant,
        said=cases.Said({"wants_sign": False}, {"business_address": PLACE}),
        key="first",
        by="person:1",
        at=clocks.now(),
    )
    ((element, says),) = told(found)
    assert element == "business_address"
    assert filed.number in says
    assert told(applied(town, "open-restaurant", business_address=f"{PLACE}2楼")) == []


def test_two_people_on_one_form_the_later_hears_which_field(town: Town) -> None:
    """B14.11: the later sees a conflict, told which field; what the first wrote stays."""
    start = town.applicant.post("/onething/open-restaurant/start/", {"subject": f"organisation:{town.shop.pk}"})
    url = f"{start['Location']}pages/contact/"
    first = {"seen": 1, "contact_name": "王小芳", "contact_mobile": "13900000007"}
    assert town.applicant.post(url, first).status_code == 302
    friend = people.citizen("赵六", serial=9)
    agency = {"principal": town.shop, "agent": friend.person, "first": date(2026, 1, 1), "document": "委托书"}
    identity.link_agent(**agency, by="test", at=AT)
    later = people.client_for(friend).post(url, first | {"contact_name": "王大芳"})
    assert later.status_code == 409
    assert "联系人" in later.content.decode()
