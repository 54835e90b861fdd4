"""What goes wrong at a socket becomes work of somebody: tickets, and sockets that are not sold until it is done."""

from datetime import datetime

from bancheng.services.sockets.models import Session


def block(session: Session, *, at: datetime) -> None:
    """Sell the socket no more until somebody has looked at it."""


def odd_meter(session: Session, verdict: str, *, at: datetime) -> None:
    """Have somebody look at a meter whose register cannot be."""


def welded(session: Session, *, at: datetime) -> None:
    """Have somebody look at once at a relay that says open while current flows."""


def call_finance(session: Session, *, at: datetime) -> None:
    """Hand a refund that is stuck to finance."""


def strange_gateway(gateway: str, refused: object, *, region: str, at: datetime) -> None:
    """Have somebody look at a gateway that says what it must not."""
