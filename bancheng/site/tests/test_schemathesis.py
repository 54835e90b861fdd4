"""The API's document as schemathesis reads it: what its schemas allow and what they do not, sent signed as people and partners do.

Issue 3 names the tool. It knows JSON schema better than a page of ours (`test_fuzzed_api`, which knows our files and callers better): it
reads the document whole, so a schema that contradicts itself fails here, and it makes bodies that break one rule at a time. Requests go
through our own test clients, because each has to be signed; nothing is stubbed.
"""

import json
from typing import Any
from urllib.parse import quote, urlencode

import pytest
import schemathesis
from django.db import transaction
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from schemathesis import GenerationMode
from schemathesis.core import NOT_SET

from bancheng.site.tests.test_fuzzed_api import DOCUMENT, callers
from bancheng.web import api

__all__ = ["callers"]  # the fixture of the other fuzz
SCHEMA = schemathesis.openapi.from_dict(DOCUMENT)
OPERATIONS = [found.ok() for found in SCHEMA.get_all_operations()]
# what has a JSON body can be sent a wrong one; a path of texts has no wrong value
WRONGED = [one for one in OPERATIONS if any(each.media_type == "application/json" for each in one.body)]


def test_the_whole_document_is_read() -> None:
    """Every operation that is served stands in the document and can be read by a tool that is not ours."""
    served = sum(len(methods) for methods in api.site_api().get_openapi_schema()["paths"].values())
    assert len(OPERATIONS) == served > 40


@pytest.mark.parametrize("operation", OPERATIONS, ids=[one.label for one in OPERATIONS])
@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=some.data())
def test_what_its_schema_allows_breaks_nothing(
    callers: dict[str, Client], operation: schemathesis.APIOperation, data: Any
) -> None:
    """B: no 5xx, whoever sends it."""
    send(callers, operation, data.draw(operation.as_strategy(generation_mode=GenerationMode.POSITIVE)), data)


@pytest.mark.parametrize("operation", WRONGED, ids=[one.label for one in WRONGED])
@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=some.data())
def test_what_its_schema_does_not_allow_breaks_nothing(
    callers: dict[str, Client], operation: schemathesis.APIOperation, data: Any
) -> None:
    """B: bodies that break one rule at a time are told apart from what fits, and never a 5xx."""
    send(callers, operation, data.draw(operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)), data)


def send(callers: dict[str, Client], operation: schemathesis.APIOperation, case: schemathesis.Case, data: Any) -> None:
    """Send a case as somebody who may, or anybody, and look at the answer; nothing of it stays."""
    signed = {"signature": []} in (operation.definition.raw.get("security") or [])
    client = callers["partner" if signed else data.draw(some.sampled_from(sorted(callers)))]
    client.raise_request_exception = False
    with transaction.atomic():
        answer = client.generic(operation.method.upper(), address(case), *body(case))
        transaction.set_rollback(True)
    assert answer.status_code < 500 or answer.status_code == 503, answer.content[:400]


def address(case: schemathesis.Case) -> str:
    """Return where a case goes; a part of the path that would be another address is written so that it is not."""
    path = case.path
    for name, value in (case.path_parameters or {}).items():
        path = path.replace(f"{{{name}}}", quote(text(value), safe="") or "x")
    query = {name: text(value) for name, value in (case.query or {}).items()}
    return f"{path}?{urlencode(query)}" if query else path


def text(value: Any) -> str:
    """Return a value as an address holds it."""
    written = value if isinstance(value, str) else json.dumps(value, default=str)
    return written.encode("utf-8", "replace").decode()


def body(case: schemathesis.Case) -> tuple[bytes, str]:
    """Return what a case sends and its media type."""
    kind = case.media_type or "application/json"
    if case.body is NOT_SET:
        return b"", kind
    if isinstance(case.body, bytes):
        return case.body, kind
    return json.dumps(case.body, default=repr).encode("utf-8", "replace"), kind
