"""Every read of the catalogue: frozen views for the doors and for other parts.

`region` may be left out where a deployment holds one city. What is retired is not seen, unless asked for by its code.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Case, F, Func, IntegerField, Q, QuerySet, Value, When

from bancheng.kernel.catalogue import facts, models, rows, words
from bancheng.lib.refusal import Refused

NEAR_LIMIT = 8  # nearest guides shown when nothing matches


@dataclass(frozen=True)
class Found:
    """What a search brought. `near`: nothing matched, these are the nearest."""

    matters: tuple[facts.Matter, ...]
    near: bool = False


def cities() -> list[facts.City]:
    """Return the loaded cities in the order of their codes."""
    return [rows.city_of(row) for row in models.City.objects.order_by("region")]


def city(region: str = "") -> facts.City:
    """Return the city of `region`, or the only one.

    Raises Refused("city_not_loaded").
    """
    row = _of(models.City.objects.all(), region).order_by("region").first()
    if row is None:
        raise Refused(
            "city_not_loaded",
            "城市资料尚未导入，请管理员运行 bancheng load。",
            en="No city is loaded yet; an operator runs bancheng load.",
            status=503,
        )
    return rows.city_of(row)


def domains(region: str = "") -> list[facts.Domain]:
    """Return the fields of administration in the pack's order."""
    return [rows.domain_of(row) for row in _listed(models.Domain, region).order_by("position")]


def areas(region: str = "", *, on: date | None = None) -> list[facts.Area]:
    """Return the areas by code; with `on` only those in force on that day."""
    found = [rows.area_of(row) for row in _listed(models.Area, region).order_by("code")]
    return [area for area in found if on is None or area.in_force(on)]


def area(code: str, *, region: str = "") -> facts.Area:
    """Return the area of `code`, in force or not.

    Raises Refused("area_unknown").
    """
    return rows.area_of(_one(models.Area.objects.all(), region, code, "area_unknown", "区划代码", "area code"))


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
    found = _listed(models.Unit, region).order_by("sort_key").prefetch_related("serves__area")
    return [rows.unit_of(row) for row in (found.filter(domain=domain) if domain else found)]


def unit(code: str, *, region: str = "") -> facts.Unit:
    """Return the unit of `code`, retired or not.

    Raises Refused("unit_unknown").
    """
    found = models.Unit.objects.prefetch_related("serves__area")
    return rows.unit_of(_one(found, region, code, "unit_unknown", "单位", "unit"))


def units_by_code(codes: Iterable[str], *, region: str = "") -> dict[str, facts.Unit]:
    """Return the units of `codes`, retired or not, by code: two statements however many; an unknown code is left out."""
    found = _of(models.Unit.objects.filter(code__in=set(codes)), region).prefetch_related("serves__area")
    return {row.code: rows.unit_of(row) for row in found}


def units_serving(area_code: str, *, region: str = "") -> list[facts.Unit]:
    """Return the units that serve an area, a zone's among them."""
    found = _listed(models.Unit, region).filter(serves__area__code=area_code)
    return [rows.unit_of(row) for row in found.order_by("sort_key").prefetch_related("serves__area")]


def licence_types(region: str = "") -> list[facts.LicenceType]:
    """Return the kinds of licences by code."""
    return [rows.licence_type_of(row) for row in _listed(models.LicenceType, region).order_by("code")]


def licence_type(code: str, *, region: str = "") -> facts.LicenceType:
    """Return the kind of licence of `code`.

    Raises Refused("licence_type_unknown").
    """
    row = _one(models.LicenceType.objects.all(), region, code, "licence_type_unknown", "证照类型", "kind of licence")
    return rows.licence_type_of(row)


def outlets(region: str = "", *, unit: str = "", codes: Iterable[str] | None = None) -> list[facts.Outlet]:
    """Return the outlets by pinyin, or those of `codes` in the order given."""
    found = _listed(models.Outlet, region).select_related("unit").order_by("sort_key")
    if unit:
        found = found.filter(unit__code=unit)
    if codes is None:
        return [rows.outlet_of(row) for row in found]
    wanted = list(codes)
    by_code = {row.code: rows.outlet_of(row) for row in found.filter(code__in=wanted)}
    return [by_code[code] for code in wanted if code in by_code]


def outlet(code: str, *, region: str = "") -> facts.Outlet:
    """Return the outlet of `code`.

    Raises Refused("outlet_unknown").
    """
    found = models.Outlet.objects.select_related("unit")
    return rows.outlet_of(_one(found, region, code, "outlet_unknown", "网点", "outlet"))


def matters(
    region: str = "", *, unit: str = "", domain: str = "", outlet: str = "", codes: Iterable[str] | None = None
) -> list[facts.Matter]:
    """Return the matters by pinyin, of a unit, a domain, an outlet or those of `codes` when named."""
    found = _matters(region).order_by("sort_key", "code")
    if codes is not None:
        found = found.filter(code__in=list(codes))
    if unit:
        found = found.filter(unit__code=unit)
    if domain:
        found = found.filter(domain=domain)
    if outlet:
        found = found.filter(places__outlet__code=outlet)
    return [rows.matter_of(row) for row in found]


def matter(code: str, *, region: str = "") -> facts.Matter:
    """Return the matter of `code`, or of an implementing code of 31 characters.

    Raises Refused("matter_unknown").
    """
    found = models.Matter.objects.select_related("unit").prefetch_related("places__outlet")
    if len(code) == 31:
        code = _of(found, region).filter(implementing_code=code).values_list("code", flat=True).first() or code
    return rows.matter_of(_one(found, region, code, "matter_unknown", "事项", "matter"))


def search(asked: str, *, region: str = "", unit: str = "", domain: str = "", limit: int = 50) -> Found:
    """Return the matters in which every word of `asked` occurs, best first; else the nearest by shared bigrams.

    A name that begins with the words comes first, then one that holds them, then pinyin, synonyms, the unit.
    """
    asked_words = [word for word in map(words.plain, asked.split()) if word]
    if not asked_words:
        return Found(())
    found = _matters(region)
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
    hits = list(exact.annotate(rank=rank).order_by("rank", "sort_key", "code")[:limit])
    if hits:
        return Found(tuple(rows.matter_of(row) for row in hits))
    return Found(tuple(rows.matter_of(row) for row in _nearest(found, asked_words)), near=True)


def _nearest(found: QuerySet[models.Matter], asked_words: list[str]) -> list[Any]:
    """Return the rows that share the most bigrams with the question, two at least."""
    asked = sorted(set().union(*(words.bigrams(word) for word in asked_words)))
    shared = Func(
        F("grams"),
        Value(asked, output_field=models.Matter._meta.get_field("grams")),
        template="(select count(*) from (select unnest(%(expressions)s)) as same)",
        arg_joiner=") intersect select unnest(",
        output_field=IntegerField(),
    )
    near = found.filter(grams__overlap=asked).annotate(shared=shared).filter(shared__gte=min(2, len(asked)))
    return list(near.order_by("-shared", "sort_key", "code")[:NEAR_LIMIT])


def _matters(region: str) -> QuerySet[models.Matter]:
    return _listed(models.Matter, region).select_related("unit").prefetch_related("places__outlet")


def _of(found: QuerySet[Any], region: str) -> QuerySet[Any]:
    return found.filter(region=region) if region else found


def _listed(model: Any, region: str) -> QuerySet[Any]:
    return _of(model.objects.filter(retired_at=None), region)


def _one(found: QuerySet[Any], region: str, code: str, refusal: str, zh: str, en: str) -> Any:
    row = _of(found, region).filter(Q(code=code)).order_by("region").first()
    if row is None:
        raise Refused(
            refusal,
            f"没有这个{zh}：{code}。请从目录中重新选择。",
            en=f"There is no such {en}: {code}. Please choose again from the list.",
            status=404,
        )
    return row
