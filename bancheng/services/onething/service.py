"""The manifest: all that connects one-thing-done-once to the rest."""

from bancheng.kernel.cases import public as cases
from bancheng.lib.manifest import CITIZEN, PUBLIC, Page, Service
from bancheng.services.onething import (
    outside,
    trail,  # noqa: F401  the words of its record
)
from bancheng.services.onething.api import router
from bancheng.services.onething.pages import apply, desk, follow, public

OFFICE = ("case_officer", "approver", "window_clerk")
HANDLE = ("case_officer",)
POST = ("POST",)
BOTH = ("GET", "POST")


def _mine(path: str, view: object, name: str, title: str, methods: tuple[str, ...] = ("GET",), nav: str = "") -> Page:
    return Page(path, view, name, (CITIZEN,), methods, title, "holder", nav)  # type: ignore[arg-type]  # a view


def _desk(act: str, view: object, name: str, title: str, who: tuple[str, ...] = OFFICE) -> Page:
    return Page(f"desk/<uuid:case_id>/{act}", view, name, who, POST, title, "unit")  # type: ignore[arg-type]  # a view


SERVICE = Service(
    code="onething",
    name="高效办成一件事",
    name_en="One thing, done once",
    law="行政许可法 第二十六条",
    api=router,
    on={cases.told: outside.tell},
    pages=(
        Page("", public.home, "home", (PUBLIC,), title="一件事|Bundles", nav="一件事|One thing"),
        _mine("mine/", follow.mine, "mine", "我的办件|My cases"),
        _mine("cases/<uuid:case_id>/", follow.case, "case", "一个办件|One case"),
        _mine("cases/<uuid:case_id>/correct/", follow.correct, "correct", "补正|Corrections", BOTH),
        _mine("cases/<uuid:case_id>/withdraw/", follow.withdraw, "withdraw", "撤回|Withdraw", POST),
        _mine("cases/<uuid:case_id>/retry/", follow.retry, "retry", "重新申请|Apply again", POST),
        _mine("cases/<uuid:case_id>/give-up/", follow.give_up, "give_up", "不再办理|Go on without", POST),
        _mine("drafts/<uuid:draft_id>/", apply.draft, "draft", "任务清单|Task list"),
        _mine("drafts/<uuid:draft_id>/check/", apply.check, "check", "核对并提交|Check and send", BOTH),
        _mine("drafts/<uuid:draft_id>/undo/", apply.undo, "draft_undo", "撤销修改|Undo", POST),
        _mine("drafts/<uuid:draft_id>/delete/", apply.delete, "draft_delete", "删除草稿|Delete", POST),
        _mine("drafts/<uuid:draft_id>/pages/<slug:section>/", apply.section, "section", "填写|Fill in", BOTH),
        Page("desk/", desk.queue, "desk", OFFICE, title="待办|Queue", owner="unit", nav="一件事待办|Cases"),
        Page("desk/<uuid:case_id>/", desk.case, "desk_case", OFFICE, title="办件|Case", owner="unit"),
        _desk("take/", desk.take, "take", "领取|Take", ("case_officer", "approver")),
        _desk("accept/", desk.accept, "accept", "受理|Accept", HANDLE),
        _desk("correction/", desk.correction, "correction", "补正告知|Corrections", HANDLE),
        _desk("refuse/", desk.refuse, "refuse", "不予受理|Do not accept", HANDLE),
        _desk("done/", desk.done, "done", "记录结果|Record", HANDLE),
        _desk("decide/", desk.decide, "decide", "决定|Decide", ("approver",)),
        _desk("undo/", desk.undo, "undo", "撤销上一步|Undo", ("case_officer", "approver")),
        Page("<slug:code>/", public.bundle, "bundle", (PUBLIC,), title="一件事指南|A bundle"),
        Page("<slug:code>/start/", apply.start, "start", (CITIZEN,), BOTH, "开始办理|Begin"),
    ),
)
