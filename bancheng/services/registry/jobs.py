"""The work that is promised: telling of one thing that happened."""

from datetime import datetime
from uuid import UUID

from bancheng.kernel.jobs.public import job
from bancheng.kernel.registrations import public as registrations
from bancheng.services.registry import telling


@job("registry.tell")
def tell(what: str, application: str, happened_at: str, limit: str, cause: str, case_no: str) -> None:
    found = registrations.brief(UUID(application))
    telling.tell(
        registrations.Happened(
            registrations.What(what),
            found.id,
            found.number,
            found.region,
            found.kind.code,
            found.unit,
            found.registry,
            found.lots,
            datetime.fromisoformat(happened_at),
            "",
            {"limit": limit, "cause": cause, "case_no": case_no},
        )
    )
