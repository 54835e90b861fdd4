"""The API for department systems: share what the unit answers for (R2.4), so that no form asks for it."""

from datetime import date
from typing import Annotated, Any, Literal

from ninja import Field, Path, Router
from pydantic import StringConstraints

from bancheng.kernel.clocks import public as clocks
from bancheng.services.corrections import sharing
from bancheng.web.api import Shape, Unfit, partner
from bancheng.web.doors import Request

router = Router()
MOST = 500  # facts of one request
Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,63}$")]
What = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
Words = Annotated[str, StringConstraints(max_length=4000)]


class FactIn(Shape):
    """One fact of a person or an organisation."""

    kind: Literal["person", "organisation"]
    identifier: Annotated[str, StringConstraints(min_length=1, max_length=40)] = Field(
        description="身份证号码或统一社会信用代码 · ID number or credit code"
    )
    what: What = Field(
        description="数据项来源的最后一段，见城市资料包 elements.toml · the last part of an element's source"
    )
    value: list[Words] = Field(
        max_length=50, description="按表单里填写的写法；空表示不再掌握 · as one would type it; empty: held no more"
    )
    as_of: date = Field(description="截至日期 · as of which day")


class FactsIn(Shape):
    """A batch: kept whole or not at all."""

    facts: list[FactIn] = Field(min_length=1, max_length=MOST)


class KeptOut(Shape):
    """How many facts were new or changed."""

    changed: int


@router.post(
    "units/{unit}/facts",
    auth=partner("handle", owner="unit"),
    response=KeptOut,
    summary="共享数据|Share facts",
    description="报送本单位负责的数据，供表单预填；较新的截至日期替换较旧的，重报不重复。"
    "|What your unit answers for, to fill in forms with; a later day replaces an earlier one, sent again nothing changes.",
)
def share(request: Request, unit: Annotated[Code, Path()], given: FactsIn) -> Any:
    facts = [sharing.Given(one.kind, one.identifier, one.what, one.value, one.as_of) for one in given.facts]
    try:
        return {"changed": sharing.share(request.caller, unit, facts, at=clocks.now())}
    except sharing.Unreadable as no:
        fields = [
            {"at": ["facts", str(n), at], "code": "unfit", "says": says.zh, "en": says.en}
            for n, (at, says) in no.wrong.items()
        ]
        raise Unfit(no, fields) from None
