"""Agents act within a written scope and dates, and the principal sees every act (P-5)."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from bancheng.kernel.identity import public as identity
from bancheng.kernel.identity import operations, testing
from bancheng.kernel.identity.models import Agency
from bancheng.lib import identifiers
from bancheng.lib.refusal import Refused

pytestmark = pytest.mark.django_db
AT = testing.AT  # 2 March 2026


@pytest.fixture
def agent():
    return testing.citizen("王芳", serial=2)


@pytest.fixture
def shop():
    return identity.register_organisation(
        region=testing.REGION, name="甲饭店", uscc=identifiers.make_uscc("411002", 1), by="staff:1", at=AT
    )


def link(principal, agent, **over):
    values = {"document": "委托书1号", "first": date(2026, 3, 1), "last": date(2026, 3, 31), "by": "staff:1", "at": AT}
    return identity.link_agent(principal=principal, agent=agent.person, **(values | over))


def hashes(agent, at=AT, **scope) -> list[bytes]:
    return identity.person_hashes(testing.actor(agent), at, **scope)


def test_an_agent_sees_himself_first_and_then_his_principals(agent, shop):
    principal = testing.citizen(serial=1).person
    link(shop, agent)
    link(principal, agent)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        found = identity.person_hashes(testing.actor(agent), AT)
    assert len(asked) == 2  # the actor, the hashes
    assert found[0] == identity.find_hash(testing.citizen_id(2), kind="citizen_id")
    assert set(found[1:]) == {bytes(shop.uscc_hash), bytes(principal.citizen_id_hash)}
    assert [p.name for p in identity.principals(testing.actor(agent), AT)] == ["甲饭店", "赵建军"]


@pytest.mark.parametrize(
    ("day", "seen"),
    [(date(2026, 2, 28), False), (date(2026, 3, 1), True), (date(2026, 3, 31), True), (date(2026, 4, 1), False)],
)
def test_an_agency_counts_from_its_first_to_its_last_day(agent, shop, day, seen):
    """P-5: scope and date; both ends included."""
    link(shop, agent)
    at = AT + (day - date(2026, 3, 2))
    assert (bytes(shop.uscc_hash) in hashes(agent, at)) is seen


def test_an_agency_counts_only_within_its_services_and_matters(agent, shop):
    link(shop, agent, services=["expiry"], matters=["food-renewal"])
    assert len(hashes(agent, service="expiry", matter="food-renewal")) == 2
    assert len(hashes(agent)) == 2
    assert len(hashes(agent, service="sockets")) == 1
    assert len(hashes(agent, service="expiry", matter="tobacco")) == 1


def test_an_ended_agency_ends_at_once_and_twice_is_once(agent, shop):
    agency = link(shop, agent)
    identity.end_agency(agency_id=agency.pk, by="organisation", at=AT)
    identity.end_agency(agency_id=agency.pk, by="somebody", at=AT + timedelta(days=1))
    assert len(hashes(agent)) == 1
    assert Agency.objects.get().ended_by == "organisation"
    assert link(shop, agent).pk != agency.pk  # the same document may be registered anew


def test_linking_twice_is_once(agent, shop):
    assert link(shop, agent).pk == link(shop, agent).pk


def test_the_principal_sees_every_act(agent, shop):
    """P-5: in the audit trail about the principal."""
    agency = link(shop, agent)
    identity.note_agent_act(
        agency_id=agency.pk, action="expiry.will_not_renew", about="licence:7", by="person:x", at=AT
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT action, detail->>'thing' FROM audit_event WHERE about = %s ORDER BY id", [f"organisation:{shop.pk}"]
        )
        acts = cursor.fetchall()
    assert acts[1:] == [("identity.agent_linked", None), ("expiry.will_not_renew", "licence:7")]
    assert list(identity.agencies_of(testing.actor(agent))) == [agency]
    assert list(identity.agencies_of(identity.NOBODY)) == []


@pytest.mark.parametrize(
    ("over", "code"), [({"document": ""}, "agency_unwritten"), ({"last": date(2026, 2, 1)}, "agency_backwards")]
)
def test_an_unwritten_or_backward_agency_is_refused(agent, shop, over, code):
    with pytest.raises(Refused, match=code):
        link(shop, agent, **over)
    assert not Agency.objects.exists()


def test_nobody_is_his_own_agent(agent):
    with pytest.raises(Refused, match="own_agent"):
        link(agent.person, agent)
    with pytest.raises(IntegrityError), transaction.atomic():
        Agency.objects.create(
            region=testing.REGION,
            principal_person=agent.person,
            agent=agent.person,
            document="x",
            first=date(2026, 1, 1),
            linked_by="x",
            linked_at=AT,
        )


def test_staff_and_nobody_have_no_hashes():
    assert identity.person_hashes(testing.actor(testing.staff("unit_admin", unit="A")), AT) == []
    assert identity.person_hashes(identity.NOBODY, AT) == []


def test_a_staff_account_reads_what_is_said_to_it_and_nothing_else():
    """P-3: neither a colleague's messages nor a citizen's."""
    first, second = (testing.actor(testing.staff("unit_admin", unit="A")) for _ in range(2))
    assert identity.reader_hashes(first, AT) == [identity.staff_hash(first.user_id)]
    assert identity.reader_hashes(first, AT) != identity.reader_hashes(second, AT)
    citizen = testing.actor(testing.citizen())
    assert identity.reader_hashes(citizen, AT) == identity.person_hashes(citizen, AT)
    assert identity.reader_hashes(citizen, AT, service="mine") == identity.person_hashes(citizen, AT, service="mine")
    assert identity.reader_hashes(identity.NOBODY, AT) == []


def test_a_legal_representative_acts_while_the_city_says_so(db):
    """P-5: the city's word links him by office; what it no longer says ends, a written power of others stays."""
    user = testing.citizen("张伟", serial=7)
    uscc = identifiers.make_uscc("411002", 77)
    for _ in range(2):
        operations.link_representative(person=user.person, represents=[("宏远建材", uscc)], by="platform", at=AT)
    actor = testing.actor(user)
    assert [one.name for one in identity.principals(actor, AT)] == ["宏远建材"]
    assert Agency.objects.count() == 1
    operations.link_representative(person=user.person, represents=[], by="platform", at=AT)
    assert identity.principals(actor, AT) == []
