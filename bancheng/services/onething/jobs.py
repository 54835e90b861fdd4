"""Work of the service that runs by the clock."""

from datetime import date, datetime
from uuid import UUID

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.jobs.public import job
from bancheng.services.onething import bringing, telling
from bancheng.services.onething.registers import operations as registers


@job("onething.warn_of_gaps")
def warn_of_gaps() -> None:
    telling.warn_of_gaps(today=clocks.today(), at=clocks.now())


@job("onething.tell")
def tell(root: str, since: str) -> None:
    telling.tell(root=UUID(root), since=datetime.fromisoformat(since), at=clocks.now())


@job("onething.answer_due")
def answer_due(case: str, due_on: str) -> None:
    telling.tell_answer_due(case_id=UUID(case), due_on=date.fromisoformat(due_on), at=clocks.now())


@job("onething.ask_registers")
def ask_registers() -> None:
    registers.ask_again(at=clocks.now())


@job("onething.forget_uploads")
def forget_uploads() -> None:
    bringing.forget_uploads(at=clocks.now())
