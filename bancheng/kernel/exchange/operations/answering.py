"""A change that carries an Idempotency-Key is done once, and its answer given as often as it is asked for.

The change and its answer are one transaction. While it runs it holds an advisory lock of its key, which ends with it however it
ends: a process killed in the middle leaves neither a change nor a key that waits for ever. A refusal changed nothing and keeps no
key: the same key may bring the corrected request.
"""

import hmac
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import connection, transaction

from bancheng.kernel.exchange.facts import Caller
from bancheng.kernel.exchange.models import Answer
from bancheng.kernel.identity import public as identity
from bancheng.lib import signing
from bancheng.lib.refusal import Refused

RETRY_AFTER_SECONDS = 1
ANSWER_KIND = "partner_answer"  # an answer may hold a secret that is shown once


@dataclass(frozen=True)
class Answered:
    """What a change answered; `again` when it was done before."""

    status: int
    content_type: str
    body: bytes
    again: bool = False


def once(caller: Caller, *, key: str, asked: bytes, at: datetime, do: Callable[[], Answered]) -> Answered:
    """Return what `do` answers, or what it answered to this key before. `asked` is the whole request: method, address, body.

    What it answers with 4xx or 5xx is given as it is, undone and not kept.
    Raises Refused: no_key, key_of_another_request (422), under_way (409).
    """
    _check(key)
    digest = _digest(asked)
    with transaction.atomic():
        _hold(caller, key)
        if (before := _before(caller, key, digest)) is not None:
            return before
        answer = do()
        if answer.status >= 400:
            transaction.set_rollback(True)
            return answer
        _keep(caller, key, digest, answer, at)
    return answer


def once_outside(caller: Caller, *, key: str, asked: bytes, at: datetime, do: Callable[[], Answered]) -> Answered:
    """As `once`, for what keeps transactions of its own because it works long: takes a file in, asks somebody outside.

    `do` has the effect of one however often it is done: a process may die between it and its answer. The lock is the connection's.
    Raises Refused as `once` does.
    """
    _check(key)
    digest = _digest(asked)
    with _held(caller, key):
        if (before := _before(caller, key, digest)) is not None:
            return before
        answer = do()
        if answer.status < 400:
            _keep(caller, key, digest, answer, at)
    return answer


def _check(key: str) -> None:
    if not (8 <= len(key) <= 64 and key.isascii() and key.isprintable()):
        raise Refused(
            "no_key",
            "改动类请求须带Idempotency-Key头（8到64个字符），未作任何改动。",
            en="A request that changes something carries an Idempotency-Key of 8 to 64 characters. Nothing was changed.",
            status=400,
        )


def _digest(asked: bytes) -> str:
    return signing.token(secret=settings.SECRET_KEY.encode(), text=asked.hex(), length=64)


def _before(caller: Caller, key: str, digest: str) -> Answered | None:
    """Return what was answered to this key before. Raises Refused("key_of_another_request")."""
    row = Answer.objects.filter(region=caller.region, partner_id=caller.partner_id, key=key).first()
    if row is None:
        return None
    if not hmac.compare_digest(row.asked, digest):
        raise _another()
    body = identity.open_sealed(bytes(row.body_sealed), kind=ANSWER_KIND).encode()
    return Answered(row.status, row.content_type, body, again=True)


def _keep(caller: Caller, key: str, digest: str, answer: Answered, at: datetime) -> None:
    Answer.objects.create(
        region=caller.region,
        partner_id=caller.partner_id,
        key=key,
        asked=digest,
        status=answer.status,
        content_type=answer.content_type,
        body_sealed=identity.seal(answer.body.decode(), kind=ANSWER_KIND),
        at=at,
    )


def _hold(caller: Caller, key: str) -> None:
    if not _locked("pg_try_advisory_xact_lock", caller, key):
        raise _under_way()


@contextmanager
def _held(caller: Caller, key: str) -> Iterator[None]:
    """Hold the key for as long as the block runs, over however many transactions."""
    if not _locked("pg_try_advisory_lock", caller, key):
        raise _under_way()
    try:
        yield
    finally:
        _locked("pg_advisory_unlock", caller, key)


def _locked(function: str, caller: Caller, key: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(hashtextextended(%s, 0))", (f"answer {caller.partner_id} {key}",))
        return bool(cursor.fetchone()[0])


def _under_way() -> Refused:
    return Refused(
        "under_way",
        "同一Idempotency-Key的请求正在处理，请稍后用同一个键重发。",
        en="A request with this Idempotency-Key is under way: send it again shortly, with the same key.",
    )


def _another() -> Refused:
    return Refused(
        "key_of_another_request",
        "这个Idempotency-Key已用于另一个请求，本次未作任何改动，请换一个键。",
        en="This Idempotency-Key was used for another request. Nothing was changed: use a new key.",
        status=422,
    )


def forget_answers(*, before: datetime, banks_before: datetime) -> int:
    """Forget answers given before an instant, a bank's before another; return how many."""
    old = Answer.objects.filter(at__lt=before)
    return (
        old.filter(partner__unit="").delete()[0] + old.filter(at__lt=banks_before).exclude(partner__unit="").delete()[0]
    )
