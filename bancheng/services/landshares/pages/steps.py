"""The steps of a parcel, and what is handed in for them: a survey is previewed first, everything else goes in with its papers."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.registrations import public as registrations
from bancheng.kernel.titles import public as titles
from bancheng.lib.refusal import Refused
from bancheng.lib.text import Text
from bancheng.services.landshares.operations import handing
from bancheng.services.landshares.pages.handing import given
from bancheng.services.landshares.queries import doors, parcels
from bancheng.services.landshares.rules import amounts, forms, places, states, surveys
from bancheng.web import registered
from bancheng.web.acting import carry_out
from bancheng.web.doors import Request

LARGEST = 2_000_000  # bytes of a survey
STAGES = ("predicted", "measured")


def steps(request: Request, parcel: str, refused: Refused | None = None) -> HttpResponse:
    doors.check_staff(request.actor, parcel)
    head, lines = parcels.checklist(parcel)
    files = any(request.actor.has(role) for role in handing.FILERS)
    return render(
        request,
        "landshares/steps.html",
        {
            "head": head,
            "tasks": [
                {
                    "words": line.step.name,
                    "state": line.state,
                    "url": _way_in(line.step.hand_in, parcel) if files and line.state == "todo" else "",
                    "hint": Text(
                        f"{f'阶段{line.stage} · ' if line.stage else ''}材料：{line.step.papers.zh}",
                        f"{f'Stage {line.stage} · ' if line.stage else ''}Papers: {line.step.papers.en}",
                    ),
                }
                for line in lines
            ],
            "files": files,
            "applications": _applications(request, parcel),
            "kinds": [(code, registrations.kind(code)) for code in forms.AT_PARCEL],
            "stages": [(code, states.SOURCES[titles.SurveyStage(code)]) for code in STAGES],
            "refused": refused,
            "typed": request.POST,
        },
        status=refused.status if refused else 200,
    )


def _way_in(kind: str, parcel: str) -> str:
    """Return where a step is handed in: a form of its own, for a survey the one on this page; empty where somebody else does it."""
    if kind in forms.AT_PARCEL:
        return reverse("landshares:form", args=(parcel, kind))
    return "#survey" if kind == "plan.survey" else ""


def _applications(
    request: Request, parcel: str
) -> list[tuple[registrations.Brief, Text, list[registrations.LetterView]]]:
    """Return the parcel's applications, and of those that the reader's unit filed what the office gave in writing."""
    found = registrations.of_lots(_lots(parcel), region=doors.region())
    letters = registrations.letters_of([each.id for each in found if handing.is_filer(request.actor, each.unit)])
    return [(each, registrations.STATES[each.state], letters.get(each.id, [])) for each in found]


def letter(request: Request, parcel: str, application_id: UUID, letter_id: UUID) -> HttpResponse:
    """Give a letter of the office to the unit that filed the application."""
    doors.check_staff(request.actor, parcel)
    found = registrations.brief(application_id)
    if not handing.is_filer(request.actor, found.unit) or not any(lot.startswith(parcel) for lot in found.lots):
        raise registrations.no_such_application()
    return registered.letter_pdf(letter_id, application_id=application_id, by=request.actor.ref, at=clocks.now())


def _lots(parcel: str) -> list[str]:
    """Return under which lots applications about the parcel, its buildings and its units are kept."""
    return [titles.land(parcel), *(lot.code for lot in titles.lots(doors.region(), parcel))]


def survey(request: Request, parcel: str) -> HttpResponse:
    """Show what a survey says and everything that is wrong or different, before it is handed in."""
    doors.check_staff(request.actor, parcel)
    try:
        building, stage = _building(request, parcel)
        data = _data(request)
    except Refused as no:
        return steps(request, parcel, no)
    found = surveys.read(data, check=lambda code: titles.check_unit(code, building=building))
    return render(
        request,
        "landshares/survey.html",
        {
            "head": parcels.head(parcel),
            "building": building,
            "place": places.place(building),
            "stage": stage,
            "stage_words": states.SOURCES[stage],
            "found": found,
            "sum": amounts.shown(found.sum_dm2),
            "rows": [(row, amounts.shown(row.floor_dm2), surveys.CATEGORIES[row.category]) for row in found.rows],
            "told": []
            if found.bad
            else surveys.against(
                found, expected=_expected(parcel, building), permit_dm2=parcels.permit_left(parcel, building)
            ),
            "content": data.decode("utf-8", "replace"),
        },
        status=422 if found.bad else 200,
    )


def _expected(parcel: str, building: str) -> dict[str, int]:
    return {
        lot.code: lot.floor_dm2
        for lot in titles.lots(doors.region(), parcel)
        if lot.kind is titles.LotKind.UNIT and lot.code.startswith(building)
    }


def _building(request: Request, parcel: str) -> tuple[str, titles.SurveyStage]:
    """Return which building and which survey. Raises Refused: unit_code_…, no_such_stage."""
    written = "".join(request.POST.get("building", "").split()).upper()
    building = (
        f"{parcel}F{int(written):04d}" if written.isascii() and written.isdigit() and len(written) <= 4 else written
    )
    titles.check_building(building, parcel=parcel)
    stage = request.POST.get("stage", "")
    if stage not in STAGES:
        raise Refused("no_such_stage", "请选择预测或实测。", en="Choose predicted or measured.", status=422)
    return building, titles.SurveyStage(stage)


def _data(request: Request) -> bytes:
    """Return what was uploaded or pasted. Raises Refused: survey_missing, survey_too_large."""
    uploaded = request.FILES.get("file")
    if uploaded is not None and (uploaded.size or 0) > LARGEST:
        raise Refused(
            "survey_too_large",
            "文件超过2MB，请分幢提交。",
            en="The file is larger than 2 MB: one building at a time.",
            status=422,
        )
    data = uploaded.read() if uploaded is not None else request.POST.get("content", "").replace("\r\n", "\n").encode()
    if not data.strip():
        raise Refused("survey_missing", "请上传或粘贴测绘成果。", en="Upload or paste the survey.", status=422)
    return data


def hand_in_survey(request: Request, parcel: str) -> HttpResponse:
    doors.check_staff(request.actor, parcel)

    def do() -> None:
        building, stage = _building(request, parcel)
        explanation = request.POST.get("explanation", "")[:500]
        handing.hand_in_survey(
            building=building,
            stage=stage,
            data=_data(request),
            report=given(request, "report"),
            explanation=explanation,
            by=request.actor,
            at=clocks.now(),
        )

    return _handed(request, parcel, do)


def _handed(request: Request, parcel: str, do: Any) -> HttpResponse:
    return carry_out(
        request,
        do,
        "已提交登记申请，由受理、审核、登簿三人办理后生效。",
        "Handed in; it takes effect once three other people have accepted, reviewed and recorded it.",
        then=("landshares:steps", parcel),
        again=lambda no: steps(request, parcel, no),
    )
