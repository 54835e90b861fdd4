"""Message templates: typed variables, strict filling, and what makes a template unfit to be published.

A placeholder is `{name}`; every name is a declared variable or one the platform fills itself (`BUILT_IN`). Values
travel as JSON: a date as "2026-11-30", a list as a list of texts.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Any

from bancheng.lib.text import Text

PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]*)\}")
IDENTIFIER = re.compile(r"(?<![0-9])[1-9][0-9]{16}[0-9Xx](?![0-9A-Za-z])", re.ASCII)
URL = re.compile(r"https?://[!-~]+")
PHONE = re.compile(r"[0-9][0-9-]{2,19}", re.ASCII)
LANGUAGES = ("zh", "en")
SLOTS = ("sms", "push_title", "push_body", "inbox_title", "inbox_body")
WITH_WAY_OUT = ("sms", "push_body", "inbox_body")
DIGEST = "digest"  # the variant that speaks for many messages of one phone; filled from BUILT_IN alone
BUILT_IN = ("stop", "hotline", "inbox", "count")
FORBIDDEN_NAMES = {"citizen_id", "id_number", "uscc", "disease", "diagnosis", "arrears", "debt", "bank_account"}
MOST_PARTS = 3
WEEKDAYS_ZH = "一二三四五六日"
WEEKDAYS_EN = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS_EN = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class Type(StrEnum):
    TEXT = "text"
    DATE = "date"
    INT = "int"
    URL = "url"
    PHONE = "phone"
    LIST = "list"


@dataclass(frozen=True)
class Variable:
    """A typed variable and the longest value it will ever have, with which the template is tried (N-9)."""

    type: Type
    longest: Any


@dataclass(frozen=True)
class Draft:
    """The texts of one template: slot -> language -> text; `rows` are the labelled facts of a push card."""

    texts: Mapping[str, Mapping[str, str]]
    variables: Mapping[str, Variable]
    rows: Sequence[tuple[Text, str]] = ()
    page: str = "{inbox}"  # where a push card leads
    variant: str = ""
    dated: bool = True  # N-2: every message says until when; False for those that have no date by nature


@dataclass(frozen=True)
class Rendered:
    """One message, ready for every channel."""

    sms: str
    push_title: str
    push_body: str
    inbox_title: str
    inbox_body: str
    page: str
    rows: Mapping[str, str] = field(default_factory=dict)


class Unfit(ValueError):
    """A value or a text that may not be sent."""


def show(value: Any, *, type: Type, language: str) -> str:
    """Return `value` as people read it; raise Unfit when it is not of its type. Dates carry their weekday (N-2)."""
    match type:
        case Type.DATE:
            return _show_date(value, language)
        case Type.INT if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        case Type.LIST if isinstance(value, list | tuple) and all(isinstance(each, str) and each for each in value):
            return ("、" if language == "zh" else ", ").join(value)
        case Type.URL if isinstance(value, str) and URL.fullmatch(value):
            return value
        case Type.PHONE if isinstance(value, str) and PHONE.fullmatch(value):
            return value
        case Type.TEXT if isinstance(value, str) and value and not any(ord(each) < 32 for each in value):
            return value
    raise Unfit(f"not a value of type {type}")


def _show_date(value: Any, language: str) -> str:
    try:
        day = value if isinstance(value, date) else date.fromisoformat(value)
    except (TypeError, ValueError):
        raise Unfit("not a value of type date") from None
    if language == "zh":
        return f"{day.year}年{day.month}月{day.day}日（周{WEEKDAYS_ZH[day.weekday()]}）"
    return f"{WEEKDAYS_EN[day.weekday()]} {day.day} {MONTHS_EN[day.month - 1]} {day.year}"


def render(text: str, shown: Mapping[str, str]) -> str:
    """Return `text` with every placeholder filled; raise Unfit for one without a value."""

    def fill(found: re.Match[str]) -> str:
        try:
            return shown[found.group(1)]
        except KeyError:
            raise Unfit(f"no value for {found.group()}") from None

    return PLACEHOLDER.sub(fill, text)


def render_all(draft: Draft, values: Mapping[str, Any], *, built_in: Mapping[str, str], language: str) -> Rendered:
    """Return the whole message; raise Unfit when a value is missing, of a wrong type, or an ID number (N-7)."""
    shown = dict(built_in)
    for name, variable in draft.variables.items():
        if name not in values:
            raise Unfit(f"no value for {{{name}}}")
        shown[name] = show(values[name], type=variable.type, language=language)
    slots = {slot: render(draft.texts[slot][language], shown) for slot in SLOTS}
    rows = {label.of(language): render(text, shown) for label, text in draft.rows}
    page = render(draft.page, shown)
    if any(IDENTIFIER.search(text) for text in (*slots.values(), *rows.values(), page)):
        raise Unfit("an ID number stands in the message")
    return Rendered(**slots, page=page, rows=rows)


def parts(text: str) -> int:
    """Return how many SMS parts `text` takes: 70 characters or 67 each (GSM: 160 or 153 when all are ASCII)."""
    one, each = (160, 153) if text.isascii() else (70, 67)
    return 1 if len(text) <= one else -(-len(text) // each)


def preview(draft: Draft, *, built_in: Mapping[str, str]) -> dict[str, Rendered]:
    """Return the message in each language filled with the longest value of every variable (N-9)."""
    longest = {name: variable.longest for name, variable in draft.variables.items()}
    return {language: render_all(draft, longest, built_in=built_in, language=language) for language in LANGUAGES}


def problems(draft: Draft, *, built_in: Mapping[str, str]) -> list[Text]:
    """Return why `draft` may not be published, in order; nothing when it may (B10.7, N-2, N-7, N-9)."""
    missing = [
        Text(f"缺少{slot}的{language}文本", f"the {language} text of {slot} is missing")
        for slot in SLOTS
        for language in LANGUAGES
        if not draft.texts.get(slot, {}).get(language, "").strip()
    ]
    if missing:
        return missing
    return _variable_problems(draft) or [
        *_way_out_problems(draft),
        *_forbidden_problems(draft),
        *_filled_problems(draft, built_in),
    ]


def _all_texts(draft: Draft) -> list[str]:
    texts = [draft.texts[slot][language] for slot in SLOTS for language in LANGUAGES]
    return [*texts, draft.page, *(text for _, text in draft.rows)]


def used(draft: Draft) -> set[str]:
    """Return the names of all placeholders in `draft`."""
    return {name for text in _all_texts(draft) for name in PLACEHOLDER.findall(text)}


def rewritten(
    base: Draft,
    texts: Mapping[str, Mapping[str, str]],
    *,
    rows: Sequence[str],
    page: str,
    known: Mapping[str, Variable],
) -> Draft:
    """Return `base` with new words: `rows` in its order; of the `known` variables it declares those it now uses."""
    labelled = [(label, said) for (label, _), said in zip(base.rows, rows, strict=True)]
    fresh = replace(base, texts=texts, rows=labelled, page=page)
    names = used(fresh)
    return replace(fresh, variables={name: variable for name, variable in known.items() if name in names})


def _variable_problems(draft: Draft) -> list[Text]:
    declared, names = set(draft.variables), used(draft)
    found = [
        Text(f"文本用了没有声明的变量{{{name}}}", f"{{{name}}} is used but not declared")
        for name in sorted(names - declared - set(BUILT_IN))
    ]
    found += [
        Text(f"声明的变量{{{name}}}没有出现在文本中", f"{{{name}}} is declared but used nowhere")
        for name in sorted(declared - names)
    ]
    found += [
        Text(f"变量{{{name}}}由系统填写，不能另行声明", f"{{{name}}} is filled by the platform and cannot be declared")
        for name in sorted(declared & set(BUILT_IN))
    ]
    if draft.variant == DIGEST and declared:
        found.append(Text("汇总模板只能使用系统变量", "a digest uses only what the platform fills"))
    if draft.variant != DIGEST and "count" in names:
        found.append(Text("{count}只用于汇总模板", "{count} belongs to a digest"))
    for text in _all_texts(draft):
        if set(PLACEHOLDER.sub("", text)) & set("{}"):
            found.append(Text("花括号没有配成变量", "a brace is not part of a variable"))
            break
    return found


def _way_out_problems(draft: Draft) -> list[Text]:
    """N-2: every message says how to stop it and where to complain, and until when something is to be done."""
    found = []
    for slot in WITH_WAY_OUT:
        zh, en = draft.texts[slot]["zh"], draft.texts[slot]["en"].lower()
        if not ("退订" in zh and "stop" in en):
            found.append(Text(f"{slot}没有写明怎样退订（中文“退订”，英文 stop）", f"{slot} does not say how to stop"))
        hotline = "{hotline}" in zh or "12345" in zh
        if not (hotline and ("{hotline}" in en or "12345" in en)):
            found.append(Text(f"{slot}没有写明投诉电话", f"{slot} does not say where to complain"))
    dates = {name for name, variable in draft.variables.items() if variable.type is Type.DATE}
    if draft.dated and draft.variant != DIGEST:
        for language in LANGUAGES:
            if not dates & set(PLACEHOLDER.findall(draft.texts["sms"][language])):
                found.append(
                    Text(f"短信（{language}）没有写明截止日期", f"the SMS ({language}) does not say until when")
                )
    return found


def _forbidden_problems(draft: Draft) -> list[Text]:
    """N-7: no ID number, no disease, no arrears amount."""
    found = [
        Text(f"变量{{{name}}}涉及不得写入消息的信息", f"{{{name}}} names what no message may carry")
        for name in sorted(set(draft.variables) & FORBIDDEN_NAMES)
    ]
    if any(IDENTIFIER.search(text) for text in _all_texts(draft)):
        found.append(Text("文本中有身份证号", "an ID number stands in the text"))
    return found


def _filled_problems(draft: Draft, built_in: Mapping[str, str]) -> list[Text]:
    try:
        filled = preview(draft, built_in=built_in)
    except Unfit as unfit:
        return [Text(f"用最长示例试填不通过：{unfit}", f"filling in the longest samples fails: {unfit}")]
    found = []
    for language, message in filled.items():
        if (count := parts(message.sms)) > MOST_PARTS:
            found.append(
                Text(
                    f"短信（{language}）按最长示例为{count}段，最多{MOST_PARTS}段",
                    f"the SMS ({language}) takes {count} parts with the longest values, {MOST_PARTS} at most",
                )
            )
        found += _first_part_problems(draft, message.sms, built_in, language)
    return found


def _first_part_problems(draft: Draft, sms: str, built_in: Mapping[str, str], language: str) -> list[Text]:
    """N-2: who, what and until when stand in the first part; the way out may stand in the second."""
    one, each = (160, 153) if sms.isascii() else (70, 67)
    first_part = sms if len(sms) <= one else sms[:each]
    return [
        Text(
            f"短信（{language}）的{{{name}}}不在第一段之内，请把文字写短或前移",
            f"{{{name}}} does not fit into the first part of the SMS ({language}): shorten the text or move it forward",
        )
        for name, variable in draft.variables.items()
        if variable.type is Type.DATE
        and f"{{{name}}}" in draft.texts["sms"][language]
        and show(variable.longest, type=Type.DATE, language=language) not in first_part
    ]
