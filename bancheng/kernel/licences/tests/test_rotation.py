"""What the library keeps sealed moves to new keys."""

from datetime import date

import pytest

from bancheng.kernel.identity import public as identity
from bancheng.kernel.licences import testing
from bancheng.kernel.licences.models import Licence
from bancheng.lib import identifiers

pytestmark = pytest.mark.django_db
OLD, NEW = "11" * 32, "22" * 32
HOLDERS = {
    "citizen_id": identifiers.make_citizen_id("411002", date(1978, 5, 12), 7),
    "uscc": identifiers.make_uscc("411002", 7),
    "passport": "E12345678",
}


@pytest.fixture
def held(settings):
    settings.FIELD_KEYS = OLD
    for kind, number in HOLDERS.items():
        testing.issued(
            number=number,
            identifier_kind=kind,
            holder_sealed=identity.seal(number, kind=kind),
            holder_hash=identity.find_hash(number, kind=kind),
            mobile_sealed=identity.seal("13800000001", kind="mobile"),
            mobile_hash=identity.find_hash("13800000001", kind="mobile"),
        )


def test_every_holder_and_mobile_moves_to_a_new_key_whatever_kind_it_is_sealed_as(held, settings):
    """D7 P-9"""
    settings.FIELD_KEYS = f"{NEW},{OLD}"
    assert sum(rows for _, rows in identity.rotate()) == 6
    assert set(identity.still_old().values()) == {0}
    settings.FIELD_KEYS = NEW
    for licence in Licence.objects.all():
        assert identity.open_sealed(licence.holder_sealed, kind=licence.identifier_kind) == licence.number
        assert identity.open_sealed(licence.mobile_sealed, kind="mobile") == "13800000001"


def test_a_new_hash_key_finds_every_holder_again(held, settings):
    """D7"""
    settings.FIELD_HASH_KEY = f"{NEW},{settings.FIELD_HASH_KEY}"
    assert sum(rows for _, rows in identity.rehash()) == 6
    for licence in Licence.objects.all():
        assert bytes(licence.holder_hash) == identity.find_hash(licence.number, kind=licence.identifier_kind)
