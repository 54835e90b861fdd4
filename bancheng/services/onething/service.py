"""The manifest: all that connects one-thing-done-once to the rest."""

from bancheng.kernel.audit import public as audit
from bancheng.kernel.cases import public as cases
from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.forms import public as forms
from bancheng.kernel.notices import public as notices
from bancheng.lib.manifest import CITIZEN, PUBLIC, Page, Service
from bancheng.services.onething import (
    attaching,
    claims,
    earlier,
    loading,
    outside,
    overlooked,
    promises,
    telling,
    trail,
    waiting,
)
from bancheng.services.onething.api import router
from bancheng.services.onething.pages import (
    apply,
    attended,
    board,
    counter,
    desk,
    follow,
    letters,
    papers,
    public,
    turns,
)
from bancheng.services.onething.registers import operations as registers
from bancheng.services.onething.registers.facts import registers_asked
from bancheng.web import front

OFFICE = ("case_officer", "approver")
CLERK = "window_clerk"
HANDLE = ("case_officer",)
FIGURES = ("supervisor", "auditor", "unit_admin")
POST = ("POST",)
BOTH = ("GET", "POST")


def _mine(path: str, view: object, name: str, title: str, methods: tuple[str, ...] = ("GET",), nav: str = "") -> Page:
    return Page(path, view, name, (CITIZEN,), methods, title, "holder", nav)  # type: ignore[arg-type]  # a view


def _fill(path: str, view: object, name: str, title: str, methods: tuple[str, ...] = ("GET",)) -> Page:
    return Page(f"drafts/<uuid:draft_id>/{path}", view, name, (CITIZEN, CLERK), methods, title, "holder")  # type: ignore[arg-type]  # a view


def _desk(act: str, view: object, name: str, title: str, who: tuple[str, ...] = OFFICE) -> Page:
    return Page(f"desk/<uuid:case_id>/{act}", view, name, who, POST, title, "unit")  # type: ignore[arg-type]  # a view


SERVICE = Service(
    code="onething",
    name="高效办成一件事",
    name_en="One thing, done once",
    law="行政许可法 第二十六条",
    api=router,
    pages=(
        Page("", public.home, "home", (PUBLIC,), title="一件事|Bundles", nav="一件事|One thing"),
        _mine("mine/", follow.mine, "mine", "我的办件|My cases"),
        _mine("cases/<uuid:case_id>/", follow.case, "case", "一个办件|One case"),
        _mine("cases/<uuid:case_id>/correct/", follow.correct, "correct", "补正|Corrections", BOTH),
        _mine("cases/<uuid:case_id>/withdraw/", follow.withdraw, "withdraw", "撤回|Withdraw", POST),
        _mine("cases/<uuid:case_id>/retry/", follow.retry, "retry", "重新申请|Apply again", POST),
        _mine("cases/<uuid:case_id>/give-up/", follow.give_up, "give_up", "不再办理|Go on without", POST),
        _fill("", apply.draft, "draft", "任务清单|Task list"),
        _fill("check/", apply.check, "check", "核对并提交|Check and send", BOTH),
        _fill("registers/", apply.ask_registers, "draft_registers", "再查登记信息|Ask registers again", POST),
        _fill("prefill/", apply.prefill, "draft_prefill", "预填|Filling in", POST),
        _fill("undo/", apply.undo, "draft_undo", "撤销修改|Undo", POST),
        _fill("delete/", apply.delete, "draft_delete", "删除草稿|Delete", POST),
        _fill("pages/<slug:section>/", apply.section, "section", "填写|Fill in", BOTH),
        _fill("papers/", papers.listed, "papers", "材料|Papers"),
        _fill("papers/<slug:paper>/", papers.change, "paper", "一份材料|A paper", POST),
        _fill("files/<uuid:use_id>/", papers.of_draft, "draft_file", "查看文件|A file"),
        _mine("cases/<uuid:case_id>/papers/<slug:paper>/", papers.supply, "supply", "补交材料|Hand in", BOTH),
        _mine("cases/<uuid:case_id>/files/<uuid:use_id>/", papers.of_case, "case_file", "查看文件|A file"),
        _mine("cases/<uuid:case_id>/letters/<uuid:letter_id>.pdf", letters.of_case, "case_letter", "下载文书|A letter"),
        Page("counter/", counter.home, "counter", (CLERK,), title="综合窗口|Counter", nav="综合窗口|Counter"),
        Page("counter/start/", counter.start, "counter_start", (CLERK,), POST, "窗口代为填报|File for somebody"),
        Page("counter/identity/", counter.prove, "counter_prove", (CLERK,), POST, "实名核验|Prove identity"),
        Page("counter/cases/<uuid:case_id>/", counter.case, "counter_case", (CLERK,), title="整件事|The whole bundle"),
        Page(
            "counter/cases/<uuid:case_id>/papers/<slug:paper>/",
            counter.supply,
            "counter_supply",
            (CLERK,),
            BOTH,
            "窗口补交材料|Hand in at the counter",
        ),
        Page(
            "counter/cases/<uuid:case_id>/correct/",
            attended.correct,
            "counter_correct",
            (CLERK,),
            BOTH,
            "窗口代为补正|Correct at the counter",
        ),
        Page(
            "counter/cases/<uuid:case_id>/act/",
            attended.act,
            "counter_act",
            (CLERK,),
            BOTH,
            "窗口代申请人办理|Done for the applicant",
        ),
        Page(
            "counter/cases/<uuid:case_id>/letters/<uuid:letter_id>.pdf",
            letters.at_counter,
            "counter_letter",
            (CLERK,),
            title="下载文书|A letter",
        ),
        Page("desk/", desk.queue, "desk", OFFICE, title="待办|Queue", owner="unit", nav="一件事待办|Cases"),
        Page("desk/<uuid:case_id>/", desk.case, "desk_case", OFFICE, title="办件|Case", owner="unit"),
        Page(
            "desk/<uuid:case_id>/files/<uuid:use_id>/",
            papers.on_desk,
            "desk_file",
            OFFICE,
            title="查看材料|A paper",
            owner="unit",
        ),
        Page(
            "desk/<uuid:case_id>/letters/<uuid:letter_id>.pdf",
            letters.on_desk,
            "desk_letter",
            OFFICE,
            title="下载文书|A letter",
            owner="unit",
        ),
        _desk("take/", desk.take, "take", "领取|Take", ("case_officer", "approver")),
        _desk("accept/", desk.accept, "accept", "受理|Accept", HANDLE),
        _desk("correction/", desk.correction, "correction", "补正告知|Corrections", HANDLE),
        _desk("refuse/", desk.refuse, "refuse", "不予受理|Do not accept", HANDLE),
        _desk("done/", desk.done, "done", "记录结果|Record", HANDLE),
        _desk("visit/", desk.visit, "visit", "预约联合核查|Book the visit", HANDLE),
        _desk("visit/cancel/", turns.cancel_visit, "visit_cancel", "取消联合核查|Call the visit off", HANDLE),
        _desk("verify/", turns.verify, "verify", "核查承诺|Verify a promise", HANDLE),
        _desk("settle/", turns.settle, "settle", "复查承诺|Mended or not", ("approver",)),
        _desk("repair/", turns.repair, "repair", "修复失信记录|Repair the record", ("approver",)),
        _desk("hand-over/", turns.hand_over, "hand_over", "转办|Hand over"),
        _desk("waive/", turns.waive, "waive", "视为放弃|Take as waived", HANDLE),
        _desk("late/", turns.ask_leave, "late_ask", "申请主管确认|Ask for leave", HANDLE),
        _desk("decide/", desk.decide, "decide", "决定|Decide", ("approver",)),
        _desk("registers/", desk.ask_registers, "desk_registers", "再查登记信息|Ask registers again"),
        _desk("undo/", desk.undo, "undo", "撤销上一步|Undo", ("case_officer", "approver")),
        Page(
            "late/",
            turns.late,
            "late",
            (overlooked.SUPERVISOR,),
            title="迟到的补正|Late corrections",
            owner="unit",
            nav="迟到的补正|Late corrections",
        ),
        Page(
            "late/<int:request_id>/",
            turns.decide_late,
            "late_decide",
            (overlooked.SUPERVISOR,),
            POST,
            "确认迟到的补正|Decide on it",
            "unit",
        ),
        Page("board.csv", board.board_csv, "board_csv", FIGURES, title="看板下载|Board as CSV", owner="unit"),
        Page(
            "board/",
            board.board,
            "board",
            FIGURES,
            title="一件事看板|Board",
            owner="unit",
            nav="一件事看板|Bundles board",
        ),
        Page("<slug:code>/", public.bundle, "bundle", (PUBLIC,), title="一件事指南|A bundle"),
        Page("<slug:code>/start/", apply.start, "start", (CITIZEN,), BOTH, "开始办理|Begin"),
    ),
    on={
        cases.happened: telling.note,
        cases.told: outside.tell,
        clocks.due_soon: telling.answer_due,
        notices.still_wanted: telling.still_wanted,
        front.to_do: waiting.to_do,
        audit.things_of: trail.things_of,
        forms.prefill_asked: earlier.by_earlier,
        forms.drafts_forgotten: attaching.forget,
        registers_asked: registers.answer,
    },
    schedule={
        "onething.warn_of_gaps": "20 9 * * *",
        "onething.ask_registers": "*/10 * * * *",
        "onething.forget_uploads": "25 3 * * *",
    },
    claims=claims.CLAIMS | promises.PROMISES,
    load=loading.load,
)
