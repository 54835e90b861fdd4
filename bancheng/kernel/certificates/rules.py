"""What a certificate says, when it still holds, and the code by which it is found. Pure."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from bancheng.kernel.licences import public as licences
from bancheng.lib.text import Text

# Crockford's letters: none is taken for another when read aloud or typed from paper
LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_LENGTH = 16  # 80 bits: nobody finds one by trying
_MISREAD = str.maketrans({"O": "0", "I": "1", "L": "1"})
_CODE = re.compile(f"[{LETTERS}]{{{CODE_LENGTH}}}")
MARK = "bancheng-certificate:"  # stands before the code among the file's keywords


class Standing(StrEnum):
    """What a certificate is worth at this second."""

    VALID = "valid"
    NOT_YET = "not_yet"  # the licence's term has not begun
    SUPERSEDED = "superseded"  # there is a newer certificate of the same licence
    OUTDATED = "outdated"  # the licence says something else by now, and no newer certificate is made yet
    CHANGED = "changed"
    SUSPENDED = "suspended"
    REVOKED = "revoked"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


SAYS: Mapping[Standing, Text] = {
    Standing.VALID: Text("有效", "valid"),
    Standing.NOT_YET: Text("尚未生效", "not yet in force"),
    Standing.SUPERSEDED: Text("已有新版", "superseded by a newer version"),
    Standing.OUTDATED: Text("内容已变更", "out of date"),
    **{Standing(status.value): says for status, says in licences.SAYS.items() if status is not licences.Status.VALID},
}


@dataclass(frozen=True)
class Content:
    """What the certificate prints of a licence."""

    licence_type: str
    number: str
    unit: str
    holder_name: str
    issued_on: date
    valid_from: date | None
    valid_to: date | None  # the last valid day; None is 长期
    on_promise: bool = False  # granted on a promise of its conditions

    @property
    def digest(self) -> bytes:
        """Return the SHA-256 of all of it, in one fixed order."""
        said = [
            self.licence_type,
            self.number,
            self.unit,
            self.holder_name,
            self.issued_on.isoformat(),
            self.valid_from.isoformat() if self.valid_from else "",
            self.valid_to.isoformat() if self.valid_to else "",
            *(["on promise"] if self.on_promise else []),
        ]
        return hashlib.sha256(json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()).digest()


def content(licence: licences.View) -> Content:
    """Return what a certificate of this licence says; the view is unmasked."""
    return Content(
        licence.licence_type,
        licence.number,
        licence.unit,
        licence.holder_name,
        licence.issued_on,
        licence.valid_from,
        licence.valid_to,
        licence.on_promise,
    )


def standing(licence: licences.View, *, said: bytes, newest: bool, same_holder: bool, day: date) -> Standing:
    """Return what a certificate that says `said` is worth on `day`, the licence being what it is.

    R-E-4: an ended licence ends every certificate of it, whatever the file says. One of a former holder is never worth
    anything again, and tells nothing of the present one.
    """
    if not same_holder:
        return Standing.SUPERSEDED
    if licence.status is not licences.Status.VALID:
        return Standing(licence.status.value)
    if not newest:
        return Standing.SUPERSEDED
    if content(licence).digest != said:
        return Standing.OUTDATED
    if licence.valid_from is not None and day < licence.valid_from:
        return Standing.NOT_YET
    return Standing.VALID


def make_code(chance: int) -> str:
    """Return the code of `chance`, a random number of 80 bits."""
    return "".join(LETTERS[chance >> 5 * place & 31] for place in range(CODE_LENGTH))


def shown_code(code: str) -> str:
    """Return a code as it is printed, in fours: 7K3M-9QXD-AB12-WXYZ."""
    return "-".join(code[at : at + 4] for at in range(0, CODE_LENGTH, 4))


def read_code(text: str) -> str:
    """Return the code somebody typed, or "" when it is none: hyphens, spaces and small letters do not matter."""
    code = re.sub(r"[\s\-－—]", "", text[:80]).upper().translate(_MISREAD)
    return code if _CODE.fullmatch(code) else ""


def code_in(data: bytes) -> str:
    """Return the code that stands in a file which says it is one of ours, or ""."""
    found = re.search(MARK.encode() + f"([{LETTERS}]{{{CODE_LENGTH}}})".encode(), data)
    return found[1].decode() if found else ""


def day_zh(day: date) -> str:
    """Return a day as documents write it: 2026年3月2日."""
    return f"{day.year}年{day.month}月{day.day}日"


def term(valid_from: date | None, valid_to: date | None) -> str:
    """Return a term as a certificate prints it."""
    last = day_zh(valid_to) if valid_to else "长期"
    if valid_from is None:
        return f"至 {last}" if valid_to else last
    return f"{day_zh(valid_from)} 至 {last}"
