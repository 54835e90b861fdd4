"""What stands on the home page: what waits for an approver, an archivist, a service officer."""

from django.urls import reverse

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.identity import public as identity
from bancheng.lib.text import Text
from bancheng.services.mortgages import doors
from bancheng.services.mortgages.models import BankRequest, Bundle, Filing, LookUp
from bancheng.services.mortgages.queries.serving import OPEN
from bancheng.services.mortgages.rules.custody import State
from bancheng.services.mortgages.rules.filings import Stage
from bancheng.web.front import Todo


def to_do(actor: identity.Actor) -> list[Todo]:
    """Return what waits for the actor; nothing for whoever works neither at a bank nor for the registry's banks."""
    if doors.units(actor, doors.APPROVER):
        return _to_file(actor)
    if doors.units(actor, doors.ARCHIVIST):
        return _archive(actor)
    return _requests(actor) if doors.units(actor, doors.OFFICER) else []


def _to_file(actor: identity.Actor) -> list[Todo]:
    held = doors.units(actor, doors.APPROVER)
    number = Filing.objects.filter(stage=Stage.DRAFT, bank__in=held).exclude(prepared_by=actor.ref).count()
    said = Text(f"{number}件抵押申报待您提交", f"Filings for you to file: {number}")
    return [Todo(said, reverse("mortgages:filings"), None, "warn")] if number else []


def _archive(actor: identity.Actor) -> list[Todo]:
    held, today, found = doors.units(actor, doors.ARCHIVIST), clocks.today(), []
    if asked := LookUp.objects.filter(bundle__bank__in=held, answered_at=None).count():
        url = f"{reverse('mortgages:bundles')}?show=asked"
        found.append(Todo(Text(f"{asked}次档案调阅待答复", f"Look-ups to answer: {asked}"), url, None, "bad"))
    owed = list(Bundle.objects.filter(bank__in=held, state=State.OWED).values_list("due_on", flat=True))
    if owed:
        late = sum(day < today for day in owed)
        hint = Text(f"其中{late}卷已逾期", f"{late} of them overdue") if late else None
        said = Text(f"{len(owed)}卷抵押档案待归档", f"Bundles to file: {len(owed)}")
        found.append(Todo(said, reverse("mortgages:bundles"), hint, "bad" if late else "warn"))
    return found


def _requests(actor: identity.Actor) -> list[Todo]:
    held = doors.units(actor, doors.OFFICER)
    number = BankRequest.objects.filter(registry__in=held, state__in=OPEN).count()
    said = Text(f"{number}件银行诉求待办", f"Requests of banks: {number}")
    return [Todo(said, reverse("mortgages:requests"), None, "warn")] if number else []
