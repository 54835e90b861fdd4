"""What is told to whoever left a phone."""

from datetime import datetime

from bancheng.services.sockets.models import Session


def moved(session: Session, *, at: datetime) -> None:
    """Tell the payer where his session stands, when he left a phone."""
