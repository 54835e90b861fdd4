"""A parcel for those who work on it: what it is today or was on any day, its plan, its sheet, its history."""

from collections.abc import Iterator

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.registrations import public as registrations
from bancheng.kernel.titles import public as titles
from bancheng.lib.refusal import Refused
from bancheng.lib.text import Text
from bancheng.services.landshares import printing
from bancheng.services.landshares.operations import handing
from bancheng.services.landshares.queries import doors, parcels
from bancheng.services.landshares.rules import amounts, places, procedures, states
from bancheng.web.doors import Request
from bancheng.web.downloads import csv_file

SIZE = 40
SHOWN_ENTRIES = 100
OPEN_LOTS = 40  # a parcel with more shows its drawings, and the tables when they are asked for


def listed(request: Request) -> HttpResponse:
    words, asked = request.GET.get("q", "").strip(), request.GET.get("stage", "")
    stage = int(asked) if asked in {"1", "2", "3", "4", "5"} else None
    page = Paginator(parcels.heads(request.actor, words=words, stage=stage), SIZE).get_page(request.GET.get("page"))
    return render(
        request,
        "landshares/parcels.html",
        {
            "page": page,
            "words": words,
            "files": any(request.actor.has(role) for role in handing.FILERS),
            "stages": [
                {
                    "words": name,
                    "url": f"?stage={number}&q={words}" if number else f"?q={words}",
                    "current": number == (stage or 0),
                }
                for number, name in [
                    (0, Text("全部", "All")),
                    *((each.number, each.name) for each in procedures.STAGES),
                ]
            ],
        },
    )


def _asked(request: Request) -> parcels.AsOf:
    return parcels.as_of(request.GET.get("valid", ""), request.GET.get("known", ""), today=clocks.today())


def parcel(request: Request, parcel: str) -> HttpResponse:
    doors.check_staff(request.actor, parcel)
    refused = None
    try:
        asked = _asked(request)
    except Refused as no:
        asked, refused = parcels.AsOf(), no
    found = parcels.sheet(parcel, asked)
    return render(
        request,
        "landshares/parcel.html",
        {
            "found": found,
            "head": found.head,
            "asked": asked,
            "refused": refused,
            "today": clocks.today(),
            "groups": [
                {"name": name, "figures": [(parcels.COLUMNS[each], found.total[each]) for each in columns]}
                for name, columns in parcels.GROUPS
            ],
            "legend": states.WORDS.items(),
            "short": sum(len(each.lots) for each in found.buildings) <= OPEN_LOTS,
        },
        status=refused.status if refused else 200,
    )


def plan(request: Request, parcel: str) -> HttpResponse:
    doors.check_staff(request.actor, parcel)
    found, versions = _plan(request, parcel)
    return render(
        request,
        "landshares/plan.html",
        {
            "head": parcels.head(parcel),
            "plan": found,
            "reason": states.REASONS[found.reason] if found else "",
            "weight": amounts.shown(found.weight_dm2) if found else "",
            "lines": parcels.plan_lines(found) if found else [],
            "versions": [
                {
                    "words": Text(f"第{each.version}版", f"Version {each.version}"),
                    "url": f"?version={each.version}",
                    "current": bool(found and each.version == found.version),
                }
                for each in versions
            ],
        },
    )


def _plan(request: Request, parcel: str) -> tuple[titles.PlanView | None, list[titles.PlanView]]:
    asked = request.GET.get("version", "")
    version = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 6 else None
    return titles.plan(doors.region(), parcel, version), titles.plans(doors.region(), parcel)


def plan_csv(request: Request, parcel: str) -> HttpResponse:
    doors.check_staff(request.actor, parcel)
    found, _ = _plan(request, parcel)
    if found is None:
        raise Refused("no_plan", "这宗地还没有量化计划表。", en="The parcel has no share plan yet.", status=404)
    return csv_file(f"plan-{parcel}-{found.version}.csv", _plan_rows(found))


def _plan_rows(found: titles.PlanView) -> Iterator[list[object]]:
    yield [
        "代码",
        "层级",
        "建筑面积（平方米）",
        "面积来源",
        "份额分子",
        "份额分母",
        "分摊土地面积（平方米）",
        "调整前（平方米）",
    ]
    for row in found.rows:
        before = "" if row.before_dm2 is None else amounts.plain(row.before_dm2)
        source = states.SOURCES[row.source].zh
        yield [
            f"{row.lot}\t",
            row.level,
            amounts.plain(row.floor_dm2),
            source,
            row.num,
            row.den,
            amounts.plain(row.dm2),
            before,
        ]


def sheet(request: Request, parcel: str) -> HttpResponse:
    doors.check_staff(request.actor, parcel)
    asked = _asked(request)
    found = parcels.sheet(parcel, asked)
    return render(
        request,
        "landshares/sheet.html",
        {
            "found": found,
            "head": found.head,
            "asked": asked,
            "figures": [(words, found.total[name]) for name, words in parcels.COLUMNS.items()],
            "mortgages": [(who, amounts.shown(dm2)) for who, dm2 in found.sheet.mortgaged_by.items()],
            "seizures": [(who, amounts.shown(dm2)) for who, dm2 in found.sheet.seized_by.items()],
        },
    )


def sheet_pdf(request: Request, parcel: str) -> HttpResponse:
    doors.check_staff(request.actor, parcel)
    asked = _asked(request)
    answer = HttpResponse(
        printing.sheet(parcels.sheet(parcel, asked), asked, at=clocks.now()), content_type="application/pdf"
    )
    answer["Content-Disposition"] = f'inline; filename="sheet-{parcel}.pdf"'
    return answer


def history(request: Request, parcel: str) -> HttpResponse:
    doors.check_staff(request.actor, parcel)
    lot = request.GET.get("lot", "")
    found = titles.history(doors.region(), parcel, lot=lot)
    page = Paginator(found, SHOWN_ENTRIES).get_page(request.GET.get("page"))
    consents = registrations.paper_consents_of({each.registration for each in page})
    return render(
        request,
        "landshares/history.html",
        {
            "head": parcels.head(parcel),
            "lot": lot,
            "page": page,
            "entries": [
                (
                    each,
                    states.act_words(each.act),
                    states.state_words(each.state),
                    places.subject_words(each.subject),
                    parcels.holder_words(each.holder),
                    amounts.shown(each.dm2),
                    consents.get(each.registration, ()),
                )
                for each in page
            ],
        },
    )
