"""What the record calls the acts of this service, and which cases, papers and questions to registers are whose."""

from uuid import UUID

from django.urls import reverse

from bancheng.kernel.audit import public as audit
from bancheng.kernel.cases import public as cases
from bancheng.kernel.documents import public as documents
from bancheng.lib.text import Text
from bancheng.services.onething.queries import SERVICE
from bancheng.services.onething.registers import operations as registers
from bancheng.services.onething.registers.queries import questions_about

audit.labels(
    {
        "onething.case_opened": Text("查看办件内容", "Case looked at"),
        "onething.handed_in_by_partner": Text("合作系统受托申报", "Handed in by a partner"),
        "onething.filed": Text("提交“一件事”申请", "Bundle applied for"),
        "onething.visit_booked": Text("预约联合核查", "Joint visit booked"),
        "onething.counter_opened": Text("窗口代为填报", "Filled in at the counter"),
        "onething.visit_cancelled": Text("取消联合核查", "Joint visit called off"),
        "onething.gap_promised": Text("作出容缺承诺", "Paper promised for later"),
        "onething.leave_asked": Text("申请确认迟到的补正", "Leave asked for a late correction"),
        "onething.leave_decided": Text("主管处理迟到的补正", "Late correction decided on"),
        "onething.attended": Text("窗口代到场人办理", "Done at the counter for whoever was there"),
        "onething.counter_seen": Text("窗口查看办件", "Case looked at from the counter"),
        "onething.result_collected": Text("合作系统代领电子证照", "Certificate fetched by a partner"),
        "onething.registers_asked": Text("查询登记信息", "Registers asked"),
        "onething.registers_asked_again": Text("再次查询登记信息", "Registers asked again"),
        "onething.registers_reused": Text("引用当日的登记信息", "Registers' answer of the day used again"),
    }
)


def things_of(holders: audit.Holders) -> list[audit.Thing]:
    """Return the cases of these holders with their matters and papers, and what registers were asked about them, as events about them are named."""
    roots = [brief.id for brief in cases.of_applicants(list(holders.hashes), service=SERVICE)]
    urls = {root: reverse("onething:case", args=[root]) for root in roots}
    things = [
        audit.Thing(
            f"case:{one.id}", Text(f"{one.title.zh}（{one.number}）", f"{one.title.en} ({one.number})"), urls[one.root]
        )
        for one in cases.members_of(roots)
    ]
    uses = documents.uses(about=[f"case:{root}" for root in roots])
    named = [
        audit.Thing(use.ref, Text(f"材料：{use.material}", "A paper you handed in"), urls[UUID(use.about[5:])])
        for use in uses
    ]
    asked = [
        audit.Thing(
            registers.ref(one.pk),
            Text(f"登记信息：{one.purpose}", "What registers of other offices say of it"),
            reverse("onething:mine"),
        )
        for one in questions_about(holders.hashes)
    ]
    return things + named + asked
