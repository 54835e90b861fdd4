"""What forms do by themselves: every night the drafts whose time is over are forgotten."""

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.forms.operations import forgetting
from bancheng.kernel.jobs.public import job

SCHEDULE = {"forms.forget_drafts": "35 1 * * *"}


@job("forms.forget_drafts")
def forget_drafts() -> None:
    forgetting.forget_drafts(today=clocks.today(), at=clocks.now())
