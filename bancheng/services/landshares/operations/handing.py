"""Hands applications in to the office for the registry itself: surveys, plans, first registrations. Nothing is recorded here: four eyes come after it."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from bancheng.kernel.identity import public as identity
from bancheng.kernel.registrations import public as registrations
from bancheng.kernel.titles import public as titles
from bancheng.lib.refusal import Refused
from bancheng.services.landshares.queries import doors
from bancheng.services.landshares.rules import surveys

CHANNEL = "window"
FILERS = ("surveyor", "registry_acceptor")


def hand_in_survey(
    *, building: str, stage: titles.SurveyStage, data: bytes, explanation: str, by: identity.Actor, at: datetime
) -> registrations.Filed:
    """Hand the survey of a building in. The same file for the same building and stage is the same application.

    Raises Refused: unit_code_…, survey_faulty, and as `registrations.file`.
    """
    titles.check_building(building, parcel=titles.parcel_of(building))
    found = surveys.read(data, check=lambda code: titles.check_unit(code, building=building))
    if found.bad:
        raise Refused(
            "survey_faulty",
            f"测绘成果有{len(found.bad)}处不对，没有提交：第{found.bad[0].line}行，{found.bad[0].says.zh}",
            en=f"{len(found.bad)} things are wrong with the survey; nothing was handed in. Line {found.bad[0].line}: {found.bad[0].says.en}",
            status=422,
        )
    payload = {
        "building": building,
        "stage": stage.value,
        "units": [[row.unit, row.floor_dm2, row.category] for row in found.rows],
        "total_dm2": found.total_dm2 or sum(row.floor_dm2 for row in found.rows),
        "explanation": explanation,
    }
    paper = registrations.Paper("survey_result", "测绘成果", hashlib.sha256(data).hexdigest())
    return _file("plan.survey", building, payload, [paper], by=by, at=at)


def hand_in(
    *, kind: str, lot: str, payload: Mapping[str, Any], files: Mapping[str, bytes], by: identity.Actor, at: datetime
) -> registrations.Filed:
    """Hand in an application of the registry's own motion or for a developer at the window, with its papers by what they are.

    Raises Refused as `registrations.file`.
    """
    papers = [
        registrations.Paper(code, registrations.material(code).zh, hashlib.sha256(data).hexdigest())
        for code, data in files.items()
    ]
    return _file(kind, lot, payload, papers, by=by, at=at)


def _file(
    kind: str,
    lot: str,
    payload: Mapping[str, Any],
    papers: Sequence[registrations.Paper],
    *,
    by: identity.Actor,
    at: datetime,
) -> registrations.Filed:
    parcel = titles.parcel_of(lot)
    digest = hashlib.sha256("".join(sorted(paper.digest for paper in papers)).encode()).hexdigest()[:24]
    return registrations.file(
        region=doors.region(),
        kind=kind,
        key=f"shares-{kind}-{lot}-{titles.parcel(doors.region(), parcel).version}-{digest}",
        channel=CHANNEL,
        by=by,
        parties=_parties(kind, parcel),
        lots=[lot if kind == "building.first" else titles.land(parcel)],
        payload=payload,
        papers=papers,
        acting_for_unit=_unit(by),
        at=at,
    )


def _parties(kind: str, parcel: str) -> list[registrations.Party]:
    """Return whom the kind wants named: the developer, as the book knows him, where one registers for him."""
    if registrations.Role.DEVELOPER not in registrations.kind(kind).roles:
        return []
    found = titles.parcel(doors.region(), parcel)
    one = titles.named_again(found.region, found.developer.members[0].party)
    number = identity.open_sealed(one.sealed, kind=one.number_kind)
    return [registrations.Party(registrations.Role.DEVELOPER, "organisation", one.name, number)]


def _unit(by: identity.Actor) -> str:
    return next((unit for role in FILERS for unit in by.units(role)), "")
