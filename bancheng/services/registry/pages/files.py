"""Certificates as downloads."""

from datetime import datetime
from urllib.parse import quote
from uuid import UUID

from django.http import HttpResponse

from bancheng.kernel.registrations import public as registrations


def pdf(certificate_id: UUID, *, by: str, at: datetime) -> HttpResponse:
    """Send the sealed file of a certificate, the same to the byte each time; whose it is, the caller has asked."""
    found, data = registrations.fetch(certificate_id, by=by, at=at)
    answer = HttpResponse(data, content_type="application/pdf")
    answer["Content-Disposition"] = (
        f"attachment; filename=\"certificate.pdf\"; filename*=UTF-8''{quote(found.number)}.pdf"
    )
    return answer
