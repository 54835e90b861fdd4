"""The board: who may look, what it counts, what it keeps to itself."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bancheng.kernel.cases import public as cases
from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.identity import testing as people
from bancheng.services.onething import figures
from bancheng.services.onething.tests.conftest import AT, Town
from bancheng.services.onething.tests.lives import NO, OFFICER, filed, matter, through
from bancheng.services.onething.tests.test_walk import submitted

pytestmark = pytest.mark.usefixtures("loaded_city")
TODAY = AT.astimezone(clocks.SHANGHAI).date()


def line(code: str) -> figures.BundleLine:
    return next(one for one in figures.by_bundle() if one.code == code)


def unit(code: str) -> figures.UnitLine:
    return next(one for one in figures.board(TODAY).units if one.unit.code == code)


def test_bundles_are_counted_by_kind_with_what_they_took_before_and_take_now() -> None:
    """F14.8: links, papers, days, trips before (quoted) and now (counted)."""
    through(filed("close-business", 1))
    filed("close-business", 2)
    cases.withdraw(case_id=filed("close-business", 3), reason="", by="person:1", at=AT)
    found = line("close-business")
    assert (found.filed, found.completed, found.running) == (3, 1, 1)
    assert (found.links, found.matters, found.days) == (1, 7, 0)
    assert found.trips == 1  # the notice of cancellation is served at the counter
    assert found.before
    assert (found.before.links.number, found.before.materials.number) == (7, 21)
    assert found.materials < 21


def test_what_is_sent_in_at_a_counter_is_a_trip() -> None:
    through(filed("move-in", 1))
    through(filed("move-in", 2, by="staff:7"))
    assert line("move-in").trips == 0.5


def test_a_department_is_told_by_what_waits_what_is_late_and_what_it_promised() -> None:
    """R14.2, B14.4: each department by itself, and the slowest named."""
    roots = [filed("move-in", n) for n in range(3)]
    through(roots[0])
    late = AT + timedelta(days=3)
    clocks.fire_due(today=late.date(), at=late)
    through(roots[1], at=late)
    found = unit("zone-market")
    assert (found.decided, found.kept) == (2, figures.Share(1, 2))
    assert found.days == 1.5
    board = figures.board(late.date())
    assert (board.open, board.overdue) == (1, 1)
    assert board.slowest
    assert board.slowest.unit.code == "zone-market"


def test_notices_that_several_departments_share_are_merged_and_others_are_not() -> None:
    """R-OT-1, R14.3"""
    root = filed("open-business", 1)
    one = matter(root, "registration-opening")
    cases.ask_correction(case_id=one.id, defects=[cases.Defect("field:scope", "不清")], by=OFFICER, at=AT)
    cases.correct(case_id=root, said=cases.Said({}), by="person:1", at=AT)
    cases.accept(case_id=one.id, by=OFFICER, at=AT)
    cases.decide(case_id=one.id, outcome=cases.Outcome.GRANTED, because=cases.Because(""), by="staff:2", at=AT)
    for code in ("invoice-setup", "bank-account-booking"):
        defect = cases.Defect(f"field:{code}", "不清")
        cases.ask_correction(case_id=matter(root, code).id, defects=[defect], by=OFFICER, at=AT)
    later = AT + timedelta(days=1)
    assert cases.send_corrections(today=later.date() + timedelta(days=1), at=later) == 1
    board = figures.board(TODAY)
    assert (board.merged, board.separate) == (1, 1)
    assert (unit("bank").merged, unit("zone-market").separate) == (1, 1)


def test_a_refused_migration_is_counted_and_has_its_reason() -> None:
    """R14.1: foot-dragging must be explained."""
    root = filed("move-in", 1)
    cases.refuse(case_id=matter(root, "migration-in").id, because=NO, by=OFFICER, at=AT)
    assert figures.board(TODAY).moves == figures.Moves(1, 1)


def test_the_share_of_typed_fields_is_kept_when_a_form_is_sent_in(town: Town) -> None:
    """R2.3: what the city knew is not counted as typed."""
    submitted(town)
    found = line("open-restaurant")
    assert found.counted == 1
    assert found.typed is not None
    assert 0 < found.typed < 1


def _look() -> tuple[int, Any]:
    with CaptureQueriesContext(connection) as asked:
        board = figures.board(TODAY)
    return len(asked), board


def test_the_board_takes_as_many_statements_for_many_cases_as_for_one() -> None:
    through(filed("move-in", 1))
    _look()  # flows are read once in a process
    few, _ = _look()
    for n in range(2, 8):
        through(filed("open-business", n))
    many, board = _look()
    assert many == few
    assert board.completed == 7


def test_the_page_shows_each_figure_with_its_formula_and_no_name() -> None:
    """P-6: figures only; and it can be taken away."""
    through(filed("move-in", 1))
    supervisor = people.client_for(people.staff("supervisor"))
    page = supervisor.get("/onething/board/").content.decode()
    assert "全市看板" in page
    assert "引自案例" in page
    assert all(how.zh in page for how in figures.HOW.values())
    assert "许昌1有限公司" not in page
    table = supervisor.get("/onething/board.csv").content.decode("utf-8-sig")
    assert "事项·企业迁移一件事,links_before,4,引用" in table
    assert "许昌1有限公司" not in table


def test_an_administrator_sees_his_unit_and_nobody_else_sees_anything() -> None:
    """P-1, P-6"""
    through(filed("open-business", 1))
    admin = people.client_for(people.staff("unit_admin", unit="tax")).get("/onething/board/").content.decode()
    assert "本单位看板" in admin
    assert "住房公积金管理中心" not in admin
    officer = people.client_for(people.staff("case_officer", unit="tax"))
    assert officer.get("/onething/board/").status_code == 403
    assert officer.get("/onething/board.csv").status_code == 403
