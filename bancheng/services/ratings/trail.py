"""Which ratings are whose, as events about them are named: so that a rater sees who looked at his contact (P-3)."""

from django.urls import reverse

from bancheng.kernel.audit import public as audit
from bancheng.kernel.ratings import public as ratings
from bancheng.lib.text import Text


def things_of(holders: audit.Holders) -> list[audit.Thing]:
    """Return the services that these holders may rate."""
    return [
        audit.Thing(
            f"rating:{one.id}",
            Text(f"评价：{one.title.zh}", f"Rating: {one.title.en}"),
            reverse("ratings:mine_one", args=[one.id]),
        )
        for one in ratings.of_raters(dict.fromkeys(holders.hashes, ()))
    ]
