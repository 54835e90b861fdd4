"""Keeping the watches true to the licence library, and to what holders and units say."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from django.db import connection, transaction
from django.utils.timezone import localdate

from bancheng.kernel.audit import public as audit
from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.licences import public as licences
from bancheng.lib.refusal import Refused
from bancheng.services.expiry import rules
from bancheng.services.expiry.models import Item, Task, Term, Watch, Window
from bancheng.services.expiry.rules import State

_STATES = {"revoked": State.REVOKED, "cancelled": State.DEREGISTERED}


def note_issued(fact: licences.Fact | licences.Batch) -> None:
    """Put new licences under watch, in the transaction that entered them: there is no term, task or watch to look for."""
    with connection.cursor() as cursor:
        params = _derive_windows(cursor, fact)
        cursor.execute(_WATCHES, params)


def note_licences(fact: licences.Fact | licences.Batch) -> None:
    """Bring the watches of these licences up to date, in the transaction that changed the licences.

    A later last day means renewed: the term that ends is written down, open tasks are settled and the stages start afresh.
    """
    with connection.cursor() as cursor:
        params = _derive_windows(cursor, fact)
        cursor.execute(_WRITE_TERMS, params)
        cursor.execute(_SETTLE_TASKS, params)
        cursor.execute(_WATCHES + _OR_UPDATE, params)


# The ids are joined, never compared with `any`: a plan made for every list reads a table of licences against the list.
# A licence whose last day moved later ended its term by renewal; one that was revoked or cancelled ended it so.
_WRITE_TERMS = """
    insert into expiry_term (region, watch_id, item_id, unit, expires_on, outcome, ended_on)
    select w.region, w.id, w.item_id, w.unit, w.expires_on,
           case when l.status = 'revoked' then 'revoked' when l.status = 'cancelled' then 'deregistered'
                when l.issued_on > w.expires_on then 'lapsed' else 'renewed' end,
           (%(at)s at time zone 'Asia/Shanghai')::date
      from unnest(%(ids)s::bigint[]) given (id) join expiry_watch w on w.licence_id = given.id
      join licences_licence l on l.id = given.id
     where w.expires_on is not null and w.state not in ('revoked', 'deregistered')
       and (l.status in ('revoked', 'cancelled') or l.valid_to > w.expires_on or l.valid_to is null)
    on conflict (region, watch_id, expires_on) do nothing
"""
_SETTLE_TASKS = """
    update expiry_task t set closed_at = %(at)s, result = 'settled'
      from unnest(%(ids)s::bigint[]) given (id) join expiry_watch w on w.licence_id = given.id
      join licences_licence l on l.id = given.id
     where t.watch_id = w.id and t.closed_at is null
       and (l.status in ('revoked', 'cancelled') or l.valid_to > t.expires_on or l.valid_to is null)
"""
# Whoever comes when his first stage is already behind is fresh: the next inspection speaks to him at once.
# Written in the order of the last days, as three of the indexes are: a third cheaper.
_WATCHES = """
    insert into expiry_watch as w (region, licence_id, item_id, unit, expires_on, opens_on, closes_on,
                                   provisional, state, fresh, special, updated_at)
    select l.region, l.id, i.id, i.unit, l.valid_to, d.opens_on, d.closes_on, coalesce(d.provisional, false),
           now.state, now.state = 'live' and least(l.valid_to, d.closes_on) <= %(today)s::date + 31, false, %(at)s
      from unnest(%(ids)s::bigint[]) given (id) join licences_licence l on l.id = given.id
      join expiry_item i on i.region = l.region and i.unit = l.unit and i.licence_type = l.licence_type
                        and i.withdrawn_on is null
      left join expiry_window d on d.region = i.region and d.item_id = i.id and d.expires_on = l.valid_to
     cross join lateral (select
           case when l.status = 'revoked' then 'revoked' when l.status in ('cancelled', 'changed') then 'deregistered'
                when l.valid_to is null then 'endless' when l.valid_to < %(today)s then 'lapsed' else 'live' end as state) now
     order by l.valid_to
"""
# The same last day again keeps what the holder or the unit said meanwhile.
_OR_UPDATE = """
    on conflict (licence_id) do update
       set expires_on = excluded.expires_on, opens_on = excluded.opens_on, closes_on = excluded.closes_on,
           provisional = excluded.provisional, updated_at = excluded.updated_at,
           state = case when excluded.expires_on is not distinct from w.expires_on and excluded.state in ('live', 'lapsed')
                        then w.state else excluded.state end,
           fresh = w.fresh or excluded.fresh and (excluded.expires_on is distinct from w.expires_on or w.state = 'live'),
           applied_on = case when excluded.expires_on is distinct from w.expires_on then null else w.applied_on end
"""


def _derive_windows(cursor: Any, fact: licences.Fact | licences.Batch) -> dict[str, Any]:
    """Derive the windows that these licences need and nobody has derived yet, one for each item and last day.

    Return the parameters that all statements about these licences share.
    """
    params = {"ids": list(fact.ids), "at": fact.at, "today": localdate(fact.at)}
    cursor.execute(
        """
        with wanted as materialized (
            select distinct i.region, i.id, l.valid_to
              from unnest(%(ids)s::bigint[]) given (id) join licences_licence l on l.id = given.id
              join expiry_item i on i.region = l.region and i.unit = l.unit and i.licence_type = l.licence_type
                                and i.withdrawn_on is null and i.closes is not null
             where l.valid_to is not null
        )
        select id, valid_to from wanted w
         where not exists (select from expiry_window d where d.region = w.region and d.item_id = w.id
                                                         and d.expires_on = w.valid_to)
        """,
        params,
    )
    wanted = cursor.fetchall()
    if wanted:
        items = Item.objects.in_bulk({item for item, _ in wanted})
        calendar = clocks.calendar()
        made = [derive_window(items[item], day, calendar) for item, day in wanted]
        columns = ("region", "item_id", "expires_on", "opens_on", "closes_on", "provisional")
        cursor.execute(_ADD_WINDOWS, [[getattr(window, name) for window in made] for name in columns])
    return params


# one statement for any number of them: the ORM's objects and parameters would cost more than the dates
_ADD_WINDOWS = """
    insert into expiry_window (region, item_id, expires_on, opens_on, closes_on, provisional)
    select * from unnest(%s::text[], %s::bigint[], %s::date[], %s::date[], %s::date[], %s::boolean[])
    on conflict (region, item_id, expires_on) do nothing
"""


def derive_window(item: Item, expires_on: date, calendar: clocks.Calendar) -> Window:
    """Return the window of `item` for one last day: both ends counted back from it, both included."""
    closes = window_end(item, item.closes or 0, expires_on, calendar)
    opens = window_end(item, item.opens, expires_on, calendar) if item.opens else None
    return Window(
        region=item.region,
        item=item,
        expires_on=expires_on,
        opens_on=opens.on if opens else None,
        closes_on=closes.on,
        provisional=closes.provisional or bool(opens and opens.provisional),
    )


def window_end(item: Item, length: int, expires_on: date, calendar: clocks.Calendar) -> clocks.Deadline:
    """Return one end of the window as a deadline that explains itself; length 0 is the last day itself."""
    unit = clocks.Unit(item.counts_in)
    return clocks.before(
        event_on=expires_on, length=clocks.Length(length, unit), calendar=calendar, law=item.window_law
    )


def answer(*, watch_id: int, says: State, by: str, at: datetime) -> Watch:
    """Take the holder's word: 已经办了 (`says_done`), 不再续办 (`given_up`), or take it back (`live`).

    A licence is never changed by it (R10.7): 已经办了 asks the issuing unit to check; 不再续办 ends the term.
    Raises Refused("not_renewable") when the watch is past such an answer.
    """
    with transaction.atomic():
        watch = move(watch_id, says, by=by, at=at, action=f"expiry.{says}", among=rules.ANSWERABLE, answered_at=at)
        if watch.expires_on:
            _ask_to_check(watch, says, watch.expires_on, at)
            _end_by_word(watch, says, watch.expires_on, at)
    return watch


def _ask_to_check(watch: Watch, says: State, expires_on: date, at: datetime) -> None:
    """Have the unit check 已经办了 within three working days; the same word taken back settles that."""
    check = Task.objects.filter(watch=watch, expires_on=expires_on, kind=Task.Kind.VERIFY)
    if says is not State.SAYS_DONE:
        check.filter(closed_at=None).update(closed_at=at, result=Task.Result.SETTLED)
        return
    anew = {"due_on": clocks.calendar().add(localdate(at), 3), "opened_at": at, "closed_at": None, "result": ""}
    check.update_or_create(
        region=watch.region, watch=watch, unit=watch.unit, kind=Task.Kind.VERIFY, expires_on=expires_on, stage="",
        defaults=anew,
    )  # fmt: skip


def _end_by_word(watch: Watch, says: State, expires_on: date, at: datetime) -> None:
    """Write down the end of the term that 不再续办 is, and strike it out when the holder takes that back."""
    if says is State.GIVEN_UP:
        end = {
            "outcome": rules.Outcome.GIVEN_UP,
            "ended_on": localdate(at),
            "item_id": watch.item_id,
            "unit": watch.unit,
        }
        Term.objects.get_or_create(region=watch.region, watch=watch, expires_on=expires_on, defaults=end)
    else:
        Term.objects.filter(watch=watch, expires_on=expires_on, outcome=rules.Outcome.GIVEN_UP).delete()


def ask_for_help(*, watch_id: int, wanted: bool, by: str, at: datetime) -> None:
    """Put a holder on the green channel, or take him off: a visit at home instead of a call (F10.8)."""
    with transaction.atomic():
        watch = Watch.objects.select_for_update().get(pk=watch_id)
        Watch.objects.filter(pk=watch_id).update(special=wanted, updated_at=at)
        audit.record(
            "expiry.green_channel",
            who=by,
            about=f"expiry:{watch_id}",
            at=at,
            region=watch.region,
            detail={"wanted": wanted},
        )


def move(
    watch_id: int,
    state: State,
    *,
    by: str,
    at: datetime,
    action: str,
    among: Collection[State] = frozenset(State),
    **changes: object,
) -> Watch:
    """Move a watch that is in one of `among` to `state`, with what changes beside it.

    Raises Refused("not_renewable") when `state` may not follow.
    """
    with transaction.atomic():
        watch = Watch.objects.select_for_update().select_related("item").get(pk=watch_id)
        if watch.state not in among or not rules.may_follow(State(watch.state), state):
            raise Refused(
                "not_renewable",
                "该证照目前的状态不能这样办理，未作任何改动。请刷新页面查看最新状态，或拨打发证单位电话。",
                en="This licence is past that step; nothing was changed. Reload the page, or call the issuing office.",
            )
        watch.state = state
        watch.updated_at = at
        for name, value in changes.items():
            setattr(watch, name, value)
        watch.save(update_fields=["state", "updated_at", *changes])
        audit.record(action, who=by, about=f"expiry:{watch_id}", at=at, region=watch.region)
    return watch


def rewatch(*, item_id: int, at: datetime) -> int:
    """Derive every watch of an item anew, after its window or its licence type changed; return how many licences."""
    item = Item.objects.get(pk=item_id)
    with transaction.atomic():
        Window.objects.filter(item=item).delete()
        ids = licences.ids_of(region=item.region, unit=item.unit, licence_type=item.licence_type)
        note_licences(licences.Batch(ids, at, item.unit))
    return len(ids)


def recompute_windows(fact: clocks.CalendarLoaded) -> None:
    """Derive anew what was provisional, now that a year is published (R-CLK-9).

    The last lawful day to apply may move; a holder who was already told an earlier one is not harmed by a later one, and an
    earlier one marks the watch fresh so that he hears of it at the next inspection.
    """
    calendar = clocks.calendar()
    changed = []
    for window in Window.objects.filter(provisional=True).select_related("item"):
        now = derive_window(window.item, window.expires_on, calendar)
        if (now.opens_on, now.closes_on, now.provisional) != (window.opens_on, window.closes_on, True):
            window.opens_on, window.closes_on, window.provisional = now.opens_on, now.closes_on, now.provisional
            changed.append(window)
    Window.objects.bulk_update(changed, ["opens_on", "closes_on", "provisional"], batch_size=2000)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            update expiry_watch w
               set opens_on = d.opens_on, closes_on = d.closes_on, provisional = d.provisional,
                   fresh = w.fresh or d.closes_on < w.closes_on
              from expiry_window d
             where d.id = any(%s) and w.region = d.region and w.item_id = d.item_id and w.expires_on = d.expires_on
            """,
            [[window.pk for window in changed]],
        )
