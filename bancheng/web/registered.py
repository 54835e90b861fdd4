"""Certificates and letters of the registration office as downloads: one way for every desk that hands them out."""

from datetime import datetime
from urllib.parse import quote
from uuid import UUID

from django.http import HttpResponse

from bancheng.kernel.registrations import public as registrations


def pdf(certificate_id: UUID, *, by: str, at: datetime) -> HttpResponse:
    """Send the sealed file of a certificate, the same to the byte each time; whose it is, the caller has asked."""
    found, data = registrations.fetch(certificate_id, by=by, at=at)
    return _attached(data, "certificate", found.number)


def letter_pdf(letter_id: UUID, *, application_id: UUID, by: str, at: datetime) -> HttpResponse:
    """Send the sealed file of a letter of an application, the same to the byte each time; whose it is, the caller has asked."""
    found, data = registrations.fetch_letter(letter_id, application_id=application_id, by=by, at=at)
    return _attached(data, "letter", found.number)


def _attached(data: bytes, name: str, number: str) -> HttpResponse:
    answer = HttpResponse(data, content_type="application/pdf")
    answer["Content-Disposition"] = f"attachment; filename=\"{name}.pdf\"; filename*=UTF-8''{quote(number)}.pdf"
    return answer
