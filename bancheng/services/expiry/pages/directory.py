"""The public directory of reminder items, and the check of a shown licence."""

from collections.abc import Iterable, Iterator

from django.http import Http404, HttpResponse
from django.shortcuts import render

from bancheng.kernel.catalogue import public as catalogue
from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.licences import public as licences
from bancheng.services.expiry import notice as city_notice
from bancheng.services.expiry import queries, words
from bancheng.web.doors import Request
from bancheng.web.downloads import csv_file

CSV_HEADER = (
    "事项编码",
    "名称",
    "发证单位",
    "领域",
    "法律依据",
    "申请窗口",
    "窗口依据",
    "所需材料",
    "办理地点",
    "网上办理",
    "咨询电话",
)


def directory(request: Request) -> HttpResponse:
    asked = {name: request.GET.get(name, "").strip() for name in ("domain", "unit", "words")}
    items = list(queries.directory(**asked))
    return render(
        request,
        "expiry/directory.html",
        {
            "items": items,
            "groups": queries.by_domain(items),
            "units": {unit.code: unit for unit in catalogue.units()},
            "domains": queries.domains(),
            "asked": asked,
            "narrowed": any(asked.values()),
        },
    )


def notice(request: Request) -> HttpResponse:
    """Show the notice that set the mechanism up, as the city's pack words it (F10.1)."""
    found = city_notice.of_pack()
    if found is None:
        raise Http404
    return render(request, "expiry/notice.html", {"notice": found})


def directory_csv(request: Request) -> HttpResponse:
    return csv_file("reminder-items.csv", _rows())


def _rows() -> Iterator[Iterable[object]]:
    yield CSV_HEADER
    units = {unit.code: unit.name for unit in catalogue.units()}
    for item in queries.directory():
        yield [
            item.code,
            item.name,
            units.get(item.unit, item.unit),
            item.domain,
            item.law,
            words.window(item.opens, item.closes, item.counts_in).zh,
            item.window_law,
            item.materials,
            item.offline,
            item.online,
            item.phone,
        ]


def item(request: Request, code: str) -> HttpResponse:
    found = queries.item(code)
    return render(
        request,
        "expiry/item.html",
        {
            "item": found,
            "unit": catalogue.unit(found.unit),
            "places": queries.places(found),
            "example": queries.example(found, clocks.today()),
        },
    )


def verify(request: Request, code: str) -> HttpResponse:
    """Show the masked facts behind a code that a holder shows; `Refused` when it is old or false."""
    return render(request, "expiry/verify.html", {"shown": licences.verify_code(code, clocks.now())})
