"""The public directory of reminder items, and the check of a shown licence."""

import csv

from django.http import HttpResponse
from django.shortcuts import render

from bancheng.kernel.catalogue import public as catalogue
from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.licences import public as licences
from bancheng.services.expiry import queries
from bancheng.web.doors import Request

CSV_HEADER = (
    "事项编码",
    "名称",
    "发证单位",
    "领域",
    "法律依据",
    "申请窗口（到期前）",
    "窗口依据",
    "所需材料",
    "办理地点",
    "网上办理",
    "咨询电话",
)


def directory(request: Request) -> HttpResponse:
    domain, unit = request.GET.get("domain", ""), request.GET.get("unit", "")
    items = list(queries.directory(domain=domain, unit=unit))
    return render(
        request,
        "expiry/directory.html",
        {
            "items": items,
            "units": {unit.code: unit for unit in catalogue.units()},
            "domain": domain,
            "unit": unit,
            "domains": queries.domains(),
        },
    )


def directory_csv(request: Request) -> HttpResponse:
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="reminder-items.csv"'
    answer.write("\ufeff")
    writer = csv.writer(answer)
    writer.writerow(CSV_HEADER)
    units = {unit.code: unit.name for unit in catalogue.units()}
    for item in queries.directory():
        window = (
            "" if item.closes is None else f"{item.opens}—{item.closes}{'个工作日' if item.counts_in == 'wd' else '天'}"
        )
        writer.writerow(
            [
                item.code,
                item.name,
                units.get(item.unit, item.unit),
                item.domain,
                item.law,
                window,
                item.window_law,
                item.materials,
                item.offline,
                item.online,
                item.phone,
            ]
        )
    return answer


def item(request: Request, code: str) -> HttpResponse:
    found = queries.item(code)
    return render(
        request,
        "expiry/item.html",
        {"item": found, "unit": catalogue.unit(found.unit), "example": queries.example(found, clocks.today())},
    )


def verify(request: Request, code: str) -> HttpResponse:
    """Show the masked facts behind a code that a holder shows; `Refused` when it is old or false."""
    return render(request, "expiry/verify.html", {"shown": licences.verify_code(code, clocks.now())})
