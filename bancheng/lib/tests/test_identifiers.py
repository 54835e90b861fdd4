"""Identifiers of services.md section 5, against published samples and independent oracles."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import numdb
from stdnum.cn import ric, uscc

from bancheng.lib import identifiers
from bancheng.lib.identifiers import ALPHABET, Invalid

TODAY = date(2026, 11, 23)
BIRTHDAYS = st.dates(date(1851, 1, 1), TODAY)
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def gb11643(body: str) -> str:
    """The check digit as the standard prints it: weights and a table."""
    return "10X98765432"[sum(int(digit) * weight for digit, weight in zip(body, WEIGHTS, strict=True)) % 11]


def gb32100(body: str) -> str:
    return ALPHABET[-sum(ALPHABET.index(character) * 3**place for place, character in enumerate(body)) % 31]


def gb11714(body: str) -> str:
    weights = (3, 7, 9, 10, 5, 8, 4, 2)
    rest = 11 - sum(int(character, 36) * weight for character, weight in zip(body, weights, strict=True)) % 11
    return {10: "X", 11: "0"}.get(rest, str(rest))


def code_of(check, *args, **kw) -> str:
    with pytest.raises(Invalid) as no:
        check(*args, **kw)
    assert no.value.says
    assert no.value.en.isascii()
    assert str(no.value) == no.value.code  # what was typed is not in the exception
    return no.value.code


# --- citizen ID ---


@given(
    area=st.sampled_from(["411002", "411003", "411071", "810000", "820000", "830000", "912345"]),
    born=BIRTHDAYS,
    n=st.integers(0, 999),
)
def test_any_person_of_any_region_passes_with_the_standards_own_check_digit(area, born, n):
    """5.1 5.2: 魏都 before 1986, 建安 before 2016, 经开 411071, residence permits and the new 9… cards all pass."""
    body = f"{area}{born:%Y%m%d}{n:03d}"
    value = body + gb11643(body)
    assert identifiers.check_citizen_id(value, today=TODAY) == value
    assert identifiers.check_citizen_id(value.lower(), today=TODAY) == value


@given(born=BIRTHDAYS, n=st.integers(0, 999), at=st.integers(0, 16), by=st.integers(1, 9))
def test_one_wrong_digit_never_passes(born, n, at, by):
    """5.1: the weights catch every single slip."""
    value = identifiers.make_citizen_id("411002", born, n)
    wrong = value[:at] + str((int(value[at]) + by) % 10) + value[at + 1 :]
    with pytest.raises(Invalid):
        identifiers.check_citizen_id(wrong, today=TODAY)


def test_a_person_born_today_passes_and_one_born_tomorrow_does_not():
    assert identifiers.check_citizen_id(identifiers.make_citizen_id("411002", TODAY, 1), today=TODAY)
    tomorrow = identifiers.make_citizen_id("411002", TODAY + timedelta(days=1), 1)
    assert code_of(identifiers.check_citizen_id, tomorrow, today=TODAY) == "birthday_out_of_range"
    ancient = identifiers.make_citizen_id("411002", date(1850, 12, 31), 1)
    assert code_of(identifiers.check_citizen_id, ancient, today=TODAY) == "birthday_out_of_range"


def test_a_birthday_that_does_not_exist_is_refused_even_with_a_right_check_digit():
    """5.4: 2023-02-29 is no day."""
    body = "41109920230229123"
    assert code_of(identifiers.check_citizen_id, body + gb11643(body), today=TODAY) == "birthday_unreal"


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "empty"),
        ("   ", "empty"),
        ("4.11002198001011E+17", "stored_as_number"),
        ("4.11e17", "stored_as_number"),
        ("411002198001010000", "stored_as_number"),
        ("411002800101123", "id_old_form"),
        ("41100219800101", "id_length"),
        ("4110021980010112345", "id_length"),
        ("41100219800101AB34", "id_form"),
        ("०११००२१९८००१०१०००१", "id_form"),
        ("411002198001011232", "id_check_digit"),
    ],
)
def test_what_is_wrong_with_an_id_is_said_in_its_own_words(typed, code):
    """B10.9 5.4: 4.11e17 is told to set the column to text."""
    assert code_of(identifiers.check_citizen_id, typed, today=TODAY) == code


def test_full_width_spaced_and_hyphenated_ids_are_read():
    """5.4: lossless variations."""
    value = identifiers.make_citizen_id("411002", date(1980, 2, 29), 17)
    wide = value.translate({ord(c): ord(c) + 0xFEE0 for c in "0123456789X"})
    for typed in (
        wide,
        f" {value[:6]} {value[6:14]} {value[14:]}",
        f"{value[:6]}-{value[6:]}",
        f"'{value}",
        f"\ufeff{value}",
    ):
        assert identifiers.check_citizen_id(typed, today=TODAY) == value


def test_an_old_number_becomes_a_key_to_search_by():
    """5.1: 15 digits only as a legacy search key."""
    new = identifiers.make_citizen_id("411002", date(1955, 3, 4), 12)
    assert identifiers.upgrade_old_citizen_id(new[:6] + new[8:17]) == new
    assert identifiers.birthday(new) == date(1955, 3, 4)


# --- credit code ---

BODIES = st.tuples(
    st.sampled_from([a + k for a, kinds in identifiers.USCC_KINDS.items() for k in kinds]),
    st.sampled_from(["411002", "411000", "100000", "411071"]),
    st.text(ALPHABET, min_size=8, max_size=8),
)


@given(BODIES)
def test_codes_of_every_authority_pass_with_the_standards_own_checks(parts):
    """5.2: N, Y and A codes too, which the library refuses."""
    kind, area, organisation = parts
    body = kind + area + organisation + gb11714(organisation)
    value = body + gb32100(body)
    assert identifiers.check_uscc(value) == value
    if kind.isdigit():
        assert uscc.is_valid(value)


@pytest.mark.parametrize(
    "published",
    ["91110000600037341L", "914403001922038216", "91440300708461136T", "91330100799655058B", "9144030071526726XG"],
)
def test_published_company_codes_pass(published):
    assert identifiers.check_uscc(published) == published
    assert identifiers.check_uscc(" ".join(published).lower()) == published


@given(n=st.integers(0, 31**6 - 1), at=st.integers(0, 17), other=st.sampled_from(ALPHABET))
def test_one_wrong_character_of_a_code_never_passes(n, at, other):
    value = identifiers.make_uscc("411002", n)
    wrong = value[:at] + other + value[at + 1 :]
    if wrong != value:
        with pytest.raises(Invalid):
            identifiers.check_uscc(wrong)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "empty"),
        ("9.144E+17", "stored_as_number"),
        ("9111000060003734", "uscc_length"),
        ("9I110000600037341L", "uscc_alphabet"),
        ("99110000600037341L", "uscc_kind"),
        ("91000000600037341L", "uscc_area"),
        ("91110000600037341M", "uscc_check"),
    ],
)
def test_what_is_wrong_with_a_code_is_said_in_its_own_words(typed, code):
    """5.2: impossible kinds (99) and areas (000000) are refused."""
    assert code_of(identifiers.check_uscc, typed) == code


def test_the_organisation_code_inside_has_its_own_check():
    """5.2: verified here, not by the library."""
    body = "91110000600037342"
    value = body + gb32100(body)
    assert uscc.is_valid(value)
    assert code_of(identifiers.check_uscc, value) == "uscc_organisation_check"


# --- telephones and documents ---


@given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True))
def test_a_mobile_in_any_dress_is_the_same_eleven_digits(number):
    for typed in (
        number,
        f"+86 {number[:3]}-{number[3:7]}-{number[7:]}",
        f"０{number}"[1:],
        f"{number}.0",
        f"86{number}",
    ):
        assert identifiers.check_mobile(typed) == number


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "empty"),
        ("1381234567", "mobile_length"),
        ("12812345678", "mobile_form"),
        ("1.38E+10", "stored_as_number"),
        ("1381234567x", "mobile_form"),
    ],
)
def test_a_wrong_mobile_is_refused(typed, code):
    assert code_of(identifiers.check_mobile, typed) == code


def test_landlines_keep_area_code_and_extension():
    assert identifiers.check_landline("（0374）2961234") == "0374-2961234"
    assert identifiers.check_landline("03742961234转801") == "0374-2961234-801"
    assert identifiers.check_landline("010-12345678".replace("1234", "6234")) == "010-62345678"
    assert code_of(identifiers.check_landline, "2961234") == "landline_form"


def test_travel_documents_are_judged_by_form_only():
    assert identifiers.check_passport("e12345678") == "E12345678"
    assert identifiers.check_passport("EA1234567") == "EA1234567"
    assert identifiers.check_passport("C01X00T47", country="DEU") == "C01X00T47"
    assert identifiers.check_hk_macau_permit("H12345678") == "H12345678"
    assert identifiers.check_taiwan_permit("12345678") == "12345678"
    assert code_of(identifiers.check_passport, "12345678") == "passport_form"
    assert code_of(identifiers.check_hk_macau_permit, "X12345678") == "hk_macau_form"
    assert code_of(identifiers.check_taiwan_permit, "1234") == "taiwan_form"


def test_permanent_residence_cards_pass_in_both_forms():
    """5.1: 18 characters beginning with 9 since 2023, 3 letters and 12 digits before."""
    body = "91133119850607001"
    assert identifiers.check_permanent_residence(body + gb11643(body), today=TODAY).startswith("9")
    assert identifiers.check_permanent_residence("USA110085010112", today=TODAY) == "USA110085010112"
    other = identifiers.make_citizen_id("411002", date(1985, 6, 7), 1)
    assert code_of(identifiers.check_permanent_residence, other, today=TODAY) == "permanent_residence_form"


def test_a_licence_identifier_that_fails_its_check_warns_and_passes():
    """5.1: two of five published samples do not match, so the check cannot block."""
    parts = ["91110000600037341L001", "411000", "0000001", "001"]
    from stdnum.iso7064 import mod_37_36

    check = mod_37_36.calc_check_digit("".join(parts))
    good = "1.2.156.3005.2." + ".".join([*parts, check])
    assert identifiers.check_licence_identifier(good) == identifiers.LicenceIdentifier(good, True)
    bad = good[:-1] + ("A" if check != "A" else "B")
    assert identifiers.check_licence_identifier(bad).matches is False
    assert code_of(identifiers.check_licence_identifier, "1.2.3") == "licence_identifier_form"


# --- tidying and masks ---


def test_tidying_is_lossless():
    """5.4: brackets, full width, spaces inside a number; words keep theirs."""
    assert identifiers.normalise("Ｎｏ．１２３（４）　【５】") == "No.123(4) [5]"
    assert identifiers.normalise(" 138 1234\u30005678 ") == "13812345678"
    assert identifiers.normalise("2024-01-01 12:00") == "2024-01-01 12:00"
    assert identifiers.normalise("建设路 12号") == "建设路 12号"
    assert identifiers.document_number("许政［２０２４］12号") == "许政〔2024〕12号"
    assert identifiers.normalise_name("阿依古丽・ 买买提") == "阿依古丽·买买提"
    assert identifiers.normalise_name("赵 建\u3000军") == "赵建军"
    assert identifiers.normalise_name("John  Q. Smith") == "John Q. Smith"
    assert identifiers.normalise_name("𠮷田") == "𠮷田"


@given(st.text())
def test_tidying_twice_changes_nothing_more(text):
    once = identifiers.normalise(text)
    assert identifiers.normalise(once) == once
    name = identifiers.normalise_name(text)
    assert identifiers.normalise_name(name) == name


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("赵建军", "赵*军"),
        ("王芳", "王*"),
        ("欧阳建军", "欧**军"),
        ("阿依古丽·买买提", "阿***·买**"),
        ("John Smith", "J*** S****"),
        ("Madonna", "M******"),
        ("𠮷田", "𠮷*"),
        ("赵", "*"),
        ("", ""),
    ],
)
def test_names_are_masked(name, masked):
    assert identifiers.mask_name(name) == masked


def test_numbers_are_masked():
    assert identifiers.mask_citizen_id("41100219800101123X") == "4110**********123X"
    assert identifiers.mask_citizen_id("E12345678") == "E1*****78"
    assert identifiers.mask_mobile("13812345678") == "138****5678"
    assert identifiers.mask_mobile("0374-2961234") == "0374-***1234"
    assert identifiers.mask_uscc("91110000600037341L") == "9111**********341L"
    assert identifiers.mask_mobile("12345") == "*****"


# --- makers ---


def test_made_identifiers_pass_every_check_and_stay_apart():
    ids = {identifiers.make_citizen_id("411002", date(1980, 1, 1), n) for n in range(1000)}
    assert len(ids) == 1000
    assert all(ric.calc_check_digit(value) == value[17] for value in ids)
    codes = {identifiers.check_uscc(identifiers.make_uscc("411002", n, kind="92")) for n in range(5000)}
    assert len(codes) == 5000
    assert identifiers.check_mobile(identifiers.make_mobile(99_999_999)) == "15499999999"
    for wrong in (
        lambda: identifiers.make_citizen_id("411002", date(1980, 1, 1), 1000),
        lambda: identifiers.make_mobile(10**8),
    ):
        with pytest.raises(ValueError, match="serial"):
            wrong()
    with pytest.raises(ValueError, match="serial"):
        identifiers.make_uscc("411002", 31**6)


def test_the_county_of_made_identifiers_never_existed():
    """A10: ids that pass their check digits and belong to nobody."""
    made = identifiers.make_citizen_id("411002", date(1980, 1, 1), 1)
    places = numdb.get("cn/loc").info(made[:6])
    assert not any("county" in facts for _, facts in places)
    assert any("county" in facts for _, facts in numdb.get("cn/loc").info("411002"))
