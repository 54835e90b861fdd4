"""What must be true after the kills, whatever died when: asked of our tables, of the channels' own journal, and of the simulated meters.

Each function yields what is wrong, in one sentence; nothing when all is right. Our own code is not asked what it thinks of itself, but for the two
verbs that recompute everything: the ledger from its lines, the bills from the raw readings.
"""

import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from bancheng.sim.meters import control
from bancheng.site.ladder import wild
from bancheng.site.ladder.houses import House
from bancheng.site.ladder.people import patiently

TOLD_SECONDS = 30.0
FINAL = ("closed", "expired")
Books = Mapping[tuple[str, str], Any]  # kind and number

OPEN = "SELECT id, state FROM sockets_session WHERE NOT state = ANY(%s)"
PAYING = """
SELECT s.id, replace(p.order_id::text, '-', '') FROM sockets_prepay p JOIN sockets_session s ON s.id = p.session_id WHERE s.state = 'paying'
"""
MONEY = """
SELECT s.id, s.state, s.paid_fen, coalesce(s.cost_fen, 0), s.refunded_fen,
    (SELECT coalesce(sum(amount_fen), 0) FROM sockets_refund r WHERE r.session_id = s.id AND kind <> 'late' AND r.state = 'success'),
    (SELECT coalesce(sum(amount_fen), 0) FROM sockets_prepay p WHERE p.session_id = s.id AND counts),
    (SELECT coalesce(sum(amount_fen), 0) FROM sockets_refund r WHERE r.session_id = s.id AND kind = 'late' AND r.state = 'success'),
    (SELECT coalesce(sum(amount_fen), 0) FROM sockets_prepay p WHERE p.session_id = s.id AND NOT counts AND paid_at IS NOT NULL)
FROM sockets_session s
"""
ORDERS = "SELECT replace(id::text, '-', ''), amount_fen FROM payments_order WHERE state IN ('paid', 'late')"
REFUNDS = "SELECT replace(order_id::text, '-', '') || '-' || counter, amount_fen, state FROM payments_refund"
PAID_FOR = """
SELECT replace(p.order_id::text, '-', ''), s.state FROM sockets_prepay p JOIN sockets_session s ON s.id = p.session_id
WHERE p.paid_at IS NOT NULL
"""
USED = """
SELECT k.code, sum(s.used_wh) FROM sockets_session s JOIN sockets_socket k ON k.id = s.socket_id GROUP BY k.code
"""
# what flowed in uses that never began for us: from the first to the last register that names them, and the step under way
NEVER_ON = """
SELECT code, sum(steps) * 10 FROM (
    SELECT k.code, max(r.e_10wh) - min(r.e_10wh) + 1 AS steps FROM sockets_session s JOIN sockets_socket k ON k.id = s.socket_id
    JOIN sockets_reading r ON (r.region, r.gateway, r.wire) = (s.region, s.gateway, s.wire) AND r.session = replace(s.id::text, '-', '')
    WHERE s.started_at IS NULL GROUP BY k.code, s.id
) AS one GROUP BY code
"""
REFUSED = 'SELECT gateway, "foreign", garbled, flooded FROM sockets_gatewaystate'
STRANGE = "SELECT count(*) FROM sockets_ticket WHERE cause = %s AND kind = 'strange' AND urgent"


def journal(house: House) -> Books:
    """Return every order and refund as the channels keep it, by kind and number: the last line of each counts."""
    file = house.folder / "sim" / "pay.jsonl"
    lines = file.read_text(encoding="utf-8", errors="replace").split("\n") if file.exists() else []
    kept = {}
    for line in lines:
        try:
            one = json.loads(line)
        except ValueError:
            continue  # torn by a kill, and never answered
        kept[one["kind"], one["number"]] = one
    return kept


def unsettled(house: House, *, unpaid_too: bool) -> list[str]:
    """Return what is still under way. Who never paid holds his socket three minutes: waited for with `unpaid_too`."""
    paid = {number for (kind, number), one in journal(house).items() if kind == "Order" and one["state"] == "SUCCESS"}
    came_in = {pk for pk, number in house.ask(PAYING) if number in paid}
    found = [
        f"session {pk} {state}"
        for pk, state in house.ask(OPEN, list(FINAL))
        if unpaid_too or state != "paying" or pk in came_in
    ]
    found += [f"order {number} paid and not known" for number in sorted(paid - dict(house.ask(ORDERS)).keys())]
    return found + [f"refund {number} {state}" for number, _, state in house.ask(REFUNDS) if state != "success"]


def registers(house: House) -> dict[str, int]:
    """Return where each meter's register stands, in 10 Wh, by the socket's number."""
    return {each["code"]: each["register_10wh"] for each in sockets(house)}


def sockets(house: House) -> Iterator[dict[str, Any]]:
    """Yield how each simulated socket stands."""
    kept = house.folder / "sim" / "meters.port"
    for gateway in patiently(partial(control.ask, kept))["gateways"]:
        yield from patiently(partial(control.ask, kept, gateway=gateway["name"]))["gateway"]["each"]


@dataclass(frozen=True)
class Sums:
    """What went through the books."""

    uses: int = 0
    started: int = 0
    paid_fen: int = 0
    charged_fen: int = 0
    refunded_fen: int = 0


def sums(house: House) -> Sums:
    """Return them."""
    ((uses, started, paid, charged, refunded),) = house.ask(
        "SELECT count(*), count(started_at), coalesce(sum(paid_fen), 0), coalesce(sum(cost_fen), 0), coalesce(sum(refunded_fen), 0)"
        " FROM sockets_session WHERE paid_fen > 0"
    )
    return Sums(*(int(each) for each in (uses, started, paid, charged, refunded)))


def wrong(house: House, before: Mapping[str, int], *, unpaid_too: bool) -> Iterator[str]:
    """Yield everything that is wrong; `before` is where the registers stood at the beginning."""
    yield from (f"left open: {each}" for each in unsettled(house, unpaid_too=unpaid_too))
    yield from _money(house)
    yield from _channels(house)
    yield from _relays(house)
    yield from _energy_once_told(house, before)
    yield from _wild(house)
    for words in (("ledger", "verify"), ("bills", "check"), ("audit", "seal"), ("audit", "verify")):
        if house.verb(*words):
            yield f"bancheng {' '.join(words)} finds faults"


def _money(house: House) -> Iterator[str]:
    for pk, state, paid, cost, planned, back, counted, late_back, late in house.ask(MONEY):
        if (paid, planned) != (counted, back) or paid - cost != back:
            yield f"session {pk} ({state}): paid {paid} ({counted} counted), cost {cost}, {planned} planned and {back} gone back"
        if late_back != late:
            yield f"session {pk}: {late} came in too late, {late_back} went back of it"


def _channels(house: House) -> Iterator[str]:
    """The channels' books are ours, number by number: nothing paid is lost, nothing is sent back twice, or more than was paid."""
    theirs = journal(house)
    paid = {
        number: one["fen"] for (kind, number), one in theirs.items() if kind == "Order" and one["state"] == "SUCCESS"
    }
    back = {number: one for (kind, number), one in theirs.items() if kind == "Refund"}
    ours = dict(house.ask(ORDERS))
    yield from (
        f"order {number}: theirs {paid.get(number)}, ours {ours.get(number)}" for number in differing(paid, ours)
    )
    sent = {number: fen for number, fen, _ in house.ask(REFUNDS)}
    gone = {number: one["fen"] for number, one in back.items()}
    yield from (
        f"refund {number}: theirs {gone.get(number)}, ours {sent.get(number)}" for number in differing(gone, sent)
    )
    yield from (f"refund {number} is {one['state']}" for number, one in back.items() if one["state"] != "SUCCESS")
    for number, fen in paid.items():
        returned = sum(one["fen"] for one in back.values() if one["order"] == number)
        if returned > fen:
            yield f"order {number}: {fen} came in and {returned} went back"
    held = dict(house.ask(PAID_FOR))
    yield from (
        f"order {number} was paid and its use is {held.get(number, 'not there')}"
        for number in paid
        if held.get(number) not in FINAL
    )


def differing(one: Mapping[str, int], other: Mapping[str, int]) -> list[str]:
    """Return the names under which two tables differ."""
    return sorted(name for name in one.keys() | other.keys() if one.get(name) != other.get(name))


def _relays(house: House) -> Iterator[str]:
    """When all uses are over no relay is closed, within its lease or beyond."""
    for each in sockets(house):
        if each["closed"]:
            yield f"socket {each['code']} is still on for {each['session']}, {each['lease_s']} s of its lease left"


def _energy_once_told(house: House, before: Mapping[str, int]) -> list[str]:
    """Ask again for a while: what a device has kept may arrive after its use is settled."""
    end = time.monotonic() + TOLD_SECONDS
    while (found := list(_energy(house, before))) and time.monotonic() < end:
        time.sleep(1)
    return found


def _energy(house: House, before: Mapping[str, int]) -> Iterator[str]:
    """Each meter has counted what was billed on it, to the step of 10 Wh, and what flowed where a start came too late and was given back."""
    billed = {code: int(wh) for code, wh in house.ask(USED)}
    free = {code: int(wh) for code, wh in house.ask(NEVER_ON)}
    for code, now in registers(house).items():
        counted, due, given = (now - before[code]) * 10, billed.get(code, 0), free.get(code, 0)
        if not due <= counted <= due + given:
            yield f"socket {code}: the meter counted {counted} Wh, {due} Wh were billed and {given} Wh given"


def _wild(house: House) -> Iterator[str]:
    """The wild gateway was refused, counted and called about; of no other anything was refused."""
    found = {gateway: counts for gateway, *counts in house.ask(REFUSED)}
    # a flood that falls together with the broker's own death is counted by nobody; the doors' own tests ask for it
    if not all(found.get(wild.NAME, [0, 0])[:2]):
        yield f"the wild gateway: foreign, garbled, flooded {found.get(wild.NAME)}"
    if house.ask(STRANGE, f"gateway:{wild.NAME}:strange") != [(1,)]:
        yield "nobody was called about the wild gateway"
    yield from (f"{name}: {counts} refused" for name, counts in found.items() if name != wild.NAME and any(counts))
