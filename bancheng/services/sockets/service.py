"""The manifest: all that connects shared power to the rest."""

from bancheng.kernel.payments import public as payments
from bancheng.lib.manifest import PUBLIC, Page, Service
from bancheng.services.sockets import api, claims, loading, promises, trail, waiting  # noqa: F401  the import of `trail` names the events
from bancheng.services.sockets.operations import locking, reconciling, sessions
from bancheng.services.sockets.pages import board, finance, host, refunds, settings, tickets, use, watch, wechat
from bancheng.web import front

POST = ("POST",)
BOTH = ("GET", "POST")

# what a passer-by opens: his link, or the cookie of his phone, is the secret; there is no account
USE = (
    Page("s/<str:code>/", use.socket, "socket", (PUBLIC,), BOTH, "扫码用电|Scan and use"),
    Page("wechat/", wechat.back, "wechat", (PUBLIC,), title="微信付款|Payers inside WeChat"),
    Page("mine/", use.mine, "mine", (PUBLIC,), title="本机用电记录|Uses of this phone"),
    Page("u/<str:secret>/", use.use, "use", (PUBLIC,), title="一次用电|One use"),
    Page("u/<str:secret>/live/", use.live, "live", (PUBLIC,), title="实时用电|Live figures"),
    Page("u/<str:secret>/pay/", use.sheet, "sheet", (PUBLIC,), title="支付|Pay"),
    Page("u/<str:secret>/stop/", use.stop, "stop", (PUBLIC,), POST, "结束用电|End"),
    Page("u/<str:secret>/phone/", use.phone, "phone", (PUBLIC,), POST, "留手机号收短信|Leave a phone"),
    Page("u/<str:secret>/rate/", use.rate, "rate", (PUBLIC,), POST, "评价这次用电|Rate this use"),
    Page("u/<str:secret>/receipt/", use.receipt, "receipt", (PUBLIC,), title="电费收据|Receipt"),
)

KEEPER, DISPATCHER, HOST, TARIFF = "device_keeper", "dispatcher", "venue_host", "tariff_admin"
FIELD = (KEEPER, DISPATCHER)
WATCH = (KEEPER, DISPATCHER, "auditor")
SITE = "sites/<str:site_code>/"

# where the sockets are, for everybody; the code on a post leads to its socket only when it is ours
PLACES = (
    Page("", watch.home, "home", (PUBLIC,), title="哪里有共享电源|Where there is shared power"),
    Page("q/<str:printed>/", watch.scan, "scan", (PUBLIC,), title="扫插座二维码|Scan the code on a post"),
    Page("places/<str:site_code>/", watch.place, "place", (PUBLIC,), title="一处站点|One site"),
    Page("prices/", settings.prices, "prices", (PUBLIC,), title="电价|Prices"),
)


def _at_site(act: str, view: object, name: str, title: str, who: tuple[str, ...]) -> Page:
    return Page(f"{SITE}{act}/", view, name, who, POST, title)  # type: ignore[arg-type]  # a view


# operator: devices, no money; dispatcher: off at any time, on never
DESK = (
    Page("sites/", watch.watch, "watch", WATCH, title="站点监视|Sites", nav="共享电源站点|Power sites"),
    Page(SITE, watch.site, "site", WATCH, title="站点设备|Devices of a site"),
    Page(f"{SITE}codes.pdf", watch.code_sheet, "codes", (KEEPER,), title="二维码打印页|Sheet of codes"),
    _at_site("off", watch.force_off, "force_off", "强制断电|Force off", (DISPATCHER,)),
    _at_site("block", watch.block, "block", "停用插座|Block a socket", FIELD),
    _at_site("register", watch.register, "register", "登记设备|Register a device", (KEEPER,)),
    _at_site("commission", watch.commission, "commission", "投运测试|Commissioning test", (KEEPER,)),
    _at_site("meter", watch.swap_meter, "swap_meter", "更换电表|Replace a meter", (KEEPER,)),
    _at_site("move", watch.move, "move", "迁移站点|Move a site", (KEEPER,)),
    _at_site("outage", watch.outage, "outage", "停电通知|Announce an outage", (DISPATCHER,)),
    _at_site(
        "outage/<uuid:outage_id>", watch.cancel_outage, "cancel_outage", "取消停电|Call an outage off", (DISPATCHER,)
    ),
    Page("requests/<uuid:request_id>/", watch.answer, "answer", (DISPATCHER,), POST, "答复站点申请|Answer a host"),
    Page("tickets/", tickets.tickets, "tickets", WATCH, title="工单|Tickets", nav="共享电源工单|Power tickets"),
    Page("tickets/<uuid:ticket_id>/", tickets.ticket, "ticket", WATCH, title="一张工单|One ticket"),
    Page("tickets/<uuid:ticket_id>/assign/", tickets.assign, "assign", (DISPATCHER,), POST, "派单|Assign"),
    Page("tickets/<uuid:ticket_id>/fix/", tickets.fix, "fix", (KEEPER,), POST, "记录修复|Record the repair"),
    Page("tickets/<uuid:ticket_id>/check/", tickets.check, "check", FIELD, POST, "复核|Second check"),
    Page("protections/<str:code>/", settings.protections, "protections", WATCH, title="保护定值|Protections"),
    Page(
        "protections/<str:code>/propose/", settings.set_threshold, "set_threshold", (KEEPER,), POST, "修改定值|Change"
    ),
    Page(
        "protections/<str:code>/<int:change_id>/",
        settings.decide_threshold,
        "decide_threshold",
        (KEEPER,),
        POST,
        "批准定值|Decide on a change",
    ),
    Page("prices/propose/", settings.propose, "propose_plan", (TARIFF,), POST, "提出电价|Put prices forward"),
    Page("prices/<int:plan_id>/", settings.decide_plan, "decide_plan", (TARIFF,), POST, "批准电价|Decide on prices"),
    Page(
        "host/",
        host.host,
        "host",
        (HOST,),
        title="场地用电|Power at my sites",
        owner="unit",
        nav="场地用电|Power at my sites",
    ),
    Page("host/report/", host.report, "report", (HOST,), POST, "报修|Report a fault", "unit"),
    Page("host/ask/", host.ask, "ask", (HOST,), POST, "申请站点|Ask for a site", "unit"),
)

# finance: money and registers, two persons for a refund by hand; an auditor reads all of it, and no payer is named
FIGURES = ("supervisor", "auditor")
FINANCE = ("power_finance",)
BOOKS = ("power_finance", "auditor")


def _books(path: str, view: object, name: str, title: str, nav: str = "") -> Page:
    return Page(f"finance/{path}", view, name, BOOKS, title=title, nav=nav)  # type: ignore[arg-type]  # a view


def _works(path: str, view: object, name: str, title: str) -> Page:
    return Page(f"finance/{path}", view, name, FINANCE, POST, title)  # type: ignore[arg-type]  # a view


MONEY = (
    _books("", finance.finance, "finance", "日对账|Accounts", nav="共享电源对账|Power accounts"),
    _books("days/<str:day>/", finance.day, "finance_day", "一天的对账|Accounts of a day"),
    _books("days/<str:day>/settlement.csv", finance.sessions_csv, "finance_sessions_csv", "结算文件|Settlement file"),
    _books("days/<str:day>/findings.csv", finance.findings_csv, "finance_findings_csv", "不符清单|What does not fit"),
    _books("bills/", finance.bills, "finance_bills", "渠道账单|The channels' bills"),
    _books("refunds/", refunds.refunds, "finance_refunds", "退款处理|Refunds to see to"),
    _books("find/", refunds.search, "finance_search", "查用电单|Find a session"),
    _books("sessions/<uuid:session_id>/", refunds.session, "finance_session", "用电单的账|Account of a session"),
    _works("reconcile/", finance.reconcile, "finance_reconcile", "对账|Reconcile"),
    _works("masters/", finance.masters, "finance_masters", "登记总表示数|Registers of master meters"),
    _works("bills/compare/", finance.compare, "finance_compare", "重新核对账单|Compare a bill"),
    _works("refunds/<uuid:refund_id>/", refunds.find, "finance_find", "提出异常退款的处理|See to an abnormal refund"),
    _works(
        "findings/<int:finding_id>/",
        refunds.decide_finding,
        "finance_finding",
        "同意异常退款的处理|Decide on what was found",
    ),
    _works(
        "sessions/<uuid:session_id>/charge/", refunds.propose_charge, "finance_charge", "退还电费|Give a charge back"
    ),
    _works("hand/<int:hand_id>/", refunds.decide_charge, "finance_hand", "批准退还电费|Decide on a charge given back"),
)

LEADER = (
    Page("board/", board.board, "board", FIGURES, title="看板|Board", nav="共享电源看板|Power board"),
    Page("board.csv", board.board_csv, "board_csv", FIGURES, title="看板下载|Board as CSV"),
)

SERVICE = Service(
    code="sockets",
    name="共享电源",
    name_en="Shared power",
    law="电力供应与使用条例",
    pages=(*PLACES, *USE, *DESK, *MONEY, *LEADER),
    api=api.router,
    schedule={
        "sockets.keep_log": "10 0 * * *",
        "sockets.reconcile": "0 11 * * *",
        "sockets.look_for_absent": "*/5 * * * *",
        "sockets.look_for_left_open": "*/10 * * * *",
        "sockets.warn_of_meters": "15 9 * * 1",
    },
    on={
        payments.moving: locking.hold,
        payments.paid: sessions.note_paid,
        payments.refund_moved: sessions.note_refund,
        payments.bill_compared: reconciling.note_bill,
        front.to_do: waiting.to_do,
    },
    load=loading.load,
    claims=claims.CLAIMS | promises.PROMISES,
)
