"""Inspections: a month's random sample, entered bundle by bundle."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render

from bancheng.kernel.clocks import public as clocks
from bancheng.lib.refusal import Refused
from bancheng.services.mortgages import digests, doors
from bancheng.services.mortgages.operations import supervising
from bancheng.services.mortgages.queries import agreements
from bancheng.services.mortgages.queries import archive as queries
from bancheng.web import typed
from bancheng.web.acting import carry_out
from bancheng.web.doors import Request


def inspections(request: Request, refused: Refused | None = None) -> HttpResponse:
    return render(
        request,
        "mortgages/inspections.html",
        {
            "lines": queries.inspections(request.actor),
            "draws": bool(doors.units(request.actor, *doors.REGISTRY)),
            "banks": agreements.banks(),
            "refused": refused,
        },
        status=refused.status if refused else 200,
    )


def draw(request: Request) -> HttpResponse:
    return carry_out(
        request,
        lambda: supervising.draw(
            bank=request.POST.get("bank", ""), month=clocks.today(), by=request.actor, at=clocks.now()
        ),
        "已抽取本月样本，种子和清单摘要已留存。",
        "This month's sample is drawn; its seed and the digest of the list are kept.",
        then=("mortgages:inspections",),
        again=lambda no: inspections(request, refused=no),
    )


def inspection(request: Request, inspection_id: UUID, refused: Refused | None = None) -> HttpResponse:
    found, bank, lines = queries.inspection(request.actor, inspection_id)
    return render(
        request,
        "mortgages/inspection.html",
        {
            "one": found,
            "bank": bank,
            "lines": lines,
            "again": queries.drawn_again(found),
            "enters": doors.is_registry(request.actor, found.registry),
            "refused": refused,
        },
        status=refused.status if refused else 200,
    )


def enter(request: Request, inspection_id: UUID) -> HttpResponse:
    """Enter what was found of one drawn bundle; a document scanned anew is compared by its digest."""
    post = request.POST

    def do() -> None:
        queries.inspection(request.actor, inspection_id)
        file, n = request.FILES.get("file"), post.get("n", "")
        scans = {typed.whole(n): digests.of(file.chunks())[0]} if file else {}
        there = post.get("there") == "yes"
        supervising.inspect(
            inspected_id=typed.whole(post.get("drawn", "")),
            there=there,
            pages=typed.whole(post.get("pages", "")) if there else 0,
            scans=scans,
            words=post.get("words", ""),
            by=request.actor,
            at=clocks.now(),
        )

    return carry_out(
        request,
        do,
        "已登记抽检结果。",
        "The result is on record.",
        then=("mortgages:inspection", inspection_id),
        again=lambda no: inspection(request, inspection_id, refused=no),
    )
