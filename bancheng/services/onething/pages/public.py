"""What anybody may read: the bundles and what each holds."""

from django.http import HttpResponse
from django.shortcuts import render

from bancheng.services.onething import papers, promising, queries
from bancheng.web.doors import Request


def home(request: Request) -> HttpResponse:
    return render(request, "onething/home.html", {"bundles": queries.bundles()})


def bundle(request: Request, code: str) -> HttpResponse:
    found = queries.bundle(code)
    listed = papers.listed(found.matters)
    shown = {
        "bundle": found,
        "steps": queries.guide_steps(found),
        "papers": listed,
        "may_follow": papers.may_follow(listed),
        "offers": promising.offers(found),
    }
    return render(request, "onething/bundle.html", shown)
