"""Parcels and buildings on a plain drawing with the list beside it, their outlines as GeoJSON, and a parcel in the names of LADM."""

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render

from bancheng.services.landshares.queries import doors, exchange, parcels
from bancheng.services.landshares.queries import estates as queries
from bancheng.services.landshares.rules import maps, procedures
from bancheng.web.doors import Request


def drawn(request: Request) -> HttpResponse:
    """Show the parcels of the actor's counties; of one county when it is asked for."""
    area = request.GET.get("area", "")
    heads = [head for head in parcels.heads(request.actor) if not area or head.code.startswith(area)]
    by_code = {head.code: head for head in heads}
    drawing = maps.draw(queries.rings(by_code))
    return render(
        request,
        "landshares/map.html",
        {
            "heads": heads,
            "drawing": drawing,
            "shapes": [(shape, by_code[shape.key]) for shape in (drawing.polygons if drawing else ())],
            "area": area,
        },
    )


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
