"""What shared power keeps, one file a subject."""

from bancheng.services.sockets.models.care import Outage, SiteRequest, Threshold, Ticket
from bancheng.services.sockets.models.finance import Finding, HandRefund, MasterReading, Reconciliation
from bancheng.services.sockets.models.places import Meter, Site, SiteMove, Socket, Stay, Unit
from bancheng.services.sockets.models.readings import GatewayState, Reading, SocketState
from bancheng.services.sockets.models.sessions import Command, Contact, Made, Prepay, Refund, Segment, Session
from bancheng.services.sockets.models.tariffs import Plan, Price

__all__ = [
    "Command",
    "Contact",
    "Finding",
    "GatewayState",
    "HandRefund",
    "Made",
    "MasterReading",
    "Meter",
    "Outage",
    "Plan",
    "Prepay",
    "Price",
    "Reading",
    "Reconciliation",
    "Refund",
    "Segment",
    "Session",
    "Site",
    "SiteMove",
    "SiteRequest",
    "Socket",
    "SocketState",
    "Stay",
    "Threshold",
    "Ticket",
    "Unit",
]
