"""The kinds of notice to applicants and departments; their texts stand in the pack."""

from bancheng.lib.text import Text
from bancheng.pack.texts import INBOX, PUSH_THEN_SMS, Kind

KINDS: dict[str, Kind] = {
    "onething.filed": Kind(Text("申请已提交", "Application sent"), INBOX),
    "onething.correction": Kind(Text("一次性补正告知", "Corrections, told once"), PUSH_THEN_SMS),
    "onething.accepted": Kind(Text("事项已受理", "Matter accepted"), INBOX),
    "onething.result": Kind(Text("事项有结果", "Result of a matter"), PUSH_THEN_SMS),
    "onething.done": Kind(Text("一件事全部办结", "All done"), PUSH_THEN_SMS),
    "onething.withdrawn": Kind(Text("已撤回", "Taken back"), INBOX),
    "onething.gap": Kind(Text("容缺材料快到期", "Promised papers due"), PUSH_THEN_SMS),
    "onething.visit": Kind(Text("联合核查预约", "Joint visit booked"), PUSH_THEN_SMS),
    "onething.new": Kind(Text("新办件", "New case"), INBOX),
    "onething.late": Kind(Text("办件超期", "Case overdue"), INBOX),
}
