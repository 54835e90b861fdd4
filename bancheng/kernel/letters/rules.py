"""Which letters there are, which line of a log calls for which, and the mark by which a file is known. Pure."""

import re
from collections.abc import Mapping
from enum import StrEnum

from bancheng.kernel.cases import public as cases
from bancheng.kernel.certificates import public as certificates
from bancheng.lib.text import Text

MARK = "bancheng-letter:"  # stands before the code among the file's keywords
CODE = re.compile(MARK.encode() + rb"([0-9A-HJKMNP-TV-Z]{16})")


class Kind(StrEnum):
    """What is given in writing."""

    ACCEPTED = "accepted"
    NOT_ACCEPTED = "not_accepted"
    CORRECTION = "correction"
    GRANTED = "granted"
    DENIED = "denied"
    UNTRUE = "untrue"  # what was promised is not so: it is to be mended by a day
    REVOKED = "revoked"


TITLES: Mapping[Kind, Text] = {
    Kind.ACCEPTED: Text("受理通知书", "Notice of acceptance"),
    Kind.NOT_ACCEPTED: Text("不予受理通知书", "Notice that the application is not accepted"),
    Kind.CORRECTION: Text("补正告知书", "Notice of corrections"),
    Kind.GRANTED: Text("准予许可决定书", "Decision: granted"),
    Kind.DENIED: Text("不予许可决定书", "Decision: denied"),
    Kind.UNTRUE: Text("责令限期改正通知书", "Order to mend what was promised"),
    Kind.REVOKED: Text("撤销许可决定书", "Decision: the grant is taken back"),
}


def kind_of(flow: cases.Flow, act: cases.Act, step: str, outcome: cases.Outcome | None) -> Kind | None:
    """Return which letter a line of a log calls for, None for none.

    行政许可法 第三十二条: accepting and not accepting always, in writing; what is to be supplied, once. 第三十八条: a denial always. A grant
    where the flow says so: else the licence itself is what is given in writing.
    """
    match act:
        case cases.Act.ACCEPTED | cases.Act.DEEMED_ACCEPTED:
            return Kind.ACCEPTED
        case cases.Act.NOT_ACCEPTED:
            return Kind.NOT_ACCEPTED
        case cases.Act.CORRECTION_SENT:
            return Kind.CORRECTION
        case cases.Act.DECIDED if outcome is cases.Outcome.DENIED:
            return Kind.DENIED
        case cases.Act.DECIDED:
            return Kind.GRANTED if flow.by_code[step].letter else None
        case cases.Act.DONE if outcome in (cases.Outcome.UNTRUE, cases.Outcome.REVOKED):
            return Kind(outcome.value)
    return None


def code_in(data: bytes) -> str:
    """Return the code that stands in a file which says it is one of ours, or ""."""
    found = CODE.search(data)
    return found[1].decode() if found else ""


def shown(code: str) -> str:
    """Return a code as it is printed, in fours."""
    return certificates.shown_code(code)
