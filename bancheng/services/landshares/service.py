"""The manifest: all that connects landshares to the rest."""

from bancheng.kernel.registrations import public as registrations
from bancheng.kernel.titles import public as titles
from bancheng.lib.manifest import CITIZEN, Page, Service
from bancheng.services.landshares import claims, loading, promises, telling, trail  # noqa: F401  the import of `trail` names the events
from bancheng.services.landshares.pages import board, court, group, handing, maps, own, parcel, steps
from bancheng.services.landshares.queries.doors import REGISTRY

POST = ("POST",)
FILERS = ("surveyor", "registry_acceptor")
GROUP = ("land_group",)
COURT = ("court_clerk",)
FIGURES = ("supervisor", "auditor", "land_group")
AT = "parcels/<str:parcel>/"


def _of_parcel(path: str, view: object, name: str, title: str) -> Page:
    return Page(f"{AT}{path}", view, name, REGISTRY, title=title)  # type: ignore[arg-type]  # a view


def _files(path: str, view: object, name: str, title: str) -> Page:
    return Page(f"{AT}{path}", view, name, FILERS, POST, title)  # type: ignore[arg-type]  # a view


# the registry's people: what a parcel is, and what is handed in for it
DESK = (
    Page(
        "parcels/",
        parcel.listed,
        "parcels",
        REGISTRY,
        title="量化登记宗地|Parcels with shares",
        nav="量化登记宗地|Land shares",
    ),
    Page("parcels/new/", handing.opening, "opening", FILERS, title="新宗地首次登记|Register a new parcel"),
    Page("parcels/new/", handing.open_parcel, "open_parcel", FILERS, POST, "新宗地首次登记|Register a new parcel"),
    _of_parcel("", parcel.parcel, "parcel", "宗地份额|Shares of a parcel"),
    _of_parcel("plan/", parcel.plan, "plan", "份额量化计划表|Share plan"),
    _of_parcel("plan.csv", parcel.plan_csv, "plan_csv", "计划表下载|Share plan as CSV"),
    _of_parcel("sheet/", parcel.sheet, "sheet", "不动产调查限制信息|Restriction sheet"),
    _of_parcel("sheet.pdf", parcel.sheet_pdf, "sheet_pdf", "限制信息（盖章）|Restriction sheet, sealed"),
    _of_parcel("ladm.json", maps.ladm, "ladm", "按LADM导出|Export in the names of LADM"),
    _of_parcel("history/", parcel.history, "history", "登簿记录|Entries of the book"),
    _of_parcel("steps/", steps.steps, "steps", "办理步骤|Steps"),
    Page(
        f"{AT}letters/<uuid:application_id>/<uuid:letter_id>.pdf",
        steps.letter,
        "letter",
        FILERS,
        title="登记机构文书|A letter of the registry",
        owner="unit",
    ),
    _files("survey/", steps.survey, "survey", "核对测绘成果|Check a survey"),
    _files("survey/hand-in/", steps.hand_in_survey, "hand_in_survey", "提交测绘成果|Hand a survey in"),
    Page(f"{AT}hand-in/<str:kind>/", handing.form, "form", FILERS, title="提交登记申请|Hand an application in"),
    _files("hand-in/<str:kind>/", handing.hand_in, "hand_in", "提交登记申请|Hand an application in"),
)

# where they lie
MAP = (
    Page("map/", maps.drawn, "map", REGISTRY, title="宗地地图|Map of parcels"),
    Page("map.geojson", maps.geojson, "geojson", REGISTRY, title="宗地和楼幢图形|Outlines as GeoJSON"),
)

# citizens: a developer's own parcels, a buyer's own flats
OWN = (
    Page("mine/", own.flats, "flats", (CITIZEN,), title="我的房屋土地份额|The land of my flat", owner="holder"),
    Page(
        "mine/estates/",
        own.developer,
        "developer",
        (CITIZEN,),
        title="我的楼盘份额|Shares of my estates",
        owner="holder",
    ),
    Page("mine/estates/<str:parcel>/", own.estate, "estate", (CITIZEN,), title="一个楼盘|One estate", owner="holder"),
)

# the leading group: which type existing land is, and what is to be done
LEADING = (
    Page(
        "group/",
        group.group,
        "group",
        (*GROUP, *REGISTRY[:4], "supervisor"),
        title="领导小组|Leading group",
        nav="量化登记领导小组|Leading group",
    ),
    Page("group/hold/", group.hold, "hold", GROUP, POST, "登记会议|Write a meeting down"),
    Page("group/<int:meeting_id>/decide/", group.decide, "decide", GROUP, POST, "一事一议|Decide a matter"),
)

# a court: what is left, and its own orders
ENFORCEMENT = (
    Page(
        "court/",
        court.court,
        "court",
        COURT,
        title="法院查控|Court enforcement",
        nav="剩余份额查控|Court enforcement",
    ),
    Page("court/<str:parcel>/", court.quote, "quote", COURT, title="可查封份额|What can be seized"),
    Page("court/<str:parcel>/serve/", court.serve, "serve", COURT, POST, "送达查封|Serve a seizure"),
    Page("orders/renew/", court.renew, "renew", COURT, POST, "送达续封|Serve a renewal"),
    Page("orders/lift/", court.lift, "lift", COURT, POST, "送达解除|Serve a lift"),
)

LEADER = (
    Page("board/", board.board, "board", FIGURES, title="看板|Board", nav="量化登记看板|Land shares board"),
    Page("board.csv", board.board_csv, "board_csv", FIGURES, title="看板下载|Board as CSV"),
)

SERVICE = Service(
    code="landshares",
    name="量化登记",
    name_en="Land shares",
    law="民法典 第三百五十六条",
    pages=(*DESK, *MAP, *OWN, *LEADING, *ENFORCEMENT, *LEADER),
    on={titles.changed: telling.note_change, registrations.happened: telling.note_application},
    schedule={
        "landshares.expire_seizures": "5 0 * * *",
        "landshares.lapse_objections": "10 0 * * *",
        "landshares.forget_papers": "35 3 * * *",
    },
    load=loading.load,
    claims=claims.CLAIMS | promises.PROMISES,
)
