"""What the source promises of ratings, asked of the occasions and the messages (case two: 评价信息推送)."""

from collections.abc import Callable

from django.db import connection

from bancheng.kernel.claims import public as claims
from bancheng.lib.text import Text


def asked_on_the_phone() -> claims.Value:
    """F2.9: everybody whose matter was decided is asked to rate, by push to his phone; silence is no grade (R-RT-6)."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select count(*), count(*) filter (where m.id is null), count(*) filter (where m.channel not in ('push', '')),
                   count(*) filter (where o.grade is null)
              from ratings_occasion o
              left join notices_message m on m.region = o.region and m.key = 'ratings-invite-' || o.id
             where o.mode = 'online' and o.rater_hash <> ''
            """
        )
        served, unasked, otherwise, silent = cursor.fetchone()
    if not served:
        raise claims.Cannot("还没有办出结果的事项，无从检验", "No matter has come to a result yet")
    return claims.Value(
        int(not unasked and not otherwise),
        detail=Text(
            f"办出结果{served}件，未推送评价的{unasked}件，未走手机推送的{otherwise}件；未评价{silent}件，不算满意",
            f"{served} with a result, {unasked} not asked, {otherwise} not by push; {silent} not rated, which counts as nothing",
        ),
    )


CLAIMS: dict[str, Callable[[], claims.Value]] = {"F2.9": asked_on_the_phone}
