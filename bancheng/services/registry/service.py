"""The manifest: all that connects the registry's pages to the rest."""

from collections.abc import Callable
from typing import Any

from bancheng.kernel.audit import public as audit
from bancheng.kernel.notices import public as notices
from bancheng.kernel.registrations import public as registrations
from bancheng.lib.manifest import CITIZEN, PUBLIC, Page, Service
from bancheng.services.registry import offices, queries, telling, trail
from bancheng.services.registry.pages import bank, checking, desk, owner
from bancheng.services.registry.queries import ACCEPTOR, BANKER, BOOKER, DESK, REVIEWER
from bancheng.web import front

POST = ("POST",)


def _desk(act: str, view: Callable[..., Any], title: str, *who: str) -> Page:
    return Page(f"desk/<uuid:application_id>/{act.replace('_', '-')}/", view, act, who, POST, title, "unit")


def _own(act: str, view: Callable[..., Any], name: str, title: str) -> Page:
    return Page(f"mine/<uuid:application_id>/{act}/", view, name, (CITIZEN,), POST, title, "holder")


SERVICE = Service(
    code="registry",
    name="不动产登记",
    name_en="Land registry",
    law="不动产登记暂行条例",
    pages=(
        Page("", checking.home, "home", (PUBLIC,), title="不动产登记|Land registry"),
        Page("verify/", checking.check, "check", (PUBLIC,), title="核验不动产证书|Check a certificate"),
        Page("verify/file/", checking.check_file, "check_file", (PUBLIC,), POST, "上传文件核验|Check a file"),
        Page("c/<str:code>/", checking.by_code, "by_code", (PUBLIC,), title="核验结果|Result of the check"),
        Page(
            "mine/",
            owner.mine,
            "mine",
            (CITIZEN,),
            title="我的不动产|My real estate",
            owner="holder",
            nav="我的不动产|My real estate",
        ),
        Page(
            "mine/<uuid:application_id>/",
            owner.application,
            "application",
            (CITIZEN,),
            title="一件登记申请|An application",
            owner="holder",
        ),
        _own("consent", owner.consent, "consent", "本人同意|Agree"),
        _own("object", owner.object_to, "object", "不同意或提出异议|Object"),
        _own("withdraw", owner.withdraw, "withdraw", "撤回申请|Take back"),
        Page(
            "mine/certificates/<uuid:certificate_id>.pdf",
            owner.certificate,
            "certificate",
            (CITIZEN,),
            title="下载不动产证书|Download",
            owner="holder",
        ),
        Page(
            "mine/<uuid:application_id>/letters/<uuid:letter_id>.pdf",
            owner.letter,
            "letter",
            (CITIZEN,),
            title="下载登记文书|Download a letter",
            owner="holder",
        ),
        Page("enquire/", owner.enquire, "enquire", (CITIZEN,), title="查询登记资料|Ask the book"),
        Page("enquire/", owner.answer, "answer", (CITIZEN,), POST, "查询登记资料|Ask the book"),
        Page(
            "asks/",
            bank.asks,
            "asks",
            (BANKER,),
            title="待本行答复|Waiting for your bank",
            owner="unit",
            nav="登记待答复|Asked by the registry",
        ),
        Page("asks/<uuid:ask_id>/", bank.ask, "ask", (BANKER,), title="请本行答复|Asked of your bank", owner="unit"),
        Page(
            "asks/<uuid:ask_id>/letters/<uuid:letter_id>.pdf",
            bank.letter,
            "ask_letter",
            (BANKER,),
            title="登记文书|A letter",
            owner="unit",
        ),
        Page("asks/<uuid:ask_id>/agree/", bank.agree, "agree", (BANKER,), POST, "本行同意|Agree", "unit"),
        Page(
            "asks/<uuid:ask_id>/decline/", bank.decline, "decline", (BANKER,), POST, "本行不同意|Do not agree", "unit"
        ),
        Page(
            "desk/", desk.desk, "desk", DESK, title="登记工作台|Registry desk", owner="unit", nav="不动产登记|Registry"
        ),
        Page("desk.csv", desk.export, "export", DESK, title="登记工作台下载|Desk as CSV", owner="unit"),
        Page("desk/<uuid:application_id>/", desk.one, "one", DESK, title="登记申请办理|An application", owner="unit"),
        Page(
            "desk/<uuid:application_id>/papers/<uuid:use_id>/",
            desk.paper,
            "paper",
            DESK,
            title="申请材料|A paper",
            owner="unit",
        ),
        _desk("accept", desk.accept, "受理|Accept", ACCEPTOR),
        _desk("correct", desk.correct, "一次告知补正|Ask for corrections", ACCEPTOR),
        _desk("not_accept", desk.not_accept, "不予受理|Not accept", ACCEPTOR),
        _desk("review", desk.review, "审核通过|Review", REVIEWER),
        _desk("refuse", desk.refuse, "不予登记|Refuse", REVIEWER, BOOKER),
        _desk("book", desk.book, "登簿|Record", BOOKER),
        _desk("send_back", desk.send_back, "退回审核|Send back", BOOKER),
        _desk("suspend", desk.suspend, "中止办理|Suspend", *DESK),
        _desk("resume", desk.resume, "恢复办理|Resume", *DESK),
        _desk("announce", desk.announce, "公告或实地查看|Announce or visit", *DESK),
        _desk("go_on", desk.go_on, "公告或查看结束|Go on", *DESK),
        Page(
            "desk/<uuid:application_id>/letters/<uuid:letter_id>.pdf",
            desk.letter,
            "letter_file",
            DESK,
            title="登记文书|A letter",
            owner="unit",
        ),
        Page(
            "desk/certificates/<uuid:certificate_id>.pdf",
            desk.file,
            "file",
            DESK,
            title="证书文件|A certificate's file",
            owner="unit",
        ),
    ),
    on={
        registrations.happened: telling.note,
        notices.still_wanted: telling.still_wanted,
        front.to_do: queries.to_do,
        audit.things_of: trail.things_of,
    },
    load=offices.load,
)
