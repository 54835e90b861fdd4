"""What the office keeps, one file a subject."""

from bancheng.kernel.registrations.models.applications import Application, Consent, Line, Paper, Party, Subject
from bancheng.kernel.registrations.models.certificates import (
    Certificate,
    CertificateEnd,
    CertificateFile,
    CertificateHolder,
    Letter,
    LetterFile,
    Series,
    Wanted,
)
from bancheng.kernel.registrations.models.enquiries import Enquiry

__all__ = [
    "Application",
    "Certificate",
    "CertificateEnd",
    "CertificateFile",
    "CertificateHolder",
    "Consent",
    "Enquiry",
    "Letter",
    "LetterFile",
    "Line",
    "Paper",
    "Party",
    "Series",
    "Subject",
    "Wanted",
]
