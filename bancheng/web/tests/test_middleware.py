"""What the shell does with numbers, bugs and absent neighbours."""

import importlib
import json
import logging

import pytest
from django.conf import settings
from django.db import OperationalError
from django.http import HttpResponse
from django.test import override_settings
from django.urls import path

from bancheng.lib.refusal import Refused, Unavailable
from bancheng.web import logs

site = importlib.import_module(settings.ROOT_URLCONF)


def refuse(request):
    raise Refused("busy", "正在办理，请稍候。", en="In progress, please wait.", status=409)


def absent(request):
    raise Unavailable("library")


def down(request):
    raise OperationalError("connection refused")


def bug(request):
    raise KeyError("身份证")


def number(request):
    return HttpResponse(request.trace)


urlpatterns = [
    path("refuse/", refuse),
    path("absent/", absent),
    path("down/", down),
    path("bug/", bug),
    path("number/", number),
    *site.urlpatterns,
]
handler500 = site.handler500

pytestmark = pytest.mark.urls(__name__)


def test_a_refusal_raised_anywhere_becomes_its_page(client):
    answer = client.get("/refuse/")
    assert (answer.status_code, "正在办理，请稍候。" in answer.content.decode()) == (409, True)
    assert client.get("/refuse/", HTTP_ACCEPT="application/json").json()["en"] == "In progress, please wait."


@pytest.mark.parametrize("where", ["absent", "down"])
def test_an_absent_neighbour_is_said_as_such(client, where):
    answer = client.get(f"/{where}/")
    assert (answer.status_code, "请稍后再试" in answer.content.decode()) == (503, True)


def test_a_bug_is_apologised_for_with_the_number_that_is_in_the_log_once(client, caplog):
    client.raise_request_exception = False
    with caplog.at_level(logging.ERROR):
        answer = client.get("/bug/", HTTP_X_REQUEST_ID="given-number-1")
    assert answer.status_code == 500
    assert "given-number-1" in answer.content.decode()
    assert answer["X-Request-Id"] == "given-number-1"
    assert len([record for record in caplog.records if record.exc_info]) == 1


def test_a_strange_number_is_not_taken_over(client):
    assert client.get("/number/", HTTP_X_REQUEST_ID="<b>").content != b"<b>"
    assert client.get("/number/", HTTP_X_REQUEST_ID="proxy-12345678").content == b"proxy-12345678"


def test_a_log_line_is_one_json_object_with_the_number():
    record = logging.LogRecord("bancheng.web", logging.INFO, __file__, 1, "refused %s", ("busy",), None)
    with logs.request("abc12345"):
        line = json.loads(logs.Lines().format(record))
    assert (line["part"], line["says"], line["trace"], line["level"]) == (
        "bancheng.web",
        "refused busy",
        "abc12345",
        "info",
    )
    assert "\n" not in logs.Lines().format(record)


def test_the_headers_forbid_inline_scripts_and_styles(client):
    policy = client.get("/help/")["Content-Security-Policy"]
    assert "script-src 'self';" in policy + ";"
    assert "style-src 'self';" in policy + ";"
    assert "unsafe" not in policy


@override_settings(DEMO=False)
def test_there_is_no_demo_sign_in_outside_a_demo(client):
    assert client.post("/sign-in/demo/", {"code": "unit-admin"}).status_code == 404
    assert "unit-admin" not in client.get("/sign-in/").content.decode()


@pytest.mark.django_db
def test_health_readiness_and_metrics(client):
    assert client.get("/healthz").content == b"ok\n"
    assert client.get("/readyz").json()["database"] is True
    assert "bancheng_jobs_waiting" in client.get("/metrics").content.decode()
