"""Reads the service's own section of a city pack: the texts of its notices, and what things took before."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from bancheng.kernel.catalogue import public as catalogue
from bancheng.pack import texts
from bancheng.services.onething import before, signing
from bancheng.services.onething.texts import KINDS


def load(folder: Path, *, region: str, by: str, at: datetime) -> Mapping[str, catalogue.Changes]:
    """Load them; raises Faulty with file and line."""
    before.load(folder, region=region, by=by, at=at)
    signing.read(folder)
    return {"notices": texts.load(folder, KINDS, by=by, at=at)}
