"""How many dates a core works out in a second, beside the cheapest date arithmetic there is."""

from collections.abc import Callable
from datetime import date, timedelta
from statistics import median
from time import perf_counter

from bancheng.kernel.clocks import shipped
from bancheng.kernel.clocks.rules.deadline import Pause, due
from bancheng.kernel.clocks.rules.law import Length, Unit
from bancheng.site.bench import Figure

ROUNDS = 7
DATES = 100_000
LICENCE = "行政许可法 第四十二条"


def run(scale: float) -> list[Figure]:
    """Measure working-day addition, a whole derivation, one with pauses, and one read aloud, against `date + days`."""
    calendar = shipped.calendar()
    days = [date(2024, 1, 1) + timedelta(days=n % 700) for n in range(max(1_000, int(DATES * scale)))]
    length = Length(20, Unit.WD)
    twenty = timedelta(days=20)
    paused = {day: [Pause(day + twenty / 4, day + twenty / 2, "expert_review", "", day)] for day in set(days)}

    def limit() -> None:
        for day in days:
            day + twenty

    def added() -> None:
        for day in days:
            calendar.add(day, 20)

    def derived() -> None:
        for day in days:
            due(started_on=day, length=length, calendar=calendar, law=LICENCE)

    def with_pause() -> None:
        for day in days:
            due(started_on=day, length=length, calendar=calendar, pauses=paused[day], law=LICENCE)

    def read_aloud() -> None:
        for day in days[: len(days) // 10]:
            _ = due(started_on=day, length=length, calendar=calendar, law=LICENCE).explain

    work = {"limit": limit, "added": added, "derived": derived, "with_pause": with_pause, "read_aloud": read_aloud}
    rates = _rates(work, len(days))
    rates["read_aloud"] /= 10
    bare = rates.pop("limit")
    # the goals are 500,000 added and 50,000 derived a second where bare addition reaches about 20,000,000
    told = {
        "added": ("clocks.add", 0.025, "working days added; goal 500,000/s"),
        "derived": ("clocks.due", 0.0025, "deadlines with all they are explained from; goal 50,000/s"),
        "with_pause": ("clocks.due with a pause", 0.0025, "the same with an expert review left out"),
        "read_aloud": ("clocks.due and its sentence", 0.0005, "the same with both sentences written"),
    }
    return [
        Figure(name=told[key][0], ours=rate, limit=bare, ratio_goal=told[key][1], unit="/s", note=told[key][2])
        for key, rate in rates.items()
    ]


def _rates(work: dict[str, Callable[[], None]], count: int) -> dict[str, float]:
    """Return each work's median rate over interleaved rounds."""
    took: dict[str, list[float]] = {name: [] for name in work}
    for _ in range(ROUNDS):
        for name, do in work.items():
            start = perf_counter()
            do()
            took[name].append(perf_counter() - start)
    return {name: count / median(times) for name, times in took.items()}
