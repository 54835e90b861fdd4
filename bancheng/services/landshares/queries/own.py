"""What a developer sees of his own parcels, and a buyer of his own flats: nobody else's (R7.10)."""

from collections.abc import Sequence
from dataclasses import dataclass

from bancheng.kernel.identity import public as identity
from bancheng.kernel.titles import public as titles
from bancheng.lib.text import Text
from bancheng.services.landshares.queries import doors, parcels
from bancheng.services.landshares.rules import amounts, places, states

SERVICE = "landshares"


@dataclass(frozen=True)
class Flat:
    """A flat that somebody holds or has bought, with the share of the land that goes with it."""

    name: Text
    place: Text
    code: str
    floor: str
    share: str
    num: int
    den: int
    bought: bool  # bought and not yet transferred
    ready: bool  # its building is registered: the title can be had
    rights: tuple[Text, ...]

    @property
    def spaced(self) -> str:
        return titles.spaced(self.code)


def estates(actor: identity.Actor) -> list[tuple[parcels.Head, dict[str, str]]]:
    """Return the parcels of the companies that the actor acts for, each with what is left."""
    hashes = identity.person_hashes(actor, service=SERVICE)
    heads = parcels.named(titles.parcels(doors.region(), developer=hashes))
    return [(head, _left(head.code)) for head in heads]


def _left(code: str) -> dict[str, str]:
    total = titles.sheet(doors.region(), code).total
    return {name: amounts.shown(getattr(total, name)) for name in ("disposable", "sellable", "mortgageable", "free")}


def estate(actor: identity.Actor, code: str) -> parcels.Sheet:
    """Return a parcel of a company that the actor acts for. Raises Refused("title_no_parcel")."""
    doors.check_developer(actor, titles.parcel(doors.region(), code))
    return parcels.sheet(code, parcels.AsOf())


def lists(found: parcels.Sheet) -> list[tuple[Text, str, list[tuple[Text, str, tuple[Text, ...]]]]]:
    """Return what can be sold, mortgaged, or waits for a release: amount and units."""
    lines = {line.lot: line for line in found.sheet.lines}
    own = [lot for building in found.buildings for lot in building.lots if lines[lot.code].developer_registered]
    groups = (
        (Text("现在可以销售", "Can be sold now"), [lot for lot in own if lines[lot.code].sellable]),
        (Text("现在可以抵押", "Can be mortgaged now"), [lot for lot in own if lines[lot.code].mortgageable]),
        (
            Text("已抵押，需要解押后销售", "Mortgaged: to be released before a sale"),
            [lot for lot in own if lines[lot.code].mortgaged],
        ),
    )
    return [
        (name, amounts.shown(sum(lot.dm2 for lot in lots)), [(lot.place, lot.amount, lot.rights) for lot in lots])
        for name, lots in groups
    ]


def flats(actor: identity.Actor) -> list[Flat]:
    """Return the flats of the actor, or of whom he acts for: held, and bought."""
    region, hashes = doors.region(), identity.person_hashes(actor, service=SERVICE)
    held = [lot for lot in titles.lots_of(region, hashes) if lot.kind is titles.LotKind.UNIT and not lot.with_developer]
    claims = titles.claims_of(region, hashes)
    bought = [titles.lot(region, one.lot) for claim in claims for one in claim.lots if one.open]
    lots = [*((lot, False) for lot in held), *((lot, True) for lot in bought)]
    rights = titles.rights_on(region, [lot.code for lot, _ in lots])
    heads = {
        head.code: head
        for head in parcels.named(titles.parcel(region, code) for code in sorted({lot.parcel for lot, _ in lots}))
    }
    return [_flat(lot, new, heads[lot.parcel], rights) for lot, new in lots]


def _flat(lot: titles.LotView, bought: bool, head: parcels.Head, rights: Sequence[titles.CoverageView]) -> Flat:
    return Flat(
        head.name,
        places.place(lot.code),
        lot.code,
        amounts.shown(lot.floor_dm2),
        amounts.shown(lot.dm2),
        lot.num,
        lot.den,
        bought,
        lot.registered,
        tuple(
            states.right_words(one) for one in rights if one.lot == lot.code and one.kind is not titles.RightKind.CLAIM
        ),
    )
