"""Make the tables of a city equal to what its pack asks."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from bancheng.kernel.audit import public as audit
from bancheng.kernel.catalogue.public import Changes
from bancheng.kernel.forms import codec, models
from bancheng.kernel.forms.facts import Forms


def load(forms: Forms, *, region: str, by: str, at: datetime) -> dict[str, Changes]:
    """Make elements and forms of the city equal to `forms` and return what changed; twice changes nothing.

    What is missing is retired, never deleted: drafts and items name it.
    """
    wanted: dict[str, tuple[Any, Mapping[str, Any]]] = {
        "elements": (models.Element, {one.code: codec.element_as_json(one) for one in forms.elements}),
        "forms": (models.MatterForm, {one.matter: codec.spec_as_json(one) for one in forms.specs}),
    }
    with transaction.atomic():
        done = {kind: _sync(model, rows, region=region, at=at) for kind, (model, rows) in wanted.items()}
        for kind, changes in done.items():
            if not changes.nothing:
                found = {"added": changes.added, "changed": changes.changed, "retired": changes.retired}
                detail = {key: list(codes) for key, codes in found.items() if codes}
                audit.record(
                    "forms.loaded", who=by, about=f"forms:{region}:{kind}", at=at, region=region, detail=detail
                )
    return done


def _sync(model: Any, wanted: Mapping[str, Any], *, region: str, at: datetime) -> Changes:
    """Three statements at most, however many rows."""
    stored: dict[str, Any] = {row.code: row for row in model._default_manager.select_for_update().filter(region=region)}
    added = [code for code in wanted if code not in stored]
    changed = [
        code for code in wanted if code in stored and (stored[code].content != wanted[code] or stored[code].retired_at)
    ]
    retired = [code for code, row in stored.items() if code not in wanted and row.retired_at is None]
    model._default_manager.bulk_create([model(region=region, code=code, content=wanted[code]) for code in added])
    for code in changed:
        stored[code].content, stored[code].retired_at = wanted[code], None
    for code in retired:
        stored[code].retired_at = at
    if changed or retired:
        model._default_manager.bulk_update(
            [stored[code] for code in (*changed, *retired)], ["content", "retired_at"], batch_size=5000
        )
    same = len(wanted) - len(added) - len(changed)
    return Changes(tuple(sorted(added)), tuple(sorted(changed)), tuple(sorted(retired)), same)
