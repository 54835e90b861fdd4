"""What the generated tests of every door try of certificates: licences of one holder with their certificates, few or many."""

from bancheng.kernel.certificates import public as certificates
from bancheng.kernel.certificates import testing
from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.identity import public as identity
from bancheng.kernel.identity import testing as people
from bancheng.kernel.licences import public as licences
from bancheng.kernel.licences import testing as library
from bancheng.web.testing import Samples, World

MARK = "电照"


def fill(world: World, first: int, last: int) -> None:
    """Issue licences number `first` to `last` to the holder, two certificates of each; all are uses of the first one."""
    for number in range(first, last + 1):
        licence = library.issued(
            number=f"{MARK}{number:04d}",
            unit=world.unit,
            licence_type="food-business",
            holder_hash=holder(),
            valid_to=None,
        )
        testing.drawn(licence.pk, at=clocks.now())
        testing.drawn(licence.pk, at=clocks.now())
        licences.reuse(
            licence_id=newest().licence_id,
            by=f"staff:{world.admin.pk}",
            case=f"样例{number}",
            purpose="核对经营资格（国务院令第716号 第十条）",
            authorisation="本人同意",
            at=clocks.now(),
        )


def holder() -> bytes:
    return identity.find_hash(people.citizen_id(1), kind="citizen_id")


def newest() -> certificates.Certificate:
    """Return the newest certificate of the first sample."""
    found = [each for each in certificates.held_by([holder()], at=clocks.now()) if each.licence_number == f"{MARK}0001"]
    return max(found, key=lambda each: each.number)


def samples(world: World) -> Samples:
    certificate = newest()
    return Samples(
        values={
            "licence_id": certificate.licence_id,
            "certificate_id": certificate.id,
            "certificates:verify/code": certificate.code,
            "api:certificates:status/code": certificate.code,
        },
        sends={"certificates:make": {}, "certificates:check_file": {"file": b"%PDF-1.7 a stranger's"}},
        marks=(f"{MARK}0001",),
    )
