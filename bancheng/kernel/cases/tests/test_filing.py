"""What a sender keeps with his case: in the same transaction, once, and not at all when it is refused."""

import pytest

from bancheng.kernel.audit import public as audit
from bancheng.kernel.cases import public as cases
from bancheng.kernel.cases.models import Case, CaseAction, Submission, Task
from bancheng.kernel.cases.testing import AT, REGION, applicant
from bancheng.kernel.clocks import public as clocks
from bancheng.lib.refusal import Refused

pytestmark = pytest.mark.usefixtures("flows")


def sent(keep: list[cases.Filed], *, refuse: bool = False) -> cases.Filed:
    """File the same application, and let the sender keep its receipt."""

    def kept(filed: cases.Filed) -> None:
        assert Submission.objects.filter(case_id=filed.id).exists()
        keep.append(filed)
        if refuse:
            raise Refused("not_mine", "不行", en="no")

    return cases.file(
        region=REGION,
        service="sample",
        flow="sign",
        applicant=applicant(),
        said=cases.Said({}),
        key="k",
        unit="market",
        by="person:1",
        at=AT,
        keep=kept,
    )


def test_what_the_sender_keeps_is_kept_once() -> None:
    """B14.9: sent again it is the same case, and nothing is kept a second time."""
    kept: list[cases.Filed] = []
    first = sent(kept)
    again = sent(kept)
    assert kept == [first]
    assert (again.id, again.number, again.again) == (first.id, first.number, True)


def test_when_the_sender_s_own_is_refused_nothing_is_filed() -> None:
    kept: list[cases.Filed] = []
    with pytest.raises(Refused, match="not_mine"):
        sent(kept, refuse=True)
    about = f"case:{kept[0].id}"
    assert not any(model.objects.exists() for model in (Case, CaseAction, Submission, Task))
    assert not clocks.clocks_of(region=REGION, about=about)
    assert not audit.timeline(about)
    assert sent(kept).again is False
