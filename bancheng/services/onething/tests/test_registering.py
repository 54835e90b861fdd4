"""Rules of registrations that carry dates, line by line, and what they keep from being sent."""

from datetime import UTC, date, datetime

import pytest

from bancheng.kernel.forms import public as forms
from bancheng.kernel.identity import public as identity
from bancheng.kernel.identity import testing as people
from bancheng.lib.dated import NotInForce
from bancheng.lib.identifiers import make_uscc
from bancheng.services.onething import operations, realnames, registering
from bancheng.services.onething.queries import Application
from bancheng.services.onething.registering import Way
from bancheng.services.onething.tests.conftest import AT, REGION, Town
from bancheng.services.onething.tests.test_obstacles import applied

ROWS = registering.shipped()
TODAY = date(2026, 3, 2)
ROLES = ("股东", "董事", "监事")


@pytest.mark.parametrize(
    ("on", "way", "law"),
    [
        (date(2021, 6, 1), Way.CLOSE_FIRST, "个体工商户条例 第十条"),
        (date(2022, 10, 31), Way.CLOSE_FIRST, "市场主体登记管理条例实施细则 第三十八条"),
        (date(2022, 11, 1), Way.DIRECT, "促进个体工商户发展条例 第十三条"),
        (date(2026, 3, 2), Way.DIRECT, "促进个体工商户发展条例 第十三条"),
    ],
)
def test_how_an_operator_changes_is_what_the_law_of_that_day_says(on: date, way: Way, law: str) -> None:
    """R14.8"""
    row = registering.operator_change(on, ROWS.operator_change)
    assert (row.value, row.law) == (way, law)


def test_before_any_row_nothing_is_guessed() -> None:
    with pytest.raises(NotInForce):
        registering.operator_change(date(2000, 1, 1), ROWS.operator_change)


@pytest.mark.parametrize(
    ("on", "matters", "asked"),
    [
        (date(2022, 2, 28), ["registration-change"], False),
        (date(2022, 3, 1), ["registration-change"], True),
        (TODAY, ["tax-change", "registration-opening"], True),
        (TODAY, ["food-business-new"], False),
    ],
)
def test_real_names_are_asked_since_the_rules_are_in_force_and_for_registrations_only(
    on: date, matters: list[str], asked: bool
) -> None:
    """R14.10, R-ID-4"""
    row = registering.must_prove(matters, on, ROWS.real_names)
    assert (row is not None) is asked
    if row:
        assert {"法定代表人", "股东", "董事", "监事", "代理人"} <= set(row.value.roles)


def test_a_list_of_people_is_read_line_by_line() -> None:
    number = people.citizen_id(3)
    found, wrong = registering.people(f"股东 王芳 {number}\n\n监事，李四，{people.citizen_id(4)}", ROLES, today=TODAY)
    assert [(one.role, one.name) for one in found] == [("股东", "王芳"), ("监事", "李四")]
    assert found[0].citizen_id == number
    assert wrong == []


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("股东 王芳", "第1行请写"),
        ("厨师 王芳 " + people.citizen_id(3), "身份为股东、董事、监事之一"),
        ("股东 王芳 411002198001010000", "第1行的"),
    ],
)
def test_a_line_that_cannot_be_read_is_told_by_its_number_and_never_by_what_stands_in_it(line: str, says: str) -> None:
    _, (told,) = registering.people(line, ROLES, today=TODAY)
    assert says in told.zh
    assert told.en.startswith("Line 1")
    assert "4110021980" not in told.zh + told.en


def test_nobody_lists_more_people_than_a_firm_has() -> None:
    line = f"股东 王芳 {people.citizen_id(3)}\n"
    _, (told,) = registering.people(line * 61, ROLES, today=TODAY)
    assert "60" in told.zh


# --- what is kept from being sent ---


def stops(found: Application, at: datetime) -> list[forms.Problem]:
    """Return what the law of that day keeps from being sent."""
    return realnames.of(operations.sending_of(found, at), at)


def sole(town: Town) -> None:
    """Make the shop a sole trader's."""
    uscc = make_uscc("411002", 17, kind="92")
    town.shop = identity.register_organisation(region=REGION, name="王记面馆", uscc=uscc, by="test", at=AT)
    identity.link_agent(
        principal=town.shop, agent=town.user.person, first=date(2020, 1, 1), document="营业执照", by="test", at=AT,
        legal_representative=True,
    )  # fmt: skip


def on(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, 2, tzinfo=UTC)


@pytest.mark.parametrize(("at", "stopped"), [(on(2022, 10, 31), True), (on(2022, 11, 1), False)])
def test_a_sole_trader_s_operator_changes_directly_or_is_sent_the_old_way_by_the_day(
    town: Town, at: datetime, stopped: bool
) -> None:
    """R14.8: by the day of the application, and by no other"""
    sole(town)
    found = applied(town, "change-information", changed_items=("legal_person",))
    told = [one for one in stops(found, at) if one.element == "changed_items"]
    assert bool(told) is stopped
    if stopped:
        assert told[0].law == "市场主体登记管理条例实施细则 第三十八条"
        assert "企业注销" in told[0].says.zh


def test_a_company_changes_its_representative_directly_whatever_the_day(town: Town) -> None:
    """R14.8"""
    found = applied(town, "change-information", changed_items=("legal_person",))
    assert [one for one in stops(found, on(2022, 5, 1)) if one.element == "changed_items"] == []


def test_who_becomes_the_representative_proves_who_he_is_before_it_is_sent(town: Town) -> None:
    """R14.10, R-ID-4: signing in once, a notarised proof, or in person; a face is never the only way"""
    new = people.citizen_id(31)
    answers = {"changed_items": ("legal_person",), "new_legal_person_name": "李强", "new_legal_person_id": new}
    found = applied(town, "change-information", **answers)
    (told,) = stops(found, AT)
    assert told.element == "new_legal_person_id"
    assert "李强还没有实名核验" in told.says.zh
    assert "公证" in told.says.zh
    assert new not in told.says.zh
    person = identity.register_person(region=REGION, name="李强", citizen_id=new, by="test", at=AT)
    identity.prove_identity(person=person, method="notarised", document="（2026）许证字第9号", by="staff:1", at=AT)
    assert stops(found, AT) == []


def test_before_the_rules_nobody_had_to(town: Town) -> None:
    """R14.10: rules carry dates"""
    found = applied(
        town, "change-information", changed_items=("legal_person",), new_legal_person_id=people.citizen_id(31)
    )
    assert stops(found, on(2022, 2, 28)) == []
    assert len(stops(found, on(2022, 3, 1))) == 1


def test_shareholders_directors_and_supervisors_of_a_new_company_prove_who_they_are_each_once(town: Town) -> None:
    """R14.10"""
    proven, other = people.citizen_id(7), people.citizen_id(32)
    names = f"股东 王芳 {proven}\n董事 李四 {other}\n监事 李四 {other}"
    listed = forms.fixed(forms.elements(REGION)["real_names"], [names])
    assert stops(applied(town, "open-business", real_names=listed), AT) == stops(
        applied(town, "open-business", real_names=names), AT
    )  # the rows of the form, and the lines of a case of before
    told = stops(applied(town, "open-business", real_names=listed), AT)
    assert [(one.element, one.says.zh[:4]) for one in told] == [("real_names", "董事李四")]
    (wrong,) = stops(applied(town, "open-business", real_names="股东 王芳"), AT)
    assert "第1行" in wrong.says.zh


def test_a_bundle_without_a_registration_asks_nobody(town: Town) -> None:
    """R14.10"""
    assert stops(applied(town, "open-restaurant", legal_person_id=people.citizen_id(33)), AT) == []
