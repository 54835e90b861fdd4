"""What mortgages say of the transfer of a home: whether an agreement that limits it is recorded, and whether the mortgagee has agreed (R13.5)."""

from dataclasses import dataclass
from uuid import UUID

from bancheng.kernel.registrations import book
from bancheng.kernel.registrations.models import Application
from bancheng.kernel.registrations.rules.kinds import Role
from bancheng.kernel.titles import public as titles
from bancheng.lib.text import Text


@dataclass(frozen=True)
class Limit:
    """One mortgage on a home that is to be transferred."""

    right: str
    party: str
    restricted: bool
    agreed: bool

    @property
    def says(self) -> Text:
        """Return what it means for the transfer, with its article."""
        if not self.restricted:
            return Text(
                "没有登记限制转让的约定：转让不影响抵押权，转让人应当及时通知抵押权人（民法典 第四百零六条）；本登记机构办理时仍征求其同意",
                "no agreement that limits transfer is recorded: the mortgage is not affected, and who transfers has to tell the mortgagee in time "
                "(Civil Code, art. 406); this office asks him all the same",
            )
        have = Text("已取得", "it was given") if self.agreed else Text("尚未取得", "it was not given yet")
        return Text(
            f"登记有限制转让的约定：转让须经抵押权人书面同意（民法典 第四百零六条；担保解释 第四十三条），{have.zh}",
            "an agreement that limits transfer is recorded: the transfer needs the mortgagee's written consent (Civil Code, art. 406; Interpretation on "
            f"Security, art. 43); {have.en}",
        )


def on_transfer(application_id: UUID) -> list[Limit]:
    """Return the mortgages on the homes that an application is to transfer; none for any other application."""
    row = Application.objects.filter(pk=application_id, kind="transfer").first()
    if row is None:
        return []
    given = row.parties.filter(role=Role.MORTGAGEE.value, consents__says="given").values_list("unit", flat=True)
    agreed = book.consents(row.region, row.payload, set(given))
    found = titles.rights_on(row.region, book.lots_of(row))
    numbers = dict.fromkeys(each.right for each in found if each.kind == titles.RightKind.MORTGAGE)
    rights = [right for number in numbers if (right := book.right(row.region, number))]
    return [
        Limit(one.number, one.party.name if one.party else "", one.transfer_restricted, one.number in agreed)
        for one in rights
    ]
