"""Which marks there are, and what an open one bars. Pure."""

from collections.abc import Iterable, Mapping
from enum import StrEnum

from bancheng.lib.text import Text


class Kind(StrEnum):
    """What is held against somebody. R-CR-7: three different kinds of record."""

    FALSE_PROMISE = "false_promise"
    GAP_BROKEN = "gap_broken"
    DISHONEST = "dishonest"


class Instrument(StrEnum):
    """What somebody may be barred from until it is repaired."""

    PROMISE = "promise"  # 告知承诺
    GAP = "gap"  # 容缺


SAYS: Mapping[Kind, Text] = {
    Kind.FALSE_PROMISE: Text("告知承诺不实", "a promise found false"),
    Kind.GAP_BROKEN: Text("容缺承诺未履行", "a promised paper that did not come"),
    Kind.DISHONEST: Text("列入严重失信主体名单", "listed as seriously dishonest"),
}

# R-GC-2: bad credit or a past false promise bars the promise. R-RQ-6: serious dishonesty bars the gap. A paper that did not come ends
# its own case and is on record (R-RQ-5): no more than that, for R-CR-3 asks for measures that are linked and proportionate.
BARS: Mapping[Instrument, frozenset[Kind]] = {
    Instrument.PROMISE: frozenset({Kind.FALSE_PROMISE, Kind.DISHONEST}),
    Instrument.GAP: frozenset({Kind.DISHONEST}),
}
LAWS: Mapping[Instrument, str] = {
    Instrument.PROMISE: "国办发〔2020〕42号",
    Instrument.GAP: "河南省优化营商环境条例 第三十五条",
}


def bars(instrument: Instrument, open_: Iterable[Kind]) -> list[Kind]:
    """Return which of the open marks bar `instrument`, each kind once."""
    return [kind for kind in dict.fromkeys(open_) if kind in BARS[instrument]]
