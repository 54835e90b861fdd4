"""What the events of land shares are called in the record."""

from bancheng.kernel.audit import public as audit
from bancheng.lib.text import Text

audit.labels(
    {
        "landshares.meeting_held": Text("登记领导小组会议", "Meeting of the leading group written down"),
        "landshares.matter_decided": Text("一事一议，确定类型", "Matter decided by the leading group"),
    }
)
