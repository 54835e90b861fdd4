"""The manifest: all that connects data corrections to the rest."""

from bancheng.kernel.forms import public as forms
from bancheng.lib.manifest import CITIZEN, Page, Service
from bancheng.services.corrections import operations, pages, queries, texts
from bancheng.services.corrections.api import router
from bancheng.web import front

OFFICER = ("section_officer",)
UNIT = ("section_officer", "unit_admin")
POST = ("POST",)

SERVICE = Service(
    code="corrections",
    name="数据更正",
    name_en="Data corrections",
    law="个人信息保护法 第四十六条",
    api=router,
    pages=(
        Page(
            "", pages.queue, "queue", UNIT, title="数据更正待办|Corrections", owner="unit", nav="数据更正|Corrections"
        ),
        Page("list.csv", pages.export, "export", UNIT, title="数据更正下载|Corrections as CSV", owner="unit"),
        Page("mine/", pages.mine, "mine", (CITIZEN,), title="我更正的数据|What I corrected", owner="holder"),
        Page("<uuid:item_id>/", pages.item, "item", OFFICER, title="一条更正|A correction", owner="unit"),
        Page("<uuid:item_id>/accept/", pages.accept, "accept", OFFICER, POST, "采纳更正|Accept", "unit"),
        Page("<uuid:item_id>/decline/", pages.decline, "decline", OFFICER, POST, "不采纳更正|Decline", "unit"),
        Page("<uuid:item_id>/changed/", pages.changed, "changed", OFFICER, POST, "源头已改|Source corrected", "unit"),
    ),
    on={front.to_do: queries.to_do, forms.correction_decided: operations.promise_to_tell},
    schedule={"corrections.tell_staff": "10 9 * * *"},
    load=texts.load,
)
