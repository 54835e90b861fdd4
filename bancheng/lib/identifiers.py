"""Identifiers of people, organisations and documents: check, mask, make.

Pure: values in, values out. A `check_…` returns the normalised value or raises `Invalid` with a sentence fit to stand
beside the field; no sentence repeats what was typed, so it may be shown, logged and sent back in a workbook.

An import checks 62,000 rows of these, so each check first tries the value as it stands against one regular expression
and one piece of arithmetic; only values that need it pay for tidying up and explaining. The sums of the standards are
read as numbers in a base congruent to the weights: the citizen ID's weights are powers of 2 mod 11 and 13 ≡ 2 (so does
stdnum); the credit code's are powers of 3 mod 31 and 34 ≡ 3 (read backwards); the organisation code's are powers of 2
mod 11 and 35 ≡ 2.

Made identifiers belong to nobody: county code 99 stands in no edition of GB/T 2260, and prefix 154 is unassigned in the
national numbering plan. They pass every check here because the region part of a citizen ID is not judged.
"""

import re
import secrets
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from stdnum.cn import ric
from stdnum.iso7064 import mod_37_36


class Invalid(ValueError):
    """A value that cannot be what it should be. `code` is stable; `says` and `en` tell what is wrong and what to do."""

    def __init__(self, code: str, says: str, en: str) -> None:
        super().__init__(code)
        self.code = code
        self.says = says
        self.en = en


# --- tidying up ---

_HALF = {0xFF01 + i: 0x21 + i for i in range(94)}  # full-width ！ to ～
_SAME = {
    **dict.fromkeys(map(ord, "\u3000\u00a0\u2002\u2003\u2009\t\r\n"), " "),
    **dict.fromkeys(map(ord, "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"), None),  # nothing to see, so nothing lost
    **dict.fromkeys(map(ord, "﹙"), "("),
    **dict.fromkeys(map(ord, "﹚"), ")"),
    **dict.fromkeys(map(ord, "〔【﹝［"), "["),
    **dict.fromkeys(map(ord, "〕】﹞］"), "]"),
    **dict.fromkeys(map(ord, "‐‑‒–—―−"), "-"),
}
_TIDY = {**_HALF, **_SAME}
_ONLY_DIGITS_AND_SPACES = re.compile(r"[0-9 ]+[Xx]?")
_DOTS = dict.fromkeys(map(ord, "•・‧∙⋅･●."), "·")


def normalise(text: str) -> str:
    """Return `text` without variations that carry nothing: full width, odd spaces, brackets, a bare number's spaces."""
    text = text.translate(_TIDY).strip()
    if " " in text and _ONLY_DIGITS_AND_SPACES.fullmatch(text):
        return text.replace(" ", "")
    return text


def normalise_name(text: str) -> str:
    """Return a person's name with one form of middle dot, and no spaces unless it is written in Latin letters."""
    text = " ".join(text.translate(_TIDY).split())
    if text.isascii():
        return text
    return text.translate(_DOTS).replace(" ", "")


def document_number(text: str) -> str:
    """Return an official document's number (文号) with its six-angle brackets: 许政〔2024〕12号."""
    text = normalise(text).replace(" ", "")
    return re.sub(r"[\[(](\d{4})[\])]", r"〔\1〕", text)


def _bare(text: str) -> str:
    """Return `text` as an identifier: half width, upper case, no spaces, hyphens or spreadsheet apostrophe."""
    return text.translate(_TIDY).replace(" ", "").replace("-", "").lstrip("'’‘`").upper()


_STORED_AS_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?E\+?[0-9]+|[0-9]{12,}\.[0-9]+")


def _refuse_stored_number(value: str) -> None:
    if _STORED_AS_NUMBER.fullmatch(value):
        raise Invalid(
            "stored_as_number",
            "该列被存成了数字，末几位已经丢失，请把该列设为“文本”后从原始资料重新填写",
            "The column was stored as numbers and its last digits are lost: set the column to text and enter it again",
        )


def _refuse_empty(value: str, what: str, what_en: str) -> None:
    if not value:
        raise Invalid("empty", f"{what}未填写", f"The {what_en} is missing")


# --- citizen ID (GB 11643), residence permits of 港澳台, permanent residence (2023 form) ---

_CITIZEN_ID = re.compile(r"[1-9][0-9]{16}[0-9X]")
_OLD_CITIZEN_ID = re.compile(r"[1-9][0-9]{14}")


def check_citizen_id(text: str, *, today: date) -> str:
    """Return the 18 characters of a citizen ID or of a permit of the same form.

    The check digit holds, the birthday is a real day after 1850 and not after `today`. The region part is not judged:
    people keep the code of a county that was renamed, and 81, 82, 83 (residence permits of 港澳台) and 9 (permanent
    residence) are regions too.
    """
    value = text if _CITIZEN_ID.fullmatch(text) else _citizen_id_form(text)
    if ric.calc_check_digit(value) != value[17]:
        _refuse_citizen_check_digit(value)
    try:
        born = date.fromisoformat(value[6:14])
    except ValueError:
        raise Invalid(
            "birthday_unreal",
            "身份证号码中的出生日期不存在，请对照证件核对第7至14位",
            "The birthday inside the ID number does not exist: compare characters 7 to 14 with the card",
        ) from None
    if born.year <= 1850 or born > today:
        raise Invalid(
            "birthday_out_of_range",
            "身份证号码中的出生日期早于1851年或晚于今天，请对照证件核对第7至14位",
            "The birthday inside the ID number is before 1851 or after today: compare characters 7 to 14 with the card",
        )
    return value


def _citizen_id_form(text: str) -> str:
    value = _bare(text)
    _refuse_empty(value, "身份证号码", "ID number")
    _refuse_stored_number(value)
    if _CITIZEN_ID.fullmatch(value):
        return value
    if _OLD_CITIZEN_ID.fullmatch(value):
        raise Invalid(
            "id_old_form",
            "这是15位的旧号码，已不再使用，请填写现在证件上的18位号码",
            "This is the old number of 15 digits, no longer in use: enter the 18 characters on the present card",
        )
    if len(value) != 18:
        raise Invalid(
            "id_length",
            f"身份证号码应为18位，这里是{len(value)}位，请补全或删去多余的字符",
            f"An ID number has 18 characters, this one has {len(value)}: complete it or remove the extra ones",
        )
    raise Invalid(
        "id_form",
        "身份证号码应为17位数字加1位数字或X，请检查是否混入了其他字符",
        "An ID number is 17 digits and one digit or X: look for other characters in it",
    )


def _refuse_citizen_check_digit(value: str) -> None:
    if value.endswith("000"):
        raise Invalid(
            "stored_as_number",
            "身份证号码末三位是000，多半是表格把它存成了数字，请把该列设为“文本”后从原始资料重新填写",
            "The ID number ends in 000, most likely stored as a number: set the column to text and enter it again",
        )
    raise Invalid(
        "id_check_digit",
        "身份证号码校验不通过，多半是有一位写错，请对照证件逐位核对",
        "The ID number fails its check digit, most likely one character is wrong: compare it with the card",
    )


def upgrade_old_citizen_id(text: str) -> str:
    """Return the 18-character form of a 15-digit number: a key to search old records by, never proof."""
    value = _bare(text)
    if not _OLD_CITIZEN_ID.fullmatch(value):
        raise Invalid("id_old_form", "旧号码应为15位数字", "The old number has 15 digits")
    body = f"{value[:6]}19{value[6:]}"
    return body + str(ric.calc_check_digit(body + "0"))


def birthday(citizen_id: str) -> date:
    """Return the birthday inside a checked citizen ID."""
    return date.fromisoformat(citizen_id[6:14])


# --- unified social credit code (GB 32100) ---

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # no I O S V Z
_VALUE_DIGITS = str.maketrans(ALPHABET, "0123456789abcdefghijklmnopqrstu")

# authority -> kinds it registers (GB 32100 table 2, with the rural collectives of N)
USCC_KINDS = {
    "1": "1239",  # 机构编制
    "2": "19",  # 外交
    "3": "123459",  # 司法行政
    "4": "19",  # 文化
    "5": "12349",  # 民政; 4 基层群众性自治组织
    "6": "129",  # 旅游
    "7": "129",  # 宗教
    "8": "19",  # 工会
    "9": "123",  # 市场监管: 企业, 个体工商户, 农民专业合作社
    "A": "19",  # 军委改革和编制
    "N": "1239",  # 农业农村: 农村集体经济组织
    "Y": "19",  # 其他
}
_USCC_HEAD = "|".join(f"{authority}[{kinds}]" for authority, kinds in USCC_KINDS.items())
_USCC = re.compile(f"(?:{_USCC_HEAD})[1-8][0-9]{{5}}[{ALPHABET}]{{10}}")


def check_uscc(text: str) -> str:
    """Return the 18 characters of a credit code whose kind, organisation code and check character hold."""
    value = text if _USCC.fullmatch(text) else _uscc_form(text)
    if _uscc_check(value) != value[17]:
        raise Invalid(
            "uscc_check",
            "统一社会信用代码校验不通过，多半是有一位写错，请对照营业执照逐位核对",
            "The credit code fails its check, most likely one character is wrong: compare it with the licence",
        )
    if _organisation_check(value[8:16]) != value[16]:
        raise Invalid(
            "uscc_organisation_check",
            "统一社会信用代码第9至17位（组织机构代码）校验不通过，请对照营业执照核对",
            "Characters 9 to 17 (the organisation code) fail their own check: compare them with the licence",
        )
    return value


def _uscc_check(value: str) -> str:
    return ALPHABET[-int(value[16::-1].translate(_VALUE_DIGITS), 34) % 31]


def _organisation_check(body: str) -> str:
    return "0123456789X"[-2 * int(body, 35) % 11]


def _uscc_form(text: str) -> str:
    value = _bare(text)
    _refuse_empty(value, "统一社会信用代码", "credit code")
    _refuse_stored_number(value)
    if _USCC.fullmatch(value):
        return value
    if len(value) != 18:
        raise Invalid(
            "uscc_length",
            f"统一社会信用代码应为18位，这里是{len(value)}位，请补全或删去多余的字符",
            f"A credit code has 18 characters, this one has {len(value)}: complete it or remove the extra ones",
        )
    if any(character not in ALPHABET for character in value):
        raise Invalid(
            "uscc_alphabet",
            "统一社会信用代码不用字母I、O、S、V、Z，请看是否把1、0、5、2写成了字母",
            "A credit code never has I, O, S, V or Z: see whether 1, 0, 5 or 2 was typed as a letter",
        )
    if value[1] not in USCC_KINDS.get(value[0], ""):
        raise Invalid(
            "uscc_kind",
            "统一社会信用代码前两位（登记部门与机构类别）不存在，请对照营业执照核对",
            "The first two characters (authority and kind) do not exist: compare them with the licence",
        )
    raise Invalid(
        "uscc_area",
        "统一社会信用代码第3至8位应为登记地的行政区划代码，请对照营业执照核对",
        "Characters 3 to 8 of the credit code should be the area of registration: compare them with the licence",
    )


# --- telephones ---

_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_MOBILE_ABROAD = re.compile(r"(?:\+86|0086|86)(1[3-9][0-9]{9})")
_LANDLINE = re.compile(r"\(?(0(?:10|2[0-9]|[3-9][0-9]{2}))\)?[- ]?([2-8][0-9]{6,7})(?:[- 转]+([0-9]{1,6}))?")


def check_mobile(text: str) -> str:
    """Return the 11 digits of a mainland mobile number."""
    if _MOBILE.fullmatch(text):
        return text
    value = _bare(text).removesuffix(".0")  # 11 digits survive being stored as a number
    if _MOBILE.fullmatch(value):
        return value
    if abroad := _MOBILE_ABROAD.fullmatch(value):
        return abroad[1]
    _refuse_empty(value, "手机号码", "mobile number")
    _refuse_stored_number(value)
    if len(value) != 11:
        raise Invalid(
            "mobile_length",
            f"手机号码应为11位数字，这里是{len(value)}位，请核对",
            f"A mobile number has 11 digits, this one has {len(value)}: please check it",
        )
    raise Invalid(
        "mobile_form",
        "手机号码应为1开头、第二位3至9的11位数字，请核对",
        "A mobile number is 11 digits beginning with 1 and then 3 to 9: please check it",
    )


def check_landline(text: str) -> str:
    """Return a landline as area code, hyphen, number, and an extension when there is one: 0374-2960000."""
    found = _LANDLINE.fullmatch(normalise(text))
    if not found:
        raise Invalid(
            "landline_form",
            "固定电话应写成区号加号码，如0374-2960000",
            "A landline is an area code and a number, such as 0374-2960000",
        )
    return "-".join(part for part in found.groups() if part)


# --- travel documents: format only, no check digit outside the machine-readable zone ---

_CHINESE_PASSPORT = re.compile(r"[EGPSD][0-9]{8}|E[A-HJ-NP-Z][0-9]{7}")
_FOREIGN_PASSPORT = re.compile(r"[0-9A-Z]{5,17}")
_HOME_RETURN_PERMIT = re.compile(r"[HM][0-9]{8}(?:[0-9]{2})?")
_TAIWAN_PERMIT = re.compile(r"[0-9]{8}(?:[0-9]{2}[A-Z]?)?")
_OLD_PERMANENT_RESIDENCE = re.compile(r"[A-Z]{3}[0-9]{12}")


def check_passport(text: str, *, country: str = "CHN") -> str:
    """Return a passport number; Chinese ones have a known form, others 5 to 17 letters and digits."""
    value = _bare(text)
    if not (_CHINESE_PASSPORT if country == "CHN" else _FOREIGN_PASSPORT).fullmatch(value):
        raise Invalid(
            "passport_form", "护照号码格式不对，请对照护照资料页核对", "This is not a passport number of that country"
        )
    return value


def check_hk_macau_permit(text: str) -> str:
    """Return the number of a 港澳居民来往内地通行证: H or M and 8 digits, 10 on older cards."""
    value = _bare(text)
    if not _HOME_RETURN_PERMIT.fullmatch(value):
        raise Invalid(
            "hk_macau_form",
            "港澳居民来往内地通行证号码应为H或M加8位数字",
            "A Hong Kong or Macau permit is H or M and 8 digits",
        )
    return value


def check_taiwan_permit(text: str) -> str:
    """Return the number of a 台湾居民来往大陆通行证: 8 digits, more on older cards."""
    value = _bare(text)
    if not _TAIWAN_PERMIT.fullmatch(value):
        raise Invalid("taiwan_form", "台湾居民来往大陆通行证号码应为8位数字", "A Taiwan permit has 8 digits")
    return value


def check_permanent_residence(text: str, *, today: date) -> str:
    """Return the number of a 外国人永久居留身份证: 18 characters from 9 on, or the older 3 letters and 12 digits."""
    value = _bare(text)
    if _OLD_PERMANENT_RESIDENCE.fullmatch(value):
        return value
    if not value.startswith("9"):
        raise Invalid(
            "permanent_residence_form",
            "外国人永久居留身份证号码应为9开头的18位，或旧版的3个字母加12位数字",
            "A permanent residence number is 18 characters beginning with 9, or 3 letters and 12 digits",
        )
    return check_citizen_id(value, today=today)


# --- electronic licence identifier (GB/T 36904) ---

_LICENCE_ROOT = "1.2.156.3005.2."
_LICENCE_PARTS = re.compile(r"([0-9A-Z]{21})\.([0-9A-Z]{18}|[0-9]{6})\.([0-9A-Z]+)\.([0-9A-Z]{3})\.([0-9A-Z])")


@dataclass(frozen=True)
class LicenceIdentifier:
    """An electronic licence identifier. `matches` is False when its check does not hold: warn and log, never block."""

    value: str
    matches: bool


def check_licence_identifier(text: str) -> LicenceIdentifier:
    """Return the identifier and whether its ISO 7064 mod 37,36 check holds (2 of 5 published samples do not match)."""
    value = normalise(text).replace(" ", "").upper()
    parts = _LICENCE_PARTS.fullmatch(value.removeprefix(_LICENCE_ROOT))
    if not value.startswith(_LICENCE_ROOT) or not parts:
        raise Invalid(
            "licence_identifier_form",
            "电子证照标识应以1.2.156.3005.2.开头，后接类型、制发者、流水号、版本和校验位",
            "It begins with 1.2.156.3005.2. and goes on with type, issuer, serial, version and check",
        )
    return LicenceIdentifier(value, bool(mod_37_36.is_valid("".join(parts.groups()))))


# --- masks ---


def mask_citizen_id(text: str) -> str:
    """Return the first and last four characters: 4110**********123X (two and two of a shorter document)."""
    return _mask_middle(text, 4 if len(text) >= 15 else 2)


def mask_uscc(text: str) -> str:
    """Return the first and last four characters of a credit code."""
    return _mask_middle(text, 4)


def mask_mobile(text: str) -> str:
    """Return 138****5678; of a landline, the area code and the last four digits."""
    if "-" in text:
        area, _, rest = text.partition("-")
        return f"{area}-{_mask_middle(rest, 0, 4)}"
    return _mask_middle(text, 3, 4)


def mask_name(text: str) -> str:
    """Return a person's name with its middle hidden: 赵*军, 王*, 欧**军, 阿****·买**, J*** S****."""
    if "·" in text or " " in text.strip():
        return re.sub(r"([^·\s])([^·\s]*)", lambda part: part[1] + "*" * len(part[2]), text.strip())
    if len(text) <= 1:
        return "*" * len(text)
    if text.isascii() or len(text) == 2:
        return text[0] + "*" * (len(text) - 1)
    return text[0] + "*" * (len(text) - 2) + text[-1]


def _mask_middle(text: str, head: int, tail: int | None = None) -> str:
    tail = head if tail is None else tail
    if len(text) <= head + tail:
        return "*" * len(text)
    return text[:head] + "*" * (len(text) - head - tail) + text[len(text) - tail :]


# --- keys of our own rows ---


def uuid7(at: datetime) -> UUID:
    """Return a UUIDv7 of the instant `at`: sorts by time, 74 random bits (Python has its own from 3.14 on)."""
    moment = int(at.timestamp() * 1000) << 80
    return UUID(int=moment | 7 << 76 | secrets.randbits(12) << 64 | 2 << 62 | secrets.randbits(62))


# --- makers: for the demonstration city and the tests ---

NOBODYS_COUNTY = "99"
NOBODYS_MOBILES = "154"


def make_citizen_id(area: str, born: date, serial: int) -> str:
    """Return a citizen ID that passes its check and belongs to nobody.

    Province and prefecture are those of `area`, the county is 99. `serial` is 0 to 999; odd ones are men.
    """
    body = f"{area[:4]}{NOBODYS_COUNTY}{born:%Y%m%d}{serial:03d}"
    if len(body) != 17:
        raise ValueError("serial runs from 0 to 999")
    return body + str(ric.calc_check_digit(body + "0"))


def make_uscc(area: str, serial: int, *, kind: str = "91") -> str:
    """Return a credit code of `kind` (91 company, 92 sole trader) that passes its checks and belongs to nobody.

    The county is 99 as in `make_citizen_id`; `serial` (0 to 31^6 - 1) becomes the organisation code MA…
    """
    letters = ""
    for _ in range(6):
        serial, last = divmod(serial, 31)
        letters = ALPHABET[last] + letters
    if serial:
        raise ValueError("serial runs from 0 to 31^6 - 1")
    organisation = f"MA{letters}"
    body = f"{kind}{area[:4]}{NOBODYS_COUNTY}{organisation}{_organisation_check(organisation)}"
    return body + _uscc_check(body)


def make_mobile(serial: int) -> str:
    """Return the `serial`-th (0 to 99,999,999) mobile number of a prefix that no operator was given."""
    if not 0 <= serial < 10**8:
        raise ValueError("serial runs from 0 to 99,999,999")
    return f"{NOBODYS_MOBILES}{serial:08d}"
