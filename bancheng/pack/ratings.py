"""Terms of ratings as a section of a pack writes them: days to rate and to change, and clocks that may be shorter than the table, never longer.
How many ratings a public line needs is the city's own, one for all services: a unit's line adds them up."""

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.ratings import public as ratings
from bancheng.pack.reader import Entry

CLOCKS = {"contact": "C-93.contact", "fix": "C-93.fix", "complex": "C-93.complex"}


def terms(entry: Entry, *, city: bool = False) -> ratings.Terms:
    """Return the terms of a `[terms]` table, of a service or of the whole `city`; what is wrong is noted on its line."""
    lengths = {name: _length(entry, name, rule) for name, rule in CLOCKS.items()}
    found = ratings.Terms(
        open_days=entry.whole("open_days") or 0,
        change_days=entry.whole("change_days") or 0,
        least_shown=(entry.whole("least_shown") or 0) if city else 0,
        contact=lengths["contact"],
        fix=lengths["fix"],
        complex=lengths["complex"],
    )
    entry.finish()
    return found


def _length(entry: Entry, name: str, rule: str) -> clocks.Length:
    """Return what the city gives for a clock: in working days, and no more than the table."""
    most = clocks.rule(rule).length
    length = entry.length(name) or most
    if length.unit is not most.unit or length.n > most.n:
        zh, en = f"“{name}”应按工作日，且不超过{most.text.zh}。", f"“{name}” counts working days, {most.n} at most."
        entry.wrong(name, zh, en)
    return length
