"""What the record says of a watched licence: the words of its events, and which licences are whose."""

from django.urls import reverse

from bancheng.kernel.audit import public as audit
from bancheng.lib.text import Text
from bancheng.services.expiry.models import Watch

audit.labels(
    {
        "expiry.says_done": Text("回答“已经办了”", "Answered: done"),
        "expiry.given_up": Text("回答“不再续办”", "Answered: will not renew"),
        "expiry.live": Text("恢复提醒", "Reminders started again"),
        "expiry.applied": Text("受理续期申请", "Application to renew accepted"),
        "expiry.application_withdrawn": Text("申请人撤回续期申请", "Application taken back by the applicant"),
        "expiry.application_refused": Text("决定不予延续", "Renewal refused"),
        "expiry.green_channel": Text("登记或取消绿色通道", "Green channel asked for or left"),
        "expiry.uploaded": Text("上传台账", "Ledger uploaded"),
        "expiry.read": Text("读完台账", "Ledger read to its end"),
        "expiry.read_on": Text("接着读中断的台账", "Reading of a ledger taken up again"),
        "expiry.refused_file": Text("退回整份台账", "Whole ledger sent back"),
        "expiry.bad_rows_taken": Text("下载退回的行", "Returned rows downloaded"),
        "expiry.inspected": Text("完成当日巡检", "Inspection of the day done"),
        "expiry.inspection_asked": Text("要求立即巡检", "Inspection asked for"),
        "expiry.item_withdrawn": Text("撤下提醒事项", "Reminder item withdrawn"),
        "expiry.item_restored": Text("恢复提醒事项", "Reminder item restored"),
        "expiry.reviewed": Text("完成季度梳理", "Quarterly review done"),
        "expiry.assigned": Text("分派任务", "Task given to an officer"),
        "expiry.taken": Text("领取任务", "Task taken"),
        "expiry.given_back": Text("退回任务", "Task given back"),
        "expiry.task_closed": Text("办结任务", "Task closed"),
    }
)


def things_of(holders: audit.Holders) -> list[audit.Thing]:
    """Return the watched licences of these holders, as events about them are named."""
    found = Watch.objects.filter(licence__holder_hash__in=list(holders.hashes)).select_related("item", "licence")
    return [
        audit.Thing(
            f"expiry:{watch.pk}",
            Text(f"{watch.item.name}（{watch.licence.number}）", f"{watch.item.name_en} ({watch.licence.number})"),
            reverse("expiry:licence", args=[watch.pk]),
        )
        for watch in found.order_by("pk")
    ]
