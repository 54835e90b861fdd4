"""A bank's catalogue of a bundle beside the list that was filed with the application: whether they say the same, and where not (B13.8)."""

from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter

from bancheng.lib.text import Text


@dataclass(frozen=True)
class Document:
    """A document of a bundle: what it is, its pages, and by which digests its scan is known."""

    material: str
    pages: int
    sha256: str
    sm3: str = ""


@dataclass(frozen=True)
class Difference:
    """Where a catalogue is not as the list; `place` counts the catalogue's documents from 0, None is one it lacks."""

    place: int | None
    code: str
    says: Text


def differences(told: Sequence[Document], listed: Sequence[Document]) -> list[Difference]:
    """Return every difference, by the catalogue's order; what it lacks comes last."""
    pairs = _pairs(told, listed)
    found = [
        each for place, one in enumerate(told) for each in _differ(place, one, listed[pairs[place]] if place in pairs else None)
    ]  # fmt: skip
    lacking = sorted(set(range(len(listed))) - set(pairs.values()))
    return found + [_lacks(listed[n]) for n in lacking]


def _pairs(told: Sequence[Document], listed: Sequence[Document]) -> dict[int, int]:
    """Return which document of the catalogue is which of the list: by its digest, and what has none there by its name."""
    pairs: dict[int, int] = {}
    for known_by in (attrgetter("sha256"), attrgetter("material")):
        for place, one in enumerate(told):
            free = (n for n, other in enumerate(listed) if n not in pairs.values() and known_by(one) == known_by(other))
            if place not in pairs and (n := next(free, None)) is not None:
                pairs[place] = n
    return pairs


def _differ(place: int, one: Document, other: Document | None) -> list[Difference]:
    if other is None:
        says = Text(f"“{one.material}”不在目录内", f"“{one.material}” is not on the list")
        return [Difference(place, "not_listed", says)]
    found = []
    if one.material != other.material:
        says = Text(f"目录中是“{other.material}”", f"the list calls it “{other.material}”")
        found.append(Difference(place, "material_differs", says))
    if one.pages != other.pages:
        says = Text(f"报{one.pages}页，目录{other.pages}页", f"{one.pages} pages told, {other.pages} listed")
        found.append(Difference(place, "pages_differ", says))
    if one.sha256 != other.sha256 or (one.sm3 and other.sm3 and one.sm3 != other.sm3):
        says = Text("扫描件摘要与随申请申报的不符", "the scan's digest is not the one filed with the application")
        found.append(Difference(place, "digest_differs", says))
    return found


def _lacks(one: Document) -> Difference:
    says = Text(f"缺“{one.material}”，{one.pages}页", f"“{one.material}”, {one.pages} page(s), is missing")
    return Difference(None, "missing", says)


def sm3_of(told: Sequence[Document], listed: Sequence[Document]) -> dict[str, str]:
    """Return the SM3 digests a catalogue adds where the list has none, by the document's place in the list, from "1"."""
    pairs = _pairs(told, listed)
    added = {n: told[place].sm3 for place, n in pairs.items() if told[place].sm3 and not listed[n].sm3}
    return {str(n + 1): added[n] for n in sorted(added)}
