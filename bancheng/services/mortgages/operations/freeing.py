"""An owner asks that the mortgage on his home ends, by a channel that may file it; his bank is asked for its yes (F13.10, F13.11)."""

from datetime import datetime

from django.conf import settings

from bancheng.kernel.identity import public as identity
from bancheng.kernel.registrations import public as registrations
from bancheng.services.mortgages import terms
from bancheng.services.mortgages.rules import channels
from bancheng.services.mortgages.rules.channels import Channel, Kind


def ask_to_cancel(
    *, right: str, channel: Channel, reason: str, by: identity.Actor, at: datetime
) -> registrations.Filed:
    """File the cancellation for the owner, who says by what the claim ended if he likes; it waits for the bank.

    Raises Refused: channel_not_for_this, and as `registrations.ask_to_cancel`.
    """
    offer = terms.channels().get(channel)
    channels.check_channel(channel, Kind.CANCEL, offer.files if offer else ())
    return registrations.ask_to_cancel(
        region=settings.REGION, right=registrations.right_of(right), channel=channel, reason=reason.strip()[:300], by=by, at=at
    )  # fmt: skip
