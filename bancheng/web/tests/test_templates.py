"""Every template of the repository: both languages, nothing inline, and the components say what they are given."""

import re
from datetime import date, datetime
from pathlib import Path

import pytest
from django.conf import settings
from django.template import engines
from django.utils import translation

from bancheng.kernel.identity import public as identity
from bancheng.lib.days import SHANGHAI
from bancheng.lib.text import Text
from bancheng.web import charts, front, navigation
from bancheng.web.templatetags import bc

TEMPLATES = sorted((settings.ROOT / "bancheng").glob("**/templates/**/*.html"))
TAG = re.compile(r"{%.*?%}", re.DOTALL)
COMMENT = re.compile(r"{#.*?#}|{% comment %}.*?{% endcomment %}|<!--.*?-->", re.DOTALL)
STRING = re.compile(r"\"([^\"]*)\"|'([^']*)'")
CJK = re.compile(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")
INLINE = re.compile(
    r"\sstyle=|\son[a-z]+=|<style|javascript:|<script(?![^>]*(\bsrc=|type=.application/json))", re.IGNORECASE
)


def read(path: Path) -> str:
    return COMMENT.sub("", path.read_text(encoding="utf-8"))


def name(path: Path) -> str:
    return path.relative_to(settings.ROOT).as_posix()


def half(tag: str) -> list[str]:
    """Return the Chinese strings of a tag that have no English beside them: a pair "中文" "English", or "中文|English"."""
    strings = [a or b for a, b in STRING.findall(tag)]
    missing = []
    for at, word in enumerate(strings):
        if not CJK.search(word):
            continue
        after = word.partition("|")[2] or (strings[at + 1] if at + 1 < len(strings) else "")
        if not after.strip() or CJK.search(after):
            missing.append(word)
    return missing


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_no_chinese_stands_outside_a_tag(path):
    assert CJK.findall(TAG.sub("", read(path))) == []


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_every_sentence_has_its_english(path):
    switch = ("中文", "中文")  # the switch to Chinese is in Chinese on every page
    tags = [tag for tag in TAG.findall(read(path)) if STRING.findall(tag)[:2] != [(w, "") for w in switch]]
    assert [word for tag in tags for word in half(tag)] == []


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_nothing_is_inline(path):
    assert INLINE.findall(read(path)) == []


def test_the_scanner_sees_what_it_is_for():
    assert half('{% t "没有英文" "" %}') == ["没有英文"]
    assert half('{% note title="没有英文" %}') == ["没有英文"]
    assert half('{% t "有" "Has" %}') == []
    assert half('{% note title="有|Has" %}') == []
    assert INLINE.search('<p style="color:red">')


def render(source: str, **context) -> str:
    return engines["django"].from_string(source).render(context)


def test_words_follow_the_language():
    with translation.override("en"):
        assert render('{% t "还有{n}天" "{n} days" n=3 %}') == "3 days"
        assert bc.said("中文|English") == "English"
    with translation.override("zh-hans"):
        assert render('{% t "还有{n}天" "{n} days" n=3 %}') == "还有3天"


def test_values_in_a_sentence_are_escaped():
    assert render('{% t "您好{n}" "Hello {n}" n=n %}', n="<b>") == "您好&lt;b&gt;"


@pytest.mark.parametrize(
    ("until", "zh", "en"),
    [
        (date(2026, 11, 30), "还有7天（11月30日到期）", "7 days left (ends 30 November)"),
        (date(2026, 11, 24), "还有1天（11月24日到期）", "1 day left (ends 24 November)"),
        (date(2026, 11, 23), "今天到期（11月23日）", "Ends today (23 November)"),
        (date(2026, 11, 20), "已过期3天（11月20日到期）", "Ended 3 days ago (20 November)"),
        (date(2027, 1, 1), "还有39天（2027年1月1日到期）", "39 days left (ends 1 January 2027)"),
    ],
)
def test_days_left_are_said_with_the_date(until, zh, en):
    assert bc.left_words(until, date(2026, 11, 23)) == Text(zh, en)


def test_dates_and_figures():
    at = datetime(2026, 11, 23, 14, 5, tzinfo=SHANGHAI)
    assert bc.day_words(at, weekday=True) == Text("2026年11月23日（周一）", "Mon 23 November 2026")
    assert bc.iso(at) == "2026-11-23 14:05"
    assert bc.iso(None) == "—"
    assert (bc.num(62000), bc.percent(0.306), bc.short(62000)) == ("62,000", "30.6%", "6.2万")
    assert (bc.money(1250), bc.money(-5), bc.money(123456, "column")) == ("12.50元", "-0.05元", "¥1,234.56")
    with translation.override("en"):
        assert (bc.short(62000), bc.money(1250), bc.day_filter(None)) == ("62.0K", "12.50 yuan", "no end date")


def test_personal_values_are_masked():
    assert render('{% masked "13812345678" "mobile" %}') == "138****5678"


def test_an_address_is_a_link_wherever_it_stands_and_nothing_else_is_markup():
    text = render("{{ said|linked }}", said="见http://a.cn/e/1/。退订 https://b.cn/t?a=1&b=2；<b>")
    assert '见<a href="http://a.cn/e/1/" rel="nofollow">http://a.cn/e/1/</a>。' in text
    assert 'href="https://b.cn/t?a=1&amp;b=2"' in text
    assert text.endswith("；&lt;b&gt;")


def test_a_status_of_no_known_kind_is_a_mistake():
    with pytest.raises(ValueError, match="a tag is one of"):
        render('{% tag "green" "好" "Good" %}')


def test_charts_begin_at_zero_and_stay_in_their_box():
    assert [bar.length for bar in charts.bars([("a", 10), ("b", 5), ("c", 0)])] == [100, 50, 0]
    assert charts.bars([]) == []
    assert charts.spark([1]) is None
    line = charts.spark([1, 1, 1])
    assert line.last == (116, 28)
    assert charts.ring(2).drawn == charts.ring(2).whole
    assert charts.ring(-1).drawn == 0


def test_a_missing_field_is_asked_for_by_name(rf):
    from bancheng.web.samples import Sample

    text = render("{% errors form %}", form=Sample({"mobile": "1"}))
    assert "请填写：联系人" in text
    assert "请选择：联系结果" in text
    with translation.override("en"):
        assert "Fill in: Contact person" in render("{% errors form %}", form=Sample({"mobile": "1"}))


def test_the_pager_keeps_the_filters(rf):
    from django.core.paginator import Paginator

    page = Paginator(range(100), 10).page(2)
    text = render("{% pager page %}", page=page, request=rf.get("/?state=due&page=2"))
    assert 'href="?state=due&amp;page=3"' in text
    assert 'href="?state=due&amp;page=1"' in text


def test_the_pattern_page_shows_every_component_in_both_languages(client):
    for language in ("zh-hans", "en"):
        client.cookies["django_language"] = language
        answer = client.get("/ui/")
        assert answer.status_code == 200
        text = answer.content.decode()
        for component in sorted((settings.ROOT / "bancheng/web/templates/web/c").glob("*.html")):
            mark = re.search(r'class="(bc-[a-z-]+)', component.read_text(encoding="utf-8"))
            assert mark is None or mark[1] in text, component.name


def test_what_others_made_is_as_it_was_taken():
    import subprocess
    import sys

    done = subprocess.run(
        [sys.executable, "tools/vendor.py", "--check"], cwd=settings.ROOT, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_every_icon_that_is_named_is_in_the_sprite():
    sprite = (settings.ROOT / "bancheng/web/static" / bc.ICONS).read_text(encoding="utf-8")
    drawn = set(re.findall(r'<symbol id="([a-z0-9-]+)"', sprite))
    named = {found for path in TEMPLATES for found in re.findall(r'{% icon "([^"]+)"', read(path))}
    named |= set(navigation.ICONS.values()) | {scene.icon for scene in front.SCENES}
    named |= {person.icon for person in identity.demo_people()}
    assert named - drawn == set()
