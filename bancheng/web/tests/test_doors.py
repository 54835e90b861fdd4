"""Who gets through a door, and what the others are told."""

import json

import pytest
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import Resolver404, resolve
from ninja import Router

from bancheng.kernel.identity.public import NOBODY, Actor, Grant
from bancheng.lib.manifest import CITIZEN, PUBLIC, STAFF, Page, Service
from bancheng.lib.refusal import Refused
from bancheng.web import api, doors, entrances, matrix, problems

CLERK = Actor(ref="staff:7", user_id=7, is_staff=True, grants=(Grant("unit_admin", unit="u1", service="sample"),))
PERSON = Actor(ref="person:1", user_id=8, person_id="p1")


class NotHtmx:
    def __bool__(self):
        return False


def ask(view, actor, method="GET", path="/sample/x/", **headers):
    request = getattr(RequestFactory(), method.lower())(path, **headers)
    request.actor, request.trace, request.size, request.private, request.htmx = actor, "abc12345", "", False, NotHtmx()
    request.resolver_match = None
    return view(request), request


def shown(request, **kwargs):
    return HttpResponse("behind the door")


def view_of(*pages):
    return doors.urls_for(Service(code="sample", name="样例", pages=pages))[0].callback


def test_a_page_that_names_nobody_opens_for_nobody():
    """R-PRM-1: default deny."""
    view = view_of(Page("x/", shown, "x", who=()))
    for actor in (CLERK, PERSON):
        answer, _ = ask(view, actor)
        assert answer.status_code == 403
    assert ask(view, NOBODY)[0].status_code == 302


def test_the_right_role_gets_through_and_the_answer_is_private():
    answer, request = ask(view_of(Page("x/", shown, "x", who=("unit_admin",))), CLERK)
    assert answer.content == b"behind the door"
    assert request.private


@pytest.mark.parametrize(
    ("who", "actor", "let_in"),
    [
        ((PUBLIC,), NOBODY, True),
        ((CITIZEN,), PERSON, True),
        ((CITIZEN,), CLERK, False),
        ((STAFF,), CLERK, True),
        ((STAFF,), PERSON, False),
        (("auditor",), CLERK, False),
        (("auditor", "unit_admin"), CLERK, True),
        (("unit_admin",), NOBODY, False),
        ((), CLERK, False),
    ],
)
def test_who_may(who, actor, let_in):
    assert doors.may(actor, who, service="sample") is let_in


def test_a_role_of_another_service_does_not_count():
    """P-1: a role is held in a service."""
    assert not doors.may(CLERK, ("unit_admin",), service="other")


def test_an_anonymous_reader_is_sent_to_sign_in_and_back():
    answer, _ = ask(view_of(Page("x/", shown, "x", who=(STAFF,))), NOBODY, path="/sample/x/?page=2")
    assert answer.status_code == 302
    assert answer["Location"] == "/sign-in/?next=/sample/x/%3Fpage%3D2"


def test_a_machine_gets_a_problem_and_not_a_page():
    answer, _ = ask(view_of(Page("x/", shown, "x", who=(STAFF,))), NOBODY, HTTP_ACCEPT="application/json")
    problem = json.loads(answer.content)
    assert (answer.status_code, answer["Content-Type"]) == (401, "application/problem+json")
    assert problem["code"] == "sign_in_first"
    assert problem["trace"] == "abc12345"
    assert {"says", "en", "law", "status"} <= problem.keys()


def test_a_wrong_method_is_answered_with_the_right_ones():
    view = view_of(Page("x/", shown, "x", who=(PUBLIC,)))
    answer, _ = ask(view, NOBODY, "POST", HTTP_ACCEPT="application/json")
    assert (answer.status_code, answer["Allow"]) == (405, "GET, HEAD")


def test_head_follows_get():
    assert ask(view_of(Page("x/", shown, "x", who=(PUBLIC,))), NOBODY, "HEAD")[0].status_code == 200


def test_two_pages_may_share_a_path_each_with_its_own_roles():
    def changed(request):
        return HttpResponse("changed")

    view = view_of(
        Page("x/", shown, "x", who=(PUBLIC,)), Page("x/", changed, "x_change", who=("unit_admin",), methods=("POST",))
    )
    assert ask(view, NOBODY)[0].content == b"behind the door"
    assert ask(view, CLERK, "POST")[0].content == b"changed"
    assert ask(view, NOBODY, "POST", HTTP_ACCEPT="application/json")[0].status_code == 401


def test_only_a_signed_page_escapes_the_csrf_check():
    def exempt(request):
        return HttpResponse()

    exempt.csrf_exempt = True
    assert not view_of(Page("x/", exempt, "x", who=(PUBLIC,))).csrf_exempt
    assert view_of(Page("x/", exempt, "x", who=(PUBLIC,), signed=True)).csrf_exempt
    with pytest.raises(ValueError, match="mixes signed"):
        view_of(
            Page("x/", exempt, "x", who=(PUBLIC,), signed=True),
            Page("x/", exempt, "y", who=(PUBLIC,), methods=("POST",)),
        )


def test_an_api_operation_without_a_guard_stops_the_start():
    router = Router()
    router.get("/open", auth=None)(lambda request: {})
    with pytest.raises(TypeError, match=r"auth=only"):
        api.guarded(Service(code="sample", name="样例", api=router))


def test_an_api_operation_that_says_nothing_opens_for_nobody():
    router = Router()
    router.get("/quiet")(lambda request: {})
    router.get("/clerks", auth=api.only("unit_admin", owner="unit"))(lambda request: {})
    quiet, clerks = api.guarded(Service(code="sample", name="样例", api=router))
    assert quiet.who == ()
    assert (clerks.path, clerks.who, clerks.owner) == ("/api/v1/sample/clerks", ("unit_admin",), "unit")
    guard = router.path_operations["/clerks"].operations[0].auth_callbacks[0]
    assert guard.service == "sample"


def test_an_unsafe_api_call_needs_the_token_unless_it_is_signed():
    guard, signed = api.only("unit_admin"), api.only(PUBLIC, signed=True)
    request = RequestFactory(enforce_csrf_checks=True).post("/api/v1/sample/x")
    request.actor = CLERK
    with pytest.raises(Refused) as no:
        guard(request)
    assert (no.value.code, no.value.status) == ("csrf", 403)
    assert signed(request)


def test_no_address_of_a_service_stands_outside_its_manifest():
    """The matrix is complete: what resolves is a door, sign-in, the API's own papers, or nothing."""
    from django.urls import get_resolver

    known = {door.path.lstrip("/") for door in entrances.every()}

    def routes(patterns, below=""):
        for pattern in patterns:
            route = below + str(pattern.pattern)
            if hasattr(pattern, "url_patterns"):
                yield from routes(pattern.url_patterns, route)
            else:
                yield route

    strays = {
        route
        for route in routes(get_resolver().url_patterns)
        if route not in known and not route.startswith(("accounts/", "api/"))
    }
    assert strays == set()


def test_the_matrix_names_every_door_in_both_languages():
    text = matrix.markdown()
    for door in entrances.every():
        assert f"`{door.path}`" in text
    assert "任何人 / Anyone" in text
    assert "| GET | `/` | 首页 / Home | 任何人 / Anyone | — | — | opens |" in text


def test_an_anonymous_page_asks_the_database_nothing(client):
    """Fails by pytest-django's block if a query is made."""
    assert client.get("/").status_code == 200
    assert client.get("/help/").status_code == 200


def test_a_public_page_says_that_it_differs_by_cookie_and_a_private_one_is_not_stored(client):
    assert "Cookie" in client.get("/")["Vary"]
    assert "no-store" in client.get("/console/jobs/")["Cache-Control"]


def test_an_unknown_address_is_a_page_for_people_and_a_problem_for_machines(client):
    page = client.get("/nothing/", HTTP_ACCEPT="text/html")
    assert (page.status_code, page["Content-Type"]) == (404, "text/html; charset=utf-8")
    assert "没有找到您要的页面" in page.content.decode()
    problem = client.get("/nothing/", HTTP_ACCEPT="application/json")
    assert problem.json()["code"] == "not_found"
    with pytest.raises(Resolver404):
        resolve("/nothing/")


def test_a_refusal_is_a_page_with_its_own_status_and_law(rf):
    request = rf.get("/", HTTP_ACCEPT="text/html")
    request.trace = "abc12345"
    no = Refused("too_late", "已过申请期限。", en="The time to apply is over.", law="行政许可法 第五十条", status=422)
    answer = problems.refuse(request, no)
    assert answer.status_code == 422
    assert "行政许可法 第五十条" in answer.content.decode()
    assert "abc12345" in answer.content.decode()


def test_a_form_without_the_token_is_refused_kindly():
    answer = Client(enforce_csrf_checks=True).post("/language/", {"language": "en"})
    assert answer.status_code == 403
    assert "没有提交" in answer.content.decode()


def test_the_switches_set_their_cookies_and_go_nowhere_else(client):
    answer = client.post("/language/", {"language": "en", "next": "https://evil.example/"})
    assert (answer["Location"], client.cookies["django_language"].value) == ("/", "en")
    answer = client.post("/size/", {"size": "elder", "next": "/help/"})
    assert (answer["Location"], client.cookies["bc_size"].value) == ("/help/", "elder")
    client.post("/size/", {"size": "<script>", "next": "/"})
    assert client.cookies["bc_size"].value == "elder"
    assert 'data-size="elder"' in client.get("/help/").content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/expiry/?words=%00", "/api/v1/expiry/items?domain=%00"])
def test_a_character_that_no_database_holds_is_refused_in_words(client: Client, address: str) -> None:
    answer = client.get(address)
    assert answer.status_code == 400
    assert "nul_character" in answer.content.decode() or "空字符" in answer.content.decode()


def test_a_host_that_is_not_ours_is_not_answered(client: Client) -> None:
    assert client.get("/healthz", headers={"host": "evil.example"}).status_code == 400
