"""The house's template tags: words, dates and figures (`web/words.py`), and every component of the pattern page.

Block tags take the markup between them; leaf tags take values. A component's markup stands in `templates/web/c/`. Nothing here
asks the database.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import segno
from django import template
from django.forms import BaseForm, BoundField
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from bancheng.kernel.clocks import public as clocks
from bancheng.lib import identifiers
from bancheng.lib.text import Text
from bancheng.web import charts
from bancheng.web.asking import AskedField
from bancheng.web.words import (
    as_written,
    clock,
    day_words,
    english,
    iso,
    left_words,
    linked,
    local,
    money,
    num,
    percent,
    said,
    short,
)

register = template.Library()

ICONS = "vendor/tabler-icons-3.51.0/icons.svg"
MASKS = {
    "name": identifiers.mask_name,
    "citizen_id": identifiers.mask_citizen_id,
    "mobile": identifiers.mask_mobile,
    "uscc": identifiers.mask_uscc,
}
KINDS = {"ok", "warn", "bad", "info", "pri", ""}


# Words

for each in (as_written, linked, iso, clock, num, percent, short, money):
    register.filter(each.__name__, each)


@register.simple_tag
def t(zh: str, en: str, **values: Any) -> SafeString:
    """Return the sentence in the reader's language, `{name}` filled from the keyword arguments, all escaped."""
    sentence = Text(zh, en).of(get_language())
    return format_html(sentence, **values) if values else conditional_escape(sentence)


@register.simple_tag
def words(text: Any) -> SafeString:
    """Return a Text (or a "中文|English" string) in the reader's language."""
    return conditional_escape(said(text))


@register.filter(name="said")
def said_filter(text: Any) -> str:
    """Return a Text in the reader's language, for arguments of other tags: `{% tag "ok" state.words|said %}`."""
    return said(text)


@register.simple_tag
def icon(name: str, zh: str = "", en: str = "") -> SafeString:
    """Return an icon of the sprite; it is silent unless it stands without a word and is given one."""
    if zh:
        return format_html(
            '<svg class="bc-icon" role="img" aria-label="{}"><use href="{}#{}"></use></svg>',
            said(Text(zh, en)),
            static(ICONS),
            name,
        )
    return format_html('<svg class="bc-icon" aria-hidden="true"><use href="{}#{}"></use></svg>', static(ICONS), name)


@register.simple_tag
def seal() -> SafeString:
    """Return the mark of the house: a red seal with the two characters of its name."""
    return mark_safe('<span class="bc-seal" lang="zh-Hans" aria-hidden="true"><span>办</span><span>成</span></span>')


# Dates and figures


@register.simple_tag(name="day")
def day_tag(value: date | datetime | None, weekday: bool = False, clock: bool = False, year: bool = True) -> SafeString:
    """Return `<time>` in prose; `weekday=True` adds the weekday, `clock=True` the time 14:05, `year=False` leaves it out."""
    if value is None:
        return conditional_escape(said(Text("长期", "no end date")))
    value = local(value)
    shown = said(day_words(value, year=year, weekday=weekday))
    if clock and isinstance(value, datetime):
        shown += f" {value:%H:%M}" if english() else f"{value:%H:%M}"
    return format_html('<time datetime="{}">{}</time>', value.isoformat(), shown)


@register.filter(name="day")
def day_filter(value: date | datetime | None) -> str:
    """Return the date as prose writes it, without markup."""
    return said(Text("长期", "no end date")) if value is None else said(day_words(value))


@register.simple_tag
def days_left(until: date | None, today: date | None = None) -> SafeString:
    """Return how long is left until `until`, with the date; `today` comes from the view, else from the city's clock."""
    if until is None:
        return conditional_escape(said(Text("长期有效", "No end date")))
    return format_html(
        '<time datetime="{}">{}</time>', until.isoformat(), said(left_words(until, today or clocks.today()))
    )


@register.simple_tag
def masked(value: str | None, kind: str = "name") -> SafeString:
    """Return a personal value as pages may show it; `kind`: name, citizen_id, mobile, uscc."""
    shown = MASKS[kind](value or "")
    return (
        format_html('<span lang="zh-Hans">{}</span>', shown)
        if english() and not shown.isascii()
        else conditional_escape(shown)
    )


# Components: small pieces


@register.simple_tag
def tag(kind: str, zh: Any, en: str = "") -> SafeString:
    """Return a status: a word on a tint. `kind`: ok, warn, bad, info, pri or ""; the words are a pair or one Text."""
    if kind not in KINDS:
        raise ValueError(f"a tag is one of {sorted(KINDS)}, not {kind!r}")
    shown = said(Text(zh, en)) if en else said(zh)
    return format_html('<span class="bc-tag{}">{}</span>', f" bc-tag--{kind}" if kind else "", shown)


@register.simple_block_tag
def note(content: str, kind: str = "info", title: Any = "", role: str = "") -> SafeString:
    """Return a message with a coloured edge around the block; `role="alert"` or "status" makes it speak."""
    return _piece("note", content=content, kind=kind, title=title, role=role)


@register.simple_block_tag
def dl(content: str) -> SafeString:
    """Return a list of labels and values; inside stand `{% row "有效期至" "Valid until" %}…{% endrow %}`."""
    return format_html('<dl class="bc-dl">{}</dl>', content)


@register.simple_block_tag
def row(content: str, zh: Any, en: str = "") -> SafeString:
    """Return one label and its value inside `dl`."""
    return format_html("<div><dt>{}</dt><dd>{}</dd></div>", said(Text(zh, en)) if en else said(zh), content)


@register.simple_tag
def src(name: Any, at: date | datetime | None = None, url: str = "", about: Any = "") -> SafeString:
    """Return where a value comes from, and the way to object: 来源：电子证照库，2026-11-19 · 不对？更正.

    `about` names the value for those who only hear the link.
    """
    return _piece("src", name=name, at=at, url=url, about=about)


@register.simple_tag
def days(until: date | None, today: date | None = None, warn: int = 30, bad: int = 7) -> SafeString:
    """Return the big number of days left; amber from `warn` days, red from `bad` days down."""
    if until is None:
        return _piece("days", kind="", text=True, big=said(Text("长期有效", "No end date")))
    n = (until - (today or clocks.today())).days
    kind = "bad" if n <= bad else "warn" if n <= warn else "ok"
    if n == 0:
        return _piece(
            "days", kind=kind, text=True, big=said(Text("今天", "Today")), after=said(Text("到期", "is the last day"))
        )
    plural = "" if abs(n) == 1 else "s"
    if n < 0:
        before, after = Text("已过期", "Ended"), Text("天", f"day{plural} ago")
    else:
        before, after = Text("还有", ""), Text("天", f"day{plural} left")
    return _piece("days", kind=kind, big=abs(n), before=said(before), after=said(after))


@register.simple_block_tag
def licence_card(content: str, card: Any, today: date | None = None) -> SafeString:
    """Return a licence: `card` has name, number, until, issuer, kind, status; the block holds its actions.

    What is counted is the days to `until`; a card may say `lead` and count to `lead_on` instead, or say `lead` alone.
    """
    return _piece("licence_card", content=content, card=card, today=today or clocks.today())


@register.simple_tag
def tabs(items: Iterable[Any], label: Any = "筛选|Filter") -> SafeString:
    """Return filters as links: items have url, words, and may have count and current."""
    return _piece("tabs", items=list(items), label=label)


@register.simple_tag
def timeline(events: Iterable[Any]) -> SafeString:
    """Return what happened: events have what, and may have state (done, now, ""), at, who, note."""
    return _piece("timeline", events=list(events))


@register.simple_tag
def tasks(items: Iterable[Any]) -> SafeString:
    """Return a task list: items have words, state (done, doing, todo, blocked), and may have url, hint."""
    return _piece("tasks", items=list(items))


@register.simple_tag
def check(title: Any, rows: Iterable[Sequence[Any]], url: str = "") -> SafeString:
    """Return a section to check before sending: rows are (label, value); `url` is where 修改 leads and comes back from."""
    return _piece("check", title=title, rows=list(rows), url=url)


def _problems(bound: BoundField, label: Any = "") -> list[str]:
    """Return what is wrong with a field; a missing one is asked for by its name, not as "this field"."""
    name = str(label or bound.label)
    choice = getattr(bound.field.widget, "input_type", "") in {"select", "radio", "checkbox"}
    asked = Text(f"请选择：{name}", f"Choose: {name}") if choice else Text(f"请填写：{name}", f"Fill in: {name}")
    return [
        said(asked) if error.code == "required" else says
        for error in bound.errors.as_data()
        for says in map(str, error.messages)
    ]


@register.simple_tag
def errors(source: Any) -> SafeString:
    """Return the summary of errors: a bound form, or pairs (id of the field, words); nothing when there are none."""
    if isinstance(source, BaseForm):
        listed = [
            (bound.id_for_label or f"{bound.auto_id}-field", says) for bound in source for says in _problems(bound)
        ]
        listed += [("", str(says)) for says in source.non_field_errors()]
    else:
        listed = list(source or ())
    return _piece("errors", errors=listed) if listed else SafeString("")


@register.simple_block_tag
def fix(content: str, items: Iterable[Any]) -> SafeString:
    """Return all corrections as one object: items have what, why, and may have example, name (of an upload); block: the button."""
    return _piece("fix", content=content, items=list(items))


@register.simple_block_tag
def receipt(
    content: str, number: str, title: Any = "已提交|Submitted", url: str = "", at: datetime | None = None
) -> SafeString:
    """Return a receipt: the number large, a QR code to `url`, the block saying what happens next and by when."""
    return _piece("receipt", content=content, number=number, title=title, url=url, at=at)


@register.simple_tag
def qr(text: str, zh: str = "二维码", en: str = "QR code", size: int = 168) -> SafeString:
    """Return a QR code as a picture with words for those who cannot see it."""
    code = segno.make(text, error="m", micro=False)
    return format_html(
        '<img class="bc-qr" src="{}" width="{}" height="{}" alt="{}">',
        code.svg_data_uri(scale=4, border=2, dark="#1b2430", light="#fff"),
        size,
        size,
        said(Text(zh, en)),
    )


@register.simple_tag
def rate(name: str = "grade", chosen: int = 0) -> SafeString:
    """Return the five grades as radio buttons with words; none is chosen beforehand."""
    return _piece("rate", name=name, chosen=chosen, grades=GRADES)


GRADES = (
    (5, Text("非常满意", "Very satisfied")),
    (4, Text("满意", "Satisfied")),
    (3, Text("基本满意", "Fairly satisfied")),
    (2, Text("不满意", "Dissatisfied")),
    (1, Text("非常不满意", "Very dissatisfied")),
)


@register.simple_tag
def kpi(
    label: Any,
    value: Any,
    unit: Any = "",
    change: Any = "",
    trend: str = "",
    target: Any = "",
    as_of: datetime | date | None = None,
    url: str = "",
) -> SafeString:
    """Return one figure: label, value, unit; `change` in words with `trend` good, bad or ""; target; as-of; drill-down link."""
    return _piece(
        "kpi",
        label=label,
        value=num(value) if isinstance(value, int) else value,
        unit=unit,
        change=change,
        trend=trend,
        target=target,
        as_of=as_of,
        url=url,
    )


@register.simple_tag
def bars(rows: Iterable[Sequence[Any]], caption: Any, unit: Any = "") -> SafeString:
    """Return a bar chart from zero, with its table: rows are (label, number)."""
    listed = [(said(label), value) for label, value, *_ in rows]
    return _piece("bars", chart=charts.bars(listed), rows=listed, caption=caption, unit=unit)


@register.simple_tag
def spark(values: Iterable[float], caption: Any) -> SafeString:
    """Return a small line of values, its first, last, lowest and highest said in words for the ear."""
    listed = list(values)
    return _piece("spark", chart=charts.spark(listed), caption=caption, values=listed)


@register.simple_tag
def ring(share: float, caption: Any) -> SafeString:
    """Return a ring filled to `share` (0 to 1) with the percentage inside."""
    return _piece("ring", chart=charts.ring(share), share=share, caption=caption)


@register.simple_tag(takes_context=True)
def pager(context: Mapping[str, Any], page: Any, name: str = "page") -> SafeString:
    """Return the links to the other pages of a Paginator's `page`; the filters in the address are kept."""
    query = context["request"].GET.copy()
    query.pop(name, None)
    kept = f"{query.urlencode()}&" if query else ""
    return _piece("pager", page=page, base=f"?{kept}{name}=")


@register.simple_tag
def field(bound: BoundField, zh: str = "", en: str = "", **attributes: Any) -> SafeString:
    """Return a form field: label, 选填 when optional, hint, control, error, all tied together.

    `zh` and `en` name a field of a library's form, whose own label we do not show.

    Keyword arguments become attributes of the control, "_" read as "-": `{% field form.mobile inputmode="numeric" %}`.
    """
    widget = bound.field.widget
    classes = {"select": "form-select", "checkbox": "form-check-input"}.get(
        str(getattr(widget, "input_type", "")), "form-control"
    )
    group = widget.__class__.__name__ in {"RadioSelect", "CheckboxSelectMultiple"}
    attrs: dict[str, Any] = {"placeholder": False}  # a placeholder is no label
    attrs |= {name.replace("_", "-"): value for name, value in attributes.items()}
    if not group:
        attrs["class"] = classes + (" is-invalid" if bound.errors else "")
    if en:
        bound.help_text = ""  # a library's hint is in the library's words
    label = said(Text(zh, en)) if en else bound.label
    return _piece(
        "field",
        f=bound,
        label=label,
        control=bound.as_widget(attrs=attrs),  # ties the hint and the error to the control by itself
        problems=_problems(bound, label),
        group=group,
        checkbox=classes == "form-check-input" and not group,
    )


@register.simple_tag
def ask(one: AskedField) -> SafeString:
    """Return a field of a matter's form (`web.asking`): label, 选填, hint, error, the control of its kind, and its source.

    What we hold already is shown with its source and 不对？更正, and is not posted.
    """
    return _piece("ask", f=one, group=one.control in ("radios", "boxes", "rows"))


@register.simple_tag
def saved(draft: Any) -> SafeString:
    """Return the line that says until when a draft is kept: 已保存 14:05，保留到…"""
    return _piece("saved", draft=draft)


@register.simple_tag
def progress(p: Any) -> SafeString:
    """Return long work under way: `p` has done, total, words, url (polled every second, answered 286 at the end), finished."""
    return _piece("progress", p=p)


@register.simple_block_tag
def kiosk_tile(content: str, url: str, icon_name: str) -> SafeString:
    """Return one of at most five big doors of a kiosk."""
    return format_html('<a class="bc-kiosk-tile" href="{}">{}<span>{}</span></a>', url, icon(icon_name), content)


@register.simple_tag
def call(number: str, window: Any, fresh: bool = False) -> SafeString:
    """Return the number called and its window, for the hall's screen."""
    return _piece("call", number=number, window=window, fresh=fresh)


def _piece(piece: str, /, **values: Any) -> SafeString:
    return mark_safe(render_to_string(f"web/c/{piece}.html", values).strip())
