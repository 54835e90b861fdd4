"""The manifest: all that connects the licence alarm to the rest."""

from bancheng.kernel.audit import public as audit
from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.licences import public as licences
from bancheng.kernel.notices import public as notices
from bancheng.lib.manifest import CITIZEN, PUBLIC, Page, Service
from bancheng.services.expiry import api, claims, operations, promises, trail, waiting
from bancheng.services.expiry.pages import directory, holder, ledger, work
from bancheng.web import front

DESK = ("unit_admin", "section_officer")
ADMIN = ("unit_admin",)
FIGURES = ("supervisor", "auditor", "unit_admin")
POST = ("POST",)

SERVICE = Service(
    code="expiry",
    name="许证闹钟",
    name_en="Licence alarm",
    law="行政许可法 第五十条、第七十条",
    pages=(
        Page("", directory.directory, "directory", (PUBLIC,), title="提醒事项目录|Licences we remind of"),
        Page("items.csv", directory.directory_csv, "directory_csv", (PUBLIC,), title="目录下载|Directory as CSV"),
        Page("notice/", directory.notice, "notice", (PUBLIC,), title="工作机制通知|Notice of the mechanism"),
        Page("items/<str:code>/", directory.item, "item", (PUBLIC,), title="提醒事项|Reminder item"),
        Page("verify/<str:code>/", directory.verify, "verify", (PUBLIC,), title="核验证照|Check a licence"),
        Page(
            "mine/",
            holder.licences_of_mine,
            "mine",
            (CITIZEN,),
            title="我的证照|My licences",
            owner="holder",
            nav="我的证照|My licences",
        ),
        Page(
            "mine/<int:watch_id>/", holder.licence, "licence", (CITIZEN,), title="一份证照|One licence", owner="holder"
        ),
        Page(
            "mine/<int:watch_id>/show/", holder.show, "show", (CITIZEN,), title="出示二维码|Show a code", owner="holder"
        ),
        Page("mine/<int:watch_id>/answer/", holder.answer, "answer", (CITIZEN,), POST, "回答提醒|Answer", "holder"),
        Page(
            "mine/<int:watch_id>/help/",
            holder.help_at_home,
            "help",
            (CITIZEN,),
            POST,
            "绿色通道|Green channel",
            "holder",
        ),
        Page(
            "ledgers/", ledger.ledgers, "ledgers", ADMIN, title="工作台账|Ledgers", owner="unit", nav="工作台账|Ledgers"
        ),
        Page("ledgers/upload/", ledger.upload, "upload", ADMIN, POST, "上传台账|Upload", "unit"),
        Page("ledgers/template.xlsx", ledger.template, "template", ADMIN, title="台账模板|Template"),
        Page("ledgers/<uuid:batch_id>/", ledger.ledger, "ledger", ADMIN, title="一份台账|One ledger", owner="unit"),
        Page(
            "ledgers/<uuid:batch_id>/bad.xlsx",
            ledger.bad_rows,
            "bad_rows",
            ADMIN,
            title="退回的行|Rows sent back",
            owner="unit",
        ),
        Page("tasks/", work.tasks, "tasks", DESK, title="提醒任务|Tasks", owner="unit", nav="提醒任务|Tasks"),
        Page("tasks/assign/", work.assign, "assign", ADMIN, POST, "分派任务|Assign", "unit"),
        Page("tasks/<int:task_id>/", work.task, "task", DESK, title="一项任务|One task", owner="unit"),
        Page("tasks/<int:task_id>/take/", work.take, "take", DESK, POST, "领取任务|Take", "unit"),
        Page("tasks/<int:task_id>/give-back/", work.give_back, "give_back", DESK, POST, "退回任务|Give back", "unit"),
        Page(
            "tasks/<int:task_id>/contact/",
            work.contact,
            "contact",
            ("section_officer",),
            POST,
            "查看联系方式|Contact",
            "unit",
        ),
        Page("tasks/<int:task_id>/close/", work.close, "close", DESK, POST, "办结任务|Close", "unit"),
        Page(
            "licences/",
            work.licences,
            "licences",
            ADMIN,
            title="本单位证照|Our licences",
            owner="unit",
            nav="本单位证照|Our licences",
        ),
        Page("licences.csv", work.licences_csv, "licences_csv", ADMIN, title="脱敏导出|Masked export", owner="unit"),
        Page(
            "licences/<int:watch_id>/application/",
            work.application,
            "application",
            ADMIN,
            POST,
            "续期申请|Renewal application",
            "unit",
        ),
        Page(
            "review/",
            work.review,
            "review",
            ADMIN,
            ("GET", "POST"),
            "季度梳理|Quarterly review",
            "unit",
            "季度梳理|Quarterly review",
        ),
        Page(
            "review/items/<str:code>/",
            work.withdraw,
            "withdraw",
            ADMIN,
            ("GET", "POST"),
            "撤下事项|Withdraw an item",
            "unit",
        ),
        Page("review/items/<str:code>/restore/", work.restore, "restore", ADMIN, POST, "恢复事项|Restore", "unit"),
        Page("board.csv", work.board_csv, "board_csv", FIGURES, title="看板下载|Dashboard as CSV", owner="unit"),
        Page(
            "board/", work.board, "board", FIGURES, title="提醒看板|Dashboard", owner="unit", nav="提醒看板|Dashboard"
        ),
        Page("inspect/", work.inspect, "inspect", ("supervisor",), POST, "立即巡检|Inspect now"),
    ),
    api=api.router,
    on={
        front.to_do: waiting.to_do,
        audit.things_of: trail.things_of,
        licences.issued: operations.note_issued,
        licences.changed: operations.follow_licences,
        licences.revoked: operations.follow_licences,
        licences.due_to_expire: operations.hold_undecided,
        clocks.due_soon: operations.warn_agency,
        clocks.silence: operations.renew_by_silence,
        notices.still_wanted: operations.still_wanted,
        notices.exhausted: operations.open_unreachable,
        clocks.calendar_loaded: operations.recompute_windows,
    },
    schedule={
        "expiry.inspect": "30 2 * * *",
        "expiry.forget_bad_rows": "50 3 * * *",
        "expiry.tell_staff": "0 9 * * *",  # says nothing on a rest day, which a cron line cannot know
    },
    claims=claims.CLAIMS | promises.PROMISES,
    load=operations.load,
)
