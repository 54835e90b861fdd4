"""The slip of a visitor without a phone: a code, shown once, by which he alone looks up what his rating came to (R-RT-3).

Everybody who rates on the spot is given one, whatever he said: a slip that only dissatisfied people took away would tell the clerk
how they rated (R-RT-5). Only the code's hash is kept, so nobody of the house can look it up for him.
"""

import hashlib
import secrets
from datetime import datetime
from uuid import UUID

from django.db import transaction

from bancheng.kernel.audit import public as audit
from bancheng.kernel.ratings.models import Occasion
from bancheng.kernel.ratings.operations.opening import about
from bancheng.kernel.ratings.operations.rating import RATER
from bancheng.kernel.ratings.rules import Mode

SIGNS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # none that is read as another
LENGTH = 16  # of 31 signs: 79 bits, nothing to guess


def slip(*, occasion_id: UUID, at: datetime) -> str:
    """Return the code of a service that was rated on the spot, the first time it is asked for; "" ever after."""
    with transaction.atomic():
        row = Occasion.objects.select_for_update().get(pk=occasion_id)
        if row.mode != Mode.ON_SITE or row.grade is None or row.slip_hash:
            return ""
        code = "".join(secrets.choice(SIGNS) for _ in range(LENGTH))
        row.slip_hash = hash_of(code)
        row.save(update_fields=["slip_hash"])
        audit.record("ratings.slip_given", who=RATER, about=about(row), at=at, region=row.region)
    return "-".join(code[n : n + 4] for n in range(0, LENGTH, 4))


def hash_of(typed: str) -> bytes:
    """Return by what a code is found, however it is typed."""
    plain = "".join(sign for sign in typed.upper() if sign in SIGNS)
    return hashlib.sha256(plain.encode()).digest() if len(plain) == LENGTH else b""
