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
        "expiry.period_fixed": Text("确定统计期", "Period of the figures fixed"),
        "expiry.applied": Text("受理续期申请", "Application to renew accepted"),
        "expiry.application_withdrawn": Text("申请人撤回续期申请", "Application taken back by the applicant"),
        "expiry.application_refused": Text("决定不予延续", "Renewal refused"),
        "expiry.green_channel": Text("登记或取消绿色通道", "Green channel asked for or left"),
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
