"""The manifest: all that connects mortgages to the rest."""

from bancheng.kernel.registrations import public as registrations
from bancheng.kernel.titles import public as titles
from bancheng.lib.manifest import CITIZEN, PUBLIC, Page, Service
from bancheng.services.mortgages import (
    announcing,
    api,
    claims,
    doors,
    following,
    loading,
    trail,  # noqa: F401  its words are registered when it is read
    waiting,
)
from bancheng.services.mortgages.pages import agreements, archive, board, filings, inspections, owners, serving
from bancheng.web import front

POST = ("POST",)
BANK, REGISTRY = (doors.CLERK, doors.APPROVER), doors.REGISTRY
BOTH = BANK + REGISTRY
ARCHIVE = (*doors.BANK, *REGISTRY)
KEEPER = (doors.ARCHIVIST,)
FIGURES = ("supervisor", "auditor", *ARCHIVE)
ONE = "archive/<uuid:bundle_id>/"


def _post(path: str, view: object, name: str, title: str, who: tuple[str, ...]) -> Page:
    return Page(path, view, name, who, POST, title, "unit")  # type: ignore[arg-type]  # a view


def _happened(fact: registrations.Happened) -> None:
    """Two hear of an application: the bank's own system, and what this service keeps of it."""
    announcing.happened(fact)
    following.note(fact)


SERVICE = Service(
    code="mortgages",
    name="抵押登记全程网办",
    name_en="Mortgages from the bank",
    law="民法典 第四百零二条",
    pages=(
        Page("", agreements.home, "home", (PUBLIC,), title="抵押登记全程网办|Mortgages from the bank"),
        Page("agreements/", agreements.agreements, "agreements", BOTH, title="合作协议|Agreements", owner="unit", nav="合作协议|Agreements"),
        _post("agreements/propose/", agreements.propose, "agreement_propose", "发起协议|Propose", REGISTRY),
        Page("agreements/<uuid:agreement_id>/", agreements.agreement, "agreement", BOTH, title="一份协议|An agreement", owner="unit"),
        _post("agreements/<uuid:agreement_id>/sign/", agreements.sign, "agreement_sign", "签署协议|Sign", (doors.APPROVER,)),
        _post("agreements/<uuid:agreement_id>/turn-down/", agreements.turn_down, "agreement_turn_down", "不签署|Turn down", (doors.APPROVER,)),
        _post("agreements/<uuid:agreement_id>/end/", agreements.end, "agreement_end", "终止协议|End", REGISTRY),
        Page("officers/", serving.officers, "officers", BOTH, title="首席服务官|Service officers", owner="unit", nav="首席服务官|Service officers"),
        _post("officers/name/", serving.name_officer, "officer_name", "指定服务官|Name an officer", REGISTRY),
        _post("officers/contact/", serving.note_contact, "contact_note", "登记上门服务|Note a visit", REGISTRY),
        _post("officers/symposium/", serving.note_symposium, "symposium_note", "登记座谈会|Note a symposium", REGISTRY),
        Page("requests/", serving.requests, "requests", BOTH, title="银行诉求|Requests", owner="unit", nav="银行诉求|Requests"),
        _post("requests/ask/", serving.ask, "request_ask", "提出诉求|Ask", BOTH),
        Page("requests/<uuid:request_id>/", serving.one, "request", BOTH, title="一件诉求|A request", owner="unit"),
        _post("requests/<uuid:request_id>/sort/", serving.sort, "request_sort", "研判诉求|Sort", (doors.OFFICER,)),
        _post("requests/<uuid:request_id>/answer/", serving.answer, "request_answer", "答复诉求|Answer", (doors.OFFICER,)),
        _post("requests/<uuid:request_id>/rate/", serving.rate, "request_rate", "评价答复|Rate", BANK),
        _post("requests/<uuid:request_id>/back/", serving.send_back, "request_back", "退回诉求|Send back", BANK),
        Page("archive/", archive.bundles, "bundles", ARCHIVE, title="抵押登记档案|Archive", owner="unit", nav="登记档案|Archive"),
        Page(ONE, archive.bundle, "bundle", ARCHIVE, title="一卷档案|A bundle", owner="unit"),
        _post(f"{ONE}file/", archive.file_away, "bundle_file", "归档|File", KEEPER),
        _post(f"{ONE}move/", archive.move, "bundle_move", "移架|Move", KEEPER),
        _post(f"{ONE}lend/", archive.lend, "bundle_lend", "借出|Lend", KEEPER),
        _post(f"{ONE}back/", archive.give_back, "bundle_back", "归还|Return", KEEPER),
        _post(f"{ONE}lost/", archive.lose, "bundle_lost", "报告遗失|Report lost", KEEPER),
        _post(f"{ONE}found/", archive.find_again, "bundle_found", "找回|Found again", KEEPER),
        _post(f"{ONE}offer/", archive.offer, "bundle_offer", "移交|Hand over", KEEPER),
        _post(f"{ONE}take/", archive.take_over, "bundle_take", "签认接收|Sign for it", KEEPER + REGISTRY),
        _post(f"{ONE}look-up/", archive.look_up, "look_up", "调阅|Look up", REGISTRY),
        _post(f"{ONE}look-up/<uuid:look_up_id>/", archive.answer, "look_up_answer", "答复调阅|Answer", KEEPER),
        Page(f"{ONE}look-up/<uuid:look_up_id>/scan/", archive.scan, "bundle_scan", ARCHIVE, title="调阅扫描件|The scan", owner="unit"),
        _post(f"{ONE}findings/<uuid:finding_id>/explain/", archive.explain, "finding_explain", "说明问题|Explain", KEEPER),
        _post(f"{ONE}findings/<uuid:finding_id>/close/", archive.close, "finding_close", "关闭问题|Close", REGISTRY),
        Page("quote/", filings.quote, "quote", BANK, ("GET", "POST"), "查询登记簿|Ask the book"),
        Page("filings/", filings.listed, "filings", BANK, title="抵押申报|Filings", owner="unit", nav="抵押申报|Filings"),
        Page("filings/new/", filings.new, "filing_new", (doors.CLERK,), ("GET", "POST"), "经办申报|Prepare a filing"),
        Page("filings/held/", filings.held, "held", BANK, title="本行的抵押权|Mortgages we hold", owner="unit"),
        Page("filings/held/<uuid:certificate_id>.pdf", filings.held_proof, "held_proof", BANK, title="所持抵押权的证明|Proof of a mortgage held", owner="unit"),
        Page("filings/<uuid:filing_id>/", filings.one, "filing", BANK, title="一件申报|A filing", owner="unit"),
        _post("filings/<uuid:filing_id>/enclose/", filings.enclose, "filing_enclose", "添加材料|Enclose", BANK),
        _post("filings/<uuid:filing_id>/drop/", filings.drop, "filing_drop", "作废申报|Drop", BANK),
        _post("filings/<uuid:filing_id>/submit/", filings.submit, "filing_submit", "提交申报|File", (doors.APPROVER,)),
        _post("filings/<uuid:filing_id>/supplement/", filings.supplement, "filing_supplement", "补正|Correct", BANK),
        _post("filings/<uuid:filing_id>/withdraw/", filings.withdraw, "filing_withdraw", "撤回|Withdraw", BANK),
        Page("filings/<uuid:filing_id>/proofs/<uuid:certificate_id>.pdf", filings.proof, "filing_proof", BANK, title="电子证明|The proof", owner="unit"),
        Page("filings/<uuid:filing_id>/letters/<uuid:letter_id>.pdf", filings.letter, "filing_letter", BANK, title="登记文书|A letter", owner="unit"),
        Page("mine/", owners.mine, "mine", (CITIZEN,), title="我的抵押|My mortgages", owner="holder"),
        Page("mine/<str:right>/cancel/", owners.ask_to_cancel, "cancel_ask", (CITIZEN,), POST, "申请注销抵押|Ask for cancellation", "holder"),
        Page("mine/<uuid:application_id>/complain/", owners.complain, "complain", (CITIZEN,), POST, "投诉银行搭售|Complain", "holder"),
        Page("complaints/", owners.complaints, "complaints", REGISTRY, title="搭售投诉|Complaints", owner="unit", nav="搭售投诉|Complaints"),
        _post("complaints/<uuid:complaint_id>/answer/", owners.answer, "complaint_answer", "答复投诉|Answer", REGISTRY),
        Page("board.csv", board.board_csv, "board_csv", FIGURES, title="看板下载|Board as CSV", owner="unit"),
        Page("board/", board.board, "board", FIGURES, title="抵押登记看板|Board", owner="unit", nav="抵押登记看板|Mortgages board"),
        Page("inspections/", inspections.inspections, "inspections", ARCHIVE, title="档案抽检|Inspections", owner="unit", nav="档案抽检|Inspections"),
        _post("inspections/draw/", inspections.draw, "inspection_draw", "抽取样本|Draw", REGISTRY),
        Page("inspections/<uuid:inspection_id>/", inspections.inspection, "inspection", ARCHIVE, title="一次抽检|An inspection", owner="unit"),
        _post("inspections/<uuid:inspection_id>/enter/", inspections.enter, "inspection_enter", "登记抽检|Enter a result", REGISTRY),
    ),
    api=api.router,
    on={registrations.happened: _happened, titles.changed: announcing.changed, front.to_do: waiting.to_do},
    schedule={"mortgages.remind": "20 9 * * *"},
    claims=claims.CLAIMS,
    load=loading.load,
)  # fmt: skip
