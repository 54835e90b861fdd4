"""What was filed, in words and sums: whoever accepts, reviews or agrees reads all that will be written into the book."""

from collections.abc import Mapping
from typing import Any

from bancheng.kernel.registrations import public as registrations
from bancheng.kernel.titles import public as titles
from bancheng.lib.text import Text
from bancheng.web.words import money

STAGES: dict[str, Text] = {
    titles.SurveyStage.PLANNED: Text("规划", "planned"),
    titles.SurveyStage.PREDICTED: Text("预测", "predicted"),
    titles.SurveyStage.MEASURED: Text("实测", "measured"),
}
CATEGORIES: dict[str, Text] = {
    titles.Category.SALEABLE: Text("可售", "for sale"),
    titles.Category.KEPT: Text("自持", "kept"),
    titles.Category.HANDED: Text("移交", "handed over"),
    titles.Category.COMMON: Text("业主共有", "common"),
    titles.Category.SHELTER: Text("人防", "civil defence"),
}
YES = Text("有", "yes")
PLAIN = (  # shown as they were written
    ("contract_no", Text("合同号", "Contract")),
    ("right", Text("抵押权编号", "Mortgage")),
    ("claim", Text("预告登记编号", "Advance notice")),
    ("location", Text("坐落", "Location")),
    ("use", Text("用途", "Use")),
    ("fixed_on", Text("债权确定日", "Claim fixed on")),
    ("term_until", Text("使用期限至", "Term until")),
    ("permit", Text("预售许可证号", "Presale permit")),
    ("approval", Text("批准文件", "Approval")),
    ("acceptance", Text("竣工验收备案", "Record of completion")),
    ("explanation", Text("差异说明", "Why it differs")),
    ("reason", Text("理由", "Reason")),
    ("erred_on", Text("错误登簿日期", "Day of the mistaken entry")),
    ("noticed_on", Text("更正通知书送达日期", "Notice served on")),
)


def facts(found: registrations.View) -> list[tuple[Text, Text | str]]:
    """Return the payload of an application by what each part is called; what was left out is not named."""
    said = found.payload
    known = [*_of_a_claim(found), *_of_land(said), *((name, str(said.get(code) or "")) for code, name in PLAIN)]
    return [(name, value) for name, value in known if value]


def _of_a_claim(found: registrations.View) -> list[tuple[Text, Text | str]]:
    said = found.payload
    return [
        (Text("债权数额", "Claim"), money(said["principal_fen"]) if type(said.get("principal_fen")) is int else ""),
        (
            Text("债务履行期限", "Term"),
            " – ".join(str(said[name]) for name in ("first", "last") if said.get(name)),
        ),
        (Text("借款合同号", "Loan contract"), found.brief.loan_no),
        (Text("限制转让约定", "Ban on transfer"), YES if said.get("transfer_restricted") else ""),
        (Text("最高额抵押", "Maximum amount"), YES if said.get("maximum") else ""),
    ]


def _of_land(said: Mapping[str, Any]) -> list[tuple[Text, Text | str]]:
    return [
        (Text("幢", "Building"), titles.spaced(said["building"]) if said.get("building") else ""),
        (
            Text("测绘成果类别", "Kind of survey"),
            STAGES.get(said.get("stage", ""), ""),
        ),
        (Text("合计面积（m²）", "Together (m²)"), _square(said.get("total_dm2"))),
        (Text("面积（m²）", "Area (m²)"), _square(said.get("area_dm2"))),
    ]


def _square(dm2: Any) -> str:
    return registrations.square(dm2) if type(dm2) is int else ""


def surveyed(found: registrations.View) -> list[tuple[str, str, Text]]:
    """Return each unit of a survey that was handed in: code, floor area in m², category; nothing for other applications."""
    return [
        (
            titles.spaced(str(unit)),
            registrations.square(floor_dm2),
            CATEGORIES.get(category, Text(str(category), str(category))),
        )
        for unit, floor_dm2, category in found.payload.get("units") or ()
    ]
