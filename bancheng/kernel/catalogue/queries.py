"""Every read of the catalogue: frozen views for the doors and for other parts.

`region` may be left out where a deployment holds one city. What is retired is not seen, unless asked for by its code. Everything but a search
is read once for each edition of the pack (`edition`).
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, Protocol, TypeVar

from django.db.models import Case, F, Func, IntegerField, QuerySet, Value, When

from bancheng.kernel.catalogue import facts, models, rows, words
from bancheng.kernel.catalogue.edition import kept
from bancheng.lib.refusal import Refused
from bancheng.lib.text import Text

NEAR_LIMIT = 8  # nearest guides shown when nothing matches


class _Coded(Protocol):
    @property
    def code(self) -> str: ...


T = TypeVar("T", bound=_Coded)


@dataclass(frozen=True)
class Shelf(Generic[T]):
    """Everything of one kind: what is in force in its order, and everything, the retired too, by its code."""

    listed: tuple[T, ...]
    by_code: Mapping[str, T]


def _shelf(found: QuerySet[Any], region: str, fact_of: Callable[[Any], T]) -> Shelf[T]:
    listed: list[T] = []
    by_code: dict[str, T] = {}
    for row in _of(found, region):
        fact = fact_of(row)
        by_code.setdefault(fact.code, fact)
        if row.retired_at is None:
            listed.append(fact)
    return Shelf(tuple(listed), by_code)


@kept
def _cities() -> tuple[facts.City, ...]:
    return tuple(rows.city_of(row) for row in models.City.objects.order_by("region"))


@kept
def _areas(region: str) -> Shelf[facts.Area]:
    return _shelf(models.Area.objects.order_by("code"), region, rows.area_of)


@kept
def _units(region: str) -> Shelf[facts.Unit]:
    found = models.Unit.objects.order_by("sort_key").prefetch_related("serves__area")
    return _shelf(found, region, rows.unit_of)


@kept
def _licence_types(region: str) -> Shelf[facts.LicenceType]:
    return _shelf(models.LicenceType.objects.order_by("code"), region, rows.licence_type_of)


@kept
def _outlets(region: str) -> Shelf[facts.Outlet]:
    return _shelf(models.Outlet.objects.select_related("unit").order_by("sort_key"), region, rows.outlet_of)


@kept
def _matters(region: str) -> Shelf[facts.Matter]:
    found = models.Matter.objects.select_related("unit").prefetch_related("places__outlet")
    return _shelf(found.order_by("sort_key", "code"), region, rows.matter_of)


def cities() -> list[facts.City]:
    """Return the loaded cities in the order of their codes."""
    return list(_cities())


def city(region: str = "") -> facts.City:
    """Return the city of `region`, or the only one.

    Raises Refused("city_not_loaded").
    """
    found = next((one for one in _cities() if region in ("", one.region)), None)
    if found is None:
        raise Refused(
            "city_not_loaded",
            "城市资料尚未导入，请管理员运行 bancheng load。",
            en="No city is loaded yet; an operator runs bancheng load.",
            status=503,
        )
    return found


def domains(region: str = "") -> list[facts.Domain]:
    """Return the fields of administration in the pack's order."""
    return list(_domains(region))


@kept
def _domains(region: str) -> tuple[facts.Domain, ...]:
    found = _of(models.Domain.objects.filter(retired_at=None), region).order_by("position")
    return tuple(rows.domain_of(row) for row in found)


def areas(region: str = "", *, on: date | None = None) -> list[facts.Area]:
    """Return the areas by code; with `on` only those in force on that day."""
    return [area for area in _areas(region).listed if on is None or area.in_force(on)]


def area(code: str, *, region: str = "") -> facts.Area:
    """Return the area of `code`, in force or not.

    Raises Refused("area_unknown").
    """
    return _one(_areas(region), code, "area_unknown", "区划代码", "area code")


def current_area(code: str, *, region: str = "") -> facts.Area:
    """Return the area that stands for `code` now: 411023 on an old card is 411003 today.

    Raises Refused("area_unknown").
    """
    found = area(code, region=region)
    while found.successor:
        found = area(found.successor, region=region)
    return found


def units(region: str = "", *, domain: str = "") -> list[facts.Unit]:
    """Return the units by pinyin."""
    return [one for one in _units(region).listed if domain in ("", one.domain)]


def unit(code: str, *, region: str = "") -> facts.Unit:
    """Return the unit of `code`, retired or not.

    Raises Refused("unit_unknown").
    """
    return _one(_units(region), code, "unit_unknown", "单位", "unit")


def units_by_code(codes: Iterable[str], *, region: str = "") -> dict[str, facts.Unit]:
    """Return the units of `codes`, retired or not, by code; an unknown code is left out."""
    known = _units(region).by_code
    return {code: known[code] for code in codes if code in known}


def unit_names(codes: Iterable[str], *, region: str = "") -> dict[str, Text]:
    """Return what the units of `codes` are called, retired or not; an unknown code is left out."""
    return {code: unit.title for code, unit in units_by_code(sorted(set(codes)), region=region).items()}


def units_serving(area_code: str, *, region: str = "") -> list[facts.Unit]:
    """Return the units that serve an area, a zone's among them."""
    return [one for one in _units(region).listed if area_code in one.areas]


def licence_types(region: str = "") -> list[facts.LicenceType]:
    """Return the kinds of licences by code."""
    return list(_licence_types(region).listed)


def licence_type(code: str, *, region: str = "") -> facts.LicenceType:
    """Return the kind of licence of `code`.

    Raises Refused("licence_type_unknown").
    """
    return _one(_licence_types(region), code, "licence_type_unknown", "证照类型", "kind of licence")


def outlets(region: str = "", *, unit: str = "", codes: Iterable[str] | None = None) -> list[facts.Outlet]:
    """Return the outlets by pinyin, or those of `codes` in the order given."""
    found = [one for one in _outlets(region).listed if unit in ("", one.unit)]
    if codes is None:
        return found
    by_code = {one.code: one for one in found}
    return [by_code[code] for code in codes if code in by_code]


def outlet(code: str, *, region: str = "") -> facts.Outlet:
    """Return the outlet of `code`.

    Raises Refused("outlet_unknown").
    """
    return _one(_outlets(region), code, "outlet_unknown", "网点", "outlet")


def matters(
    region: str = "", *, unit: str = "", domain: str = "", outlet: str = "", codes: Iterable[str] | None = None
) -> list[facts.Matter]:
    """Return the matters by pinyin, of a unit, a domain, an outlet or those of `codes` when named."""
    wanted = None if codes is None else set(codes)
    return [
        one
        for one in _matters(region).listed
        if (wanted is None or one.code in wanted)
        and unit in ("", one.unit)
        and domain in ("", one.domain)
        and (not outlet or outlet in one.outlets)
    ]


def matter(code: str, *, region: str = "") -> facts.Matter:
    """Return the matter of `code`, or of an implementing code of 31 characters.

    Raises Refused("matter_unknown").
    """
    shelf = _matters(region)
    if len(code) == 31:
        code = next((one.code for one in shelf.by_code.values() if one.implementing_code == code), code)
    return _one(shelf, code, "matter_unknown", "事项", "matter")


@dataclass(frozen=True)
class Found:
    """What a search brought. `near`: nothing matched, these are the nearest."""

    matters: tuple[facts.Matter, ...]
    near: bool = False


def search(asked: str, *, region: str = "", unit: str = "", domain: str = "", limit: int = 50) -> Found:
    """Return the matters in which every word of `asked` occurs, best first; else the nearest by shared bigrams.

    A name that begins with the words comes first, then one that holds them, then pinyin, synonyms, the unit.
    """
    asked_words = [word for word in map(words.plain, asked.split()) if word]
    if not asked_words:
        return Found(())
    found = _of(models.Matter.objects.filter(retired_at=None), region)
    if unit:
        found = found.filter(unit__code=unit)
    if domain:
        found = found.filter(domain=domain)
    exact = found
    for word in asked_words:
        # the array narrows by index; the text decides, because bigrams may lie apart
        exact = exact.filter(search_text__contains=word)
        if len(word) > 1:
            exact = exact.filter(grams__contains=sorted(words.bigrams(word)))
    first = asked_words[0]
    rank = Case(
        When(name__istartswith=first, then=Value(0)),
        When(name__icontains=first, then=Value(1)),
        default=Value(2),
        output_field=IntegerField(),
    )
    known = _matters(region).by_code
    hits = exact.annotate(rank=rank).order_by("rank", "sort_key", "code").values_list("code", flat=True)
    if best := [known[code] for code in hits[:limit]]:
        return Found(tuple(best))
    return Found(tuple(known[code] for code in _nearest(found, asked_words)), near=True)


def _nearest(found: QuerySet[models.Matter], asked_words: list[str]) -> list[str]:
    """Return the codes of the matters that share the most bigrams with the question, two at least."""
    asked = sorted(set().union(*(words.bigrams(word) for word in asked_words)))
    shared = Func(
        F("grams"),
        Value(asked, output_field=models.Matter._meta.get_field("grams")),
        template="(select count(*) from (select unnest(%(expressions)s)) as same)",
        arg_joiner=") intersect select unnest(",
        output_field=IntegerField(),
    )
    near = found.filter(grams__overlap=asked).annotate(shared=shared).filter(shared__gte=min(2, len(asked)))
    return list(near.order_by("-shared", "sort_key", "code").values_list("code", flat=True)[:NEAR_LIMIT])


def _of(found: QuerySet[Any], region: str) -> QuerySet[Any]:
    return found.filter(region=region) if region else found


def _one(shelf: Shelf[T], code: str, refusal: str, zh: str, en: str) -> T:
    if (found := shelf.by_code.get(code)) is None:
        raise Refused(
            refusal,
            f"没有这个{zh}：{code}。请从目录中重新选择。",
            en=f"There is no such {en}: {code}. Please choose again from the list.",
            status=404,
        )
    return found
