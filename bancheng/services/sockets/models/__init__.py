"""What shared power keeps, one file a subject."""

from bancheng.services.sockets.models.places import Site, Socket, Unit
from bancheng.services.sockets.models.readings import GatewayState, Reading, SocketState
from bancheng.services.sockets.models.sessions import Command, Prepay, Refund, Segment, Session

__all__ = [
    "Command",
    "GatewayState",
    "Prepay",
    "Reading",
    "Refund",
    "Segment",
    "Session",
    "Site",
    "Socket",
    "SocketState",
    "Unit",
]
