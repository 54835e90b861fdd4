"""What the record calls the acts of this service."""

from bancheng.kernel.audit import public as audit
from bancheng.lib.text import Text

audit.labels({"onething.case_opened": Text("查看办件内容", "Case looked at")})
audit.labels({"onething.filed": Text("提交“一件事”申请", "Bundle applied for")})
