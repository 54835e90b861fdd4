"""Which registrations are whose, as events about them are named: so that an owner sees who looked at and worked on his case (P-3)."""

from django.urls import reverse

from bancheng.kernel.audit import public as audit
from bancheng.kernel.registrations import public as registrations
from bancheng.lib.text import Text


def things_of(holders: audit.Holders) -> list[audit.Thing]:
    """Return the applications in which these holders are named."""
    return [
        audit.Thing(
            f"registration:{one.id}",
            Text(f"{one.kind.name.zh}（{one.number}）", f"{one.kind.name.en} ({one.number})"),
            reverse("registry:application", args=[one.id]),
        )
        for one in registrations.of_person(holders.hashes)
    ]
