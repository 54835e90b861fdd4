"""The kinds of notice to applicants and departments; their texts stand in the pack."""

from bancheng.lib.text import Text
from bancheng.pack.texts import INBOX, PUSH_THEN_SMS, Kind

DIGEST = 3  # so many at once on one phone become one message (N-8)

KINDS: dict[str, Kind] = {
    "onething.filed": Kind(Text("申请已提交", "Application sent"), INBOX),
    "onething.correction": Kind(Text("一次性补正告知", "Corrections, told once"), PUSH_THEN_SMS, DIGEST),
    "onething.answer_due": Kind(Text("补正快到期", "Corrections due"), PUSH_THEN_SMS, DIGEST),
    "onething.answer_late": Kind(Text("补正已逾期", "Corrections late"), PUSH_THEN_SMS, DIGEST),
    "onething.unanswered": Kind(Text("申请人逾期未补正", "Applicant's answer late"), INBOX),
    "onething.accepted": Kind(Text("事项已受理", "Matter accepted"), INBOX),
    "onething.result": Kind(Text("事项有结果", "Result of a matter"), PUSH_THEN_SMS, DIGEST),
    "onething.done": Kind(Text("一件事全部办结", "All done"), PUSH_THEN_SMS, DIGEST),
    "onething.withdrawn": Kind(Text("已撤回", "Taken back"), INBOX),
    "onething.gap": Kind(Text("容缺材料快到期", "Promised papers due"), PUSH_THEN_SMS, DIGEST),
    "onething.visit": Kind(Text("联合核查预约", "Joint visit booked"), PUSH_THEN_SMS, DIGEST),
    "onething.visit_moved": Kind(Text("联合核查改期", "Joint visit moved"), PUSH_THEN_SMS, DIGEST),
    "onething.visit_off": Kind(Text("联合核查取消", "Joint visit called off"), PUSH_THEN_SMS, DIGEST),
    "onething.moved": Kind(Text("办件转办", "Handed over to another office"), INBOX),
    "onething.verified": Kind(Text("承诺核查结果", "Promise verified"), INBOX),
    "onething.untrue": Kind(Text("承诺不实，限期改正", "Promise untrue: to be mended"), PUSH_THEN_SMS, DIGEST),
    "onething.revoked": Kind(Text("许可被撤销", "Grant taken back"), PUSH_THEN_SMS, DIGEST),
    "onething.new": Kind(Text("新办件", "New case"), INBOX),
    "onething.late": Kind(Text("办件超期", "Case overdue"), INBOX),
    "onething.visit_staff": Kind(Text("联合核查安排", "Joint visit to make"), INBOX),
    "onething.visit_off_staff": Kind(Text("核查安排取消", "Visit to make called off"), INBOX),
}
