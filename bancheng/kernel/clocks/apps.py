"""Loads the shipped calendars after every migration, and names clocks' actions for the audit pages."""

from typing import Any

from django.apps import AppConfig
from django.db import connection
from django.db.models.signals import post_migrate

from bancheng.lib.text import Text


class ClocksConfig(AppConfig):
    name = "bancheng.kernel.clocks"
    label = "clocks"

    def ready(self) -> None:
        from bancheng.kernel.audit import public as audit
        from bancheng.kernel.clocks import checks  # noqa: F401  registers itself

        audit.labels(LABELS)
        post_migrate.connect(load_shipped, sender=self, dispatch_uid="clocks.load_shipped")


def load_shipped(**kwargs: Any) -> None:
    """Load what ships. A flushed database gets its calendars back this way; from a data migration it would not."""
    from bancheng.kernel.clocks import clock
    from bancheng.kernel.clocks.operations import calendars

    if "clocks_calendarday" in connection.introspection.table_names():  # not so after `migrate clocks zero`
        calendars.load_shipped(at=clock.real_now())


LABELS = {
    "clocks.calendar_proposed": Text("提交放假安排，待第二人确认", "Holiday notice put forward"),
    "clocks.calendar_turned_down": Text("退回放假安排", "Holiday notice turned down"),
    "clocks.calendar_loaded": Text("载入年度放假安排", "Holiday notice loaded"),
    "clocks.calendar_corrected": Text("更正年度放假安排", "Holiday notice corrected"),
    "clocks.started": Text("期限开始计算", "Period started"),
    "clocks.paused": Text("期限暂停", "Period paused"),
    "clocks.pause_served": Text("暂停告知书已送达", "Notice of the pause served"),
    "clocks.resumed": Text("恢复计时", "Period resumed"),
    "clocks.extended": Text("期限延长", "Period extended"),
    "clocks.notified": Text("已告知期限", "Date notified"),
    "clocks.finished": Text("期限内事项办结", "Period ended by action"),
    "clocks.cancelled": Text("期限终止", "Period cancelled"),
    "clocks.reopened": Text("撤销办结，期限继续计算", "Period goes on: the act was taken back"),
    "clocks.silence": Text("逾期未办，依法视为", "Nobody acted: the law takes it as done"),
    "clocks.overdue": Text("逾期", "Overdue"),
    "clocks.sandbox_set": Text("设置沙盒时钟", "Sandbox clock set"),
    "clocks.sandbox_ended": Text("关闭沙盒时钟", "Sandbox clock ended"),
}
