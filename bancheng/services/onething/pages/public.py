"""What anybody may read: the bundles and what each holds."""

from django.http import HttpResponse
from django.shortcuts import render

from bancheng.services.onething import papers, queries
from bancheng.web.doors import Request


def home(request: Request) -> HttpResponse:
    return render(request, "onething/home.html", {"bundles": queries.bundles()})


def bundle(request: Request, code: str) -> HttpResponse:
    found = queries.bundle(code)
    shown = {"bundle": found, "steps": queries.guide_steps(found), "papers": papers.listed(found.matters)}
    return render(request, "onething/bundle.html", shown)
