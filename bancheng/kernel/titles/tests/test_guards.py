"""What goes past the operations: the database refuses it at once, or `verify` names it."""

from collections.abc import Callable

import pytest
from django.db import IntegrityError, connection, transaction

from bancheng.kernel.ledger import public as ledger
from bancheng.kernel.ledger import testing as ledger_testing
from bancheng.kernel.titles import public as titles
from bancheng.kernel.titles.testing import AT, BANK, DEVELOPER, LI, PARCEL, REGION, WANG, parcel, said, sold, unit

pytestmark = pytest.mark.django_db
LOT = unit(PARCEL, 1, 1)


def run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE titles_lot SET dm2 = dm2 + 1 WHERE kind = 'unit'",
        f"UPDATE titles_lot SET dm2 = dm2 - 1 WHERE code = '{LOT}'",
        f"UPDATE titles_lot SET dm2 = dm2 + CASE WHEN code = '{LOT}' THEN 1 ELSE -1 END WHERE code IN ('{LOT}', '{unit(PARCEL, 2, 1)}')",
        "UPDATE titles_lot SET envelope_dm2 = envelope_dm2 + 1 WHERE kind = 'building'",
        "UPDATE titles_lot SET open = true WHERE kind = 'building'",
        "UPDATE titles_lot SET dm2 = 1 WHERE kind = 'root'",
        "UPDATE titles_lot SET holding_id = NULL WHERE kind = 'unit'",
        "UPDATE titles_parcel SET area_dm2 = area_dm2 + 1",
        "UPDATE titles_parcel SET closed_at = now()",
        "UPDATE titles_entry SET dm2 = dm2 + 1",
        "UPDATE titles_entry SET recorded_until = now() WHERE recorded_until IS NOT NULL",
        "DELETE FROM titles_entry",
        "UPDATE titles_act SET by = 'staff:2'",
        "DELETE FROM titles_act",
        "UPDATE titles_planrow SET dm2 = dm2 + 1",
        "UPDATE titles_shareplan SET weight_dm2 = 1",
        "DELETE FROM titles_lot",
        "DELETE FROM titles_right",
        "UPDATE titles_holding SET den = 2",
        "UPDATE titles_coverage SET rank = 3 WHERE kind = 'claim' AND rank = 0 OR kind = 'mortgage' AND open AND rank = 1 AND state = 'x'"
        " OR NOT open",
        "UPDATE titles_coverage SET rank = 1 WHERE kind = 'mortgage'",
        "INSERT INTO titles_entry (region, parcel_id, act_id, number, subject, kind, state, detail, valid_from, recorded_from)"
        " SELECT region, parcel_id, act_id, 9999, subject, kind, state, detail, valid_from, recorded_from FROM titles_entry"
        " WHERE recorded_until IS NULL LIMIT 1",
    ],
)
def test_one_square_decimetre_or_one_word_planted_anywhere_is_refused(statement: str) -> None:
    """LI1, LI2, LI3, LI7, LI11, LI12, R7.11, B7.10"""
    parcel()
    sold(LOT, titles.sole(LI), "HT-1")
    for number in ("M1", "M2", "M3"):
        titles.register_mortgage(lots=[unit(PARCEL, 1, 2)], bank=BANK, number=number, amount_fen=1, **said())
    titles.cancel_mortgage(number="M3", **said())
    with pytest.raises(IntegrityError), transaction.atomic():
        run(statement)
    assert list(titles.verify()) == []


@pytest.mark.parametrize("more", [1, -1])
@pytest.mark.parametrize(
    "beside", ["", ", holding_id = (SELECT max(id) FROM titles_holding)", ", registered = NOT registered"]
)
def test_on_whichever_lot_it_is_planted_a_square_decimetre_is_found_every_time(more: int, beside: str) -> None:
    """LI1, LI2, LI3: only what changes no share is not added up, and this does, whatever else it changes."""
    parcel(registered=True)
    titles.transfer(lot=LOT, to=titles.sole(LI), **said())
    for lot in titles.lots(REGION, PARCEL):
        with pytest.raises(IntegrityError), transaction.atomic():
            run(f"UPDATE titles_lot SET dm2 = dm2 + {more}{beside} WHERE code = '{lot.code}'")
    assert list(titles.verify()) == []


@pytest.mark.parametrize(("open", "dm2", "envelope"), [("true", 1, "NULL"), ("true", 0, 1), ("false", 0, 1)])
def test_a_lot_added_with_land_from_nowhere_is_refused(open: str, dm2: int, envelope: int | str) -> None:
    """LI1, LI3"""
    parcel()
    with pytest.raises(IntegrityError), transaction.atomic():
        run(
            "INSERT INTO titles_lot (id, region, parcel_id, code, kind, category, open, dm2, envelope_dm2, holding_id, registered)"
            f" SELECT gen_random_uuid(), region, id, '{PARCEL}F0009', 'building', '', {open}, {dm2}, {envelope}, developer_id, false"
            " FROM titles_parcel"
        )


def test_a_parcel_that_grows_by_a_square_decimetre_without_a_lot_is_refused() -> None:
    """LI1"""
    parcel()
    with pytest.raises(IntegrityError), transaction.atomic():
        run("UPDATE titles_parcel SET area_dm2 = area_dm2 - 1, version = version + 1")


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("UPDATE titles_lot SET dm2 = dm2 + 1 WHERE code LIKE '%F00010001'", {"parcel", "building", "lot", "account"}),
        ("UPDATE titles_entry SET dm2 = dm2 + 1 WHERE number = 2", {"act"}),
        ("UPDATE titles_act SET document = 'x' WHERE seq = 2", {"act"}),
        ("DELETE FROM titles_act WHERE seq = 3", {"act"}),
        ("UPDATE titles_parcel SET entries = entries + 1", {"parcel"}),
        ("UPDATE titles_member SET num = 2", {"holding"}),
        ("UPDATE titles_coverage SET rank = 2 WHERE kind = 'mortgage'", {"lot", "coverage"}),
        ("UPDATE ledger_account SET balance = balance + 1 WHERE path LIKE 'land/%F00010001/%'", {"account"}),
    ],
)
def test_what_is_changed_past_the_guards_is_named(statement: str, named: set[str]) -> None:
    """LI13"""
    parcel()
    titles.register_mortgage(lots=[LOT], bank=BANK, number="M1", amount_fen=1, **said())
    ledger_testing.tampered(statement)
    assert {one.what.split(":")[0] for one in titles.verify()} >= named


def test_land_moved_in_the_ledger_alone_is_named() -> None:
    """B7.10: the ledger keeps its entry; only a reversing one undoes it."""
    parcel()
    [one, other] = sorted(path for path, dm2 in ledger.balances(REGION, f"land/{PARCEL}/{PARCEL}F0001").items() if dm2)[
        :2
    ]
    lines = [ledger.Line(one, -5), ledger.Line(other, 5)]
    ledger.post(region=REGION, key="slip", unit=ledger.Unit.DM2, lines=lines, kind="x", about="x", at=AT, by="staff:1")
    assert {found.what for found in titles.verify()} == {f"account:{one}", f"account:{other}"}
    ledger.reverse(region=REGION, key="mend", of="slip", at=AT, by="staff:1", note="记错")
    assert list(titles.verify()) == []


@pytest.mark.parametrize(
    "holder",
    [
        lambda: titles.by_shares(titles.Share(LI, 1, 3), titles.Share(WANG, 1, 3)),
        lambda: titles.by_shares(titles.Share(LI, 2, 3), titles.Share(WANG, 2, 3)),
        lambda: titles.by_shares(titles.Share(LI, 0, 1), titles.Share(WANG, 1, 1)),
        lambda: titles.by_shares(),
    ],
)
def test_holders_whose_fractions_are_not_one_are_refused(holder: Callable[[], titles.Holder]) -> None:
    """LI4"""
    parcel(registered=True)
    with pytest.raises(titles.Blocked.__mro__[1]) as no:
        titles.transfer(lot=LOT, to=holder(), **said())
    assert getattr(no.value, "code", "") == "title_share_sum"


def test_a_holding_written_past_the_operations_with_other_fractions_is_refused() -> None:
    """LI4"""
    parcel()
    with pytest.raises(IntegrityError), transaction.atomic():
        run("INSERT INTO titles_holding (region, mark, joint, den, size) VALUES ('411000', 'x', false, 2, 1)")


def test_all_holders_are_told_with_their_exact_fractions() -> None:
    """LI4, LI10: the unit and its share have one holder, for they are one row."""
    parcel(registered=True)
    thirds = titles.by_shares(titles.Share(LI, 1, 3), titles.Share(WANG, 4, 6))
    titles.transfer(lot=LOT, to=thirds, **said())
    found = titles.holders(REGION, LOT)
    assert [(one.party.name, one.num, one.den) for one in found.members] == [("李明", 1, 3), ("王芳", 2, 3)]
    titles.transfer(lot=LOT, to=titles.jointly(LI, WANG), **said())
    found = titles.holders(REGION, LOT)
    assert (found.joint, [one.num for one in found.members]) == (True, [0, 0])
    assert {lot.code for lot in titles.lots_of(REGION, [found.members[1].party.hash])} == {LOT}
    assert DEVELOPER.name not in found.names
