"""The kinds of notice about registrations; their texts stand in the pack."""

from bancheng.lib.text import Text
from bancheng.pack.texts import INBOX, PUSH_THEN_SMS, Kind

KINDS: dict[str, Kind] = {
    "registry.asked": Kind(Text("不动产登记待您同意", "A registration waits for your consent"), PUSH_THEN_SMS),
    "registry.filed": Kind(Text("您的不动产有新的登记申请", "An application about your property"), PUSH_THEN_SMS),
    "registry.corrections": Kind(Text("登记申请待补正", "Corrections wanted"), PUSH_THEN_SMS),
    "registry.stopped": Kind(Text("登记申请中止", "Application suspended"), PUSH_THEN_SMS),
    "registry.turned_down": Kind(Text("登记申请未办成", "Application turned down"), PUSH_THEN_SMS),
    "registry.recorded": Kind(Text("不动产登记已登簿", "Recorded in the book"), PUSH_THEN_SMS),
    "registry.certified": Kind(Text("不动产电子证照已制发", "Certificate issued"), PUSH_THEN_SMS),
    "registry.late": Kind(Text("登记逾期督办", "Registration overdue"), INBOX),
}
