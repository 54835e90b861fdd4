"""Taking messages in, one by one or by a SELECT, in the caller's transaction."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from psycopg.types.json import Jsonb

from bancheng.kernel.audit import public as audit
from bancheng.kernel.identity import public as identity
from bancheng.kernel.jobs import public as jobs
from bancheng.kernel.notices import queries
from bancheng.kernel.notices.rules import ladder, texts
from bancheng.kernel.notices.rules.states import Stage

DISPATCH = "notices.dispatch"


@dataclass(frozen=True)
class Recipient:
    """Whom a message is for: the person (`holder_hash`), the phone (sealed and hashed), or both."""

    holder_hash: bytes = b""
    mobile_sealed: bytes = b""
    mobile_hash: bytes = b""
    language: str = "zh"

    @classmethod
    def of(cls, *, mobile: str = "", holder_hash: bytes = b"", language: str = "zh") -> "Recipient":
        """Return the recipient with the phone `mobile` (a checked number; empty: none)."""
        if not mobile:
            return cls(holder_hash=holder_hash, language=language)
        return cls(
            holder_hash=holder_hash,
            mobile_sealed=identity.seal(mobile, kind="mobile"),
            mobile_hash=identity.find_hash(mobile, kind="mobile"),
            language=language,
        )


def to_person(holder_hash: bytes) -> Recipient:
    """Return who is known by the hash of his number as a recipient: his inbox, and his own phone where identity has it."""
    mobile = identity.mobile_of(holder_hash)
    return Recipient(holder_hash, *mobile) if mobile else Recipient(holder_hash)


def to_staff(user_id: int) -> Recipient:
    """Return a staff account as a recipient: its inbox alone, no phone."""
    return Recipient(holder_hash=identity.staff_hash(user_id))


class NoTemplate(LookupError):
    """A kind has no published template: a message of it cannot be accepted."""


# One statement does it all: template of the variant or else of the kind, stops, dedup. A stopped message is still
# written, suppressed: it stands in the inbox, and the history says why the phone stayed silent. Materialized: the values
# of a message are asked for twice and would be built twice.
ACCEPT = """
WITH source AS MATERIALIZED ({sql}),
best AS (
    SELECT variant, id, names FROM notices_template
    WHERE region = '000000' AND kind = %(_kind)s AND state = 'published' AND variant <> %(_digest)s
),
chosen AS (
    SELECT s.*, coalesce(own.id, general.id) AS template_id,
        s.values ?& coalesce(own.names, general.names) AS complete,
        %(_may_stop)s AND (EXISTS (
            SELECT 1 FROM notices_optout o WHERE o.mobile_hash = s.mobile_hash AND s.mobile_hash <> ''
            AND o.kind IN ('', %(_kind)s) AND o.channel = ''
        ) OR EXISTS (
            SELECT 1 FROM notices_optout o WHERE o.holder_hash = s.holder_hash AND s.holder_hash <> ''
            AND o.kind IN ('', %(_kind)s) AND o.channel = ''
        )) AS stopped
    FROM (SELECT region, key, subject, nullif(mobile_sealed, '') AS mobile_sealed,
        coalesce(mobile_hash, '') AS mobile_hash, coalesce(holder_hash, '') AS holder_hash, values, {variant}
        FROM source) s
    LEFT JOIN best own ON own.variant = s.variant
    LEFT JOIN best general ON general.variant = ''
),
made AS (
    INSERT INTO notices_message (region, key, kind, subject, template_id, language, holder_hash, mobile_sealed,
        mobile_hash, values, accepted_at, not_before, stage, position, channel, step_at, reason)
    SELECT region, key, %(_kind)s, subject, template_id, %(_language)s, holder_hash, mobile_sealed, mobile_hash, values,
        %(_at)s, %(_not_before)s, CASE WHEN stopped THEN {suppressed} ELSE %(_stage)s END, 0, %(_channel)s,
        CASE WHEN NOT stopped THEN %(_step_at)s::timestamptz END, CASE WHEN stopped THEN 'stopped' ELSE '' END
    FROM chosen WHERE template_id IS NOT NULL AND complete
    ON CONFLICT (region, key) DO NOTHING
    RETURNING id, stage
)
SELECT (SELECT count(*) FROM made WHERE stage <> {suppressed}), (SELECT max(id) FROM made),
    (SELECT count(*) FROM chosen WHERE template_id IS NULL), (SELECT count(*) FROM chosen WHERE NOT complete)
"""

ONE = """
SELECT %(region)s::text AS region, %(key)s::text AS key, %(subject)s::text AS subject,
    %(mobile_sealed)s::bytea AS mobile_sealed, %(mobile_hash)s::bytea AS mobile_hash,
    %(holder_hash)s::bytea AS holder_hash, %(values)s::jsonb AS values, %(variant)s::text AS variant
"""


def accept(
    *,
    kind: str,
    region: str,
    key: str,
    subject: str,
    to: Recipient,
    values: Mapping[str, Any],
    at: datetime,
    not_before: datetime | None = None,
    variant: str = "",
) -> int | None:
    """Take one message in and promise its sending; return its id, or None when `key` was accepted before (N-4).

    `values` are JSON values for the template of `variant`, or of the kind where that has none. Raises NoTemplate, and
    Unfit when a variable is missing or an ID number stands in a value (N-7).
    """
    if any(texts.IDENTIFIER.search(each) for each in _strings(values)):
        raise texts.Unfit("an ID number stands in a value")
    params = {
        "region": region,
        "key": key,
        "subject": subject,
        "mobile_sealed": to.mobile_sealed,
        "mobile_hash": to.mobile_hash,
        "holder_hash": to.holder_hash,
        "values": Jsonb(dict(values)),
        "variant": variant,
    }
    return _insert(kind, ONE, params, at=at, not_before=not_before, variant=True, language=to.language)[1]


def accept_select(
    *,
    kind: str,
    at: datetime,
    sql: str,
    params: Mapping[str, Any] | None = None,
    not_before: datetime | None = None,
    variant: bool = False,
) -> int:
    """Take in every row of `sql` set-wise and promise one sending; return how many will be sent.

    `sql` is a SELECT naming region, key, subject, mobile_sealed, mobile_hash, holder_hash, values (jsonb), and
    variant (text) when `variant` is set; its parameters are named and begin with no underscore. Rows whose key was
    accepted before add nothing; rows of readers who stopped are kept, suppressed. Raises NoTemplate or Unfit, with
    nothing written, when one row has no template or lacks a variable.
    """
    made, _ = _insert(kind, sql, dict(params or {}), at=at, not_before=not_before, variant=variant, language="zh")
    if made:
        detail = {"count": made}
        audit.record(
            "notices.accepted", who="system", about=f"notices:{kind}", at=at, region=audit.PLATFORM, detail=detail
        )
    return made


def _insert(
    kind: str,
    sql: str,
    params: dict[str, Any],
    *,
    at: datetime,
    not_before: datetime | None,
    variant: bool,
    language: str,
) -> tuple[int, int | None]:
    settings = queries.settings_of(kind)
    due = ladder.awake(max(at, not_before or at), settings.quiet)
    rung = settings.rung(0)
    statement = ACCEPT.format(
        sql=sql, variant="variant" if variant else "''::text AS variant", suppressed=int(Stage.SUPPRESSED)
    )
    named = {
        "_kind": kind,
        "_digest": texts.DIGEST,
        "_may_stop": settings.may_stop,
        "_language": language,
        "_at": at,
        "_not_before": due,
        "_stage": int(Stage.WAITING if rung else Stage.REACHED),
        "_channel": rung.channel if rung else "",
        "_step_at": due + rung.wait if rung else None,
    }
    with connection.cursor() as cursor:
        cursor.execute(statement, params | named)
        made, newest, templateless, incomplete = cursor.fetchone()
    if templateless:
        raise NoTemplate(f"{kind} has no published template")
    if incomplete:
        raise texts.Unfit(f"{incomplete} messages of {kind} lack a variable of their template")
    if made and rung and due <= at:
        jobs.later(DISPATCH, key=DISPATCH)
    return made, newest


def _strings(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, Mapping):
        return [each for inside in value.values() for each in _strings(inside)]
    return [each for inside in value for each in _strings(inside)] if isinstance(value, list | tuple) else []
