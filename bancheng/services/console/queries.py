"""What the console's pages read of its own tables."""

from bancheng.services.console.models import AuditCheck


def latest_checks(*, limit: int = 10) -> list[AuditCheck]:
    """Return the latest verifications, newest first."""
    return list(AuditCheck.objects.order_by("-id")[:limit])


def check(check_id: int) -> AuditCheck | None:
    """Return one verification."""
    return AuditCheck.objects.filter(pk=check_id).first()
