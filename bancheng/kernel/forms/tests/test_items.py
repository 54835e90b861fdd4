"""A correction waits for the unit that answers for the datum: seen, accepted or declined there, and nowhere else."""

from datetime import UTC, date, datetime
from uuid import uuid4

import pytest
from django.db import connection

from bancheng.kernel.audit import public as audit
from bancheng.kernel.forms import models, testing
from bancheng.kernel.forms import public as forms
from bancheng.kernel.forms.facts import ItemState, Kind
from bancheng.kernel.forms.rules import NEXT
from bancheng.kernel.identity import testing as people
from bancheng.lib.refusal import Refused

pytestmark = pytest.mark.django_db
AT = testing.AT
LATER = datetime(2026, 3, 3, 2, 0, tzinfo=UTC)


@pytest.fixture
def handed(made, subject, hashes):
    draft = testing.opened(made, subject, by="person:me")
    draft = testing.typed(
        draft,
        made,
        {"mobile": "13912345678", "boss_name": "赵建君", "floor_area": "128.5", "cooked": "no"},
        by="person:me",
    )
    return forms.submit(
        draft=draft, form=made, seen=draft.version, about="case:7", by="person:me", at=AT,
        evidence={"boss_name": "身份证第二面"},
    )  # fmt: skip


@pytest.fixture
def police(db):
    return people.actor(people.staff("section_officer", unit="police"))


def of(owner):
    [item] = forms.items(region=testing.REGION, owner=owner)
    return item


def test_a_correction_goes_to_the_unit_that_answers_for_the_datum(handed, boss):
    """R2.3: and the application goes on with what the applicant said"""
    assert handed.held["boss_name"].value == "赵建君"
    assert len(handed.items) == 2
    assert {item.element for item in forms.items(region=testing.REGION)} == {"boss_name", "mobile"}
    item = of("police")
    assert (item.element, item.about, item.state, item.ref) == (
        "boss_name", "case:7", ItemState.OPEN, f"person:{boss.person_id}",
    )  # fmt: skip
    assert of("market").element == "mobile"
    assert forms.item(item.id) == item


def test_the_two_values_are_shown_to_that_unit_and_who_looked_is_recorded(handed, police):
    """P-3 R2.3"""
    found = forms.open_item(item_id=of("police").id, by=police, at=LATER)
    assert (found.shown.zh, found.corrected.zh, found.evidence) == ("赵建军", "赵建君", "身份证第二面")
    with connection.cursor() as cursor:
        cursor.execute("SELECT who, detail::text FROM audit_event WHERE action = 'identity.revealed'")
        [(who, detail)] = cursor.fetchall()
    assert who == police.ref
    assert "赵" not in detail


def test_the_person_concerned_finds_who_read_his_correction(handed, police, hashes):
    """P-3"""
    item = of("police")
    things = [thing for found in audit.things_of.fire(audit.Holders(hashes)) for thing in found]
    assert f"item:{item.id}" in [thing.about for thing in things]
    assert all("赵" not in thing.words.zh for thing in things)


@pytest.mark.parametrize(
    "role", [("section_officer", "market"), ("unit_admin", "police"), ("supervisor", ""), ("", "police")]
)
def test_another_unit_and_an_administrator_see_and_decide_nothing(handed, role):
    """P-10"""
    actor = people.actor(people.staff(role[0], unit=role[1]))
    item = of("police")
    for tried in (
        lambda: forms.open_item(item_id=item.id, by=actor, at=LATER),
        lambda: forms.accept_correction(item_id=item.id, by=actor, at=LATER),
        lambda: forms.decline_correction(item_id=item.id, by=actor, at=LATER, reason="不对"),
    ):
        with pytest.raises(Refused, match="item_of_another_unit"):
            tried()
    assert of("police").state is ItemState.OPEN


def test_an_accepted_correction_is_announced_to_whoever_keeps_the_datum(handed, police):
    heard = []

    def hear(decided):
        heard.append(decided)

    forms.correction_decided.connect(hear)
    try:
        forms.accept_correction(item_id=of("police").id, by=police, at=LATER)
    finally:
        forms.correction_decided._listeners.remove(hear)
    [decided] = heard
    assert (decided.element, decided.accepted, decided.at) == ("boss_name", True, LATER)
    assert forms.items(region=testing.REGION, owner="police") == []
    [item] = forms.items(region=testing.REGION, owner="police", state=ItemState.ACCEPTED)
    assert (item.decided_by, item.decided_at) == (police.ref, LATER)


def test_an_item_has_a_day_by_which_it_is_answered(handed):
    """R2.3: 个人信息保护法 第四十六条, ten working days of the city's own"""
    assert {item.due_on for item in forms.items(region=testing.REGION)} == {date(2026, 3, 16)}


def test_what_stands_in_a_register_waits_until_it_says_so_too(handed, police):
    item = of("police")
    with pytest.raises(Refused, match="item_state"):
        forms.note_changed(item_id=item.id, by=police, at=LATER)
    forms.accept_correction(item_id=item.id, by=police, at=LATER)
    assert forms.item(item.id).to_change
    forms.note_changed(item_id=item.id, by=police, at=LATER)
    assert (forms.item(item.id).to_change, forms.item(item.id).changed_at) == (False, LATER)
    with pytest.raises(Refused, match="item_state"):
        forms.note_changed(item_id=item.id, by=police, at=LATER)


def test_a_correction_of_a_shared_fact_goes_to_the_unit_that_shared_it(subject, hashes):
    """R2.3: whoever asks for it, the register it came from is the one to be mended"""
    element = testing.element("address", owner="market", source=("shared.housing.lease_address",))
    made = testing.loaded(testing.spec("m", "address"), elements=[element])
    fact = forms.Told(subject.holder_hash, "shared.housing.lease_address", "七一路1号", AT.date())
    forms.share(region=testing.REGION, unit="housing", facts=[fact], by="machine:9", at=AT)
    draft = testing.typed(testing.opened(made, subject, by="person:me"), made, {"address": "七一路2号"}, by="person:me")
    assert forms.keepers(made, draft.held) == {"address": "housing"}
    forms.submit(draft=draft, form=made, seen=2, about="case:1", by="person:me", at=AT)
    assert of("housing").element == "address"
    assert forms.items(region=testing.REGION, owner="market") == []


def test_a_fact_that_a_unit_shares_says_so_as_soon_as_the_unit_agrees(subject, hashes):
    """R2.3: the next form shows what was corrected"""
    element = testing.element("insured", Kind.WHOLE, owner="labour", source=("shared.labour.insured",))
    made = testing.loaded(testing.spec("social", "insured"), elements=[element])
    fact = forms.Told(subject.holder_hash, "shared.labour.insured", 6, AT.date())
    forms.share(region=testing.REGION, unit="labour", facts=[fact], by="machine:9", at=AT)
    draft = testing.typed(testing.opened(made, subject, by="person:me"), made, {"insured": "8"}, by="person:me")
    forms.submit(draft=draft, form=made, seen=2, about="case:1", by="person:me", at=AT)
    officer = people.actor(people.staff("section_officer", unit="labour"))
    forms.accept_correction(item_id=of("labour").id, by=officer, at=LATER)
    ((item),) = forms.items_of(hashes)
    assert (item.changed_at, item.to_change) == (LATER, False)
    assert testing.opened(made, subject, purpose="next", at=LATER).values["insured"] == 8


def test_declining_needs_a_reason_and_a_decision_is_made_once(handed, police):
    item = of("police")
    with pytest.raises(Refused, match="reason_missing"):
        forms.decline_correction(item_id=item.id, by=police, at=LATER, reason="  ")
    forms.decline_correction(item_id=item.id, by=police, at=LATER, reason="与户籍登记一致")
    assert forms.item(item.id).reason == "与户籍登记一致"
    for tried in (
        lambda: forms.accept_correction(item_id=item.id, by=police, at=LATER),
        lambda: forms.decline_correction(item_id=item.id, by=police, at=LATER, reason="再次"),
    ):
        with pytest.raises(Refused, match="item_state"):
            tried()


def test_what_does_not_exist_is_not_found(police):
    with pytest.raises(Refused, match="no_such_item"):
        forms.open_item(item_id=uuid4(), by=police, at=LATER)
    with pytest.raises(Refused, match="no_such_item"):
        forms.item(uuid4())


def test_no_value_of_an_item_stands_in_plain_text(handed):
    """D7"""
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(t::text, ' ') FROM forms_dataqualityitem t")
        text = cursor.fetchone()[0]
    assert models.DataQualityItem.objects.count() == 2
    for secret in ("赵建军", "赵建君", "13812345678", "13912345678", "身份证第二面"):
        assert secret not in text
        assert secret.encode().hex() not in text


def test_every_state_of_an_item_is_in_the_table():
    assert NEXT.keys() == set(ItemState)
