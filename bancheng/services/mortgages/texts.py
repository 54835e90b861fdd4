"""The kinds of notice about mortgages; their texts stand in the pack."""

from datetime import timedelta

from bancheng.kernel.notices import public as notices
from bancheng.lib.text import Text
from bancheng.pack.texts import INBOX, PUSH_THEN_SMS, Kind

AT_ONCE = (notices.Rung("push", timedelta(minutes=10)), notices.Rung("sms", timedelta(hours=24)))  # he may still object

KINDS: dict[str, Kind] = {
    "mortgages.filed": Kind(Text("房屋抵押已申报", "A mortgage on your home was filed"), AT_ONCE),
    "mortgages.correction": Kind(Text("抵押登记要补正", "A mortgage needs correcting"), PUSH_THEN_SMS),
    "mortgages.recorded": Kind(Text("抵押已登簿", "A mortgage was recorded"), PUSH_THEN_SMS),
    "mortgages.cancelled": Kind(Text("抵押已注销", "A mortgage was cancelled"), PUSH_THEN_SMS),
    "mortgages.stopped": Kind(Text("抵押登记未办成", "A mortgage was not recorded"), PUSH_THEN_SMS),
    "mortgages.desk": Kind(Text("抵押申报有进展", "News of a filing"), INBOX),
    "mortgages.agreement_ends": Kind(Text("合作协议将到期", "An agreement runs out"), INBOX),
    "mortgages.request": Kind(Text("银行诉求", "A bank's request"), INBOX),
    "mortgages.look_up": Kind(Text("档案调阅", "A look-up in the archive"), INBOX),
    "mortgages.finding": Kind(Text("档案问题", "Something is wrong with a bundle"), INBOX),
}
