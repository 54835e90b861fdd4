"""Work of the service that was promised by what was recorded or accepted, the end of seizures and objections, each night, and papers left."""

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.identity import public as identity
from bancheng.kernel.jobs.public import job
from bancheng.kernel.titles import public as titles
from bancheng.services.landshares import telling
from bancheng.services.landshares.operations import keeping
from bancheng.services.landshares.queries import doors


@job("landshares.tell_change")
def tell_change(parcel: str, seq: int, act: str, lots: list[str], told: list[list[str]]) -> None:
    telling.tell_change(parcel=parcel, seq=seq, act=act, lots=lots, told=told, at=clocks.now())


@job("landshares.tell_banks")
def tell_banks(application: str, lots: list[str]) -> None:
    telling.tell_banks(application=application, lots=lots, at=clocks.now())


@job("landshares.expire_seizures")
def expire_seizures() -> None:
    titles.expire_seizures(region=doors.region(), by=identity.MACHINE.ref, at=clocks.now())


@job("landshares.forget_papers")
def forget_papers() -> None:
    keeping.forget(at=clocks.now())


@job("landshares.lapse_objections")
def lapse_objections() -> None:
    titles.lapse_objections(region=doors.region(), by=identity.MACHINE.ref, at=clocks.now())
