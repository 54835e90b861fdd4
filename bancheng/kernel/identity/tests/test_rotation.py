"""Moving every sealed column to new keys."""

import pytest
from django.apps import apps
from django.db import connection, models

from bancheng.kernel.identity import hashed_columns, sealed_columns, testing
from bancheng.kernel.identity import public as identity
from bancheng.kernel.identity.models import Person
from bancheng.lib import identifiers
from bancheng.lib.refusal import Refused

pytestmark = pytest.mark.django_db
OLD, NEW = "11" * 32, "22" * 32


@pytest.fixture
def people(settings):
    settings.FIELD_KEYS = OLD
    return [testing.citizen(f"人{n}", serial=n, special=["elderly"]).person for n in range(1, 8)]


def test_rotation_moves_every_value_and_keeps_every_hash(people, settings):
    """D7: key id stored with each value for rotation."""
    before = [bytes(person.citizen_id_hash) for person in people]
    settings.FIELD_KEYS = f"{NEW},{OLD}"
    waiting = identity.still_old()  # the other parts' columns stand in it too, and are empty here
    assert {rows for column, rows in waiting.items() if column.startswith("identity.")} == {7}
    assert sum(waiting.values()) == 21
    assert sum(rows for _, rows in identity.rotate(batch=3)) == 21
    assert set(identity.still_old().values()) == {0}
    settings.FIELD_KEYS = NEW  # the old key is dropped
    for n, person in enumerate(people, 1):
        person = Person.objects.get(pk=person.pk)
        assert identity.open_sealed(person.citizen_id_sealed, kind="citizen_id") == testing.citizen_id(n)
        assert bytes(person.citizen_id_hash) == before[n - 1]
        assert before[n - 1] == identity.find_hash(testing.citizen_id(n), kind="citizen_id")
        assert identity.special_groups(person) == ("elderly",)


def test_rotation_may_stop_anywhere_and_a_second_run_finds_nothing(people, settings):
    settings.FIELD_KEYS = f"{NEW},{OLD}"
    walk = identity.rotate(batch=2)
    next(walk)
    walk.close()
    assert sum(rows for _, rows in identity.rotate(batch=2)) == 19
    assert list(identity.rotate()) == []


def test_a_new_hash_key_finds_people_again_after_rehash(people, settings):
    """D7: hash keys do not rotate silently."""
    settings.FIELD_HASH_KEY = f"{NEW},{settings.FIELD_HASH_KEY}"
    assert identity.find_person(region=testing.REGION, citizen_id=testing.citizen_id(3)) is None
    assert sum(rows for _, rows in identity.rehash(batch=3)) == 14
    assert identity.find_person(region=testing.REGION, citizen_id=testing.citizen_id(3)) == people[2]


def test_rehash_may_stop_anywhere_and_a_whole_one_changes_nothing(people, settings):
    settings.FIELD_HASH_KEY = f"{NEW},{settings.FIELD_HASH_KEY}"
    walk = identity.rehash(batch=2)
    next(walk)
    walk.close()
    assert sum(rows for _, rows in identity.rehash(batch=2)) == 12
    assert list(identity.rehash()) == []


def test_an_organisation_is_found_as_a_holder_after_rehash(settings):
    """D7: its credit code stands readable; the hash matches the licences it holds."""
    uscc = identifiers.make_uscc("411002", 3)
    firm = identity.register_organisation(region=testing.REGION, name="甲饭店", uscc=uscc, by="staff:1", at=testing.AT)
    settings.FIELD_HASH_KEY = f"{NEW},{settings.FIELD_HASH_KEY}"
    assert [rows for _, rows in identity.rehash()] == [1]
    firm.refresh_from_db()
    assert bytes(firm.uscc_hash) == identity.find_hash(uscc, kind="uscc")


def test_a_hash_of_nobody_known_is_counted_and_stays(people, settings, caplog):
    Person.objects.filter(pk=people[0].pk).update(mobile_sealed=identity.seal("13900000000", kind="mobile"))
    settings.FIELD_HASH_KEY = f"{NEW},{settings.FIELD_HASH_KEY}"
    assert sum(rows for _, rows in identity.rehash()) == 13
    assert "identity.Person.mobile_hash: 1 hashes" in caplog.text


def test_without_the_former_hash_key_nothing_is_touched(people, settings):
    settings.FIELD_HASH_KEY = NEW
    with pytest.raises(Refused, match="原密钥"):
        list(identity.rehash())


NOT_KEYED = {
    ("licences.licencereuse", "snapshot_hash"): "a digest of what was relied on, never searched by",
    ("ratings.occasion", "slip_hash"): "a digest of a code drawn by chance",
    ("sockets.session", "token_hash"): "a digest of a secret drawn by chance",
}


def test_every_binary_column_of_the_house_named_hash_is_rehashed_or_says_why_not():
    """D7: a hash that `rehash` does not know of would find nobody after it."""
    known = {(column.model.lower(), column.field) for column in hashed_columns.all_columns()}
    assert not known & set(NOT_KEYED)
    assert known | set(NOT_KEYED) == {
        (model._meta.label_lower, field.name)
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if field.name.endswith("_hash") and isinstance(field, models.BinaryField)
    }


def test_every_binary_column_of_the_house_named_sealed_is_registered():
    """P-9: a column nobody rotates would keep an old key for ever."""
    registered = {(column.model.lower(), column.field) for column in sealed_columns.all_columns()}
    sealed = {
        (model._meta.label_lower, field.name)
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if "sealed" in field.name and isinstance(field, models.BinaryField)
    }
    assert sealed == registered


def test_every_hash_beside_a_sealed_column_is_named_with_it():
    """D7: a hash that `rehash` does not know of would find nobody after it."""
    for column in sealed_columns.all_columns():
        fields = {field.name for field in apps.get_model(column.model)._meta.concrete_fields}
        beside = column.field.replace("_sealed", "_hash")
        assert column.hash_field == (beside if beside != column.field and beside in fields else "")


def test_one_tampered_row_stops_the_rotation_with_its_kind(people, settings):
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE identity_person SET mobile_sealed = set_byte(mobile_sealed, 30, 1 - get_byte(mobile_sealed, 30) % 2)"
        )
    settings.FIELD_KEYS = f"{NEW},{OLD}"
    with pytest.raises(identity.SealBroken, match="mobile"):
        list(identity.rotate())


def test_a_column_of_several_kinds_and_empty_values_rotates_too(settings, monkeypatch):
    """D7: a holder is a person, a company or a traveller; a message without a mobile keeps its empty value."""
    settings.FIELD_KEYS = OLD
    monkeypatch.setattr(sealed_columns, "_registered", {})
    sealed_columns.register("identity.Person", "special_sealed", "citizen_id", "uscc", "passport", at_once=1)
    kinds = ["passport", "citizen_id", "uscc"]
    people = [testing.citizen(serial=n).person for n in range(1, 5)]
    for person, kind in zip(people, kinds, strict=False):
        person.special_sealed = identity.seal(kind, kind=kind)
        person.save()
    people[3].special_sealed = b""
    people[3].save()
    settings.FIELD_KEYS = f"{NEW},{OLD}"
    assert [rows for _, rows in identity.rotate()] == [1, 1, 1]
    settings.FIELD_KEYS = NEW
    for person, kind in zip(people, kinds, strict=False):
        person.refresh_from_db()
        assert identity.open_sealed(person.special_sealed, kind=kind) == kind
