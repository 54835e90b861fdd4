"""What the generated tests of every door try of corrections: one holder's, of one unit, few or many."""

from uuid import UUID

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.forms import public as forms
from bancheng.kernel.forms import testing
from bancheng.kernel.identity import public as identity
from bancheng.kernel.identity import testing as people
from bancheng.lib.identifiers import make_uscc
from bancheng.web.testing import Samples, World

MARK = "样例更正项"


def made(world: World, number: int) -> UUID:
    """Return a correction of the holder that waits for the unit."""
    element = testing.element(
        f"sample_{number}", name=f"{MARK}{number:03d}", name_en=f"Sample {number}", owner=world.unit,
        source=(f"shared.{world.unit}.sample_{number}",),
    )  # fmt: skip
    form = testing.form(testing.spec(f"sample-{number}", element.code), elements=[element])
    holder = identity.find_hash(people.citizen_id(1), kind="citizen_id")
    at, ref = clocks.now(), f"person:{world.holder.person_id}"
    fact = forms.Told(holder, element.source[0], "旧", at.date())
    forms.share(region=world.region, unit=world.unit, facts=[fact], by="test", at=at)
    opened = forms.open_draft(
        form=form, region=world.region, purpose=f"corrections.sample{number}", subject=forms.Subject(ref, holder), by=ref,
        at=at,
    )  # fmt: skip
    whole = {"draft_id": opened.id, "form": form, "hashes": [holder], "by": ref, "at": at}
    saved = forms.save(**whole, raw={element.code: ["新"]}, seen=opened.version).draft
    (item,) = forms.submit(draft=saved, form=form, seen=saved.version, about="case:sample", by=ref, at=at).items
    return item


def fill(world: World, first: int, last: int) -> None:
    for number in range(first, last + 1):
        made(world, number)


def samples(world: World) -> Samples:
    held = forms.items(region=world.region, owner=world.unit)
    item = held[0].id if held else made(world, 0)
    return Samples(
        values={"item_id": item, "unit": world.unit},
        sends={
            "corrections:decline": {"reason": "样例"},
            "api:corrections:share": {
                "facts": [
                    {
                        "kind": "organisation",
                        "identifier": make_uscc("411002", 3),
                        "what": "address",
                        "value": ["许昌市魏都区七一路1号"],
                        "as_of": "2026-01-01",
                    }
                ]
            },
        },
        marks=(MARK,),
    )
