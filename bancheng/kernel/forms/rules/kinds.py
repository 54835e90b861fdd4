"""One kind of element at a time: what was typed becomes a value, a value is judged, shown and typed again.

Reading is lenient where nothing is lost by it (full width, spaces, units, 万元) and strict where something would be. No
sentence repeats what was typed.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal

from bancheng.kernel.forms.facts import Element, Kind
from bancheng.kernel.forms.rules import rows
from bancheng.lib import identifiers
from bancheng.lib.conditions import Value
from bancheng.lib.text import Text

LONGEST = {Kind.TEXT: 200, Kind.LONG_TEXT: 2000, Kind.NAME: 100, Kind.ADDRESS: 300, Kind.EMAIL: 254}
MOST = 10**13  # fen, dm², pieces: far beyond anything real, well inside 64 bits
NUMBER = re.compile(r"([0-9]+)(?:\.([0-9]+))?")
COUNTED = re.compile(r"(?:个|人|名|张|座|席|间|层|年|枚|台)$")
SQUARE_METRES = re.compile(r"(?:平方米|平米|㎡|m²|m2|sqm)$", re.I)
YUAN = re.compile(r"(亿|万)?(?:元|圆|yuan|rmb)?$", re.I)
SCALE = {None: 0, "万": 4, "亿": 8}  # decimal places
DAY = re.compile(r"([0-9]{4})(?:[-/.]|年)([0-9]{1,2})(?:[-/.]|月)([0-9]{1,2})日?")
DAY_BARE = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
EMAIL = re.compile(r"[A-Za-z0-9._%+-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z]{2,24}")
TIDY: dict[int, str | None] = {
    **{0xFF10 + i: chr(0x30 + i) for i in range(10)},
    **{0xFF21 + i: chr(0x41 + i) for i in range(26)},
    **{0xFF41 + i: chr(0x61 + i) for i in range(26)},
    **dict.fromkeys(map(ord, "\u3000\u00a0\u2002\u2003\u2009"), " "),
    **dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)]),  # would show a text in another order than it has
    **dict.fromkeys(map(ord, "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff")),
}
YES = {"是", "有", "yes", "y", "true", "1", "on"}
NO = {"否", "无", "没有", "no", "n", "false", "0", "off"}
BETWEEN = re.compile(r"[,;、，；|]")


class Unfit(Exception):
    """What was typed cannot be this kind of value."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.says = Text(zh, en)


def read_value(element: Element, typed: Sequence[str], *, today: date) -> Value:
    """Return the value of what was typed (one text, or several for several choices); None when nothing was. Raises Unfit."""
    if element.kind is Kind.MANY:
        return _many(element, typed)
    if element.kind is Kind.ROWS:
        return rows.read(element, typed, today, cell=_cell, refuse=Unfit)
    text = next((one for one in reversed(typed) if one.strip()), "")
    if not text.strip():
        return None
    value = _READERS[element.kind](element, text, today)
    if problem := unfit(element, value, today=today):
        raise Unfit(problem.zh, problem.en)
    return value


def _cell(element: Element, typed: Sequence[str], today: date) -> Value:
    return read_value(element, typed, today=today)


def fixed(element: Element, typed: Sequence[str]) -> Value:
    """Return the value of what nobody typed (a pack fixes it, a register holds it); None when the element does not take it."""
    try:
        return read_value(element, typed, today=date.max)
    except Unfit:
        return None


def unfit(element: Element, value: Value, *, today: date) -> Text | None:
    """Return what is wrong with a value that came from anywhere; None is no answer and never wrong."""
    if value is None:
        return None
    if element.kind is Kind.ROWS and isinstance(value, str):  # lines, as a draft of before holds them
        return Text(
            f"“{element.name}”现在逐行填写，请打开这一页核对，再保存一次。",
            f"{element.name_en} is filled in row by row now: open the page, check it and save it once.",
        )
    if type(value) is not _TYPES.get(element.kind, str):
        return Text(
            f"“{element.name}”的内容不是应有的类型。", f"{element.name_en}: this is not the right kind of value."
        )
    if isinstance(value, tuple) and element.kind is Kind.ROWS:
        return rows.unfit(element, value, lambda cell, each: unfit(cell, each, today=today))
    if isinstance(value, int) and not isinstance(value, bool):
        return _range(element, value)
    if isinstance(value, tuple) or element.kind is Kind.CHOICE:
        offered = {choice.code for choice in element.choices}
        wrong = not set(value if isinstance(value, tuple) else (value,)) <= offered
        return (
            Text(f"“{element.name}”请从所列各项中选择。", f"{element.name_en}: choose from the list.")
            if wrong
            else None
        )
    if isinstance(value, str):
        try:
            if _READERS[element.kind](element, value, today) != value:
                return Text(f"“{element.name}”的写法需要整理。", f"{element.name_en}: this is not in its plain form.")
        except Unfit as no:
            return no.says
    return None


def _range(element: Element, value: int) -> Text | None:
    least, most = 0 if element.least is None else element.least, MOST if element.most is None else element.most
    if least <= value <= most:
        return None
    low, high = said(element, least), said(element, most)
    if value < least:
        return Text(f"“{element.name}”不能小于{low.zh}。", f"{element.name_en} cannot be less than {low.en}.")
    return Text(f"“{element.name}”不能大于{high.zh}。", f"{element.name_en} cannot be more than {high.en}.")


# --- readers ---


def _refuse_controls(text: str) -> None:
    """Control characters are refused, not dropped: something else was meant."""
    if any(unicodedata.category(sign) in ("Cc", "Cs") and sign not in "\t\r\n" for sign in text):
        raise Unfit(
            "里面有看不见的控制字符，请重新输入。", "It holds invisible control characters: please type it again."
        )


def _clean(text: str) -> str:
    """Return a code or a number tidied: half width, no odd spaces."""
    _refuse_controls(text)
    return identifiers.normalise(text)


def _tidy(text: str) -> str:
    """Return free text with half-width letters and digits and plain spaces; its punctuation stays as it was meant."""
    _refuse_controls(text)
    return re.sub(r"[ \t]+", " ", text.translate(TIDY))


def _text(element: Element, text: str, today: date) -> str:
    return _not_too_long(element, " ".join(_tidy(text).split()))


def _long_text(element: Element, text: str, today: date) -> str:
    lines = [line.strip() for line in _tidy(text.replace("\r\n", "\n").replace("\r", "\n")).split("\n")]
    return _not_too_long(element, "\n".join(lines).strip())


def _not_too_long(element: Element, value: str) -> str:
    longest = element.longest or LONGEST.get(element.kind, LONGEST[Kind.TEXT])
    if len(value) > longest:
        raise Unfit(
            f"“{element.name}”最多{longest}个字，现在有{len(value)}个，请缩短。",
            f"{element.name_en} has at most {longest} characters, this has {len(value)}: please shorten it.",
        )
    return value


def _name(element: Element, text: str, today: date) -> str:
    value = _text(element, text, today)
    if not any(unicodedata.category(sign).startswith("L") for sign in value):
        raise Unfit(f"“{element.name}”里没有文字，请核对。", f"{element.name_en} holds no letters: please check it.")
    return value


def _number(element: Element, text: str, *, places: int) -> int:
    """Return a decimal number as whole units of 10^-places."""
    found = NUMBER.fullmatch(re.sub(r"[\s,]", "", text))
    if not found or len(found[1]) > 15:
        raise Unfit(
            f"“{element.name}”请填数字，如 {12 if places == 0 else '12.5'}。",
            f"{element.name_en}: enter a number such as {12 if places == 0 else '12.5'}.",
        )
    digits = (found[2] or "").rstrip("0")
    if len(digits) > places:
        zh = "请填整数。" if places == 0 else f"最多{places}位小数。"
        en = "enter a whole number." if places == 0 else f"at most {places} decimals."
        raise Unfit(f"“{element.name}”{zh}", f"{element.name_en}: {en}")
    return int(found[1] + digits.ljust(places, "0"))


def _whole(element: Element, text: str, today: date) -> int:
    return _number(element, COUNTED.sub("", _clean(text)), places=0)


def _area(element: Element, text: str, today: date) -> int:
    return _number(element, SQUARE_METRES.sub("", _clean(text)), places=2)


def _money(element: Element, text: str, today: date) -> int:
    tidy = re.sub(r"^(?:¥|￥|rmb|cny)", "", _clean(text).replace(" ", ""), flags=re.I)
    unit = YUAN.search(tidy)
    assert unit, "the end of a text always matches"
    return _number(element, tidy[: unit.start()], places=2 + SCALE[unit[1]])


def _date(element: Element, text: str, today: date) -> date:
    tidy = _clean(text).replace(" ", "")
    found = DAY.fullmatch(tidy) or DAY_BARE.fullmatch(tidy)
    try:
        if found:
            return date(*map(int, found.groups()))
    except ValueError:
        pass
    raise Unfit(
        f"“{element.name}”请填真实的日期，如 2026-11-30。", f"{element.name_en}: enter a real date such as 2026-11-30."
    )


def _yes_no(element: Element, text: str, today: date) -> bool:
    tidy = _clean(text).lower()
    if tidy not in YES | NO:
        raise Unfit(f"“{element.name}”请选择是或否。", f"{element.name_en}: choose yes or no.")
    return tidy in YES


def _choice(element: Element, text: str, today: date) -> str:
    tidy = _clean(text)
    for choice in element.choices:
        if tidy in (choice.code, choice.name) or tidy.lower() == choice.name_en.lower():
            return choice.code
    raise Unfit(f"“{element.name}”请从所列各项中选择。", f"{element.name_en}: choose from the list.")


def _many(element: Element, typed: Sequence[str]) -> Value:
    wanted = [part for text in typed for part in BETWEEN.split(text) if part.strip()]
    if not wanted:
        return None
    chosen = {_choice(element, part, date.min) for part in wanted}
    return tuple(choice.code for choice in element.choices if choice.code in chosen)


def _email(element: Element, text: str, today: date) -> str:
    value = _clean(text)
    if not EMAIL.fullmatch(value) or len(value) > LONGEST[Kind.EMAIL]:
        raise Unfit(
            f"“{element.name}”应如 name@example.com，请核对。", f"{element.name_en} should be like name@example.com."
        )
    return value


def _checked(check: Callable[[str, date], str]) -> Callable[[Element, str, date], str]:
    def read(element: Element, text: str, today: date) -> str:
        try:
            return check(_clean(text), today)
        except identifiers.Invalid as no:
            raise Unfit(f"{no.says}。", f"{no.en}.") from None

    return read


def _any_phone(text: str, today: date) -> str:
    if text.replace(" ", "").startswith(("1", "+86", "86", "0086")):
        return identifiers.check_mobile(text)
    return identifiers.check_landline(text)


_READERS: dict[Kind, Callable[[Element, str, date], Value]] = {
    Kind.TEXT: _text,
    Kind.LONG_TEXT: _long_text,
    Kind.WHOLE: _whole,
    Kind.AREA: _area,
    Kind.MONEY: _money,
    Kind.DATE: _date,
    Kind.YES_NO: _yes_no,
    Kind.CHOICE: _choice,
    Kind.CITIZEN_ID: _checked(lambda text, today: identifiers.check_citizen_id(text, today=today)),
    Kind.USCC: _checked(lambda text, today: identifiers.check_uscc(text)),
    Kind.MOBILE: _checked(lambda text, today: identifiers.check_mobile(text)),
    Kind.PHONE: _checked(_any_phone),
    Kind.NAME: _name,
    Kind.ADDRESS: _text,
    Kind.EMAIL: _email,
}
_TYPES: dict[Kind, type] = {
    Kind.WHOLE: int,
    Kind.AREA: int,
    Kind.MONEY: int,
    Kind.DATE: date,
    Kind.YES_NO: bool,
    Kind.MANY: tuple,
    Kind.ROWS: tuple,
}


# --- showing ---

_MASKS = {
    Kind.CITIZEN_ID: identifiers.mask_citizen_id,
    Kind.USCC: identifiers.mask_uscc,
    Kind.MOBILE: identifiers.mask_mobile,
    Kind.PHONE: identifiers.mask_mobile,
    Kind.NAME: identifiers.mask_name,
}


def said(element: Element, value: Value, *, masked: bool = False) -> Text:
    """Return a value as people read it; `masked` hides the middle of what is personal."""
    if value is None or value == ():
        return Text("", "")
    if isinstance(value, bool):
        return Text("是", "Yes") if value else Text("否", "No")
    if isinstance(value, int):
        return _said_number(element, value)
    if isinstance(value, tuple) and element.kind is Kind.ROWS:
        told = said_rows(element, value, masked=masked)
        return Text("；".join(one.zh for one in told), "; ".join(one.en for one in told))
    if isinstance(value, tuple) or element.kind is Kind.CHOICE:
        wanted = value if isinstance(value, tuple) else (str(value),)
        chosen = [choice for choice in element.choices if choice.code in wanted]
        return Text("、".join(one.name for one in chosen), ", ".join(one.name_en for one in chosen))
    if isinstance(value, date):
        return Text(value.isoformat(), value.isoformat())
    if masked and element.sealed:
        mask = _MASKS.get(element.kind)
        value = mask(value) if mask else value[:3] + "*" * (len(value) - 3)
    return Text(value, value)


def said_rows(element: Element, value: Value, *, masked: bool = False) -> list[Text]:
    """Return each row of a list as people read it."""
    found = value if isinstance(value, tuple) else ()
    return rows.said(element, found, lambda cell, each: said(cell, each, masked=masked))


def _said_number(element: Element, value: int) -> Text:
    plain = _plain(value, 0 if element.kind is Kind.WHOLE else 2)
    number = f"{Decimal(plain):,}"
    if element.kind is Kind.AREA:
        return Text(f"{number}平方米", f"{number} m²")
    if element.kind is Kind.MONEY:
        return Text(f"{number}元", f"{number} yuan")
    return Text(number, number)


def _plain(value: int, places: int) -> str:
    if not places:
        return str(value)
    whole, rest = divmod(value, 10**places)
    return f"{whole}.{rest:0{places}d}".rstrip("0").rstrip(".")


def as_typed(element: Element, value: Value) -> tuple[str, ...]:
    """Return a value as its control holds it; reading that again gives the same value."""
    if value is None:
        return ()
    if isinstance(value, tuple):
        return rows.as_typed(element, value) if element.kind is Kind.ROWS else value
    if isinstance(value, bool):
        return ("yes",) if value else ("no",)
    if isinstance(value, int):
        return (_plain(value, 0 if element.kind is Kind.WHOLE else 2),)
    return (value.isoformat(),) if isinstance(value, date) else (value,)
