"""What identity announces. Listeners run in the transaction that makes the fact true."""

from dataclasses import dataclass
from datetime import datetime

from bancheng.lib.hooks import Hook


@dataclass(frozen=True)
class Cancelled:
    """The registration of an organisation was cancelled: it is nobody any more (登记条例 第三十一条).

    `document` names what says so, `cause` the case in which it was decided ("" for none): that one is carried to its end.
    """

    region: str
    holder_hash: bytes
    organisation: str  # its ref, "" when it was never registered here
    document: str
    cause: str
    by: str
    at: datetime


@dataclass(frozen=True)
class Withdrawn:
    """A person has taken back his consent to one purpose: what was kept for it alone goes (个人信息保护法 第四十七条)."""

    region: str
    person: str  # his ref
    holder_hash: bytes
    purpose: str
    by: str
    at: datetime


# entity.cancelled: whatever was open for it is closed or handed on (R14.7)
organisation_cancelled: Hook[Cancelled] = Hook("identity.organisation_cancelled")
consent_withdrawn: Hook[Withdrawn] = Hook("identity.consent_withdrawn")
