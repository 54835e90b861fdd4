"""Lots of one parcel with all that rests on them: what every judgement of the conflict matrix looks at. One query, however many lots."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.utils.timezone import localtime

from bancheng.kernel.titles.facts import Blocker
from bancheng.kernel.titles.models import Coverage, Entry, Lot, Parcel, Party, Pending, Right
from bancheng.kernel.titles.parties import PartyView
from bancheng.kernel.titles.rules import codes, refusals
from bancheng.kernel.titles.rules.matrix import Given, verdict
from bancheng.kernel.titles.rules.words import Act, PartyKind, RightKind, Standing, State, Verdict
from bancheng.lib.rows import ask, question
from bancheng.lib.text import Text

MORTGAGES = (RightKind.MORTGAGE.value, RightKind.PRE_MORTGAGE.value)
STOPS = (Verdict.REFUSED, Verdict.CONSENT, Verdict.LEFT_OUT, Verdict.NOT_MET)
OPEN = "titles_lot.parcel_id = %s AND titles_lot.open"
NAMED = "titles_lot.parcel_id = %s AND titles_lot.code = ANY(%s)"


@dataclass
class Ground:
    """Some lots of a parcel, what rests on each (open coverages by rank) and what waits on each."""

    parcel: Parcel
    lots: dict[str, Lot]
    on: dict[UUID, list[Coverage]] = field(default_factory=dict)
    waits: dict[UUID, list[Pending]] = field(default_factory=dict)
    rights: dict[UUID, Right] = field(default_factory=dict)  # one object a right, however many lots it covers

    def of(self, lot: Lot, *kinds: RightKind) -> list[Coverage]:
        """Return what rests on a lot, by rank; of these kinds."""
        there = self.on.get(lot.id)
        return [one for one in there if one.open and (not kinds or one.kind in kinds)] if there else []

    def mortgages(self, lot: Lot) -> list[Coverage]:
        """Return the mortgages on a lot by rank."""
        return sorted(self.of(lot, RightKind.MORTGAGE, RightKind.PRE_MORTGAGE), key=lambda one: one.rank)

    def seizures(self, lot: Lot) -> list[Coverage]:
        """Return the seizures of a lot in their queue."""
        return sorted(self.of(lot, RightKind.SEIZURE), key=lambda one: one.rank)

    def claim(self, lot: Lot) -> Coverage | None:
        """Return the buyer's claim on a lot."""
        return next(iter(self.of(lot, RightKind.CLAIM)), None)


def ground(parcel: Parcel, lots: Sequence[str] | None = None, *, rights: dict[UUID, Right] | None = None) -> Ground:
    """Return the named lots, or all open ones, with what rests on them: one query. Raises Refused: title_no_lot, for one that is not open."""
    asked, given = (OPEN, [parcel.id]) if lots is None else (NAMED, [parcel.id, list(lots)])
    covered = f"titles_coverage.open AND titles_coverage.lot_id IN (SELECT titles_lot.id FROM titles_lot WHERE {asked})"
    on = f"(SELECT titles_coverage.right_id FROM titles_coverage WHERE {covered})"
    whose = f"(SELECT titles_right.party_id FROM titles_right WHERE titles_right.id IN {on})"
    with connection.cursor() as cursor:
        read, coverages, held, parties, waits = ask(
            cursor,
            question(Lot, f"WHERE {asked} ORDER BY titles_lot.code", given),
            question(Coverage, f"WHERE {covered} ORDER BY titles_coverage.rank, titles_coverage.id", given),
            question(Right, f"WHERE titles_right.id IN {on}", given),
            question(Party, f"WHERE titles_party.id IN {whose}", given),
            question(
                Pending,
                f"WHERE ended_at IS NULL AND lot_id IN (SELECT titles_lot.id FROM titles_lot WHERE {asked})",
                given,
            ),
        )
    found = Ground(parcel, {row.code: row for row in read}, rights={} if rights is None else rights)
    for code in lots or ():
        if code not in found.lots or not found.lots[code].open:
            raise refusals.no_lot(code)
    _joined(found, coverages, held, {party.pk: party for party in parties})
    for wait in waits:
        found.waits.setdefault(wait.lot_id, []).append(wait)
    return found


def _joined(found: Ground, coverages: Iterable[Coverage], held: Iterable[Right], parties: dict[int, Party]) -> None:
    """Lay coverages on lots, each with its right and whose it is."""
    for right in held:
        right.party = parties.get(right.party_id) if right.party_id else None
        found.rights.setdefault(right.id, right)
    by_id = {row.id: row for row in found.lots.values()}
    for one in coverages:
        one.lot, one.right = by_id[one.lot_id], found.rights[one.right_id]
        found.on.setdefault(one.lot_id, []).append(one)


# --- what rests on a lot, as the matrix names it ---


@dataclass(frozen=True)
class Rest:
    """One thing that rests on a lot."""

    standing: Standing
    number: str = ""
    subject: str = ""
    party: str = ""
    unit: str = ""
    since: datetime | None = None
    restricted: bool = False  # a mortgage with a recorded agreement that limits transfer (民法典 第四百零六条)


def rests(on: Ground, lot: Lot, *, apart_from: str = "") -> list[Rest]:
    """Return all that rests on a lot; `apart_from` is the application that asks, which does not wait for itself."""
    found = [_rest(one, lot) for one in on.of(lot)]
    for wait in on.waits.get(lot.id, []):
        if wait.application != apart_from:
            standing = Standing.CORRECTION if wait.correction else Standing.PENDING
            found.append(Rest(standing, wait.application, since=wait.at))
    if lot.holding_id != on.parcel.developer_id:
        found.append(Rest(Standing.HELD, subject=f"lot:{lot.code}"))
    return found or [Rest(Standing.FREE, subject=f"lot:{lot.code}")]


def _rest(one: Coverage, lot: Lot) -> Rest:
    right = one.right
    party = right.party
    return Rest(
        standing_of(one),
        right.number,
        subject_of(right.number, lot.code),
        party.name if party else "",
        party.unit if party else "",
        right.priority_at,
        right.transfer_restricted,
    )


def subject_of(right: str, lot: str) -> str:
    """Return what an entry about a right on a lot is about."""
    return f"right:{right}@{lot}"


def standing_of(one: Coverage) -> Standing:
    """Return the row of the matrix in which a right on a lot stands."""
    kind = RightKind(one.kind)
    if kind is RightKind.CLAIM:
        return Standing.CONTRACT if one.state == State.CONTRACT.value else Standing.NOTICE
    if kind is RightKind.SEIZURE:
        return Standing.PRE_SEIZURE if one.pre else Standing.SEIZURE
    return {
        RightKind.MORTGAGE: Standing.MORTGAGE,
        RightKind.PRE_MORTGAGE: Standing.PRE_MORTGAGE,
        RightKind.OBJECTION: Standing.OBJECTION,
    }[kind]


def judged(on: Ground, lot: Lot, act: Act, given: Given, *, apart_from: str = "") -> list[tuple[Rest, Verdict]]:
    """Return what the matrix says to an act on a lot, of each thing that rests on it."""
    return [(rest, verdict(act, rest.standing, rest.number, given)) for rest in rests(on, lot, apart_from=apart_from)]


def blockers(
    on: Ground,
    lots: Iterable[Lot],
    act: Act,
    given: Given,
    *,
    apart_from: str = "",
    of: Sequence[Verdict] = STOPS,
) -> tuple[Blocker, ...]:
    """Return what stands in the way of an act on some lots, the strictest first; with `of` NOTIFY: who has to be told of it."""
    found = [
        (lot, rest, said)
        for lot in lots
        for rest, said in judged(on, lot, act, given, apart_from=apart_from)
        if said in of
    ]
    if not found:
        return ()
    found.sort(key=lambda each: (STOPS.index(each[2]) if each[2] in STOPS else 9, each[0].code))
    entries = _entries_of(on.parcel, {rest.subject for _, rest, _ in found if rest.subject})
    return tuple(blocker(lot, rest, said, entries.get(rest.subject, ""), act=act) for lot, rest, said in found)


def _entries_of(parcel: Parcel, subjects: Iterable[str]) -> dict[str, str]:
    rows = Entry.objects.filter(parcel=parcel, subject__in=list(subjects), recorded_until=None, valid_until=None)
    return {subject: entry_number(parcel.code, number) for subject, number in rows.values_list("subject", "number")}


def entry_number(parcel: str, number: int) -> str:
    """Return an entry's number as it is shown."""
    return f"{parcel}-{number:06}"


def blocker(lot: Lot, rest: Rest, said: Verdict, entry: str, *, act: Act | None = None) -> Blocker:
    """Return what stands in the way, in words."""
    what, what_en = WORDS[rest.standing]
    since = f"{localtime(rest.since):%Y-%m-%d %H:%M}" if rest.since else ""
    when = f"（{since}）" if since else ""
    says = Text(
        f"{codes.spaced(lot.code)} {what}{f' {rest.number}' if rest.number else ''}{rest.party}{when}。",
        f"{codes.spaced(lot.code)} {what_en}{f' {rest.number}' if rest.number else ''}{f' of {rest.party}' if rest.party else ''}"
        f"{f', since {since}' if since else ''}.",
    )
    clears = CLEARS[rest.standing]
    if said is Verdict.CONSENT:
        clears = LIMITED if rest.restricted and act is Act.TRANSFER else CONSENTS
    code = f"lot_{rest.standing.value}"
    return Blocker(code, lot.code, rest.standing, said, rest.number, entry, rest.party, rest.unit, says, clears)


WORDS = {
    Standing.FREE: ("没有可据以办理的在先登记", "carries nothing on which this could rest"),
    Standing.CONTRACT: ("已有合同备案", "is under the recorded contract"),
    Standing.NOTICE: ("已有预告登记", "is under the advance notice"),
    Standing.MORTGAGE: ("已设抵押", "is mortgaged by"),
    Standing.PRE_MORTGAGE: ("已设抵押预告", "is under the pre-mortgage"),
    Standing.SEIZURE: ("已被查封", "is seized by"),
    Standing.PRE_SEIZURE: ("已被预查封", "is pre-seized by"),
    Standing.OBJECTION: ("有异议登记", "is under the objection"),
    Standing.PENDING: ("有已受理未办结的申请", "waits for the accepted application"),
    Standing.CORRECTION: ("正在更正或有争议", "is under correction or dispute"),
    Standing.HELD: ("已转移给买受人", "was transferred to its buyer"),
}
CONSENTS = Text("须取得该权利人书面同意，或先行解除。", "That party's written consent, or a release, would clear it.")
LIMITED = Text(
    "该抵押权登记有限制转让的约定，须取得抵押权人书面同意，或先行解押（民法典第四百零六条）。",
    "An agreement that limits transfer is recorded with this mortgage: the mortgagee's written consent, or a release, would clear it (Civil Code, art. 406).",
)
CLEARS = {
    Standing.FREE: Text(
        "须先办理买受人的合同备案、预售许可或首次登记。",
        "A permit, a buyer's claim or the first registration has to come first.",
    ),
    Standing.CONTRACT: Text("须先注销合同备案。", "Cancelling the contract record would clear it."),
    Standing.NOTICE: Text("须先注销预告登记。", "Cancelling the advance notice would clear it."),
    Standing.MORTGAGE: Text("须先解押。", "A release would clear it."),
    Standing.PRE_MORTGAGE: Text("须先注销抵押预告登记。", "Cancelling the pre-mortgage would clear it."),
    Standing.SEIZURE: Text("须由该法院解除查封。", "That court's lifting would clear it."),
    Standing.PRE_SEIZURE: Text("须由该法院解除预查封。", "That court's lifting would clear it."),
    Standing.OBJECTION: Text(
        "须受让人书面承诺，或异议失效、注销。",
        "The acquirer's written undertaking, or the objection's end, would clear it.",
    ),
    Standing.PENDING: Text("须等该申请办结或撤回。", "Its end or withdrawal would clear it."),
    Standing.CORRECTION: Text("须等更正或争议处理完毕。", "The end of the correction or dispute would clear it."),
    Standing.HELD: Text("须由现权利人申请。", "Only its present holder may apply."),
}


def party_view(row: Party) -> PartyView:
    """Return a party as it is shown to other parts."""
    return PartyView(row.pk, PartyKind(row.kind), row.name, bytes(row.number_hash or b""), row.unit, row.number_kind)
