"""Whether the book is whole: everything that is kept is recomputed from entries and lines, a city at a time, by the database."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection

from bancheng.kernel.ledger import public as ledger
from bancheng.lib.text import Text


@dataclass(frozen=True)
class Mismatch:
    """One thing that does not fit: which, and in words."""

    what: str  # "parcel:<code>", "lot:<code>", "act:<key>"
    says: Text


# each finds what breaks a rule: the first column names it
CHECKS: list[tuple[str, Text, str]] = [
    (
        "parcel",
        Text("各份额之和不等于宗地面积", "the shares do not sum to the parcel's area"),  # I1
        """SELECT parcel.code FROM titles_parcel AS parcel LEFT JOIN titles_lot AS lot ON lot.parcel_id = parcel.id AND lot.open
        GROUP BY parcel.id HAVING coalesce(sum(lot.dm2), 0) <> CASE WHEN parcel.closed_at IS NULL THEN parcel.area_dm2 ELSE 0 END""",
    ),
    (
        "lot",
        Text("已细分或已注销的份额仍有面积，或上级未关闭", "a closed lot holds land, or its parent is open too"),  # I2
        """SELECT lot.code FROM titles_lot AS lot LEFT JOIN titles_lot AS parent ON parent.id = lot.parent_id
        WHERE lot.dm2 < 0 OR (NOT lot.open AND lot.dm2 <> 0) OR (lot.open AND parent.open)""",
    ),
    (
        "building",
        Text("各户份额之和不等于楼幢份额", "the units' shares do not sum to the building's"),  # I3
        """SELECT building.code FROM titles_lot AS building LEFT JOIN titles_lot AS unit ON unit.parent_id = building.id AND unit.open
        WHERE building.envelope_dm2 IS NOT NULL GROUP BY building.id
        HAVING building.envelope_dm2 <> CASE WHEN building.open THEN building.dm2 ELSE coalesce(sum(unit.dm2), 0) END""",
    ),
    (
        "holding",
        Text("共有份额之和不等于一", "the holders' fractions do not sum to one"),  # I4
        """SELECT holding.id::text FROM titles_holding AS holding LEFT JOIN titles_member AS member ON member.holding_id = holding.id
        GROUP BY holding.id HAVING count(member.id) <> holding.size
            OR (NOT holding.joint AND coalesce(sum(member.num), 0) <> holding.den) OR (holding.joint AND count(member.num) > 0)""",
    ),
    (
        "lot",
        Text(
            "有买受人的份额被后来的抵押或查封包括", "a claimed lot is in a later mortgage or seizure of the developer"
        ),  # I5
        """SELECT lot.code FROM titles_coverage AS claim JOIN titles_lot AS lot ON lot.id = claim.lot_id
        JOIN titles_coverage AS other ON other.lot_id = claim.lot_id AND other.open AND other.kind IN ('mortgage', 'seizure')
            AND NOT other.contested AND NOT other.pre
        JOIN titles_right AS buyers ON buyers.id = claim.right_id JOIN titles_right AS later ON later.id = other.right_id
        WHERE claim.open AND claim.kind = 'claim' AND later.priority_at > buyers.priority_at""",
    ),
    (
        "lot",
        Text(
            "查封次序不连续，或生效的不是最先送达的",
            "a queue of seizures has a gap, or not the first served is effective",
        ),  # I6
        """SELECT lot.code FROM (
            SELECT one.lot_id, one.rank, one.state, row_number() OVER (PARTITION BY one.lot_id ORDER BY one.rank) AS place,
                lag(held.served_at) OVER (PARTITION BY one.lot_id ORDER BY one.rank) > held.served_at AS early
            FROM titles_coverage AS one JOIN titles_right AS held ON held.id = one.right_id WHERE one.open AND one.kind = 'seizure'
        ) AS queued JOIN titles_lot AS lot ON lot.id = queued.lot_id
        WHERE queued.rank <> queued.place OR (queued.place = 1) <> (queued.state = 'effective') OR queued.early""",
    ),
    (
        "lot",
        Text("抵押顺位不连续", "the ranks of mortgages have a gap"),  # I7
        """SELECT lot.code FROM (
            SELECT lot_id, rank, row_number() OVER (PARTITION BY lot_id ORDER BY rank) AS place
            FROM titles_coverage WHERE open AND kind IN ('mortgage', 'pre_mortgage')
        ) AS ranked JOIN titles_lot AS lot ON lot.id = ranked.lot_id WHERE ranked.rank <> ranked.place""",
    ),
    (
        "lot",
        Text("登记簿记载与现状不同", "the entry in force says something else than what stands"),
        """SELECT lot.code FROM titles_lot AS lot LEFT JOIN titles_entry AS entry ON entry.parcel_id = lot.parcel_id
            AND entry.subject = 'lot:' || lot.code AND entry.recorded_until IS NULL AND entry.valid_until IS NULL
        WHERE (lot.open AND entry.id IS NULL) OR (entry.id IS NOT NULL AND
            (entry.dm2, coalesce(entry.holding_id, 0), entry.state) IS DISTINCT FROM
            (lot.dm2, coalesce(lot.holding_id, 0), CASE WHEN lot.open THEN 'open' ELSE 'closed' END))""",
    ),
    (
        "coverage",
        Text(
            "登记簿记载的抵押、查封或预告与现状不同",
            "the entry of a right on a lot says something else than what stands",
        ),
        """SELECT held.number || '@' || lot.code FROM titles_coverage AS one JOIN titles_right AS held ON held.id = one.right_id
        JOIN titles_lot AS lot ON lot.id = one.lot_id LEFT JOIN titles_entry AS entry ON entry.parcel_id = one.parcel_id
            AND entry.subject = 'right:' || held.number || '@' || lot.code AND entry.recorded_until IS NULL AND entry.valid_until IS NULL
        WHERE one.open AND (entry.id IS NULL OR (entry.state, entry.rank, entry.kind) IS DISTINCT FROM (one.state, one.rank, one.kind))""",
    ),
    (
        "right",
        Text(
            "确定的债权额超过最高债权额，或登记簿记载的与现状不同",
            "the amount fixed is above the maximum, or not what the entry in force says",
        ),
        """SELECT held.number FROM titles_right AS held LEFT JOIN titles_entry AS entry ON entry.parcel_id = held.parcel_id
            AND entry.subject = 'right:' || held.number AND entry.recorded_until IS NULL AND entry.valid_until IS NULL
        WHERE held.fixed_at IS NOT NULL AND (NOT coalesce((held.detail->>'fixed_fen')::bigint BETWEEN 1 AND held.amount_fen, true)
            OR held.detail->>'fixed_fen' IS DISTINCT FROM (nullif(entry.detail, '')::jsonb)->>'fixed_fen'
            OR held.detail->>'fixed_on' IS DISTINCT FROM (nullif(entry.detail, '')::jsonb)->>'fixed_on')""",
    ),
    (
        "act",
        Text("登簿内容与登簿时不同", "its entries are not what they were when they were recorded"),  # I11, I13
        """SELECT act.key FROM titles_act AS act LEFT JOIN LATERAL (
            SELECT string_agg(concat_ws('|', number, subject, kind, state, coalesce(rank::text, ''), coalesce(dm2::text, ''),
                coalesce(holding_id::text, ''), detail, (extract(epoch FROM valid_from) * 1000000)::bigint,
                coalesce(((extract(epoch FROM valid_until) * 1000000)::bigint)::text, '')), E'\n' ORDER BY number) AS said, count(*) AS entries
            FROM titles_entry AS entry WHERE entry.parcel_id = act.parcel_id AND entry.number BETWEEN act.first_entry AND act.last_entry
        ) AS written ON true
        WHERE written.entries <> act.last_entry - act.first_entry + 1 OR act.digest <> sha256(convert_to(coalesce(written.said, ''), 'UTF8'))""",
    ),
    (
        "act",
        Text("登簿链条断裂", "the chain of the parcel is broken"),  # I13
        """SELECT key FROM (
            SELECT act.*, parcel.code, lag(act.hash, 1, ''::bytea) OVER (PARTITION BY act.parcel_id ORDER BY act.seq) AS before,
                row_number() OVER (PARTITION BY act.parcel_id ORDER BY act.seq) AS place
            FROM titles_act AS act JOIN titles_parcel AS parcel ON parcel.id = act.parcel_id
        ) AS linked WHERE seq <> place OR hash <> sha256(before || convert_to(concat_ws('|', region, code, seq, key, kind, registration,
            document, by, (extract(epoch FROM at) * 1000000)::bigint, (extract(epoch FROM valid_from) * 1000000)::bigint, subject, content,
            first_entry, last_entry, encode(digest, 'hex')), 'UTF8'))""",
    ),
    (
        "parcel",
        Text("链条末端与宗地不同", "the end of the chain is not the parcel's"),
        """SELECT parcel.code FROM titles_parcel AS parcel LEFT JOIN LATERAL (
            SELECT seq, hash, last_entry FROM titles_act AS act WHERE act.parcel_id = parcel.id ORDER BY seq DESC LIMIT 1
        ) AS last ON true WHERE (parcel.version, parcel.head, parcel.entries) IS DISTINCT FROM (last.seq, last.hash, last.last_entry)""",
    ),
    (
        "plan",
        Text("计划表各户分数之和不等于一", "the fractions of the final plan do not sum to one"),  # I16
        """SELECT parcel.code FROM titles_shareplan AS plan JOIN titles_parcel AS parcel ON parcel.id = plan.parcel_id
        JOIN titles_planrow AS line ON line.plan_id = plan.id AND line.level = 'unit'
        WHERE plan.state = 'approved' AND plan.reason = 'final' GROUP BY parcel.code, plan.id, plan.weight_dm2
        HAVING sum(line.num) <> plan.weight_dm2 OR bool_or(line.den <> plan.weight_dm2) OR sum(line.dm2) <> max(parcel.area_dm2)""",
    ),
]
LOTS = "SELECT region, code, holding_id, dm2 FROM titles_lot WHERE dm2 <> 0"
GRANTS = "SELECT region, code, CASE WHEN closed_at IS NULL THEN area_dm2 ELSE 0 END FROM titles_parcel"


def verify(progress: Callable[[int, int], None] | None = None) -> Iterator[Mismatch]:
    """Yield what does not fit; nothing: shares, ranks, queues, entries, chains and the ledger's accounts are whole."""
    for done, (what, says, statement) in enumerate(CHECKS, 1):
        for row in _rows(statement):
            yield Mismatch(f"{what}:{row[0]}", Text(f"{row[0]}：{says.zh}", f"{row[0]}: {says.en}"))
        if progress:
            progress(done, len(CHECKS) + 1)
    yield from _accounts()
    if progress:
        progress(len(CHECKS) + 1, len(CHECKS) + 1)


def _accounts() -> Iterator[Mismatch]:
    """Compare every lot and grant with its account in the ledger, both ways."""
    expected: dict[tuple[str, str], int] = {}
    for region, code, holding, dm2 in _rows(LOTS):
        expected[region, f"land/{code[:19]}/{code}/{holding}"] = dm2
    for region, code, area in _rows(GRANTS):
        expected[region, f"land/{code}/grant"] = -area
    for region in {region for region, _ in expected}:
        kept = {path: dm2 for path, dm2 in ledger.balances(region, "land/").items() if dm2}
        mine = {path: dm2 for (where, path), dm2 in expected.items() if where == region and dm2}
        for path in sorted(kept.keys() | mine.keys()):
            if kept.get(path, 0) != mine.get(path, 0):
                says = Text(
                    f"账户 {path}：账簿 {kept.get(path, 0)}，登记簿 {mine.get(path, 0)}",
                    f"account {path}: the ledger has {kept.get(path, 0)}, the register {mine.get(path, 0)}",
                )
                yield Mismatch(f"account:{path}", says)


def _rows(statement: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found
