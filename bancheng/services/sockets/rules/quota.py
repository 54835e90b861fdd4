"""The guard of the prepayment: how much a device may give before it cuts by itself, and what at worst has been used when it is silent.

Prices are micro-yuan a kWh, so Wh times price is nano-yuan, exactly; a fen is ten million of them.
"""

from bancheng.services.sockets.rules.readings import MS_PER_HOUR, STEP_WH

NANO_PER_FEN = 10_000_000
LEAST_RAISE_WH = 20  # a smaller raise is not worth a command
LOW_SHARE = 5  # a fifth of what was paid is little


def first(paid_fen: int, *, highest: int) -> int:
    """Return the quota at the start in Wh: what `paid_fen` buys at the highest price that can apply, down to a step of the register."""
    return _steps(paid_fen * NANO_PER_FEN // highest)


def raised(quota_wh: int, *, paid_fen: int, spent_nano: int, used_wh: int, highest: int) -> int:
    """Return the quota after a reading: what is left buys at least so much more. It is never lowered.

    `highest` is the highest price from now to the latest end.
    """
    left = max(0, paid_fen * NANO_PER_FEN - spent_nano)
    now = used_wh + left // highest
    return max(quota_wh, _steps(now))


def worth_raising(quota_wh: int, raised_wh: int) -> bool:
    """Return whether the device should be told."""
    return raised_wh >= quota_wh + LEAST_RAISE_WH


def is_low(*, paid_fen: int, spent_nano: int) -> bool:
    """Return whether a fifth of what was paid, or less, is left."""
    return spent_nano * LOW_SHARE >= paid_fen * NANO_PER_FEN * (LOW_SHARE - 1)


def worst_wh(*, used_wh: int, quota_wh: int, most_w: int, silent_ms: int) -> int:
    """Return what at most has been used by now: the greatest power since the last believed reading, and never more than the quota.

    A device cuts at its quota, online or not; the step in which it sees that is ours (`cost_fen` never exceeds what was paid).
    """
    flowed = -(-most_w * silent_ms // MS_PER_HOUR)
    return max(used_wh, min(quota_wh, used_wh + flowed))


def cost_fen(nano: int) -> int:
    """Return the cost in fen: one half-up rounding for the whole session."""
    return (nano + NANO_PER_FEN // 2) // NANO_PER_FEN


def billed_fen(nano: int, *, paid_fen: int, refunded_fen: int = 0) -> int:
    """Return what the passer-by bears: never more than what he paid and has not got back already. The excess is our loss (R1.5)."""
    return min(cost_fen(nano), paid_fen - refunded_fen)


def sure_fen(*, paid_fen: int, spent_nano: int, used_wh: int, worst_wh: int, highest: int) -> int:
    """Return what surely goes back while the device is silent: what was paid less the worst case, at the highest price."""
    worst = cost_fen(spent_nano + (worst_wh - used_wh) * highest)
    return max(0, paid_fen - worst)


def _steps(wh: int) -> int:
    return wh // STEP_WH * STEP_WH
