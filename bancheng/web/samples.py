"""Invented values for the pattern page: every component in every state, in words that could be real."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.paginator import Paginator

from bancheng.kernel.forms import public as forms_
from bancheng.kernel.forms.public import Kind
from bancheng.lib import identifiers
from bancheng.lib.conditions import TRUE, parse
from bancheng.lib.refusal import Refused
from bancheng.lib.text import Text
from bancheng.web import asking
from bancheng.web.errors import BROKEN, NOT_FOUND
from bancheng.web.forms import say
from bancheng.web.problems import UNAVAILABLE

TODAY = date(2026, 11, 23)
AT = datetime(2026, 11, 23, 9, 5, tzinfo=ZoneInfo("Asia/Shanghai"))
DOMAINS = [
    (Text("市场监管", "Market supervision"), 28_410),
    (Text("交通运输", "Transport"), 17_233),
    (Text("卫生健康", "Health"), 11_902),
    (Text("烟草专卖", "Tobacco"), 4_455),
]
BUSY = Refused(
    "already_renewed",
    "这本许可证已经延续，不需要再次提醒。",
    en="This licence has already been renewed and needs no further reminder.",
    law="行政许可法 第五十条",
)


class Sample(forms.Form):
    """One field of each kind."""

    name = forms.CharField(label=say("联系人", "Contact person"), max_length=40)
    mobile = forms.CharField(
        label=say("手机号码", "Mobile number"),
        help_text=say("11位，只用于到期提醒", "11 digits, used for reminders only"),
    )
    result = forms.ChoiceField(
        label=say("联系结果", "Result of the contact"),
        choices=[
            ("", say("请选择", "Please choose")),
            ("told", say("已告知，将续办", "Told, will renew")),
            ("gone", say("联系不上", "Not reached")),
        ],
    )
    way = forms.ChoiceField(
        label=say("联系方式", "Way of contact"),
        choices=[("call", say("电话", "Call")), ("visit", say("上门", "Visit"))],
        widget=forms.RadioSelect,
    )
    on = forms.DateField(label=say("联系日期", "Date"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    remark = forms.CharField(label=say("说明", "Remark"), required=False, widget=forms.Textarea(attrs={"rows": 3}))
    file = forms.FileField(
        label=say("工作台账", "Ledger"),
        help_text=say("Excel工作簿（.xlsx），不超过20兆", "Excel workbook (.xlsx), at most 20 MB"),
        required=False,
    )
    agreed = forms.BooleanField(label=say("我已核对以上内容", "I have checked the above"))


def card(kind: str, status: Text, until: date | None) -> dict[str, Any]:
    return {
        "name": Text("食品经营许可证", "Food business licence"),
        "number": "JY14110020012345",
        "until": until,
        "issuer": Text("示例区市场监督管理局", "Market Supervision Bureau of the sample district"),
        "kind": kind,
        "status": status,
    }


def progress(step: int) -> Mapping[str, Any]:
    done = step * 12_400
    return {
        "done": done,
        "total": 62_000,
        "finished": step >= 5,
        "words": Text("已读完全部台账", "The ledger has been read")
        if step >= 5
        else Text("正在读取台账", "Reading the ledger"),
        "url": f"/ui/progress/?v={step}",
    }


CARDS = [
    card("ok", Text("有效", "Valid"), date(2029, 3, 1)),
    card("warn", Text("快到期", "Ending soon"), date(2026, 12, 9)),
    card("bad", Text("已过期", "Ended"), date(2026, 11, 20)),
    card("", Text("长期", "No end"), None),
    # counted to another day than the last one of the licence, and not counted at all
    card("bad", Text("抓紧申请", "Apply now"), date(2026, 12, 21))
    | {"lead": Text("距最晚申请日", "To the last day to apply"), "lead_on": date(2026, 11, 30)},
    card("warn", Text("视为准予延续，待发证", "Renewed by silence"), date(2026, 11, 22))
    | {"lead": Text("依法延续，新证照待补发", "Renewed by law; the new paper is owed")},
]
FILTERS = [
    {"url": "?f=all", "words": Text("全部", "All"), "count": 1284, "current": True},
    {"url": "?f=due", "words": Text("三日内到期", "Within three days"), "count": 37},
    {"url": "?f=late", "words": Text("逾期未联系", "Overdue"), "count": 0},
]
EVENTS = [
    {
        "state": "done",
        "what": Text("已发送提醒短信", "Reminder sent by SMS"),
        "at": AT,
        "who": Text("系统自动", "Automatic"),
    },
    {
        "state": "now",
        "what": Text("科室电话联系", "Section calls the holder"),
        "at": AT,
        "who": Text("科室经办", "Section officer"),
        "note": Text("限11月25日前完成", "To be done by 25 November"),
    },
    {"state": "", "what": Text("办结归档", "Closed and filed")},
]
TASKS = [
    {"state": "done", "words": Text("填写联系人", "Enter the contact person"), "url": "#a"},
    {
        "state": "doing",
        "words": Text("上传营业执照", "Upload the business licence"),
        "url": "#b",
        "hint": Text("拍照即可", "A photo will do"),
    },
    {"state": "todo", "words": Text("核对信息", "Check the details"), "url": "#c"},
    {
        "state": "blocked",
        "words": Text("提交申请", "Send the application"),
        "hint": Text("前面三步完成后才能提交", "After the three steps above"),
    },
]
ANSWERS = [
    (Text("联系人", "Contact person"), Text("赵*军", "Zhao *")),
    (Text("手机号码", "Mobile number"), "138****5678"),
    (Text("邮寄地址", "Postal address"), ""),
]
FIXES = [
    {
        "what": Text("营业执照复印件", "Copy of the business licence"),
        "why": Text("照片模糊，看不清登记日期", "The photo is blurred: the date cannot be read"),
        "example": Text("平放、光线充足、四角完整", "Flat, well lit, all four corners visible"),
        "name": "licence",
    },
    {"what": Text("场所平面图", "Floor plan"), "why": Text("缺少面积标注", "The area is not marked")},
]

HELD = Text("电子证照库·营业执照", "E-licence library, business licence")
CHOICES = (forms_.Choice("owned", "自有", "Owned"), forms_.Choice("leased", "租赁", "Leased"))
MANY = tuple(
    forms_.Choice(code, zh, en)
    for code, zh, en in (("hot", "热食", "Hot food"), ("cold", "冷食", "Cold food"), ("drinks", "饮品", "Drinks"))
)
LONG = tuple(forms_.Choice(f"s{n}", f"{n}层", f"Floor {n}") for n in range(1, 10))


def element(code: str, kind: forms_.Kind, zh: str, en: str, **more: Any) -> forms_.Element:
    return forms_.Element(code, zh, en, kind, "行政许可法 第三十一条", "market", **more)


ELEMENTS = [
    element("uscc", Kind.USCC, "统一社会信用代码", "Unified social credit code"),
    element("organisation", Kind.NAME, "单位名称", "Name of the organisation"),
    element("person_id", Kind.CITIZEN_ID, "身份证号码", "ID number", sensitivity=forms_.Sensitivity.PERSONAL),
    element("tel", Kind.MOBILE, "手机号码", "Mobile number", hint="11位", hint_en="11 digits", autocomplete="tel"),
    element("place", Kind.ADDRESS, "经营场所地址", "Address of the premises"),
    element("floor_area", Kind.AREA, "经营面积", "Floor area", hint="与租赁合同一致", hint_en="As in the lease"),
    element("capital", Kind.MONEY, "注册资本", "Registered capital"),
    element("opens", Kind.DATE, "计划开业日期", "Planned day of opening"),
    element("right", Kind.CHOICE, "场所来源", "How the premises are held", choices=CHOICES),
    element("items", Kind.MANY, "经营项目", "Business items", choices=MANY),
    element("delivery", Kind.YES_NO, "是否外卖", "Delivery"),
    element("storey", Kind.CHOICE, "所在楼层", "Floor of the building", choices=LONG),
    element("layout", Kind.LONG_TEXT, "设备布局", "Layout of the equipment"),
]


def asked() -> dict[str, Any]:
    """Return a form of every kind of field: prefilled, corrected, typed, and typed wrongly."""
    spec = forms_.Spec(
        "sample",
        (
            forms_.Section(
                "sample",
                "申请信息",
                "Application",
                tuple(
                    forms_.Field(one.code, required=parse("false") if one.code == "layout" else TRUE)
                    for one in ELEMENTS
                ),
            ),
        ),
    )
    form = forms_.union([spec], {one.code: one for one in ELEMENTS})
    how = forms_.How
    held = {
        "uscc": forms_.Held(identifiers.make_uscc("411002", 1), how.PREFILLED, 1, "", AT, HELD, "", TODAY),
        "organisation": forms_.Held("老街面馆", how.CORRECTED, 2, "", AT, HELD, "", TODAY, "老街面食馆"),
        "person_id": forms_.Held(
            identifiers.make_citizen_id("411002", date(1980, 1, 1), 1), how.PREFILLED, 1, "", AT, HELD, "", TODAY
        ),
        "floor_area": forms_.Held(12850, how.TYPED, 2, "", AT),
        "items": forms_.Held(("hot", "drinks"), how.TYPED, 2, "", AT),
    }
    draft = forms_.Draft(
        id=identifiers.uuid7(AT),
        region="411000",
        purpose="sample",
        matters=("sample",),
        subject=forms_.Subject("", b""),
        opened_by="",
        digest=form.digest,
        version=2,
        held=held,
        typed={"opens": ("明天",), "tel": ("1380",)},
        kept_until=date(2026, 12, 23),
        updated_at=AT,
    )
    read = forms_.read(form, draft.typed, TODAY)
    problems = [
        *read.errors.values(),
        *(one for one in forms_.problems(form, draft.values, TODAY) if one.element == "right"),
    ]
    shown = asking.sections(form, draft, today=TODAY, problems=problems, url="/ui/")
    return {"asked": shown, "asked_errors": asking.summary(problems), "asked_draft": draft}


def context() -> dict[str, Any]:
    """Return everything the pattern page shows."""
    wrong = Sample({"name": "", "mobile": "1380", "way": "call"}, auto_id="bad_%s")
    wrong.add_error("mobile", say("手机号应为11位数字", "A mobile number has 11 digits"))
    return {
        "today": TODAY,
        "at": AT,
        "form": Sample(),
        "wrong": wrong,
        "cards": CARDS,
        "filters": FILTERS,
        "events": EVENTS,
        "tasks": TASKS,
        "answers": ANSWERS,
        "fixes": FIXES,
        "domains": DOMAINS,
        "trend": [12, 18, 15, 22, 30, 27, 34, 41, 38, 46],
        "page": Paginator(range(240), 20).page(3),
        "progress_now": progress(2),
        "progress_done": progress(5),
        "sample_name": "赵建军",
        "sample_mobile": "13812345678",
        **asked(),
    }


PARTS: dict[str, tuple[str, int, dict[str, Any]]] = {
    "refused": ("web/refused.html", 409, {"no": BUSY}),
    "forbidden": (
        "403.html",
        403,
        {
            "no": Refused(
                "not_your_door",
                "这里只对单位管理员开放，您当前的账号没有这项权限。",
                en="This is open to: Unit administrator. Your account does not have that role.",
                status=403,
            ),
            "allowed": Text("单位管理员", "Unit administrator"),
        },
    ),
    "missing": ("404.html", 404, {"no": NOT_FOUND}),
    "sorry": ("500.html", 500, {"no": BROKEN, "bare": True}),
    "busy": ("503.html", 503, {"no": UNAVAILABLE}),
    "often": ("429.html", 429, {}),
    "expired": ("403_csrf.html", 403, {}),
    "screen": ("web/pattern_screen.html", 200, {"at": AT, "domains": DOMAINS}),
    "desk": ("web/pattern_desk.html", 200, {"today": TODAY}),
}
