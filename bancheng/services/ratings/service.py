"""The manifest: all that connects ratings to the rest."""

from bancheng.kernel.audit import public as audit
from bancheng.kernel.cases import public as cases
from bancheng.kernel.notices import public as notices
from bancheng.kernel.ratings import public as ratings
from bancheng.lib.manifest import CITIZEN, PUBLIC, Page, Service
from bancheng.services.ratings import api, claims, inviting, loading, telling, trail, waiting
from bancheng.services.ratings.pages import board, counter, desk, rater, review
from bancheng.services.ratings.queries import CALL_BACK, CLERK, DESK, REVIEW
from bancheng.web import front

FIGURES = ("supervisor", "auditor", "unit_admin")
POST = ("POST",)
BOTH = ("GET", "POST")


def _desk(act: str, view: object, name: str, title: str, who: tuple[str, ...] = (CALL_BACK,)) -> Page:
    return Page(f"call-backs/<uuid:call_back_id>/{act}", view, name, who, POST, title, "unit")  # type: ignore[arg-type]  # a view


SERVICE = Service(
    code="ratings",
    name="好差评",
    name_en="Ratings",
    law="国办发〔2019〕51号",
    api=api.router,
    pages=(
        Page("", board.home, "home", (PUBLIC,), title="好差评|Ratings"),
        Page("mine/", rater.mine, "mine", (CITIZEN,), title="我的评价|My ratings", owner="holder"),
        Page("mine/<uuid:occasion_id>/", rater.mine_one, "mine_one", (CITIZEN,), BOTH, "评价|Rate", "holder"),
        Page(
            "mine/<uuid:occasion_id>/object/", rater.object_to, "object", (CITIZEN,), POST, "提出异议|Object", "holder"
        ),
        # who holds the link holds the phone it was sent to
        Page("r/<str:token>/", rater.by_link, "by_link", (PUBLIC,), BOTH, "按链接评价|Rate by link"),
        Page("r/<str:token>/object/", rater.object_by_link, "object_by_link", (PUBLIC,), POST, "提出异议|Object"),
        Page("d/<str:token>/", counter.device, "device", (PUBLIC,), BOTH, "现场评价|Rate on the spot"),
        # who holds the slip rated on the spot; the code is posted, no address holds it
        Page("slip/", rater.by_slip, "slip", (PUBLIC,), BOTH, "查询评价答复|Look an answer up"),
        Page("slip/object/", rater.object_by_slip, "slip_object", (PUBLIC,), POST, "提出异议|Object"),
        Page("counter/", counter.home, "counter", (CLERK,), title="请服务对象评价|Ask", nav="现场评价|Rate on site"),
        Page("counter/start/", counter.start, "counter_start", (CLERK,), POST, "发起现场评价|Ask a visitor"),
        Page(
            "counter/<uuid:occasion_id>/",
            counter.one,
            "counter_one",
            (CLERK,),
            title="评价二维码|Code to scan",
            owner="unit",
        ),
        Page(
            "call-backs/",
            desk.call_backs,
            "call_backs",
            DESK,
            title="差评回访|Call-backs",
            owner="unit",
            nav="差评回访|Call-backs",
        ),
        Page(
            "call-backs/<uuid:call_back_id>/", desk.call_back, "call_back", DESK, title="回访|Call-back", owner="unit"
        ),
        _desk("take/", desk.take, "take", "领取|Take"),
        _desk("contact/", desk.contact, "contact", "查看联系方式|Contact"),
        _desk("tried/", desk.tried, "tried", "联系未成|Not reached"),
        _desk("checked/", desk.checked, "checked", "记录核实|What was found"),
        _desk("settled/", desk.settled, "settled", "记录整改|Put right"),
        _desk("answered/", desk.answered, "answered", "反馈办结|Tell the rater"),
        _desk("appeal/", desk.appealed, "appeal", "申请复核|Appeal", DESK),
        Page(
            "call-backs/<uuid:call_back_id>/files/<uuid:use_id>/",
            desk.file,
            "call_back_file",
            DESK,
            title="复核证据|A file that proves it",
            owner="unit",
        ),
        Page("reviews/", review.reviews, "reviews", (REVIEW,), title="评价复核|Reviews", nav="评价复核|Reviews"),
        Page("reviews/<uuid:appeal_id>/", review.review, "review", (REVIEW,), title="一件复核|One review"),
        Page("reviews/<uuid:appeal_id>/decide/", review.decide, "decide", (REVIEW,), POST, "复核决定|Decide"),
        Page(
            "reviews/<uuid:appeal_id>/files/<uuid:use_id>/",
            review.file,
            "review_file",
            (REVIEW,),
            title="复核证据|A file that proves it",
        ),
        Page("board.csv", board.board_csv, "board_csv", FIGURES, title="看板下载|Board as CSV", owner="unit"),
        Page(
            "board/",
            board.board,
            "board",
            FIGURES,
            title="好差评看板|Board",
            owner="unit",
            nav="好差评看板|Ratings board",
        ),
    ),
    on={
        cases.told: inviting.note,
        ratings.happened: telling.note,
        notices.still_wanted: telling.still_wanted,
        front.to_do: waiting.to_do,
        audit.things_of: trail.things_of,
    },
    claims=claims.CLAIMS,
    load=loading.load,
)
