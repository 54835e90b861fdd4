"""Reads the section of a city pack: terms and tags are checked and stay where they are, the texts of the notices are published."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

from bancheng.kernel.catalogue import public as catalogue
from bancheng.kernel.notices import public as notices
from bancheng.lib.text import Text
from bancheng.pack import texts
from bancheng.pack.texts import INBOX, PUSH_THEN_SMS, Kind
from bancheng.services.ratings import terms

PUSH = (notices.Rung("push", timedelta(hours=24)),)  # nobody is texted or called because he has not rated

KINDS = {
    "ratings.invite": Kind(Text("请您评价", "Please rate"), PUSH, digest_from=2),
    "ratings.answered": Kind(Text("差评答复", "A bad rating answered"), PUSH_THEN_SMS),
    "ratings.decided": Kind(Text("评价复核", "A rating reviewed"), PUSH_THEN_SMS),
    "ratings.call_back": Kind(Text("差评待回访", "A bad rating to call back"), INBOX),
    "ratings.late": Kind(Text("差评回访逾期", "Call-back overdue"), INBOX),
    "ratings.review": Kind(Text("评价待复核", "A rating to review"), INBOX),
    "ratings.ruled": Kind(Text("复核结果", "A review decided"), INBOX),
}


def load(folder: Path, *, region: str, by: str, at: datetime) -> Mapping[str, catalogue.Changes]:
    """Load both. Raises Faulty with file and line, Refused("template_unfit")."""
    terms.read(folder)
    return {"notices": texts.load(folder, KINDS, by=by, at=at)}
