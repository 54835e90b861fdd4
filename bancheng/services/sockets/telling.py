"""What is told to whoever left a phone: started, a fifth left, tripped, ended, refunded. The page says the same; nobody has to leave one."""

from datetime import datetime

from django.conf import settings
from django.urls import reverse

from bancheng.kernel.identity import public as identity
from bancheng.kernel.notices import public as notices
from bancheng.lib import identifiers
from bancheng.lib.refusal import Refused
from bancheng.services.sockets.models import Contact, Session
from bancheng.services.sockets.rules import quota, words
from bancheng.services.sockets.rules.sessions import Cause, State

SECRET = "sockets_secret"
KINDS: dict[State, str] = {
    State.ACTIVE: "sockets.started",
    State.SETTLED: "sockets.ended",
    State.START_FAILED: "sockets.refund_sent",
    State.PROVISIONAL: "sockets.refund_sent",
    State.ATTENTION: "sockets.refund_failed",
    State.CLOSED: "sockets.refunded",
}


ENDED_BY: dict[str, str] = {Cause.TRIP: "sockets.tripped", Cause.QUOTA: "sockets.emptied"}  # says what to do next


def leave_phone(session: Session, *, mobile: str, secret: str, at: datetime) -> None:
    """Keep a phone for the messages of one session. Raises Refused("bad_mobile")."""
    try:
        checked = identifiers.check_mobile(mobile)
    except identifiers.Invalid as wrong:
        raise Refused(
            "bad_mobile", f"{wrong.says}；用电不受影响。", en=f"{wrong.en}. Your power is not affected.", status=422
        ) from None
    to = notices.Recipient.of(mobile=checked)
    kept = {
        "region": session.region,
        "mobile_sealed": to.mobile_sealed,
        "mobile_hash": to.mobile_hash,
        "secret_sealed": identity.seal(secret, kind=SECRET),
        "language": session.language,
        "at": at,
    }
    Contact.objects.update_or_create(session=session, defaults=kept)


def moved(session: Session, *, at: datetime) -> None:
    """Tell the payer where his session stands now, once for each state."""
    kind = KINDS.get(State(session.state))
    if kind == "sockets.ended":
        kind = ENDED_BY.get(session.cause, kind)
    if kind:
        _tell(session, kind, at)


def low(session: Session, *, at: datetime) -> None:
    """Tell the payer once when a fifth of his money is left, or less."""
    if quota.is_low(paid_fen=session.paid_fen, spent_nano=session.spent_nano):
        _tell(session, "sockets.low", at)


def _tell(session: Session, kind: str, at: datetime) -> None:
    contact = None if session.phone is False else Contact.objects.filter(session=session).first()
    if contact is None:
        return
    secret = identity.open_sealed(bytes(contact.secret_sealed), kind=SECRET)
    to = notices.Recipient(
        mobile_sealed=bytes(contact.mobile_sealed), mobile_hash=bytes(contact.mobile_hash), language=contact.language
    )
    notices.accept(
        kind=kind,
        region=session.region,
        key=f"{kind}-{session.pk}",
        subject=f"session:{session.pk}",
        to=to,
        values={**_values(session), "link": f"{settings.SITE_URL}{reverse('sockets:use', args=[secret])}"},
        at=at,
    )


def _values(session: Session) -> dict[str, str]:
    """Return what the texts may say."""
    reason, todo = words.TRIPS.get(session.cause_code), words.WHAT_TO_DO.get(session.cause_code)
    act = words.IN_SHORT.get(session.cause_code)
    return {
        "site": session.site.name,
        "site_en": session.site.name_en or session.site.name,
        "socket": session.socket.code,
        "yuan": words.decimal(session.cost_fen if session.cost_fen is not None else session.paid_fen, 2, least=2),
        "back": words.decimal(session.refunded_fen or session.paid_fen - (session.cost_fen or 0), 2, least=2),
        "kwh": words.decimal(session.used_wh, 3, least=2, most=2),
        "reason": reason.zh if reason else "",
        "reason_en": reason.en if reason else "",
        "act": act.zh if act else "",
        "act_en": act.en if act else "",
        "todo": todo.zh if todo else "",
        "todo_en": todo.en if todo else "",
    }


def back_from_paying() -> str:
    """Return where a payer's phone comes back to: his uses, by its own cookie. His link is nobody's to keep."""
    return f"{settings.SITE_URL}{reverse('sockets:mine')}"
