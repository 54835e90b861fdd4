"""Drafts: begun with what is known, saved in parts, resumed, undone, handed in, forgotten."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.forms import models, testing
from bancheng.kernel.forms import public as forms
from bancheng.kernel.forms.facts import How, Kind
from bancheng.kernel.identity import testing as people
from bancheng.kernel.licences import testing as library
from bancheng.lib.refusal import Refused
from bancheng.lib.text import Text

pytestmark = pytest.mark.django_db
AT = testing.AT
ME, OTHER = "staff:1", "staff:2"
WHOLE = {"floor_area": "128.5", "cooked": "no"}


@pytest.fixture
def draft(made, subject):
    return testing.opened(made, subject, by=ME)


def save(draft, made, raw, *, seen=None, by=ME, at=AT, hashes=None):
    listed = {code: [text] for code, text in raw.items()}
    return forms.save(
        draft_id=draft.id,
        form=made,
        raw=listed,
        seen=draft.version if seen is None else seen,
        hashes=hashes or [draft.subject.holder_hash],
        by=by,
        at=at,
    )


def test_what_is_known_is_filled_in_with_its_source_and_is_not_asked_again(draft, firm, boss):
    """R2.3 R2.4 F2.12"""
    held = draft.held
    assert held.keys() == {"firm_name", "boss_name", "boss_id", "mobile"}
    assert held["firm_name"].value == firm.name
    assert (held["firm_name"].how, held["firm_name"].source) == (
        How.PREFILLED,
        Text("市场主体登记信息", "Register of organisations"),
    )
    assert held["boss_id"].value == people.citizen_id(3)
    assert held["boss_id"].ref == f"person:{boss.person_id}"
    assert held["mobile"].value == "13812345678"


def test_the_first_source_that_answers_is_taken_and_a_licence_says_its_own_name(made, subject):
    """R2.3: source, time, licence number"""
    licence = library.issued(
        licence_type="food-business", holder_hash=subject.holder_hash, holder_kind="organisation",
        holder_name="许昌老街面馆（东店）", identifier_kind="uscc",
    )  # fmt: skip
    held = testing.opened(made, subject).held["firm_name"]
    assert held.value == "许昌老街面馆（东店）"
    assert (held.ref, held.as_of) == (f"licence:{licence.pk}", date(2026, 3, 2))
    assert held.source.zh.startswith("电子证照库·")


def test_a_source_that_answers_what_the_field_would_not_take_is_not_offered(made, subject):
    def rubbish(asked):
        return {"person.mobile": forms.Offered("12", Text("某库", "Some register"))}

    listeners = forms.prefill_asked._listeners
    listeners.insert(0, rubbish)
    try:
        assert "mobile" not in testing.opened(made, subject).held
    finally:
        listeners.remove(rubbish)


def test_a_draft_is_found_again_on_another_device_and_not_opened_twice(draft, made, subject, hashes):
    """B14.9"""
    again = testing.opened(made, subject, by=OTHER)
    assert again == draft
    assert forms.drafts(hashes) == [draft]
    assert forms.draft(draft.id, hashes=hashes) == draft
    assert models.Draft.objects.count() == 1


def test_a_part_is_saved_at_any_time_and_what_cannot_be_read_stays_as_it_was_typed(draft, made, hashes):
    first = save(draft, made, {"floor_area": "128.5平米", "opens": "明天"})
    assert first.draft.values["floor_area"] == 12850
    assert first.errors.keys() == {"opens"}
    assert first.draft.typed == {"opens": ("明天",)}
    later = AT + timedelta(days=3)
    second = save(first.draft, made, {"opens": "2026-04-01"}, at=later)
    assert second.draft.typed == {}
    assert second.draft.values["opens"] == date(2026, 4, 1)
    assert second.draft.values["floor_area"] == 12850
    assert second.draft.kept_until == date(2026, 3, 2) + timedelta(days=3 + forms.KEPT_DAYS)
    assert forms.draft(draft.id, hashes=hashes) == second.draft


def test_saving_what_stands_there_already_changes_nothing(draft, made):
    saved = save(draft, made, WHOLE).draft
    assert save(saved, made, WHOLE).draft == saved
    assert models.DraftChange.objects.count() == 1


def test_two_people_in_different_fields_do_not_disturb_each_other(draft, made):
    save(draft, made, WHOLE, by=OTHER)
    # a page without scripts sends back all its fields: those I did not touch are not mine
    both = save(draft, made, {"floor_area": "", "cooked": "", "remark": "靠窗"}, seen=draft.version).draft
    assert both.values["floor_area"] == 12850
    assert both.values["cooked"] is False
    assert both.values["remark"] == "靠窗"


def test_the_later_of_two_editors_of_one_field_is_told_which_field_by_whom_and_when(draft, made, boss):
    """B14.11"""
    at = datetime(2026, 3, 2, 6, 5, tzinfo=UTC)
    save(draft, made, {"floor_area": "100", "remark": "甲"}, by=f"person:{boss.person_id}", at=at)
    with pytest.raises(forms.Conflict) as no:
        save(draft, made, {"floor_area": "120", "opens": "2026-04-01"}, seen=draft.version)
    assert no.value.clashes == (forms.Clash("floor_area", f"person:{boss.person_id}", at),)
    assert "“数据项floor_area”已由赵建军于2026-03-02 14:05改过" in no.value.says
    assert "Datum floor_area was changed by 赵建军 at 2026-03-02 14:05" in no.value.en
    kept = forms.draft(draft.id, hashes=[draft.subject.holder_hash])
    assert kept.values["floor_area"] == 10000
    assert "opens" not in kept.values  # nothing of the refused save


def test_whatever_is_sent_can_be_kept(draft, made):
    odd = save(draft, made, {"opens": "\ud800\0" + "长" * 9000, "remark": "a\u202eb", "smoke": "\0"})
    assert odd.errors.keys() == {"opens", "smoke"}
    assert len(odd.draft.typed["opens"][0]) == 4000
    assert odd.draft.values["remark"] == "ab"


def test_both_saying_the_same_is_no_conflict(draft, made):
    save(draft, made, WHOLE, by=OTHER)
    assert save(draft, made, WHOLE, seen=draft.version).draft.version == 2


def test_a_conflict_with_what_could_not_be_read_is_one_too(draft, made):
    save(draft, made, {"opens": "明天"}, by=OTHER)
    with pytest.raises(forms.Conflict):
        save(draft, made, {"opens": "2026-04-01"}, seen=draft.version)


@pytest.mark.parametrize("seen", [0, -1, 99])
def test_a_version_that_never_was_is_refused(draft, made, seen):
    with pytest.raises(Refused, match="draft_version"):
        save(draft, made, WHOLE, seen=seen)


def test_undo_goes_back_step_by_step_by_changes_of_its_own(draft, made, hashes):
    one = save(draft, made, {"floor_area": "100"}).draft
    two = save(one, made, {"floor_area": "120", "opens": "明天"}).draft
    back = forms.undo(draft_id=two.id, form=made, hashes=hashes, by=ME, at=AT)
    assert (back.values["floor_area"], back.typed) == (10000, {})
    start = forms.undo(draft_id=two.id, form=made, hashes=hashes, by=ME, at=AT)
    assert start.values["floor_area"] is None
    assert start.version == 5
    with pytest.raises(Refused, match="nothing_to_undo"):
        forms.undo(draft_id=two.id, form=made, hashes=hashes, by=ME, at=AT)
    assert list(models.DraftChange.objects.order_by("version").values_list("version", "undoes")) == [
        (2, None), (3, None), (4, 3), (5, 2),
    ]  # fmt: skip


def test_whoever_looks_at_an_older_version_sees_that_an_undo_moved_it(draft, made, hashes):
    one = save(draft, made, {"floor_area": "100"}).draft
    forms.undo(draft_id=one.id, form=made, hashes=hashes, by=OTHER, at=AT)
    with pytest.raises(forms.Conflict):
        save(draft, made, {"floor_area": "120"}, seen=one.version)


def test_a_correction_of_what_we_showed_is_kept_beside_it(draft, made):
    """R2.3"""
    held = save(draft, made, {"mobile": "13912345678"}).draft.held["mobile"]
    assert (held.how, held.value, held.shown) == (How.CORRECTED, "13912345678", "13812345678")


def test_a_draft_is_handed_in_whole_or_not_at_all_and_says_what_is_missing(draft, made, hashes):
    saved = save(draft, made, {"cooked": "yes", "opens": "2026-01-01", "remark": "a"}).draft
    saved = save(saved, made, {"floor_area": "很大"}).draft

    def submit():
        return forms.submit(draft=saved, form=made, seen=saved.version, about="case:1", by=ME, at=AT)

    with pytest.raises(forms.Unfinished) as no:
        submit()
    assert forms.unfinished(made, saved, AT.date()) == no.value.problems
    assert [one.element for one in no.value.problems] == ["floor_area", "smoke", "opens"]
    assert {one.element: one.missing for one in no.value.problems} == {
        "floor_area": False,
        "smoke": True,
        "opens": False,
    }
    assert models.Draft.objects.get().submitted_at is None
    saved = save(saved, made, {"floor_area": "128.5", "smoke": "已装", "opens": ""}).draft
    handed = submit()
    assert {code: one.value for code, one in handed.held.items() if code in WHOLE | {"smoke": ""}} == {
        "floor_area": 12850, "cooked": True, "smoke": "已装",
    }  # fmt: skip
    assert "opens" not in handed.held
    assert handed.typed_share == pytest.approx(4 / 9)
    assert handed.items == ()


def test_what_was_handed_in_is_kept_elsewhere_as_carefully(draft, made, hashes):
    """D7"""
    saved = save(draft, made, {**WHOLE, "mobile": "13912345678", "opens": "2026-04-01"}).draft
    handed = forms.submit(draft=saved, form=made, seen=saved.version, about="case:1", by=ME, at=AT)
    frozen = forms.freeze(made, handed.held)
    assert frozen.open_held.keys() == {"firm_name", "floor_area", "cooked", "opens"}
    assert b"13912345678" not in frozen.sealed
    assert forms.thaw(frozen.open_held, frozen.sealed) == handed.held


def test_an_answer_to_a_question_that_is_gone_is_not_handed_in(draft, made, hashes):
    saved = save(draft, made, {**WHOLE, "cooked": "yes", "smoke": "已装"}).draft
    saved = save(saved, made, {"cooked": "no"}).draft
    handed = forms.submit(draft=saved, form=made, seen=saved.version, about="case:1", by=ME, at=AT)
    assert "smoke" not in handed.held


def test_a_draft_that_changed_after_it_was_checked_is_not_handed_in(draft, made, hashes):
    checked = save(draft, made, WHOLE).draft
    save(checked, made, {"remark": "x"}, by=OTHER)
    with pytest.raises(Refused, match="draft_changed"):
        forms.submit(draft=checked, form=made, seen=checked.version, about="case:1", by=ME, at=AT)


def test_a_draft_handed_in_is_read_but_no_longer_changed(draft, made, hashes, subject):
    saved = save(draft, made, WHOLE).draft
    forms.submit(draft=saved, form=made, seen=saved.version, about="case:1", by=ME, at=AT)
    with pytest.raises(Refused, match="no_such_draft"):
        save(saved, made, {"remark": "x"})
    assert forms.draft(draft.id, hashes=hashes).submitted_at == AT
    assert forms.drafts(hashes) == []
    assert testing.opened(made, subject).id != draft.id


def test_nobody_else_sees_or_touches_a_draft(draft, made):
    stranger = [library.hash_of("stranger")]
    for tried in (
        lambda: forms.draft(draft.id, hashes=stranger),
        lambda: save(draft, made, WHOLE, hashes=stranger),
        lambda: forms.undo(draft_id=draft.id, form=made, hashes=stranger, by=OTHER, at=AT),
        lambda: forms.delete(draft_id=draft.id, hashes=stranger, by=OTHER, at=AT),
        lambda: forms.change_matters(draft_id=draft.id, form=made, hashes=stranger, by=OTHER, at=AT),
    ):
        with pytest.raises(Refused, match="no_such_draft") as no:
            tried()
        assert no.value.status == 404
    assert forms.drafts(stranger) == []


def test_a_matter_that_is_added_asks_only_for_what_is_new(draft, made, hashes):
    """B14.3"""
    more = testing.form(
        *forms.specs(testing.REGION).values(),
        testing.spec("fire", "floor_area", "exits", "firm_name"),
        elements=[*forms.elements(testing.REGION).values(), testing.element("exits", Kind.WHOLE)],
    )
    saved = save(draft, made, {**WHOLE, "firm_name": "老街面馆"}).draft
    added = forms.change_matters(draft_id=draft.id, form=more, hashes=hashes, by=ME, at=AT)
    assert added.matters == ("food", "fire")
    assert added.held == saved.held  # what was corrected stays corrected
    assert [one.element for one in forms.problems(more, added.values, AT.date())] == ["exits"]
    assert added.digest == more.digest != made.digest
    back = forms.undo(draft_id=draft.id, form=more, hashes=hashes, by=ME, at=AT)  # of what was typed, not of the matter
    assert (back.matters, back.values["floor_area"]) == (("food", "fire"), None)


def test_what_is_personal_is_nowhere_in_plain_text(draft, made):
    """D7 F10.9"""
    save(draft, made, {"mobile": "13912345678", "opens": "某人 13712345678", "remark": "靠窗"})
    with connection.cursor() as cursor:
        for table in ("forms_draft", "forms_draftchange", "audit_event"):
            cursor.execute(f"SELECT string_agg(t::text, ' ') FROM {table} t")
            text = cursor.fetchone()[0] or ""
            assert "靠窗" in text or table != "forms_draft"
            for secret in ("13812345678", "13912345678", "13712345678", people.citizen_id(3), "赵建军"):
                assert secret not in text
                assert secret.encode().hex() not in text


def test_a_draft_that_is_deleted_is_gone_with_all_it_ever_said(draft, made, hashes):
    save(draft, made, WHOLE)
    forms.delete(draft_id=draft.id, hashes=hashes, by=ME, at=AT)
    assert (models.Draft.objects.count(), models.DraftChange.objects.count()) == (0, 0)


def test_drafts_past_their_day_are_forgotten_in_batches_and_the_rest_stay(made, subject):
    for n in range(5):
        testing.opened(made, subject, purpose=f"p{n}", at=AT + timedelta(days=n))
    last = date(2026, 3, 2) + timedelta(days=forms.KEPT_DAYS)
    assert forms.forget_drafts(today=last, at=AT) == 0
    assert forms.forget_drafts(today=last + timedelta(days=3), at=AT, batch=2) == 3
    assert forms.forget_drafts(today=last + timedelta(days=3), at=AT) == 0
    assert set(models.Draft.objects.values_list("purpose", flat=True)) == {"p3", "p4"}


@pytest.mark.parametrize(
    "rewrite",
    [lambda rows: rows.update(by="nobody"), lambda rows: rows.update(elements=[]), lambda rows: rows.delete()],
)
def test_the_database_refuses_to_rewrite_what_a_draft_said(draft, made, rewrite):
    save(draft, made, WHOLE)
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        rewrite(models.DraftChange.objects.all())


def test_every_draft_operation_leaves_its_line(draft, made, hashes):
    saved = save(draft, made, WHOLE).draft
    back = forms.undo(draft_id=draft.id, form=made, hashes=hashes, by=ME, at=AT)
    saved = save(back, made, WHOLE).draft
    forms.submit(draft=saved, form=made, seen=saved.version, about="case:1", by=ME, at=AT)
    with connection.cursor() as cursor:
        cursor.execute("SELECT action, who FROM audit_event WHERE about = %s ORDER BY id", [f"draft:{draft.id}"])
        assert cursor.fetchall() == [
            ("forms.draft_opened", ME), ("forms.draft_undone", ME), ("forms.draft_submitted", ME),
        ]  # fmt: skip


def counted(work):
    with CaptureQueriesContext(connection) as asked:
        work()
    return len(asked)


def questions(n, subject):
    """Return how often each operation asks the database, for a bundle of `n` matters with a prefilled field each."""
    elements = [testing.element(f"f{n}_{i}", Kind.NAME, source=("organisation.name", "person.name")) for i in range(n)]
    matters = [testing.spec(f"m{n}_{i}", one.code) for i, one in enumerate(elements)]
    made, hashes = testing.loaded(*matters, elements=elements), [subject.holder_hash]
    draft = testing.opened(made, subject, purpose=f"draft{n}")
    clocks.calendar()  # a process reads it once, and the test before may have forgotten it
    whole = {"draft_id": draft.id, "form": made, "hashes": hashes, "by": ME, "at": AT}
    raw = {one.code: f"名称{i}" for i, one in enumerate(elements)}
    steps = {
        "load": lambda: testing.loaded(*matters, elements=elements),
        "form": lambda: forms.form(testing.REGION, [one.matter for one in matters]),
        "open": lambda: testing.opened(made, subject, purpose=f"another{n}"),
        "save": lambda: save(draft, made, raw),
        "save the same, seen late": lambda: save(draft, made, raw, seen=1),
        "undo": lambda: forms.undo(**whole),
        "save again": lambda: save(draft, made, raw, seen=3),
        "read": lambda: forms.draft(draft.id, hashes=hashes),
        "submit": lambda: forms.submit(
            draft=forms.draft(draft.id, hashes=hashes), form=made, seen=4, about=f"case:{n}", by=ME, at=AT
        ),
        "items": lambda: forms.items(region=testing.REGION),
    }
    found = {name: counted(work) for name, work in steps.items()}
    assert models.DataQualityItem.objects.filter(about=f"case:{n}").count() == n
    return found


def test_no_operation_asks_the_database_more_often_for_a_larger_form(subject):
    few, many = questions(3, subject), questions(60, subject)
    assert few == many
    assert (few["form"], few["read"], few["items"]) == (3, 1, 1)  # a form once for each edition, with a look at that
