"""The last middleware: who acts, and what becomes of a refusal."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse


class Doors:
    """Put the actor on the request; turn `Refused` into a page or a problem document."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)
