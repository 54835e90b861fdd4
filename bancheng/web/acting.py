"""What a page does when something is posted to it: do it, say so, and go where it can be seen."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect

from bancheng.lib.refusal import Refused
from bancheng.web.doors import Request
from bancheng.web.forms import say


def carry_out(
    request: Request,
    do: Callable[[], Any],
    zh: str,
    en: str,
    *,
    then: tuple[str, *tuple[str | UUID, ...]],
    again: Callable[[Refused], HttpResponse],
) -> HttpResponse:
    """Do it, say that it is done and go to `then`, a page's name with its arguments.

    What is refused is told by `again`, which shows the page with everything that was typed; what is not there stays a 404.
    """
    try:
        do()
    except Refused as no:
        if no.status == 404:
            raise
        return again(no)
    messages.success(request, say(zh, en))
    page, *arguments = then
    return redirect(page, *arguments)
