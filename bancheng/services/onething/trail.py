"""What the record calls the acts of this service."""

from bancheng.kernel.audit import public as audit
from bancheng.lib.text import Text

audit.labels(
    {
        "onething.case_opened": Text("查看办件内容", "Case looked at"),
        "onething.handed_in_by_partner": Text("合作系统受托申报", "Handed in by a partner"),
    }
)
