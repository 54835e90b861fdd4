"""A site of nothing but sign-in, for the tests beside."""

from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from bancheng.kernel.identity import public as identity


def who(request: HttpRequest) -> HttpResponse:
    return HttpResponse(identity.actor_of(request.user).ref)


def press(request: HttpRequest) -> HttpResponse:
    identity.demo_sign_in(request, request.POST["code"])
    return HttpResponse("in")


urlpatterns = [
    path("", who),
    path("sign-in/", who),
    path("press/", press),
    path("accounts/", include("bancheng.kernel.identity.urls")),
]
