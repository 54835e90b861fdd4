"""How a case is numbered: 411002-20261127-0000123-4, region, day, running number, and a digit that catches a slip."""

import re
import unicodedata
from datetime import date

from stdnum.iso7064 import mod_11_10

FORM = re.compile(r"([0-9]{6})-?([0-9]{8})-?([0-9]{7,12})-?([0-9])")


def number(region: str, on: date, running: int) -> str:
    """Return the number of the case that is `running` in its order, opened `on` in `region`."""
    body = f"{region}{on:%Y%m%d}{running:07d}"
    return f"{region}-{on:%Y%m%d}-{running:07d}-{mod_11_10.calc_check_digit(body)}"


def read(text: str) -> str:
    """Return a typed case number in its one form; "" when it is none or one of its digits is wrong."""
    found = FORM.fullmatch(re.sub(r"\s", "", unicodedata.normalize("NFKC", text)))
    if not found or not mod_11_10.is_valid("".join(found.groups())):
        return ""
    return "-".join(found.groups())
