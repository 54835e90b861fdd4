"""The manifest of mine."""

from bancheng.lib.manifest import CITIZEN, PUBLIC, STAFF, Page, Service
from bancheng.services.mine import gateways, pages

SERVICE = Service(
    code="mine",
    name="我的",
    name_en="Mine",
    law="个人信息保护法 第二十四条",
    prefix="",
    pages=[
        Page(
            "mine/",
            pages.inbox,
            "inbox",
            who=(CITIZEN, STAFF),
            title="我的消息|My messages",
            owner="holder",
            nav="我的|Mine",
        ),
        Page(
            "mine/messages/<int:message_id>/",
            pages.message,
            "message",
            who=(CITIZEN, STAFF),
            title="消息|Message",
            owner="holder",
        ),
        Page(
            "mine/looks/",
            pages.who_looked,
            "looks",
            who=(CITIZEN,),
            title="谁看过我的信息|Who read my data",
            owner="holder",
        ),
        Page(
            "mine/preferences/",
            pages.preferences,
            "preferences",
            who=(CITIZEN,),
            title="接收设置|What I receive",
            owner="holder",
        ),
        Page(
            "mine/preferences/",
            pages.change_preference,
            "change_preference",
            who=(CITIZEN,),
            methods=("POST",),
            title="更改接收设置|Change what I receive",
            owner="holder",
        ),
        # short, because it stands in a text message; who holds the link holds the phone
        Page("t/<str:token>", pages.stop_link, "stop_link", who=(PUBLIC,), title="退订|Stop messages"),
        Page(
            "t/<str:token>",
            pages.stop,
            "stop",
            who=(PUBLIC,),
            methods=("POST",),
            title="退订或恢复|Stop or start messages",
        ),
        Page(
            "notices/receipts/<str:channel>",
            gateways.receipts,
            "receipts",
            who=(PUBLIC,),
            methods=("POST",),
            title="消息回执|Message receipts",
            signed=True,
        ),
    ],
)
