"""What a house must do for a bank, checked over the wire: signatures both ways, once, events without a gap, papers, refusals in one form (land
register §13.3–13.6).

It changes little: it acknowledges what it read, and files nothing. Every check is one sentence, and says what it saw when it fails.
"""

from bancheng.site.bankcheck import access, days, filing, papers
from bancheng.site.bankcheck.kit import CHECKS, Kit, Result, run

__all__ = ["CHECKS", "Kit", "Result", "access", "days", "filing", "papers", "run"]
