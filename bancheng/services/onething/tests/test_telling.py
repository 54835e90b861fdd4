"""Who hears what: the applicant of each turn of his case, the unit of what waits for it, each thing once."""

from datetime import timedelta

from bancheng.kernel.cases import public as cases
from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.identity import public as identity
from bancheng.kernel.identity import testing as people
from bancheng.kernel.jobs import testing as jobs
from bancheng.kernel.notices import public as notices
from bancheng.services.onething import telling, texts, waiting
from bancheng.services.onething.tests.conftest import Town
from bancheng.services.onething.tests.test_papers import promised
from bancheng.services.onething.tests.test_walk import decide, submitted


def titles(hash_: bytes) -> list[str]:
    jobs.run_all()
    return [one.title for one in notices.inbox([hash_])]


def test_the_applicant_hears_of_each_turn_and_the_unit_of_its_new_case(town: Town) -> None:
    """N-2, N-4: submitted, accepted with the day promised, each result; the officer of the unit hears of the new case."""
    officer = people.staff("case_officer", unit="zone-market")
    case_id = submitted(town)
    shop = bytes(town.shop.uscc_hash)
    assert titles(identity.staff_hash(officer.pk)) == ["新办件"]
    assert titles(shop) == ["申请已提交"]
    decide(town, case_id, "business-licence-check")
    assert {"申请已提交", "已受理", "有结果了"} <= set(titles(shop))
    assert titles(identity.staff_hash(officer.pk)) == ["新办件", "新办件"]


def test_corrections_of_all_departments_are_one_message_until_they_are_answered(town: Town) -> None:
    """R14.3, N-3: one notice with the day to answer; it is not sent any more once it is answered, and the home page says it."""
    case_id = submitted(town)
    view = cases.view(case_id)
    assert view is not None
    (matter,) = view.matters
    desk = town.desk("case_officer", matter.unit)
    asked = {"about": "field:business_address", "says": "地址与执照不一致"}
    assert desk.post(f"/onething/desk/{matter.id}/correction/", asked).status_code == 302
    shop = bytes(town.shop.uscc_hash)
    assert titles(shop).count("请一次补正") == 1
    check = notices.Check("onething.correction", (f"case:{case_id}",), clocks.now())
    assert telling.still_wanted(check) == set()
    (todo,) = waiting.to_do(people.actor(town.user))
    assert "请补正" in todo.words.zh
    page = f"/onething/cases/{case_id}/correct/"
    assert town.applicant.post(page, {"business_address": "许昌市魏都区七一路2号"}).status_code == 302
    assert telling.still_wanted(check) == {f"case:{case_id}"}


def test_a_promised_paper_is_called_for_three_working_days_before(town: Town) -> None:
    """R-RQ-1: told in time what is missing and until when, once."""
    case_id, _ = promised(town)
    decide(town, case_id, "business-licence-check")  # type: ignore[arg-type]
    view = cases.view(case_id)  # type: ignore[arg-type]
    assert view is not None
    sign = next(one for one in view.matters if one.step == "sign-board")
    town.desk("case_officer", sign.unit).post(f"/onething/desk/{sign.id}/accept/")
    (gap,) = cases.gaps([sign.id])
    assert telling.warn_of_gaps(today=clocks.today(), at=clocks.now()) == 0
    for _ in range(2):
        assert telling.warn_of_gaps(today=gap.due_on - timedelta(days=1), at=clocks.now()) == 1
    assert titles(bytes(town.shop.uscc_hash)).count("容缺材料快到期") == 1
    assert any("请补交" in todo.words.zh for todo in waiting.to_do(people.actor(town.user)))


def test_many_messages_for_one_phone_at_once_are_one_with_a_text_of_its_own(town: Town) -> None:
    """N-8: each kind that rings a phone has its digest; what is read in the inbox is not put together."""
    settings = notices.settings_of_all(list(texts.KINDS))
    for kind, one in texts.KINDS.items():
        digest = notices.published_draft(kind=kind, variant=notices.DIGEST)
        assert (settings[kind].digest_from, digest is not None) == ((3, True) if one.ladder else (0, False)), kind
        if digest:
            assert "{count}" in digest.texts["sms"]["zh"]
            assert "{count}" in digest.texts["sms"]["en"]


def test_an_answer_is_called_for_before_its_day_and_told_late_once_to_the_applicant_and_to_each_office(
    town: Town,
) -> None:
    """R-CLK-1, N-3, N-4: three working days before and when it is over; nothing once it is answered."""
    case_id = submitted(town)
    view = cases.view(case_id)
    assert view is not None
    (matter,) = view.matters
    officer = people.staff("case_officer", unit=matter.unit)
    desk = town.desk("case_officer", matter.unit)
    asked = {"about": "field:business_address", "says": "地址与执照不一致"}
    assert desk.post(f"/onething/desk/{matter.id}/correction/", asked).status_code == 302
    page = town.applicant.get(f"/onething/cases/{case_id}/").content.decode()
    assert "申请人补正" in page
    assert "这个日期怎么算的" in page
    (item,) = cases.corrections(case_id)
    assert item.due_on
    shop = bytes(town.shop.uscc_hash)
    for _ in range(2):
        clocks.warn_due_soon(today=item.due_on - timedelta(days=1), working_days=3, at=clocks.now())
        assert titles(shop).count("补正快到期") == 1
    for _ in range(2):
        clocks.fire_due(today=item.due_on + timedelta(days=1), at=clocks.now())
        assert titles(shop).count("补正已逾期") == 1
    assert titles(identity.staff_hash(officer.pk)).count("申请人逾期未补正") == 1
    assert "办件超期" not in titles(identity.staff_hash(officer.pk))
    late = notices.Check("onething.answer_late", (f"case:{case_id}",), clocks.now())
    assert telling.still_wanted(late) == set()
    correct = f"/onething/cases/{case_id}/correct/"
    assert town.applicant.post(correct, {"business_address": "许昌市魏都区七一路2号"}).status_code == 302
    assert telling.still_wanted(late) == {f"case:{case_id}"}
