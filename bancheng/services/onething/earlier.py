"""What an applicant has filled in before is not asked again (R2.4): offered with the case in which he said it, and his to correct.

Only what an element of the pack names as its source ("earlier.bank_name"): what stays the same from one application to the next.
"""

from collections.abc import Mapping

from bancheng.kernel.cases import public as cases
from bancheng.kernel.forms import public as forms
from bancheng.lib.days import day_of
from bancheng.lib.text import Text
from bancheng.services.onething.queries import SERVICE

PREFIX = "earlier."
LOOKED_AT = 3  # applications, the newest first


def by_earlier(asked: forms.Asked) -> Mapping[str, forms.Offered]:
    """Return what the subject's last applications say of what is asked: one statement, and one for each that is opened."""
    wanted = {source.removeprefix(PREFIX) for source in asked.sources if source.startswith(PREFIX)}
    if not wanted:
        return {}
    found: dict[str, forms.Offered] = {}
    for one in cases.of_applicants([asked.subject.holder_hash], service=SERVICE, size=LOOKED_AT):
        content = cases.said(one.id, personal=True)
        values = {**content.values, **content.personal} if content else {}
        on = day_of(one.received_at)
        source = Text(
            f"您{on.year}年{on.month}月{on.day}日的申请（{one.number}）", f"Your application of {on} ({one.number})"
        )
        for code in wanted:
            if values.get(code) is not None:
                found.setdefault(f"{PREFIX}{code}", forms.Offered(values[code], source, f"case:{one.id}", on))
    return found
