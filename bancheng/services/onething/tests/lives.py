"""Applications and what departments do with them, for tests that look at what came of it."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from bancheng.kernel.cases import public as cases
from bancheng.kernel.cases.public import Because, Kind, Outcome
from bancheng.kernel.identity import public as identity
from bancheng.lib.identifiers import make_uscc
from bancheng.services.onething.tests.conftest import AT, REGION

OFFICER, APPROVER = "staff:1", "staff:2"
NO = Because("股权被人民法院冻结", "市场主体登记管理条例 第二十七条", "可在六十日内申请行政复议")
VALUES: dict[str, dict[str, Any]] = {
    "open-business": {},
    "move-in": {},
    "change-information": {"changed_items": ("name",)},
    "close-business": {"customs_code": ""},
    "open-restaurant": {
        "floor_area": 8000,
        "wants_sign": False,
        "wants_tobacco": False,
        "food_business_kind": "catering",
    },
}


def filed(bundle: str, serial: int, *, at: datetime = AT, by: str = "person:1", **values: Any) -> UUID:
    """Return a bundle that an enterprise of that number applied for."""
    uscc = make_uscc("411002", 900 + serial)
    applicant = cases.Applicant(
        "organisation",
        f"许昌{serial}有限公司",
        identity.find_hash(uscc, kind="uscc"),
        identity.seal(uscc, kind="uscc"),
        "uscc",
    )
    return cases.file(
        region=REGION,
        service="onething",
        flow=bundle,
        applicant=applicant,
        said=cases.Said(VALUES[bundle] | values),
        key=f"{bundle}-{serial}",
        by=by,
        at=at,
    ).id


def through(root: UUID, *, at: datetime = AT, denied: str = "") -> None:
    """Let every department do its steps, granting all but the matter `denied`, until nobody has anything to do."""
    while True:
        view = cases.view(root)
        assert view
        todo = [(one, code) for one in view.matters for code in one.steps.open if one.flow.by_code[code].role]
        if not todo:
            return
        at += timedelta(minutes=1)
        for one, code in todo:
            step(one, code, at=at, denied=one.step == denied)


def step(one: cases.Matter, code: str, *, at: datetime, denied: bool = False) -> None:
    """Let somebody do one open step of a matter."""
    match one.flow.by_code[code].kind:
        case Kind.REVIEW:
            cases.accept(case_id=one.id, by=OFFICER, at=at)
        case Kind.DECIDE if denied:
            cases.decide(case_id=one.id, outcome=Outcome.DENIED, because=NO, by=APPROVER, at=at)
        case Kind.DECIDE:
            cases.decide(case_id=one.id, outcome=Outcome.GRANTED, because=Because(""), by=APPROVER, at=at)
        case Kind.SERVE:
            cases.serve(case_id=one.id, how="counter", by=OFFICER, at=at)
        case _:
            cases.do(case_id=one.id, step=code, result="符合要求", by=OFFICER, at=at)


def matter(root: UUID, code: str) -> cases.Matter:
    """Return one matter of a bundle."""
    view = cases.view(root)
    assert view
    return next(one for one in view.matters if one.step == code)
