"""The figures of case fourteen, recomputed: links and matters from the flows, openings and migrations from closed cases.

Figures of use are counted over the period that was fixed (`claims.fix_period`), or over all that has happened while none is. How
many links a migration had before (A14.1a) is told by the source and by nobody else: it is quoted, here and on the board.
"""

from collections.abc import Callable

from django.db import connection

from bancheng.kernel.cases import public as cases
from bancheng.kernel.claims import public as claims
from bancheng.lib.text import Text
from bancheng.services.onething import figures, queries

NO_FLOW = ("本市没有这个“一件事”，无法计算", "The city has no such bundle")
NONE_YET = ("还没有办结的申请，无法计算", "No such application has been completed yet")

# a bundle counts when it is closed in the ordinary way, and what it was all about was granted
_COMPLETED = f"""
select count(*), count(*) filter (where not within)
  from (select (%s::date is null or (r.closed_at at time zone 'Asia/Shanghai')::date between %s and %s) as within
          from cases_case r join cases_flowversion f on f.id = r.flow_id
          join cases_case c on c.root_id = r.id and c.step = %s and c.outcome = 'granted'
         where r.service = 'onething' and r.step = '' and f.code = %s and {figures.COMPLETED}) as done
"""


def _flow(code: str) -> cases.Flow:
    found = next((one for one in cases.current_flows(region=queries.region()) if one.code == code), None)
    if found is None:
        raise claims.Cannot(*NO_FLOW)
    return found


def _matters(code: str) -> Callable[[], claims.Value]:
    def from_flow() -> claims.Value:
        flow = _flow(code)
        names, names_en = "、".join(step.name.zh for step in flow.steps), ", ".join(step.name.en for step in flow.steps)
        return claims.Value(
            len(flow.of_kind(cases.Kind.MATTER)),
            detail=Text(f"流程中的事项：{names}", f"matters of the flow: {names_en}"),
        )

    return from_flow


def completed(bundle: str, matter: str) -> claims.Value:
    """Return how many of a bundle were completed within the period, and its matter granted."""
    period = claims.fixed_period(queries.SERVICE)
    first, last = (period.first, period.last) if period else (None, None)
    with connection.cursor() as cursor:
        cursor.execute(_COMPLETED, [first, first, last, matter, bundle])
        done, outside = cursor.fetchone()
    if not done:
        raise claims.Cannot(*NONE_YET)
    told = f"{first}至{last}" if period else "全部"
    return claims.Value(
        done - outside,
        detail=Text(
            f"已办结且准予的申请，统计期：{told}，期外另有{outside}件",
            f"closed and granted, period: {f'{first} to {last}' if period else 'all'}; {outside} more outside it",
        ),
    )


CLAIMS: dict[str, Callable[[], claims.Value]] = {
    "A14.1b": _matters("move-in"),
    "A14.2": _matters("change-information"),
    "A14.3": _matters("close-business"),
    "A14.4": lambda: completed("open-business", "registration-opening"),
    "A14.5": lambda: completed("move-in", "migration-in"),
}
