"""Every read: what the city asks, somebody's drafts, the corrections that wait for a unit."""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from django.db import connection

from bancheng.kernel.audit import public as audit
from bancheng.kernel.catalogue import public as catalogue
from bancheng.kernel.forms import codec, models, store
from bancheng.kernel.forms.facts import Draft, Element, Form, Item, ItemState, Spec
from bancheng.kernel.forms.operations.items import item_of
from bancheng.kernel.forms.rules import asking
from bancheng.lib import rows
from bancheng.lib.refusal import Refused
from bancheng.lib.text import Text


@catalogue.kept
def elements(region: str) -> Mapping[str, Element]:
    """Return the city's data elements by code, without the retired ones."""
    return {code: one for code, (one, retired) in _elements(region).items() if not retired}


@catalogue.kept
def specs(region: str) -> Mapping[str, Spec]:
    """Return what the city's matters ask, by their code."""
    found = models.MatterForm.objects.filter(region=region, retired_at=None).order_by("code")
    return {code: codec.spec_from_json(content) for code, content in found.values_list("code", "content")}


@catalogue.kept
def _elements(region: str) -> Mapping[str, tuple[Element, bool]]:
    kept = models.Element.objects.filter(region=region).order_by("code")
    found = kept.values_list("code", "content", "retired_at")
    return {code: (codec.element_from_json(content), retired_at is not None) for code, content, retired_at in found}


def form(region: str, matters: Sequence[str]) -> Form:
    """Return the one form of `matters`, in that order. Raises Refused("no_form")."""
    return _form(region, tuple(matters))


@catalogue.kept
def _form(region: str, matters: tuple[str, ...]) -> Form:
    asked, known = specs(region), _elements(region)
    if not matters or set(matters) - asked.keys():
        raise Refused(
            "no_form",
            "这个事项还没有配置网上表单，请到窗口办理或拨打12345咨询。",
            en="This matter has no form online yet: please come to the counter or call 12345.",
            status=404,
        )
    # a draft may still name a retired element
    return asking.union([asked[code] for code in matters], {code: one for code, (one, _) in known.items()})


def draft(draft_id: UUID, *, hashes: Sequence[bytes]) -> Draft:
    """Return a draft, handed in or not, of one of these holders. Raises Refused("no_such_draft")."""
    with connection.cursor() as cursor:
        found = rows.read(cursor, models.Draft, "WHERE id = %s AND subject_hash = ANY(%s)", [draft_id, list(hashes)])
    if not found:
        raise Refused(
            "no_such_draft",
            "没有找到这份草稿，可能已经删除或过了保存期。",
            en="There is no such draft: it may have been deleted, or kept its time.",
            status=404,
        )
    return store.draft_of(found[0])


def drafts(hashes: Sequence[bytes], *, purpose: str = "") -> list[Draft]:
    """Return the open drafts of these holders, the last touched first: to go on with on any device."""
    found = models.Draft.objects.filter(subject_hash__in=list(hashes), submitted_at=None).order_by("-updated_at", "id")
    return [store.draft_of(row) for row in (found.filter(purpose=purpose) if purpose else found)]


def items(
    *, region: str, owner: str = "", owners: Collection[str] | None = None, state: ItemState | None = ItemState.OPEN
) -> list[Item]:
    """Return the corrections of the unit `owner` (empty: of `owners`, None: of all units), the oldest first, without their values."""
    found = models.DataQualityItem.objects.filter(region=region).defer("sealed").order_by("opened_at", "id")
    if owner:
        found = found.filter(owner=owner)
    elif owners is not None:
        found = found.filter(owner__in=list(owners))
    return [item_of(row) for row in (found.filter(state=state.value) if state else found)]


def items_of(hashes: Sequence[bytes]) -> list[Item]:
    """Return what these holders corrected, the newest first, without the values."""
    found = models.DataQualityItem.objects.filter(subject_hash__in=list(hashes)).defer("sealed")
    return [item_of(row) for row in found.order_by("-opened_at", "-id")]


def things_of(holders: audit.Holders) -> list[audit.Thing]:
    """Return the corrections of these holders, as events about them are named: on his page he sees who read them (P-3)."""
    found = models.DataQualityItem.objects.filter(subject_hash__in=list(holders.hashes)).defer("sealed").order_by("id")
    return [
        audit.Thing(f"item:{row.id}", Text(f"更正的“{row.title}”", f"Your correction of: {row.title_en}"))
        for row in found
    ]


def item(item_id: UUID) -> Item:
    """Return one correction without its values. Raises Refused("no_such_item")."""
    row = models.DataQualityItem.objects.filter(pk=item_id).defer("sealed").first()
    if row is None:
        raise Refused("no_such_item", "没有找到这条更正，请核对编号。", en="There is no such correction.", status=404)
    return item_of(row)
