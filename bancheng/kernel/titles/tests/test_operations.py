"""What each act writes once, registers and passes on, and how the book is read."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bancheng.kernel.titles import public as titles
from bancheng.kernel.titles.public import Form
from bancheng.kernel.titles.testing import AT, BANK, DEVELOPER, LI, PARCEL, REGION, WANG, parcel, said, sold
from bancheng.kernel.titles.tests.common import B1, U11, U12, U13, U21, day, refused, seize

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("whole")]


# --- once ---


def test_the_same_key_records_once_and_another_act_under_it_is_refused() -> None:
    parcel(registered=True)
    mine = said(key="k")
    first = titles.transfer(lot=U11, to=titles.sole(LI), **mine)
    again = titles.transfer(lot=U11, to=titles.sole(LI), **mine)
    assert (again.again, again.seq, again.lots) == (True, first.seq, first.lots)
    assert titles.recorded(REGION, "k") == again
    assert (
        refused(lambda: titles.transfer(lot=U11, to=titles.sole(LI), **said(key="k", registration="R2")))
        == "title_key_taken"
    )


def test_a_transfer_is_few_statements(monkeypatch: pytest.MonkeyPatch) -> None:
    """D6: the parcel is locked for as short as it goes: locked, read, the holder found, what stood closed, written, posted."""
    monkeypatch.setattr(titles.changed, "_listeners", [])  # what others do is theirs to count
    parcel(registered=True)
    sold(U12, titles.sole(LI), "HT-1")
    titles.transfer(lot=U11, to=titles.sole(LI), **said())
    for work, most in (
        (lambda: titles.transfer(lot=U13, to=titles.sole(LI), **said(day(1))), 7),
        (lambda: titles.transfer(lot=U12, claim="HT-1", **said(day(1))), 6),
        (lambda: titles.register_mortgage(lots=[U21], bank=BANK, number="M1", amount_fen=1, **said(day(1))), 7),
    ):
        with CaptureQueriesContext(connection) as asked:
            work()
        statements = [one["sql"] for one in asked.captured_queries if "SAVEPOINT" not in one["sql"]]
        assert len(statements) <= most, statements


def test_whoever_listens_hears_of_an_act_inside_its_transaction(heard: list[titles.Changed]) -> None:
    parcel(registered=True)
    titles.register_mortgage(lots=[U11], bank=BANK, number="M1", form=Form.MAXIMUM, amount_fen=5, **said())
    seize("S1", DEVELOPER, lots=[U11])
    assert [(one.kind, one.right, one.unit) for one in heard[-1].told] == [
        ("seizure_registered", "M1", "bank_icbc"),
        ("mortgage_fixed", "M1", "bank_icbc"),
    ]
    assert (heard[-1].act, heard[-1].lots) == ("seizure.register", (U11,))
    assert titles.right(REGION, "M1").fixed_at == AT


# --- first registration and transfer ---


def test_a_building_is_registered_when_it_was_accepted_and_measured() -> None:
    parcel()
    assert refused(lambda: titles.first_register(building=B1, acceptance="", **said())) == "title_no_acceptance"
    assert refused(lambda: titles.first_register(building=B1, acceptance="验收", **said())) == "title_unmeasured"
    assert refused(lambda: titles.transfer(lot=U11, to=titles.sole(LI), **said())) == "title_not_registered"


def test_a_claimed_unit_goes_to_its_buyer_and_to_nobody_else() -> None:
    """R7.4"""
    parcel(registered=True)
    sold(U11, titles.sole(LI), "HT-1")
    assert refused(lambda: titles.transfer(lot=U11, to=titles.sole(WANG), **said())) == "lot_blocked"
    titles.transfer(lot=U11, claim="HT-1", **said())
    assert titles.holders(REGION, U11).names == "李明"


# --- reading ---


def test_a_code_is_found_however_it_is_spaced_and_history_is_kept_for_ever() -> None:
    """R7.11"""
    parcel(registered=True)
    found = titles.find(REGION, titles.spaced(U11).lower())
    assert isinstance(found, titles.LotView)
    assert (found.code, found.parent, found.kind.value) == (U11, B1, "unit")
    assert found.num * 63025 == found.den * found.floor_dm2 or found.den > 0
    assert titles.find(REGION, "4110") is None
    titles.transfer(lot=U11, to=titles.sole(LI), **said(day(1)))
    entries = titles.history(REGION, PARCEL, lot=U11)
    assert [(one.holder and one.holder.names, one.valid_until) for one in entries[:2]] == [
        ("李明", None),
        (DEVELOPER.name, day(1)),
    ]
    assert len(titles.entries_about(REGION, U11)) == 2


def test_a_quote_names_holder_burdens_and_version() -> None:
    parcel()
    titles.register_mortgage(lots=[U11], bank=BANK, number="M1", amount_fen=5, **said())
    quote = titles.quote(REGION, [U11, U12], titles.Act.PRESALE)
    assert quote.register_version == titles.parcel(REGION, PARCEL).version
    assert [(line.lot.code, len(line.rights), len(line.blockers)) for line in quote.lots] == [(U11, 1, 1), (U12, 0, 0)]


def test_claims_and_parcels_are_found_by_whose_they_are() -> None:
    parcel()
    sold(U11, titles.jointly(LI, WANG), "HT-1")
    buyer = titles.right(REGION, "HT-1").holder
    assert buyer is not None
    for member in buyer.members:
        assert [one.number for one in titles.claims_of(REGION, [member.party.hash])] == ["HT-1"]
    [developer] = titles.parcel(REGION, PARCEL).developer.members
    assert [one.code for one in titles.parcels(REGION, developer=[developer.party.hash])] == [PARCEL]
    assert titles.parcels(REGION, stage=5) == []
