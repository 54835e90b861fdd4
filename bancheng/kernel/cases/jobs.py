"""What cases do by themselves: send notices that waited for other departments, end broken promises, archive."""

from bancheng.kernel.cases.operations import ending, reviewing
from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.jobs.public import job

KEEP_OPEN_DAYS = 30  # closed cases stay on people's lists so long, then they are archived

SCHEDULE = {
    "cases.send_corrections": "30 8 * * *",
    "cases.break_gaps": "10 1 * * *",
    "cases.archive": "40 1 * * *",
}


@job("cases.send_corrections")
def send_corrections() -> None:
    reviewing.send_corrections(today=clocks.today(), at=clocks.now())
    reviewing.start_answer_clocks(at=clocks.now())


@job("cases.break_gaps")
def break_gaps() -> None:
    ending.break_gaps(today=clocks.today(), at=clocks.now())


@job("cases.archive")
def archive() -> None:
    while ending.archive(today=clocks.today(), at=clocks.now(), keep_days=KEEP_OPEN_DAYS):
        pass
