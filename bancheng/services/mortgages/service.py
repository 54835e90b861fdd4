"""The manifest: all that connects mortgages to the rest."""

from bancheng.kernel.registrations import public as registrations
from bancheng.kernel.titles import public as titles
from bancheng.lib.manifest import PUBLIC, Page, Service
from bancheng.services.mortgages import (
    announcing,
    api,
    doors,
    loading,
    trail,  # noqa: F401  its words are registered when it is read
)
from bancheng.services.mortgages.pages import agreements, serving

POST = ("POST",)
BANK, REGISTRY = (doors.CLERK, doors.APPROVER), doors.REGISTRY
BOTH = BANK + REGISTRY


def _post(path: str, view: object, name: str, title: str, who: tuple[str, ...]) -> Page:
    return Page(path, view, name, who, POST, title, "unit")  # type: ignore[arg-type]  # a view


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
    ),
    api=api.router,
    on={registrations.happened: announcing.happened, titles.changed: announcing.changed},
    schedule={"mortgages.remind": "20 9 * * *"},
    load=loading.load,
)  # fmt: skip
