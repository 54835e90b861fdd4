"""Papers that are asked for in some cases only: said in the guide, judged by the answers, asked for when these change."""

import re
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from bancheng.kernel.cases import public as cases
from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.documents import public as documents
from bancheng.kernel.documents.testing import pdf
from bancheng.kernel.identity import testing as people
from bancheng.services.onething import operations, papers, queries, tasklist
from bancheng.services.onething.tests.conftest import REGION, Town
from bancheng.services.onething.tests.lives import OFFICER

ARTICLES, SEALS, PREMISES = "公司、农民专业合作社章程", "原印章", "新住所使用证明"


def names(bundle: str, **answers: object) -> set[str]:
    found = queries.bundle(bundle)
    return {one.name.zh for one in papers.listed(found.matters, answers)}  # type: ignore[arg-type]  # as tests write them


@pytest.mark.parametrize(
    ("bundle", "paper", "calls", "spares"),
    [
        ("open-business", ARTICLES, {"entity_type": "company"}, {"entity_type": "sole_trader"}),
        ("open-business", SEALS, {"seal_reason": "worn"}, {"seal_reason": "new"}),
        ("change-information", SEALS, {"seal_reason": "change"}, {"seal_reason": "lost"}),
        ("change-information", PREMISES, {"changed_items": ("address",)}, {"changed_items": ("name",)}),
        ("close-business", "未使用的空白发票", {"invoices_returned": False}, {"invoices_returned": True}),
    ],
)
@pytest.mark.usefixtures("loaded_city")
def test_a_paper_is_asked_for_in_its_case_and_in_no_other(
    bundle: str, paper: str, calls: dict[str, object], spares: dict[str, object]
) -> None:
    """R-OT-3: the guide names the case; who is not in it is not asked, nor is who has not answered yet."""
    assert paper in names(bundle, **calls)
    assert paper not in names(bundle, **spares)
    assert paper not in names(bundle)


def test_the_guides_say_when_a_paper_is_asked_for(town: Town) -> None:
    """R-OT-3: in the bundle's guide, the matter's own guide, its download, and the list for partners, in both languages."""
    page = town.applicant.get("/onething/open-business/").content.decode()
    assert "设立公司、农民专业合作社的才要" in page
    guide = town.applicant.get("/guides/seal-engraving/").content.decode()
    assert "变更、损坏更换的才要" in guide
    town.applicant.cookies["django_language"] = "en"
    english = town.applicant.get("/onething/open-business/").content.decode()
    assert "Only for a company or a farmers&#x27; cooperative" in english
    asked = {one.name.zh: one.only for one in papers.listed(queries.bundle("open-business").matters)}
    assert asked[ARTICLES]
    assert not asked["设立登记申请书"]


def test_the_task_list_and_the_page_of_papers_follow_the_answers(town: Town) -> None:
    """R-OT-3: a sole trader is not stopped by articles he cannot have; he sees in which case they would be asked for."""
    actor = people.actor(town.user)
    draft = operations.begin(bundle="open-business", subject=f"person:{town.user.person.pk}", by=actor, at=clocks.now())

    def listed(kind: str) -> tuple[str, str]:
        found = queries.application(actor, draft.id, clocks.now())
        operations.save(
            application=found, raw={"entity_type": [kind]}, seen=found.draft.version, by=actor, at=clocks.now()
        )
        found = queries.application(actor, draft.id, clocks.now())
        hint = next(one.hint for one in tasklist.tasks(found, clocks.now()) if one.code == "papers")
        assert hint
        return town.applicant.get(f"/onething/drafts/{draft.id}/papers/").content.decode(), hint.zh

    page, hint = listed("sole_trader")
    asked, _, spared = page.partition('id="spared"')
    assert ARTICLES not in asked
    assert ARTICLES in spared
    assert "2份看情况" in hint
    page, hint = listed("company")
    asked, _, spared = page.partition('id="spared"')
    assert ARTICLES in asked
    assert SEALS in spared
    assert "1份看情况" in hint


def corrected(town: Town) -> UUID:
    """Return a sole trader's opening in which the kind of entity is to be corrected."""
    applicant = cases.Applicant(
        "organisation", town.shop.name, bytes(town.shop.uscc_hash), bytes(town.shop.uscc_hash), "uscc"
    )
    root = cases.file(
        region=REGION,
        service="onething",
        flow="open-business",
        applicant=applicant,
        said=cases.Said({"entity_type": "sole_trader"}),
        key="opening-1",
        by=f"person:{town.user.person.pk}",
        at=clocks.now(),
    ).id
    view = cases.view(root)
    assert view
    first = next(one for one in view.matters if "review" in one.steps.open)
    cases.ask_correction(
        case_id=first.id, defects=[cases.Defect("field:entity_type", "主体类型不对")], by=OFFICER, at=clocks.now()
    )
    return root


def test_corrected_answers_that_call_for_a_paper_ask_for_it_on_the_same_page(town: Town) -> None:
    """R-OT-1, R14.3: one answer to one notice: what it newly calls for comes with it, and nothing is taken in without."""
    root = corrected(town)
    page = f"/onething/cases/{root}/correct/"
    field = f"paper-{papers.slug_of(ARTICLES)}"
    assert field not in town.applicant.get(page).content.decode()
    no = town.applicant.post(page, {"entity_type": "company"})
    assert no.status_code == 422
    assert "还要交“公司、农民专业合作社章程”" in no.content.decode()
    assert field in no.content.decode()
    assert re.search(r'value="company"[^>]* checked', no.content.decode())
    assert (content := cases.said(root))
    assert content.values["entity_type"] == "sole_trader"
    file = SimpleUploadedFile("章程.pdf", pdf(text="articles"))
    assert town.applicant.post(page, {"entity_type": "company", field: file}).status_code == 302
    assert (content := cases.said(root))
    assert ARTICLES in content.materials
    assert [one.material for one in documents.uses(about=f"case:{root}")] == [ARTICLES]


def test_a_paper_that_neither_notice_nor_answers_call_for_is_still_refused(town: Town) -> None:
    """B: what was reviewed stays as it was."""
    root = corrected(town)
    field = f"paper-{papers.slug_of('住所使用证明')}"
    file = SimpleUploadedFile("证明.pdf", pdf(text="lease"))
    no = town.applicant.post(f"/onething/cases/{root}/correct/", {"entity_type": "sole_trader", field: file})
    assert no.status_code == 422
    assert documents.uses(about=f"case:{root}") == []
