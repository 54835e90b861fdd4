"""The pure part of forms: `kinds` reads and shows one value, `asking` judges a whole form, `faults` judges a pack."""

from bancheng.kernel.forms.facts import ItemState

KEPT_DAYS = 30  # a draft that nobody touched for so long is forgotten [D]

# state of a data-quality item -> what may follow, and who moves it there
NEXT: dict[ItemState, dict[ItemState, str]] = {
    ItemState.OPEN: {
        ItemState.ACCEPTED: "the unit that answers for the datum agrees",
        ItemState.DECLINED: "the unit says with a reason why not",
    },
    ItemState.ACCEPTED: {},
    ItemState.DECLINED: {},
}
