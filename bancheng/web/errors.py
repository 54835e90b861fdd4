"""The pages of last resort, named in the site's urls: each keeps the header and the help line and says what is safe."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import requires_csrf_token

from bancheng.lib.refusal import Refused
from bancheng.web import problems

NOT_FOUND = Refused("not_found", "没有找到您要的页面。", en="There is no page at this address.", status=404)
GARBLED = Refused(
    "bad_request",
    "这次请求读不懂，未作任何改动。",
    en="The request could not be read. Nothing was changed.",
    status=400,
)
FORBIDDEN = Refused("forbidden", "您没有权限打开这里。", en="You may not open this page.", status=403)
BROKEN = Refused(
    "our_mistake",
    "是我们的程序出了错，这一步没有办成，之前已保存的内容不受影响。",
    en="Something broke on our side and this step was not done. What was saved before is safe.",
    status=500,
)


@requires_csrf_token
def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return problems.refuse(request, NOT_FOUND, template="404.html")


@requires_csrf_token
def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return problems.refuse(request, GARBLED, template="400.html")


@requires_csrf_token
def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return problems.refuse(request, FORBIDDEN, template="403.html")


@requires_csrf_token
def server_error(request: HttpRequest) -> HttpResponse:
    """Apologise with the request's number; the page asks no database, because that may be what broke."""
    if problems.wants_json(request):
        return problems.problem(request, BROKEN)
    return render(request, "500.html", {"no": BROKEN, "bare": True}, status=500)
