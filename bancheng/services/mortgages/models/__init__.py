"""Tables of the service: cooperation with the banks, and custody of the paper."""

from bancheng.services.mortgages.models.archive import (
    Bundle,
    Custody,
    Finding,
    Handover,
    Inspected,
    Inspection,
    Listed,
    LookUp,
)
from bancheng.services.mortgages.models.cooperation import Agreement, Outlet
from bancheng.services.mortgages.models.filing import Complaint, Enclosed, Filing, Tracked
from bancheng.services.mortgages.models.serving import BankRequest, Contact, RequestLine, ServiceOfficer, Symposium

__all__ = [
    "Agreement",
    "BankRequest",
    "Bundle",
    "Complaint",
    "Contact",
    "Custody",
    "Enclosed",
    "Filing",
    "Finding",
    "Handover",
    "Inspected",
    "Inspection",
    "Listed",
    "LookUp",
    "Outlet",
    "RequestLine",
    "ServiceOfficer",
    "Symposium",
    "Tracked",
]
