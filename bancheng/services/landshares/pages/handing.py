"""The forms of a parcel's steps: each kind of registration has a page that asks, and takes what was written with its papers."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.documents import public as documents
from bancheng.kernel.registrations import public as registrations
from bancheng.kernel.titles import public as titles
from bancheng.lib.refusal import Refused
from bancheng.lib.text import Text
from bancheng.services.landshares.operations import handing, keeping
from bancheng.services.landshares.queries import doors, parcels
from bancheng.services.landshares.rules import forms, places, procedures
from bancheng.web.acting import carry_out
from bancheng.web.doors import Request

Choices = list[tuple[str, Text]]


def form(request: Request, parcel: str, kind: str, refused: Refused | None = None) -> HttpResponse:
    """Ask what a kind of registration at this parcel needs to know."""
    doors.check_staff(request.actor, parcel)
    if kind not in forms.AT_PARCEL:
        raise Refused("unknown_kind", "这里不办理这种登记。", en="That is not handed in here.", status=404)
    return _asked(request, kind, refused, parcels.head(parcel), _choices(parcel))


def opening(request: Request, refused: Refused | None = None) -> HttpResponse:
    """Ask for what a new parcel's first registration needs."""
    origins = [("new", procedures.NEW), *procedures.KINDS.items()]
    return _asked(request, forms.OPENING, refused, None, {forms.Sort.ORIGIN: origins})


def _asked(
    request: Request,
    kind: str,
    refused: Refused | None,
    head: parcels.Head | None,
    choices: Mapping[forms.Sort, Choices],
) -> HttpResponse:
    known, typed = registrations.kind(kind), request.POST or request.GET
    scale = parcels.scale(head.parcel) if head and known.divides else None
    short = bool(scale and scale.short)
    return render(
        request,
        "landshares/form.html",
        {
            "head": head,
            "kind": known,
            "code": kind,
            "fields": [
                (each, typed.get(each.name, ""), choices.get(each.sort)) for each in forms.asked(kind, short=short)
            ],
            "papers": [
                (code, registrations.material(code))
                for code in (*known.papers, *(forms.MAY_ADD.get(kind, ()) if short else ()))
            ],
            "consents": forms.consent_rows(kind, typed),
            "scale": scale,
            "own_motion": known.own_motion,
            "asked": [registrations.ROLES[role] for role in sorted(known.consents)],
            "refused": refused,
        },
        status=refused.status if refused else 200,
    )


def _choices(parcel: str) -> dict[forms.Sort, Choices]:
    lots = titles.lots(doors.region(), parcel)
    return {
        forms.Sort.ENDING: list(forms.ENDINGS),
        forms.Sort.BUILDING: [
            (lot.code, places.place(lot.code)) for lot in lots if lot.kind is titles.LotKind.BUILDING
        ],
        forms.Sort.UNIT: [
            (lot.code, places.place(lot.code)) for lot in lots if lot.kind is titles.LotKind.UNIT and lot.open
        ],
    }


def hand_in(request: Request, parcel: str, kind: str) -> HttpResponse:
    """Take a form in for a parcel that is in the book."""
    doors.check_staff(request.actor, parcel)
    if kind not in forms.AT_PARCEL:
        raise Refused("unknown_kind", "这里不办理这种登记。", en="That is not handed in here.", status=404)
    return _take(request, parcel, kind, ("landshares:steps", parcel), lambda no: form(request, parcel, kind, no))


def open_parcel(request: Request) -> HttpResponse:
    """Take a new parcel's first registration in."""
    parcel = "".join(request.POST.get("parcel", "").split()).upper()
    try:
        titles.check_parcel(parcel, region=doors.region())
        doors.check_staff(request.actor, parcel)
    except Refused as no:
        return opening(request, no)
    return _take(request, parcel, forms.OPENING, ("landshares:parcels",), lambda no: opening(request, no))


def _take(request: Request, parcel: str, kind: str, then: tuple[str, ...], again: Any) -> HttpResponse:
    return carry_out(
        request,
        lambda: handing.hand_in(
            kind=kind,
            parcel=parcel,
            said=request.POST.dict(),
            files=_files(request, kind),
            consents=_consents(request, kind),
            by=request.actor,
            at=clocks.now(),
        ),
        "已提交登记申请；各方本人同意后，由受理、审核、登簿三人办理生效。",
        "Handed in; once everybody named has agreed, three other people accept, review and record it.",
        then=then,  # type: ignore[arg-type]  # a page's name with its arguments
        again=again,
    )


def _files(request: Request, kind: str) -> dict[str, keeping.Given]:
    """Return the papers that were uploaded. Raises Refused: document_empty, document_too_large."""
    wanted = (*registrations.kind(kind).papers, *forms.MAY_ADD.get(kind, ()))
    found = {code: given(request, code) for code in wanted}
    return {code: each for code, each in found.items() if each is not None}


def _consents(request: Request, kind: str) -> list[handing.Consent]:
    """Return the consents on paper of which anything was filled in. Raises as `_files`."""
    rows = [
        handing.Consent(row.right, row.dated, given(request, row.scan))
        for row in forms.consent_rows(kind, request.POST)
    ]
    return [each for each in rows if each.right or each.dated or each.scan]


def given(request: Request, name: str) -> keeping.Given | None:
    """Return an uploaded paper, read whole once its size is found in order; None when there is none. Raises as `_files`."""
    file = request.FILES.get(name)
    if file is None:
        return None
    documents.check_size(file.size or 0, documents.limits())
    return keeping.Given(file.name or "", file.read())
