"""The kinds of notice about corrections; their texts stand in the pack."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from bancheng.kernel.catalogue import public as catalogue
from bancheng.lib.text import Text
from bancheng.pack import texts
from bancheng.pack.texts import INBOX, PUSH_THEN_SMS, Kind

KINDS: dict[str, Kind] = {
    "corrections.accepted": Kind(Text("数据已更正", "Datum corrected"), INBOX),
    "corrections.declined": Kind(Text("数据更正未采纳", "Correction declined"), PUSH_THEN_SMS),
    "corrections.waiting": Kind(Text("数据更正待核实", "Corrections to check"), INBOX),
}


def load(folder: Path, *, region: str, by: str, at: datetime) -> Mapping[str, catalogue.Changes]:
    """Load the texts of the pack; raises Faulty with file and line."""
    return {"notices": texts.load(folder, KINDS, by=by, at=at)}
