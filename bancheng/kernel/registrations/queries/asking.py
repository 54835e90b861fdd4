"""What somebody is asked to agree to: the sentence of his role, as it will stand with his consent."""

from datetime import datetime
from uuid import UUID

from bancheng.kernel.identity import public as identity
from bancheng.kernel.registrations.models import Application
from bancheng.kernel.registrations.operations import logging, parties
from bancheng.lib.text import Text


def consent_text(application_id: UUID, *, by: identity.Actor, at: datetime) -> list[Text]:
    """Return the sentences that this account is asked to agree to, one for each role it has. Raises Refused("no_such_application")."""
    row = Application.objects.filter(pk=application_id).first()
    if row is None:
        raise logging.no_such_application()
    return [parties.text_of(row, party) for party in parties.own(row, by, at) if party.asked]
