"""The code of a real-estate unit (不动产单元代码, GB/T 37346-2019): 28 characters, no check digit."""

import re

from bancheng.lib.refusal import Refused

KINDS = "ABSXCDEFGHLNWY"
PARCEL = re.compile(rf"[0-9]{{12}}[GJZ][{KINDS}](?!00000)[0-9]{{5}}")
BUILDING = re.compile(r"F(?!0000)[0-9]{4}")
UNIT = re.compile(r"F(?!0000)[0-9]{4}(?!0000)[0-9]{4}")
OF_PARCEL, OF_BUILDING, OF_UNIT = 19, 24, 28
LAND = "W00000000"


def check_parcel(code: str, *, region: str) -> str:
    """Return a parcel's code of 19 characters that lies in a county of the city `region`. Raises Refused: unit_code_…"""
    if len(code) != OF_PARCEL:
        raise _no(
            "length",
            f"宗地代码应为19位，这里是{len(code)}位。",
            f"A parcel's code has 19 characters, this has {len(code)}.",
        )
    if not PARCEL.fullmatch(code):
        raise _no(
            "form",
            "宗地代码应为12位数字、2位大写字母和5位数字，请核对是否混入小写字母或字母O。",
            "A parcel's code is 12 digits, 2 capital letters and 5 digits: look for lower case or the letter O.",
        )
    if code[:4] != region[:4] or code[4:6] == "00":
        raise _no(
            "county",
            "宗地代码前六位不是本市的县（市、区），请核对。",
            "The first six digits are no county of this city: check them.",
        )
    return code


def check_building(code: str, *, parcel: str) -> str:
    """Return a building's code, its parcel's and F with four digits. Raises Refused: unit_code_…"""
    _within(code, parcel)
    if not BUILDING.fullmatch(code[OF_PARCEL:]):
        raise _no(
            "building", "幢代码应为宗地代码加F和四位幢号。", "A building's code is its parcel's, F and four digits."
        )
    return code


def check_unit(code: str, *, building: str) -> str:
    """Return a unit's code of 28 characters under its building. Raises Refused: unit_code_…"""
    _within(code, building[:OF_PARCEL])
    if len(code) != OF_UNIT:
        raise _no(
            "length",
            f"不动产单元代码应为28位，这里是{len(code)}位。",
            f"A unit's code has 28 characters, this has {len(code)}.",
        )
    if not UNIT.fullmatch(code[OF_PARCEL:]):
        raise _no(
            "unit",
            "户代码应为F、四位幢号和四位户号。",
            "A unit's code ends in F, four digits of its building and four of its own.",
        )
    if code[OF_PARCEL + 1 : OF_BUILDING] not in (building[OF_PARCEL + 1 :], "9999"):
        raise _no("other_building", "户代码不属于这一幢。", "The unit's code lies under another building.")
    return code


def check(code: str, *, region: str) -> str:
    """Return any code of 28 characters: bare land, or a unit. Raises Refused: unit_code_…"""
    if len(code) != OF_UNIT:
        raise _no(
            "length",
            f"不动产单元代码应为28位，这里是{len(code)}位。",
            f"A unit's code has 28 characters, this has {len(code)}.",
        )
    parcel = check_parcel(code[:OF_PARCEL], region=region)
    if code[OF_PARCEL] == "W":
        if code != land(parcel):
            raise _no("land", "没有定着物的单元代码后八位应为零。", "The code of bare land ends in W and eight zeros.")
        return code
    return check_unit(code, building=code[:OF_BUILDING])


def land(parcel: str) -> str:
    """Return the code of the land alone."""
    return parcel + LAND


def parcel_of(code: str) -> str:
    """Return the parcel in which a lot lies."""
    return code[:OF_PARCEL]


def spaced(code: str) -> str:
    """Return a code in its groups, as it is shown."""
    return " ".join(part for part in (code[:6], code[6:12], code[12:19], code[19:]) if part)


def _within(code: str, parcel: str) -> None:
    if code[:OF_PARCEL] != parcel:
        raise _no("other_parcel", "代码前19位与宗地代码不同。", "The first 19 characters are not those of its parcel.")


def _no(what: str, zh: str, en: str) -> Refused:
    return Refused(f"unit_code_{what}", zh, en=en, law="GB/T 37346-2019", status=422)
