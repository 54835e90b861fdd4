"""Proving the claims: every night, and when an operator asks."""

from bancheng.kernel.claims import public as claims
from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.jobs.public import job


@job("proof.prove", attempts=3)
def prove() -> None:
    claims.prove(at=clocks.now(), by="system:proof")
