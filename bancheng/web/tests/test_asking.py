"""A field of a matter's form as a page draws it: named, explained, tied to its error, and readable as it is posted."""

import re
from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from django.template import engines
from django.utils import translation

from bancheng.kernel.forms import public as forms
from bancheng.kernel.forms import testing
from bancheng.kernel.forms.public import Held, How, Kind, Sensitivity
from bancheng.lib import identifiers
from bancheng.lib.text import Text
from bancheng.web import asking

TODAY = date(2026, 3, 2)
AT = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
SOURCE = Text("电子证照库·营业执照", "E-licence library, business licence")
CITIZEN = identifiers.make_citizen_id("411002", date(1980, 1, 1), 7)


def drawn(element, held=None, *, typed=(), required="true", **more):
    form = testing.form(testing.spec("m", testing.field(element.code, required=required)), elements=[element])
    draft = forms.Draft(
        UUID(int=1), "411000", "p", ("m",), forms.Subject("", b""), "", form.digest, 1,
        {element.code: held} if held else {}, {element.code: typed} if typed else {}, TODAY, AT,
    )  # fmt: skip
    [section] = asking.sections(form, draft, today=TODAY, url="/form/", **more)
    [one] = section.fields
    page = engines["django"].from_string("{% load bc %}{% ask one %}").render({"one": one})
    return form, one, page


def held(value, how=How.TYPED, **more):
    return Held(value, how, 1, "p", AT, **more)


def posted(page):
    """Return what a browser without scripts would post of the drawn fields."""
    raw = {}
    for tag in re.findall(r"<(?:input|textarea|option)[^>]*>(?:\s*[^<]*</textarea>)?", page):
        attr = dict(re.findall(r'([a-z]+)="([^"]*)"', tag))
        if attr.get("type") in ("radio", "checkbox") and " checked" not in tag:
            continue
        if tag.startswith("<option"):
            if " selected" in tag:
                raw["x"] = [attr["value"]]
            continue
        value = re.sub(r"<[^>]*>", "", tag).removeprefix("\n") if tag.startswith("<textarea") else attr.get("value", "")
        raw.setdefault(attr["name"], []).append(value)
    return raw


VALUES = {
    Kind.TEXT: "老街<面馆>&“一”",
    Kind.LONG_TEXT: "一\n二",
    Kind.WHOLE: 12,
    Kind.AREA: 12850,
    Kind.MONEY: 1250,
    Kind.DATE: date(2026, 4, 1),
    Kind.YES_NO: False,
    Kind.CHOICE: "b",
    Kind.MANY: ("a", "c"),
    Kind.CITIZEN_ID: CITIZEN,
    Kind.USCC: identifiers.make_uscc("411002", 7),
    Kind.MOBILE: "13812345678",
    Kind.PHONE: "0374-2960000",
    Kind.NAME: "赵建军",
    Kind.ADDRESS: "魏都区一号路2号",
    Kind.EMAIL: "a@b.example",
    Kind.ROWS: ('{"a": "赵建军", "b": "1 2"}', '{"a": "钱<二>"}'),
}


@pytest.mark.parametrize("kind", Kind)
def test_a_field_of_each_kind_posts_back_what_it_shows(kind):
    from html import unescape

    form, _, page = drawn(testing.element("x", kind), held(VALUES[kind]))
    raw = {code: [unescape(text) for text in texts] for code, texts in posted(page).items()}
    reading = forms.read(form, raw, TODAY)
    assert reading.values == {"x": VALUES[kind]}


@pytest.mark.parametrize("kind", Kind)
def test_a_field_of_each_kind_is_named_and_has_no_placeholder(kind):
    _, one, page = drawn(testing.element("x", kind, hint="提示", hint_en="A hint"), required="false")
    assert "placeholder" not in page
    assert "数据项x <small>（选填）</small>" in page
    assert f'aria-describedby="{one.id}-hint' in page
    assert '<label for="e-x">' in page or "<legend>" in page
    assert "style=" not in page
    assert posted(page).keys() <= {"x"}


def test_nothing_ticked_is_an_answer_too():
    form, _, page = drawn(testing.element("x", Kind.MANY), held(("a",)))
    unticked = page.replace(" checked", "")
    assert forms.read(form, posted(unticked), TODAY).values == {"x": None}


def test_keyboards_and_units_fit_what_is_typed():
    area = drawn(testing.element("x", Kind.AREA))[2]
    assert 'inputmode="decimal"' in area
    assert "平方米" in area
    assert 'enterkeyhint="done"' in area  # the last of its section
    assert 'type="tel"' in drawn(testing.element("x", Kind.MOBILE, autocomplete="tel"))[2]
    assert 'autocomplete="tel"' in drawn(testing.element("x", Kind.MOBILE, autocomplete="tel"))[2]
    assert 'autocapitalize="characters"' in drawn(testing.element("x", Kind.CITIZEN_ID))[2]
    assert 'autocomplete="off"' in drawn(testing.element("x", Kind.CITIZEN_ID))[2]


def test_an_error_stands_by_its_field_and_the_summary_leads_to_the_control():
    problem = forms.Problem("x", Text("“数据项x”请填数字。", "Datum x: enter a number."))
    _, one, page = drawn(testing.element("x", Kind.WHOLE), typed=("很多",), problems=[problem])
    assert 'value="很多"' in page
    assert 'aria-invalid="true"' in page
    assert 'id="e-x-error"' in page
    assert one.described_by == "e-x-error"
    assert asking.summary([problem]) == [("e-x", problem.says)]


def test_a_date_that_could_not_be_read_is_still_to_be_seen():
    assert 'type="text"' in drawn(testing.element("x", Kind.DATE), typed=("明天",))[2]
    assert 'type="date"' in drawn(testing.element("x", Kind.DATE), held(date(2026, 4, 1)))[2]


PERSONAL = testing.element("x", Kind.CITIZEN_ID, sensitivity=Sensitivity.PERSONAL)
PREFILLED = held(CITIZEN, How.PREFILLED, source=SOURCE, as_of=date(2025, 11, 19))


def test_what_we_hold_is_shown_masked_with_its_source_and_not_posted():
    """R2.3"""
    _, _, page = drawn(PERSONAL, PREFILLED)
    assert "来源：电子证照库·营业执照，" in page
    assert "2025-11-19" in page
    assert 'href="/form/?correct=x#e-x"' in page
    assert "不对？更正" in page
    assert CITIZEN not in page
    assert f"{CITIZEN[:4]}**********{CITIZEN[-4:]}" in page
    assert posted(page) == {}


def test_whoever_says_it_is_wrong_gets_a_control_and_types_afresh():
    """R2.3"""
    _, _, page = drawn(PERSONAL, PREFILLED, correcting=["x"])
    assert posted(page) == {"x": [""]}
    assert CITIZEN not in page
    assert "提交后由责任单位核实" in page
    corrected = held("赵建君", How.CORRECTED, source=SOURCE, shown="赵建军")
    _, _, page = drawn(testing.element("x", Kind.NAME), corrected)
    assert posted(page) == {"x": ["赵建君"]}
    assert "赵建军" in page


def test_a_page_in_english_is_english_whatever_the_kind():
    with translation.override("en"):
        for kind in Kind:
            page = drawn(testing.element("x", kind, hint="提示", hint_en="A hint"))[2]
            assert "Datum x" in page
            assert not re.search("[一-鿿]", page)


def test_hidden_fields_are_not_drawn_and_a_section_can_stand_alone():
    elements = [testing.element("a", Kind.YES_NO), testing.element("b")]
    form = testing.form(
        testing.spec("m", "a", testing.field("b", shown="a")),
        testing.spec("n", "b", section="other"),
        elements=elements,
    )
    draft = forms.Draft(
        UUID(int=1), "411000", "p", ("m",), forms.Subject("", b""), "", form.digest, 1, {"a": held(True)}, {}, TODAY, AT
    )
    assert [one.code for one in asking.sections(form, draft, today=TODAY)[0].fields] == ["a", "b"]
    assert asking.sections(form, draft, today=TODAY, only="other") == ()
    [(title, rows)] = asking.check_rows(form, draft, today=TODAY)
    assert (title.en, [(label.en, value.en) for label, value in rows]) == (
        "Basics",
        [("Datum a", "Yes"), ("Datum b", "")],
    )
