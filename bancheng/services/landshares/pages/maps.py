"""Parcels and buildings on a plain drawing with the list beside it, their outlines as GeoJSON, and a parcel in the names of LADM."""

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render

from bancheng.kernel.catalogue import public as catalogue
from bancheng.lib.text import Text
from bancheng.services.landshares.queries import doors, exchange, parcels
from bancheng.services.landshares.queries import estates as queries
from bancheng.services.landshares.rules import maps, procedures
from bancheng.web.doors import Request


def drawn(request: Request) -> HttpResponse:
    """Show the parcels of the actor's counties; of one county when it is asked for."""
    area, every = request.GET.get("area", ""), parcels.heads(request.actor)
    heads = [head for head in every if not area or head.code.startswith(area)]
    by_code = {head.code: head for head in heads}
    drawing = maps.draw(queries.rings(by_code))
    return render(
        request,
        "landshares/map.html",
        {
            "heads": heads,
            "drawing": drawing,
            "shapes": [(shape, by_code[shape.key]) for shape in (drawing.polygons if drawing else ())],
            "counties": _counties({head.code[:6] for head in every}, area),
        },
    )


def _counties(codes: set[str], chosen: str) -> list[dict[str, object]]:
    """Return the counties to look at, all of them first; none where there is but one."""
    named = [(each.code, Text(each.name, each.name_en)) for each in catalogue.areas() if each.code in codes]
    listed = [("", Text("全部", "All")), *named] if len(named) > 1 else []
    return [
        {"words": name, "url": f"?area={code}" if code else "?", "current": code == chosen} for code, name in listed
    ]


def geojson(request: Request) -> HttpResponse:
    """Send outlines of parcels and buildings, with the datum said: what a map of the city's own draws."""
    heads = {head.code: head for head in parcels.heads(request.actor)}
    estates, outlines = queries.outlined(heads)
    features = [
        maps.feature(
            each.parcel,
            each.ring,
            kind="parcel",
            name=each.name,
            stage=heads[each.parcel].parcel.stage,
            area=heads[each.parcel].area,
        )
        for each in estates
        if each.ring
    ] + [
        maps.feature(each.building, each.ring, kind="building", name=each.name, parcel=each.estate.parcel)
        for each in outlines
        if each.ring
    ]
    datum = estates[0].datum if estates else "CGCS2000"
    return JsonResponse(
        {"type": "FeatureCollection", "datum": datum, "features": features, "stages": len(procedures.STAGES)}
    )


def ladm(request: Request, parcel: str) -> HttpResponse:
    doors.check_staff(request.actor, parcel)
    answer = JsonResponse(exchange.ladm(parcel), json_dumps_params={"ensure_ascii": False})
    answer["Content-Disposition"] = f'attachment; filename="ladm-{parcel}.json"'
    return answer
