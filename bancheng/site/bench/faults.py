"""The ladder of kill -9 over the whole house: two hundred rounds, more than an hour; asked for by name (`make faults`), never with the others.

Its figures are counts, and each of the faults found would be one too many. BANCHENG_FAULTS_SEED runs a ladder again as it was.
"""

import os
import secrets
import shutil
import tempfile
from pathlib import Path

from bancheng.sim.meters.passersby import Fate, Habits
from bancheng.site import house
from bancheng.site.bench import Figure
from bancheng.site.ladder.houses import Supervised
from bancheng.site.ladder.people import QUICK
from bancheng.site.ladder.rounds import Ladder, Plan, Told

ROUNDS = 200
FATES = (Fate.STOP,) * 8 + (Fate.UNPLUG,) * 4 + (Fate.RUN_OUT,)
QUIET_SECONDS = 60.0  # the slowest recovery that is still one


def run(scale: float) -> list[Figure]:
    """Go through the rounds; `scale` 1 is two hundred."""
    seed = int(os.environ.get("BANCHENG_FAULTS_SEED") or secrets.randbelow(1_000_000))
    rounds = max(1, int(ROUNDS * scale))
    folder = Path(tempfile.mkdtemp(prefix="bc-ladder-", dir="/tmp"))
    folder.chmod(0o755)
    house.say(f"  seed {seed}, {rounds} rounds, in {folder}")
    built = Supervised(folder)
    habits = Habits(QUICK.use_s, QUICK.watts, QUICK.look_s, FATES)
    try:
        built.start()
        told = Ladder(built, Plan(rounds, seed, habits=habits), house.say).climb()
    finally:
        built.stop()
    for each in told.wrong:
        house.say(f"  ! {each}")
    house.say(f"  {dict(told.people)}, unanswered {dict(told.unanswered)}, settled in {told.settled_seconds:.0f} s")
    if not told.wrong:
        shutil.rmtree(folder)
    return figures(told)


def figures(told: Told) -> list[Figure]:
    """Return what is written down of a ladder."""
    sums, note = told.sums, f"seed {told.seed}"
    proven = "see the violations" if told.wrong else "each to the fen, once, by the channels' own books"
    slowest, part = told.slowest
    count = sum(told.kills.values())
    return [
        Figure("violations", len(told.wrong), 1, 0, "faults", f"{count} kills, {note}; the goal is none"),
        Figure("slowest recovery", slowest, QUIET_SECONDS, 1, "s", f"of {part}, until everything answers again"),
        Figure(
            "kills", count, 1, None, "processes", ", ".join(f"{name} {n}" for name, n in sorted(told.kills.items()))
        ),
        Figure("uses paid for", sums.uses, 1, None, "uses", f"{sums.started} switched on"),
        Figure("paid", sums.paid_fen / 100, 1, None, "yuan", f"charged {sums.charged_fen / 100:.2f}"),
        Figure("refunded", sums.refunded_fen / 100, 1, None, "yuan", proven),
    ]
