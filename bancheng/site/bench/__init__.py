"""What is measured: each figure beside a limit measured in the same run."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One measured figure: ours, the limit of the same run, and the ratio we aim at."""

    name: str
    ours: float
    limit: float
    ratio_goal: float
    unit: str
    note: str = ""
