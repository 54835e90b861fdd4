"""The kinds of notice to holders and to the people of the units (F10.6); their texts stand in the pack (F10.11)."""

from bancheng.lib.text import Text
from bancheng.pack.texts import INBOX, PUSH_THEN_SMS, Kind

KINDS: dict[str, Kind] = {
    "expiry.window": Kind(Text("续办申请提醒", "Time to apply for renewal"), PUSH_THEN_SMS, digest_from=5),
    "expiry.expiring": Kind(Text("证照即将到期", "Licence about to expire"), PUSH_THEN_SMS, digest_from=5),
    "expiry.lapsed": Kind(Text("证照已到期未续", "Licence ran out"), INBOX),
    "expiry.tasks": Kind(Text("一对一提醒名单", "One-on-one list"), INBOX),
    "expiry.overdue": Kind(Text("提醒任务逾期", "Tasks overdue"), INBOX),
    "expiry.agency": Kind(Text("不作决定将视为准予延续", "Silence will renew"), INBOX),
    "expiry.batch": Kind(Text("台账有退回的行", "Rows returned"), INBOX),
    "expiry.quarter": Kind(Text("季度梳理到期", "Quarterly review due"), INBOX),
    "expiry.silent": Kind(Text("未报送单位", "Silent units"), INBOX),
}
