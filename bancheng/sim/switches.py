"""The doors of a peer's fault panel: its page, the form on it, and the same for programs."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from bancheng.sim.html import Html, h, words


def no(status: int, code: str) -> JSONResponse:
    """Return a refusal for programs."""
    return JSONResponse({"code": code}, status_code=status)


def doors(
    name: str,
    blank: Any,
    *,
    page: Callable[[Request], Response],
    change: Callable[[Any], object],
    told: Callable[[], Any],
) -> list[Route]:
    """Return `/<name>/` and `/<name>.json`; `blank` is a dataclass of switches as they stand at first.

    `change` raises ValueError for values that no switch has.
    """

    async def show(request: Request) -> Response:
        return page(request)

    async def switch(request: Request) -> Response:
        if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            return no(403, "refused")
        asked = {each: values[-1] for each, values in parse_qs((await request.body()).decode()).items()}
        try:
            change(_read(asked, asdict(blank)))
        except ValueError:
            return no(422, "bad_fault")
        return RedirectResponse(f"/{name}/" + words(request, "", "?lang=en"), status_code=303)

    async def as_json(request: Request) -> Response:
        if request.method == "POST":
            try:
                change(await request.json())
            except (ValueError, TypeError, AttributeError) as wrong:
                return JSONResponse({"code": "bad_fault", "says": str(wrong)}, status_code=422)
        return JSONResponse(told())

    return [
        Route(f"/{name}/", show, methods=["GET"]),
        Route(f"/{name}/", switch, methods=["POST"]),
        Route(f"/{name}.json", as_json, methods=["GET", "POST"]),
    ]


def form(request: Request, name: str, faults: Any, labels: Mapping[str, tuple[str, str]]) -> Html:
    """Return the form that sets `faults`, a dataclass, each by its label in both languages."""
    return h(
        "form",
        *(_field(each, value, words(request, *labels[each])) for each, value in asdict(faults).items()),
        h("button", words(request, "保存", "Save")),
        class_="faults",
        method="post",
        action=f"/{name}/" + words(request, "", "?lang=en"),
    )


def _field(name: str, value: Any, label: str) -> Html:
    said = h("label", label, for_=name)
    if isinstance(value, bool):
        return h("p", h("input", type="checkbox", name=name, id=name, value="1", checked=value), said, class_="check")
    kind = "text" if isinstance(value, str) else "number"
    return h("p", said, h("input", type=kind, step="any", name=name, id=name, value=str(value)))


def _read(asked: Mapping[str, str], blank: Mapping[str, Any]) -> dict[str, Any]:
    return {
        each: asked.get(each) == "1" if isinstance(value, bool) else type(value)(asked.get(each) or 0)
        for each, value in blank.items()
    }
