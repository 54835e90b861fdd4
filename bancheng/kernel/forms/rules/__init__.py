"""The pure part of forms: `kinds` reads and shows one value, `asking` judges a whole form, `faults` judges a pack."""

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.forms.facts import ItemState

KEPT_DAYS = 30  # a draft that nobody touched for so long is forgotten [D]
# 个人信息保护法 第四十六条 says "in time" and names no number: ten working days are the city's own [D]
DECIDE_WITHIN = clocks.Length(10, clocks.Unit.WD)

# state of a data-quality item -> what may follow, and who moves it there
NEXT: dict[ItemState, dict[ItemState, str]] = {
    ItemState.OPEN: {
        ItemState.ACCEPTED: "the unit that answers for the datum agrees",
        ItemState.DECLINED: "the unit says with a reason why not",
    },
    ItemState.ACCEPTED: {},
    ItemState.DECLINED: {},
}
