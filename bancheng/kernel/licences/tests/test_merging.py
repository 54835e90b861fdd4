from datetime import date, timedelta

import pytest
from django.db import IntegrityError

from bancheng.kernel.licences import public as licences
from bancheng.kernel.licences.models import Licence, LicenceVersion
from bancheng.kernel.licences.public import Status, merge
from bancheng.kernel.licences.testing import AT, UNIT, hash_of, issued, row, rows

pytestmark = pytest.mark.django_db
LATER = AT + timedelta(days=1)


def load(*lines, batch="b1", unit=UNIT, at=AT):
    return merge(lines, batch=batch, unit=unit, at=at)


def figures(merged):
    return (merged.added, merged.changed, merged.unchanged, merged.older, merged.foreign, merged.ended)


def test_a_first_list_is_added_whole():
    merged = merge(rows(500), batch="b1", unit=UNIT, at=AT)
    assert figures(merged) == (500, 0, 0, 0, 0, 0)
    assert sorted(merged.added_ids) == sorted(Licence.objects.values_list("pk", flat=True))
    licence = Licence.objects.get(number="B00000001")
    assert (licence.unit, licence.status, licence.source_batch, licence.version) == (UNIT, "valid", "b1", 1)
    assert bytes(licence.holder_hash) == hash_of("B00000001")


def test_the_same_list_again_changes_nothing_though_it_is_sealed_afresh():
    merge(rows(50), batch="b1", unit=UNIT, at=AT)
    again = (line._replace(holder_sealed=b"another nonce", mobile_sealed=b"again") for line in rows(50))
    assert figures(merge(again, batch="b2", unit=UNIT, at=AT)) == (0, 0, 50, 0, 0, 0)
    assert not LicenceVersion.objects.exists()
    assert set(Licence.objects.values_list("source_batch", flat=True)) == {"b1"}


def test_a_renewed_term_is_taken_over_and_the_old_one_kept():
    load(row("A"), row("B"))
    merged = load(row("A", issued_on=date(2026, 2, 1), valid_to=date(2031, 12, 31)), row("B"), batch="b2", at=LATER)
    assert figures(merged) == (0, 1, 1, 0, 0, 0)
    licence = Licence.objects.get(number="A")
    assert list(merged.changed_ids) == [licence.pk]
    assert (licence.valid_to, licence.version) == (date(2031, 12, 31), 2)
    [before] = licences.history(licence.pk)
    assert (before.valid_to, before.source_batch, before.version) == (date(2026, 12, 31), "b1", 1)


def test_the_newest_of_two_lines_wins_and_both_are_reported():
    """B10.3: same licence twice, newest by issue date, both shown."""
    merged = load(
        row("A", issued_on=date(2025, 1, 1), valid_to=date(2030, 1, 1), line=2), row("A", line=3), row("B", line=4)
    )
    assert figures(merged) == (2, 0, 0, 1, 0, 0)
    [loser] = merged.unused
    assert (loser.line, loser.kept_line, loser.why) == (3, 2, "older")
    assert (loser.issued_on, loser.kept_issued_on) == (date(2022, 1, 1), date(2025, 1, 1))
    assert Licence.objects.get(number="A").valid_to == date(2030, 1, 1)


def test_of_two_lines_of_one_date_the_later_line_wins():
    merged = load(row("A", contact_name="甲", line=2), row("A", contact_name="乙", line=3))
    assert (merged.unused[0].line, merged.unused[0].kept_line) == (2, 3)
    assert Licence.objects.get().contact_name == "乙"


def test_an_older_list_does_not_undo_a_newer_one():
    load(row("A", issued_on=date(2026, 1, 1), valid_to=date(2030, 1, 1)))
    merged = load(row("A", line=9), batch="b2", at=LATER)
    assert figures(merged) == (0, 0, 0, 1, 0, 0)
    assert (merged.unused[0].kept_line, merged.unused[0].kept_issued_on) == (0, date(2026, 1, 1))
    assert Licence.objects.get().valid_to == date(2030, 1, 1)


def test_another_units_licence_is_not_touched():
    """F10.3: 谁制发、谁核实."""
    issued(number="A", unit="OTHER")
    merged = load(row("A", valid_to=date(2040, 1, 1)), row("B"))
    assert figures(merged) == (1, 0, 0, 0, 1, 0)
    assert Licence.objects.get(number="A").valid_to == date(2026, 12, 31)


@pytest.mark.parametrize("status", ["revoked", "cancelled", "changed", "suspended"])
def test_a_list_that_does_not_know_leaves_an_ended_licence_ended(status):
    issued(number="A", status=status)
    load(row("A", contact_name="新联系人"))
    licence = Licence.objects.get()
    assert (licence.status, licence.contact_name) == (status, "新联系人")


def test_a_list_cannot_revive_a_cancelled_licence_but_a_later_issue_does():
    issued(number="A", status="cancelled", contact_name="李四")
    merged = load(row("A", status="valid", line=5))
    assert figures(merged) == (0, 0, 0, 0, 0, 1)
    assert merged.unused[0].why == "ended"
    assert Licence.objects.get().status == "cancelled"
    assert load(row("A", issued_on=date(2026, 2, 1), valid_to=date(2031, 1, 31)), batch="b2").changed == 1
    assert Licence.objects.get().status == "valid"


def test_a_list_that_revokes_is_told_as_revoked(monkeypatch):
    load(row("A"), row("B"))
    heard = []
    for hook in (licences.issued, licences.changed, licences.revoked):
        monkeypatch.setattr(hook, "_listeners", [lambda fact, hook=hook: heard.append((hook.name, list(fact.ids)))])
    load(row("A", status="revoked"), row("B", contact_name="新"), row("C"), batch="b2")
    a, b, c = (Licence.objects.get(number=number).pk for number in "ABC")
    assert heard == [("licences.issued", [c]), ("licences.changed", [a, b]), ("licences.revoked", [a])]
    heard.clear()
    load(row("A", status="revoked", contact_name="又改"), row("B", contact_name="新"), row("C"), batch="b3")
    assert heard == [("licences.changed", [a])]


def test_what_has_run_out_comes_in_as_expired_and_a_new_term_revives_it():
    """B10.2: already expired at import."""
    load(row("A", valid_to=date(2026, 3, 1)), row("B", valid_to=date(2026, 3, 2)), row("C", valid_to=None))
    assert list(Licence.objects.order_by("number").values_list("status", flat=True)) == ["expired", "valid", "valid"]
    assert load(row("A", valid_to=date(2031, 3, 1)), batch="b2").changed == 1
    assert Licence.objects.get(number="A").status == "valid"


def test_a_list_that_cannot_be_stored_leaves_nothing_half_done():
    with pytest.raises(IntegrityError):
        load(row("A"), row("B", holder_hash=b"short"))


def test_a_reader_that_fails_leaves_nothing_and_the_next_list_works():
    def broken():
        yield row("A")
        raise OSError("the file ended early")

    with pytest.raises(OSError, match="ended early"):
        merge(broken(), batch="b1", unit=UNIT, at=AT)
    assert not Licence.objects.exists()
    assert load(row("A")).added == 1


def test_the_kind_of_identifier_is_kept_and_taken_for_granted_when_not_told():
    load(row("A"), row("B", holder_kind="organisation"), row("C", identifier_kind="passport"))
    kinds = Licence.objects.order_by("number").values_list("identifier_kind", flat=True)
    assert list(kinds) == ["citizen_id", "uscc", "passport"]


def test_an_empty_list_is_no_trouble():
    assert figures(load()) == (0, 0, 0, 0, 0, 0)


def test_the_number_of_statements_does_not_grow_with_the_list(django_assert_num_queries, monkeypatch):
    monkeypatch.setattr(licences.issued, "_listeners", [])  # this part's own statements, without its listeners'
    with django_assert_num_queries(14):
        merge(rows(10), batch="b1", unit=UNIT, at=AT)
    with django_assert_num_queries(14):
        merge((line._replace(number="X" + line.number) for line in rows(1000)), batch="b2", unit=UNIT, at=AT)


def test_every_reason_can_be_read_aloud():
    assert set(licences.REASONS) == {"older", "foreign", "ended"}
    assert all(says.zh and says.en for says in licences.REASONS.values())
    assert Status("valid") is Status.VALID
