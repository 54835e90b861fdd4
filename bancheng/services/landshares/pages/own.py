"""A developer's own parcels, and a buyer's own flats with the land that goes with them."""

from django.http import HttpResponse
from django.shortcuts import render

from bancheng.services.landshares.queries import own
from bancheng.web.doors import Request


def developer(request: Request) -> HttpResponse:
    return render(request, "landshares/developer.html", {"estates": own.estates(request.actor)})


def estate(request: Request, parcel: str) -> HttpResponse:
    found = own.estate(request.actor, parcel)
    return render(request, "landshares/estate.html", {"found": found, "head": found.head, "lists": own.lists(found)})


def flats(request: Request) -> HttpResponse:
    return render(request, "landshares/flats.html", {"flats": own.flats(request.actor)})
