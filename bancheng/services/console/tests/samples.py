"""What the generated tests of every door try of the console: a failed job and a verification, in growing company."""

from django.db import connection

from bancheng.kernel.audit import public as audit
from bancheng.kernel.exchange import testing as exchange
from bancheng.kernel.identity import public as identity
from bancheng.kernel.jobs import public as jobs
from bancheng.kernel.notices import public as notices
from bancheng.services.console import operations
from bancheng.web.testing import Samples, World


def fill(world: World, first: int, last: int) -> None:
    """Leave failed jobs, verifications and events number `first` to `last`."""
    for number in range(first, last + 1):
        jobs.later("audit.seal", key=f"sample-{number}")
        operations.ask_check(by="staff:0", at=world.at)
        exchange.halted(exchange.partner(("events", "onething", "*"), code=f"bank-{number}"))
        audit.record("console.check_asked", who="staff:0", about="sample:1", at=world.at, region=world.region)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'failed', attempts = 8 WHERE task_name = 'audit.seal'")


def samples(world: World) -> Samples:
    with connection.cursor() as cursor:
        cursor.execute("SELECT min(id) FROM procrastinate_jobs WHERE task_name = 'audit.seal'")
        job_id = cursor.fetchone()[0]
    check = operations.ask_check(by="staff:0", at=world.at)
    halted = exchange.halted(exchange.partner(("read", "onething", "*")))
    return Samples(
        values={
            "job_id": job_id,
            "check_id": check.pk,
            "partner_id": halted.partner_id,
            "webhook_id": halted.pk,
            "key_id": exchange.client(halted.partner).key_id,
            "scope_id": halted.partner.scopes.get().pk,
            "user_id": world.admin.pk,
            "template_id": notices.versions()[0].id,
            "grant_id": next(
                g.id for g in identity.grants() if (g.role.code, g.unit) == ("section_officer", world.unit)
            ),
        },
        sends={"console:job_run": {"name": "audit.seal"}},
        marks=(world.admin.display_name,),
    )
