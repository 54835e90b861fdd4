"""The kinds of notice about mortgages; their texts stand in the pack. Owners are told of each step of an application by the office."""

from bancheng.lib.text import Text
from bancheng.pack.texts import INBOX, PUSH_THEN_SMS, Kind

KINDS: dict[str, Kind] = {
    "mortgages.desk": Kind(Text("抵押申报有进展", "News of a filing"), INBOX),
    "mortgages.agreement_ends": Kind(Text("合作协议将到期", "An agreement runs out"), INBOX),
    "mortgages.request": Kind(Text("银行诉求", "A bank's request"), INBOX),
    "mortgages.look_up": Kind(Text("档案调阅", "A look-up in the archive"), INBOX),
    "mortgages.complaint": Kind(Text("投诉银行搭售", "A complaint about a bank"), INBOX),
    "mortgages.answered": Kind(Text("投诉有答复", "A complaint answered"), PUSH_THEN_SMS),
    "mortgages.finding": Kind(Text("档案问题", "Something is wrong with a bundle"), INBOX),
}
