"""What a socket stands in: the world around it, and what the platform granted."""

from dataclasses import dataclass, field

USUAL_DV, WARM_DC = 2231, 310  # 223.1 V, 31.0 °C


@dataclass
class World:
    """What surrounds a socket; the fault panel and the tests turn it."""

    voltage_dv: int = USUAL_DV
    load_w: int = 0
    temperature_dc: int = WARM_DC
    powered: bool = True
    welded: bool = False
    frozen: bool = False  # the register stands still though current flows
    meter_silent: bool = False
    misread_10wh: int = 0  # the next look at the register is wrong by this
    short: bool = False
    leakage_ma: int = 0
    arc: bool = False
    opened: bool = False  # door, tilt, water or smoke


@dataclass
class Grant:
    """What a session may use."""

    session: str = ""
    quota_wh: int = 0
    longest_ms: int = 0
    lease_until_ms: int = 0
    began_ms: int = 0  # uptime
    start_mws: int = 0
    recloses: int = 0
    edges_ms: list[int] = field(default_factory=list)
