"""Provisional."""

from bancheng.services.sockets.models import Session


def meters_of(session: Session) -> list[str]:
    return []
