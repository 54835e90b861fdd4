"""What outside parties see of a licence: whoever checks a shown code, and the gateways that carry messages."""

from datetime import date, timedelta

import pytest

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.identity import public as identity
from bancheng.kernel.identity import testing as people
from bancheng.kernel.licences import public as licences
from bancheng.kernel.notices import testing as notices
from bancheng.lib import identifiers
from bancheng.services.expiry import operations
from bancheng.services.expiry.models import Watch
from bancheng.services.expiry.tests.conftest import AT
from bancheng.services.expiry.tests.test_operations import REGION, TODAY, licence, take_in

HOLDER = identifiers.make_citizen_id("411002", date(1978, 5, 12), 1)


@pytest.fixture
def watch(admin: identity.Actor) -> Watch:
    take_in(admin, licence(1, clocks.today() + timedelta(days=400), 持证人="赵建军"), licence(2, TODAY))
    return Watch.objects.get(licence__number="JY000001")


def test_who_checks_a_shown_code_sees_that_one_licence_masked_and_only_while_it_is_shown(watch: Watch) -> None:
    """P-8: no identity number, no phone, no whole number, no other licence; after two minutes nothing."""
    anybody = people.client_for(None)
    code = licences.show_code(watch.licence_id, clocks.now())
    shown = anybody.get(f"/expiry/verify/{code}/").content.decode()
    assert "0001" in shown
    for secret in ("赵建军", "JY000001", "JY000002", HOLDER, identifiers.make_mobile(1)):
        assert secret not in shown
    late = licences.show_code(watch.licence_id, clocks.now() - timedelta(minutes=3))
    assert anybody.get(f"/expiry/verify/{late}/").status_code == 409
    assert anybody.get(f"/expiry/verify/{code[:-1]}x/").status_code == 422
    assert anybody.get(f"/expiry/mine/{watch.pk}/").status_code == 302


def test_a_gateway_is_handed_a_number_and_a_text_and_nothing_else_of_the_licence(admin: identity.Actor) -> None:
    """P-8 P-9 N-7: neither identity number nor licence number, nor the hash by which a holder is found."""
    take_in(admin, licence(1, TODAY + timedelta(days=7)))
    operations.inspect(today=TODAY, at=AT, region=REGION)
    outside = notices.gateways()
    assert notices.send_all(at=AT, to=outside) == 1
    (handed,) = [each for gateway in outside.values() for each in gateway.taken.values()]
    everything = repr(handed)
    assert identifiers.make_mobile(1) not in everything  # a push names an account by a token
    for secret in (HOLDER, "JY000001", identity.find_hash(HOLDER, kind="citizen_id").hex()):
        assert secret not in everything


def test_the_holder_s_page_names_the_number_of_the_office_and_what_a_reminder_is(watch: Watch) -> None:
    """N-1 N-10 R10.4"""
    page = people.client_for(people.citizen(serial=1, born=date(1978, 5, 12))).get(f"/expiry/mine/{watch.pk}/")
    shown = page.content.decode()
    assert f'href="tel:{watch.item.phone}"' in shown
    assert "提醒是一项服务，不是法律文书的送达，不产生新的义务，也不能成为逾期的理由" in shown
