"""The texts of notices on their pages: tried with the longest values, drafted, published, or refused in words."""

from datetime import datetime

import pytest

from bancheng.kernel.audit import testing as audit_testing
from bancheng.kernel.identity import testing as people
from bancheng.kernel.notices import public as notices
from bancheng.kernel.notices import testing

pytestmark = pytest.mark.django_db
AT = datetime.fromisoformat("2026-06-01T10:00:00+08:00")
KIND = "test.reminder"


@pytest.fixture
def writer():
    testing.published_kind(KIND, at=AT, ladder=testing.SMS_ONLY)
    return people.client_for(people.staff("notice_admin"))


def text(answer):
    return answer.content.decode()


def words(**changed):
    """Return what the form would send for the published version, with changes."""
    draft = notices.published_draft(kind=KIND)
    sent = {f"{slot}_{code}": draft.texts[slot][code] for slot in notices.SLOTS for code in ("zh", "en")}
    rows = {f"row_{n}": value for n, (_, value) in enumerate(draft.rows)}
    return {**sent, **rows, "page": draft.page, **changed}


def newest():
    return notices.versions(kind=KIND, variant="")[0]


def test_the_list_shows_each_kind_with_its_versions(writer):
    """N-9"""
    page = text(writer.get("/console/templates/"))
    assert "测试提醒" in page
    assert "通用" in page
    assert f"/console/templates/{newest().id}/" in page


def test_a_template_is_shown_filled_with_its_longest_values(writer):
    """N-9"""
    page = text(writer.get(f"/console/templates/{newest().id}/"))
    assert "可以发布" in page
    assert "第1版" in page
    assert "{due}" in page  # the words as written
    assert "（周" in page  # and filled


def test_new_words_are_tried_without_being_kept(writer):
    sent = words(inbox_title_zh="新的标题：{due}", act="try")
    page = text(writer.post(f"/console/templates/{newest().id}/draft/", sent))
    assert "新的标题：2" in page
    assert newest().number == 1


def test_a_draft_is_kept_and_published_and_the_record_says_by_whom(writer):
    """N-9: the version before it retires and stays."""
    sent = words(inbox_title_zh="新的标题：{due}", act="save")
    answer = writer.post(f"/console/templates/{newest().id}/draft/", sent, follow=True)
    assert "草稿已保存" in text(answer)
    assert (newest().number, newest().state) == (2, "draft")
    assert "有草稿" in text(writer.get("/console/templates/"))
    answer = writer.post(f"/console/templates/{newest().id}/publish/", follow=True)
    assert "已发布" in text(answer)
    assert [line.state for line in notices.versions(kind=KIND, variant="")] == ["published", "retired"]
    assert notices.published_draft(kind=KIND).texts["inbox_title"]["zh"] == "新的标题：{due}"
    assert audit_testing.recorded("notices.template_published")[-1].who.startswith("staff:")


def test_an_unknown_variable_is_refused_in_words_and_the_draft_is_kept(writer):
    """B10.7: a template with an unknown variable cannot be published."""
    sent = words(inbox_body_zh="请于{deadline}前办理，退订{stop}，{hotline}。{due}")
    page = text(writer.post(f"/console/templates/{newest().id}/draft/", sent | {"act": "try"}))
    assert "没有声明的变量{deadline}" in page
    writer.post(f"/console/templates/{newest().id}/draft/", sent | {"act": "save"})
    answer = writer.post(f"/console/templates/{newest().id}/publish/")
    assert answer.status_code == 422
    assert "模板不能发布" in text(answer)
    assert newest().state == "draft"


def test_a_missing_text_is_told_at_its_field(writer):
    answer = writer.post(f"/console/templates/{newest().id}/draft/", words(sms_en="", act="save"))
    assert answer.status_code == 422
    assert "请填写：短信（英文）" in text(answer)
    assert newest().number == 1


def test_a_published_version_is_not_published_again(writer):
    answer = writer.post(f"/console/templates/{newest().id}/publish/")
    assert answer.status_code == 409
    assert "已经发布或停用" in text(answer)


def test_the_pages_are_complete_in_english(writer):
    writer.cookies["django_language"] = "en"
    for path in ("", f"{newest().id}/", f"{newest().id}/draft/"):
        assert writer.get(f"/console/templates/{path}").status_code == 200
    assert "it can be published" in text(writer.get(f"/console/templates/{newest().id}/"))


def test_without_templates_the_page_says_where_they_come_from():
    assert "还没有通知模板" in text(people.client_for(people.staff("notice_admin")).get("/console/templates/"))


def test_others_are_refused(writer):
    template = newest().id
    for path in ("/console/templates/", f"/console/templates/{template}/", f"/console/templates/{template}/draft/"):
        assert people.client_for(people.staff("operator")).get(path).status_code == 403
    somebody = people.client_for(people.staff("unit_admin", unit="market"))
    assert somebody.post(f"/console/templates/{template}/publish/").status_code == 403


@pytest.mark.parametrize("number", ["999999", "9" * 25])
def test_a_template_that_is_not_there_is_not_found(writer, number):
    assert writer.get(f"/console/templates/{number}/").status_code == 404
