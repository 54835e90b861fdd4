"""Every operation of the API's document, asked with what its schema allows and with what it does not: never a 5xx.

A small fuzz of our own over the OpenAPI document: it knows what files look like and who calls. `test_schemathesis` does the same with the
tool that is made for it, which knows schemas better.
"""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import transaction
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from hypothesis.strategies import SearchStrategy

from bancheng.kernel.documents import testing as stored
from bancheng.kernel.exchange import testing as exchange
from bancheng.kernel.identity import testing as people
from bancheng.web import api, entrances

DOCUMENT = json.loads(json.dumps(api.site_api().get_openapi_schema(), default=str))
OPERATIONS = [
    (method.upper(), path, operation)
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
]
UNITS = ("zone-market", "market")
ODD = some.one_of(
    some.none(),
    some.booleans(),
    some.integers(),
    some.floats(allow_nan=False),
    some.text(max_size=30),
    some.sampled_from(
        ["\x00", "\ud800", "a" * 5000, "411002198001010011", "' OR 1=1 --", "<script>", "٣", "2026-02-30"]
    ),
    some.lists(some.integers(), max_size=3),
    some.dictionaries(some.text(max_size=5), some.text(max_size=5), max_size=3),
)


def fitting(schema: dict[str, Any], depth: int = 0) -> SearchStrategy[Any]:
    """Return values that `schema` allows, and one in a while something it does not."""
    return some.one_of(_fitting(schema, depth), _fitting(schema, depth), _fitting(schema, depth), ODD)


def _fitting(schema: dict[str, Any], depth: int) -> SearchStrategy[Any]:
    if "$ref" in schema:
        return _fitting(DOCUMENT["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]], depth)
    if choices := schema.get("anyOf") or schema.get("allOf"):
        return some.one_of([_fitting(each, depth) for each in choices])
    if "const" in schema:
        return some.just(schema["const"])
    if "enum" in schema:
        return some.sampled_from(schema["enum"])
    match schema.get("type"):
        case "object":
            return _object(schema, depth)
        case "array":
            return some.lists(_fitting(schema.get("items", {}), depth + 1), max_size=3) if depth < 5 else some.just([])
        case "integer":
            low, high = schema.get("minimum", -(2**70)), schema.get("maximum", 2**70)
            return some.integers(int(low), int(high))
        case "boolean":
            return some.booleans()
        case "string":
            return _text(schema)
    return ODD


def _text(schema: dict[str, Any]) -> SearchStrategy[Any]:
    if "pattern" in schema:
        return some.from_regex(schema["pattern"], fullmatch=True)
    if schema.get("format") == "uuid":
        return some.uuids().map(str)
    if schema.get("format") in ("date", "date-time"):
        return some.sampled_from(["2026-03-02", "9999-12-31", "0001-01-01", "2026-03-02T10:00:00Z"])
    return some.text(min_size=min(schema.get("minLength", 0), 20), max_size=min(schema.get("maxLength", 40), 60))


def _object(schema: dict[str, Any], depth: int) -> SearchStrategy[Any]:
    known = {name: fitting(each, depth + 1) for name, each in schema.get("properties", {}).items()}
    if not known:
        return some.dictionaries(some.text(max_size=12), some.one_of(some.text(max_size=12), ODD), max_size=4)
    needed = set(schema.get("required", []))
    return some.fixed_dictionaries(
        {name: each for name, each in known.items() if name in needed},
        optional={name: each for name, each in known.items() if name not in needed},
    )


@pytest.fixture
def callers(loaded_city: None) -> dict[str, Client]:
    """Return a partner with every scope, and people: the API's callers."""
    asked = {(scope, door.service) for door in entrances.every() for scope in door.scopes}
    scopes = [(act, service, unit) for act, service in sorted(asked) for unit in UNITS]
    people_ = {
        "holder": people.client_for(people.citizen(serial=1)),
        "officer": people.client_for(people.staff("case_officer", unit="zone-market")),
        "admin": people.client_for(people.staff("unit_admin", unit="market")),
        "nobody": Client(),
    }
    return {"partner": exchange.client(exchange.partner(*scopes)), **people_}


def asked(path: str, operation: dict[str, Any], data: Any) -> tuple[str, dict[str, str]]:
    """Return an address of the operation with parameters drawn, and its query."""
    query: dict[str, str] = {}
    for parameter in operation.get("parameters", ()):
        value = data.draw(fitting(parameter["schema"]), label=parameter["name"])
        text = str(value) if isinstance(value, str) else json.dumps(value)
        text = text.encode("utf-8", "replace").decode()
        if parameter["in"] == "path":
            part = "".join(sign for sign in text if sign not in "/?#") or "x"
            path = path.replace(f"{{{parameter['name']}}}", part)
        elif parameter["in"] == "query":
            query[parameter["name"]] = text
    return path, query


def bodies(operation: dict[str, Any]) -> Iterator[SearchStrategy[tuple[bytes, str]]]:
    """Yield what may be sent as a body, with its media type."""
    content = operation.get("requestBody", {}).get("content", {})
    if "application/json" in content:
        fit = fitting(content["application/json"]["schema"]).map(json.dumps)
        texts = some.one_of(fit, some.sampled_from(["", "{", "[]", "\x00"]))
        yield texts.map(lambda text: (text.encode("utf-8", "replace"), "application/json"))
    if "application/octet-stream" in content:
        yield some.one_of(files().map(lambda data: (data, "application/octet-stream")), forms())


def files() -> SearchStrategy[bytes]:
    """Return files of every kind, whole, cut, mixed and with bytes changed; and what is none."""
    whole = some.sampled_from(
        [stored.png(), stored.jpeg(), stored.webp(), stored.docx(), stored.xlsx(), stored.ofd(), stored.package({"a": b"b"}),
         b"%PDF-1.7\n%%EOF", b"<svg onload='a()'/>", b"", b"PK\x05\x06" + bytes(18)]
    )  # fmt: skip
    cut = some.tuples(whole, some.integers(0, 60)).map(lambda drawn: drawn[0][: -drawn[1] or None])
    mixed = some.tuples(whole, whole).map(b"".join)
    changed = some.tuples(whole, some.integers(0, 10**6), some.integers(0, 255)).map(_changed)
    return some.one_of(whole, cut, mixed, changed, some.binary(max_size=200))


def _changed(drawn: tuple[bytes, int, int]) -> bytes:
    data, place, byte = bytearray(drawn[0] or b"x"), drawn[1], drawn[2]
    data[place % len(data)] = byte
    return bytes(data)


def forms() -> SearchStrategy[tuple[bytes, str]]:
    """Return files in the form of a browser, also in one that is broken."""
    line = "--limit"
    head = f'{line}\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n'.encode()
    ends = some.sampled_from([f"\r\n{line}--\r\n".encode(), b"", b"\r\n--other--"])
    return some.tuples(files(), ends).map(
        lambda drawn: (head + drawn[0] + drawn[1], "multipart/form-data; boundary=limit")
    )


@pytest.mark.parametrize(("method", "path", "operation"), OPERATIONS, ids=[f"{m} {p}" for m, p, _ in OPERATIONS])
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=some.data())
def test_no_operation_breaks(
    callers: dict[str, Client], method: str, path: str, operation: dict[str, Any], data: Any
) -> None:
    who = (
        "partner"
        if {"signature": []} in operation.get("security", [])
        else data.draw(some.sampled_from(sorted(callers)))
    )
    address, query = asked(path, operation, data)
    if query:
        address = f"{address}?{urlencode(query)}"
    body, kind = next((data.draw(each, label="body") for each in bodies(operation)), (b"", "application/json"))
    client = callers[who]
    client.raise_request_exception = False
    with transaction.atomic():
        answer = client.generic(method, address, body, kind)
        transaction.set_rollback(True)
    assert answer.status_code < 500 or answer.status_code == 503, answer.content[:400]
