"""Who read my data: every look is seen by the person concerned, by unit and role, and by nobody else."""

from datetime import datetime, timedelta

import pytest

from bancheng.kernel.audit import public as audit
from bancheng.kernel.identity import public as identity
from bancheng.kernel.identity import testing as people
from bancheng.kernel.licences import public as licences
from bancheng.kernel.licences import testing as held
from bancheng.services.mine import looks

pytestmark = pytest.mark.django_db
AT = datetime.fromisoformat("2026-06-01T10:00:00+08:00")


@pytest.fixture
def holder():
    return people.citizen(serial=7)


def officer():
    return people.staff("section_officer", unit="market", name="孙经办")


def reveal(holder, staff, *, why="task 12", at=AT):
    person = holder.person
    ref = f"person:{person.pk}"
    identity.reveal(
        bytes(person.mobile_sealed), kind="mobile", by=people.actor(staff), about=ref, why=why, at=at, region="411000"
    )


def page(user):
    return people.client_for(user).get("/mine/looks/").content.decode()


def test_a_person_sees_who_read_his_number_by_role_and_not_by_name(holder):
    """P-3 P-4: the unit and the role, when and why; the officer's own name is not given."""
    reveal(holder, officer())
    shown = page(holder)
    for words in ("完整手机号", "科室经办", "2026年6月1日10:00", "办理联系任务12"):
        assert words in shown
    assert "孙经办" not in shown


def test_nobody_else_sees_it(holder):
    """P-4"""
    reveal(holder, officer())
    assert "还没有人看过您的完整号码" in page(people.citizen("钱二", serial=8))


def test_the_role_is_the_one_held_at_that_moment(holder):
    staff = officer()
    reveal(holder, staff)
    (grant,) = identity.grants(user_id=staff.pk)
    operator = people.actor(people.staff("operator"))
    identity.revoke(grant_id=grant.id, by=operator, at=AT + timedelta(days=1))
    people.grant(staff, "auditor", since=AT + timedelta(days=2))
    assert "科室经办" in page(holder)
    assert "审计" not in page(holder)


def test_a_person_sees_who_used_his_licence_and_by_what_right(holder):
    """R-E-3 P-4"""
    licence = held.issued(holder_hash=bytes(holder.person.citizen_id_hash))
    licences.reuse(
        licence_id=licence.pk,
        by=f"staff:{officer().pk}",
        case="CASE-1",
        purpose="国务院令第716号 第七条",
        authorisation="本人同意",
        at=AT,
    )
    shown = page(holder)
    assert "调用证照" in shown
    assert "国务院令第716号 第七条；授权：本人同意" in shown


def test_the_principal_sees_every_act_of_his_agent(holder):
    """P-5"""
    agent = people.citizen("李代办", serial=9)
    document = {"document": "委托书1号", "first": AT.date(), "by": "test", "at": AT}
    agency = identity.link_agent(principal=holder.person, agent=agent.person, last=None, **document)
    identity.note_agent_act(
        agency_id=agency.pk, action="licences.renewed", about="licence:7", by=f"person:{agent.person.pk}", at=AT
    )
    shown = page(holder)
    assert "代办人 李代办" in shown
    assert "证照延续" in shown
    assert "没有代办人以您的名义办过事" in page(agent)


def test_a_service_names_the_things_events_are_about(holder, monkeypatch):
    from bancheng.lib.text import Text

    thing = audit.Thing("thing:1", Text("一份证照", "A licence"), "/expiry/mine/1/")
    monkeypatch.setattr(audit.things_of, "_listeners", [lambda holders: [thing] if holders.hashes else []])
    audit.record("identity.revealed", who="staff:999", about="thing:1", at=AT, region="411000", detail={"kind": "x"})
    found = looks.looks(people.actor(holder), at=AT)
    assert [(look.thing, look.who.zh) for look in found.reads] == [(thing, "工作人员")]


def test_the_page_is_complete_in_english(holder):
    reveal(holder, officer())
    client = people.client_for(holder)
    client.cookies["django_language"] = "en"
    shown = client.get("/mine/looks/").content.decode()
    assert "Section officer" in shown
    assert "Working on task 12" in shown


def test_staff_has_no_such_page():
    assert people.client_for(officer()).get("/mine/looks/").status_code == 403
    assert people.client_for(None).get("/mine/looks/").status_code == 302
