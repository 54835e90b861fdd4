"""Work of the service that was promised by what was recorded or accepted."""

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.jobs.public import job
from bancheng.services.landshares import telling


@job("landshares.tell_change")
def tell_change(parcel: str, seq: int, act: str, lots: list[str], told: list[list[str]]) -> None:
    telling.tell_change(parcel=parcel, seq=seq, act=act, lots=lots, told=told, at=clocks.now())


@job("landshares.tell_banks")
def tell_banks(application: str, lots: list[str]) -> None:
    telling.tell_banks(application=application, lots=lots, at=clocks.now())
