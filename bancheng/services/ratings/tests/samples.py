"""What the generated tests of every door try of ratings: the holder's services, the unit's call-backs, an appeal."""

from uuid import UUID

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.documents import testing as documents
from bancheng.kernel.identity import public as identity
from bancheng.kernel.identity import testing as people
from bancheng.kernel.ratings import public as ratings
from bancheng.lib.text import Text
from bancheng.services.ratings import terms
from bancheng.web.testing import Samples, World

MARK = "样例招牌"
BY = "staff:999999998"  # did the work; no account of the tests


def served(world: World, about: str, *, grade: int = 0, mode: ratings.Mode = ratings.Mode.ONLINE) -> UUID:
    """Let a service of the unit for the holder be rated, and rate it when a grade is given."""
    now = clocks.now()
    one = ratings.Served(
        about=about,
        mode=mode,
        service="onething",
        matter="sign-board",
        unit=world.unit,
        title=Text(f"{MARK}{about}", f"{MARK} {about}"),
        rater_hash=identity.find_hash(people.citizen_id(1), kind="citizen_id"),
        contact="赵建军\n13900000007",
        handlers=(BY,),
    )
    (row,) = ratings.invite([one], region=world.region, terms=terms.of_pack().terms, at=now)
    if grade:
        said = ratings.Said(grade, words="样例")
        ratings.rate(occasion_id=row.pk, said=said, terms=terms.of_pack().terms, at=now)
    return row.pk


def fill(world: World, first: int, last: int) -> None:
    """Lay out services not rated, call-backs and appeals number `first` to `last`."""
    for number in range(first, last + 1):
        served(world, f"fill:{number}")
        bad = served(world, f"bad:{number}", grade=1)
        ratings.appeal(
            occasion_id=bad, flaw=ratings.Flaw.MISTAKEN, reason="样例", evidence="样例", by=BY, at=clocks.now()
        )


def samples(world: World) -> Samples:
    count = len(ratings.call_backs(units=None))
    open_, bad = served(world, f"sample:{count}"), served(world, f"sample-bad:{count}", grade=2)
    appealed = served(world, f"sample-appeal:{count}", grade=1)
    appeal = ratings.appeal(
        occasion_id=appealed, flaw=ratings.Flaw.MISTAKEN, reason="样例", evidence="样例", by=BY, at=clocks.now()
    )
    on_site = served(world, f"sample-visit:{count}", mode=ratings.Mode.ON_SITE)
    excluded = served(world, f"sample-excluded:{count}", grade=1)
    ratings.decide(
        appeal_id=ratings.appeal(
            occasion_id=excluded, flaw=ratings.Flaw.MISTAKEN, reason="样例", evidence="样例", by=BY, at=clocks.now()
        ),
        leave_out=True,
        reason="样例",
        by="staff:999999999",
        unit="",
        terms=terms.of_pack().terms,
        at=clocks.now(),
    )
    proof = documents.stored(
        region=world.region,
        about=f"appeal:{appealed}",
        material="复核证据",
        holder_hash=identity.find_hash(people.citizen_id(1), kind="citizen_id"),
        by=BY,
        at=clocks.now(),
    ).id
    of_bad = documents.stored(
        region=world.region,
        about=f"appeal:{bad}",
        material="复核证据",
        holder_hash=identity.find_hash(people.citizen_id(1), kind="citizen_id"),
        by=BY,
        at=clocks.now(),
    ).id
    call_back = next(one.pk for one in ratings.call_backs(units=None) if one.occasion_id == bad)
    words = {"words": "样例"}
    return Samples(
        values={
            "occasion_id": open_,
            "token": ratings.occasion(open_).token,
            "ratings:object/occasion_id": excluded,
            "ratings:object_by_link/token": ratings.occasion(excluded).token,
            "ratings:counter_one/occasion_id": on_site,
            "ratings:device/token": ratings.occasion(on_site).token,
            "call_back_id": call_back,
            "appeal_id": appeal,
            "ratings:review_file/use_id": proof,
            "ratings:call_back_file/use_id": of_bad,
        },
        sends={
            "ratings:mine_one": {"grade": "4"},
            "ratings:by_link": {"grade": "4"},
            "ratings:device": {"grade": "4"},
            "ratings:object": {"reason": "样例"},
            "ratings:object_by_link": {"reason": "样例"},
            "ratings:counter_start": {"matter": ""},
            "ratings:slip": {"code": "2345-6789-ABCD-EFGH"},
            "ratings:slip_object": {"code": "2345-6789-ABCD-EFGH", "reason": "样例"},
            "ratings:tried": words,
            "ratings:checked": words | {"route": "fix"},
            "ratings:settled": words,
            "ratings:answered": words,
            "ratings:appeal": {"flaw": "mistaken", "reason": "样例", "evidence": "样例"},
            "ratings:decide": {"decision": "stands", "reason": "样例"},
            "api:ratings:rate_mine": {"grade": 4},
        },
        marks=(MARK,),
        figures=frozenset({"ratings:board", "ratings:board_csv"}),
    )
