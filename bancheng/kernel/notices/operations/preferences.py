"""What a reader decides: stop, start again, seen."""

from datetime import datetime

from django.db import transaction

from bancheng.kernel.audit import public as audit
from bancheng.kernel.notices import addresses, queries
from bancheng.kernel.notices.models import PLATFORM, Message, OptOut
from bancheng.kernel.notices.rules.ladder import CHANNELS
from bancheng.lib.refusal import Refused
from bancheng.lib.text import Text


def opt_out(
    *, by: str, at: datetime, holder_hash: bytes = b"", mobile_hash: bytes = b"", kind: str = "", channel: str = ""
) -> None:
    """Stop messages of `kind` (empty: every kind) on `channel` (empty: every channel) for a person or a phone (R-ID-7).

    Doing it twice changes nothing. Raises Refused("cannot_stop") for a kind that must reach everybody.
    """
    if kind and not queries.settings_of(kind).may_stop:
        raise Refused(
            "cannot_stop",
            "这类消息涉及您的权利期限，不能退订，其他消息不受影响。",
            en="This kind of message concerns time limits of your rights and cannot be stopped. Others are unaffected.",
        )
    if channel and channel not in CHANNELS:
        raise ValueError(f"no such channel: {channel}")
    with transaction.atomic():
        _, made = OptOut.objects.get_or_create(
            region=PLATFORM,
            holder_hash=holder_hash,
            mobile_hash=mobile_hash,
            kind=kind,
            channel=channel,
            defaults={"since": at, "by": by},
        )
        if made:
            detail = {"kind": kind, "channel": channel}
            audit.record("notices.stopped", who=by, about="notices:stop", at=at, region=PLATFORM, detail=detail)


def opt_in(
    *, by: str, at: datetime, holder_hash: bytes = b"", mobile_hash: bytes = b"", kind: str = "", channel: str = ""
) -> None:
    """Take a stop back; without one nothing changes."""
    with transaction.atomic():
        gone, _ = OptOut.objects.filter(
            region=PLATFORM, holder_hash=holder_hash, mobile_hash=mobile_hash, kind=kind, channel=channel
        ).delete()
        if gone:
            detail = {"kind": kind, "channel": channel}
            audit.record("notices.started", who=by, about="notices:stop", at=at, region=PLATFORM, detail=detail)


def stop_by_token(*, token: str, at: datetime, again: bool = False) -> str:
    """Stop (or with `again` start) the kind of the message that carried `token`, for its phone; return the kind's code.

    The phone is stopped, or the person where the message had no phone: who holds the link holds the phone. Raises
    Refused("bad_link") for a token not made here, Refused("cannot_stop") as `opt_out` does.
    """
    message = _message_of(token)
    phone, person = bytes(message.mobile_hash), bytes(message.holder_hash)
    change = opt_in if again else opt_out
    change(
        by=f"notices:message:{message.pk}",
        at=at,
        mobile_hash=phone,
        holder_hash=b"" if phone else person,
        kind=message.kind,
    )
    return message.kind


def stop_state(*, token: str) -> tuple[Text, bool]:
    """Return the name of the kind that `token` is about, and whether its phone has stopped it. Raises as `stop_by_token`."""
    message = _message_of(token)
    phone, person = bytes(message.mobile_hash), bytes(message.holder_hash)
    stopped = queries.stops(mobile_hash=phone) if phone else queries.stops(holder_hashes=[person])
    name = queries.kind_names().get(message.kind, Text(message.kind, message.kind))
    return name, bool(stopped & {queries.Stop(message.kind, ""), queries.Stop("", "")})


def _message_of(token: str) -> Message:
    message_id = addresses.message_of(token)
    message = Message.objects.filter(pk=message_id).first() if message_id is not None else None
    if message is None:
        raise Refused(
            "bad_link",
            "这个退订链接不完整或已失效，没有任何改动。请从短信中重新打开，或拨打12345。",
            en="The link is incomplete or expired. Nothing was changed. Open it from the message, or call 12345.",
            status=404,
        )
    return message


def mark_seen(*, message_id: int, holders: queries.Holders, at: datetime) -> None:
    """Note that the person opened a message in the inbox; the first time counts."""
    mine = queries.messages_of(holders).filter(pk=message_id)
    mine.filter(seen_at=None).update(seen_at=at)
    mine.filter(read_at=None).update(read_at=at)
