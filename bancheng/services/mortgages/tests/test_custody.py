"""The paper at the bank: lists made by the recording, chains that hold, look-ups, samples, and what they find."""

import hashlib
from datetime import timedelta
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.documents.testing import pdf
from bancheng.lib.refusal import Refused
from bancheng.services.mortgages.models import Bundle, Custody, Finding, Inspection, Listed, LookUp
from bancheng.services.mortgages.operations import custody, supervising
from bancheng.services.mortgages.queries import archive as queries
from bancheng.services.mortgages.rules.custody import Act, Cause, Result, State
from bancheng.services.mortgages.tests import towns
from bancheng.services.mortgages.tests.towns import BANK, OTHER_BANK, REGISTRY, Town

WHERE = "/mortgages/archive/"


def filed(town: Town, n: int = 1, bank: str = BANK) -> Bundle:
    made = towns.bundle(n, bank=bank)
    custody.file_away(
        bundle_id=made.pk,
        box=f"B{n}",
        shelf="3-2",
        pages=made.pages,
        by=town.actor("bank_archivist", bank),
        at=clocks.now(),
    )
    made.refresh_from_db()
    return made


def test_a_list_is_made_of_the_very_bytes_that_were_filed(town: Town) -> None:
    """F13.8, land-registry 13.5: pages, SHA-256 and SM3 of each document."""
    made = towns.bundle(1)
    (one, two) = made.listed.order_by("n")
    assert one.sha256 == hashlib.sha256(pdf(2, text="1")).hexdigest()
    assert len(one.sm3) == 64
    assert (one.pages, two.pages, made.pages) == (2, 3, 5)
    assert made.state == State.OWED
    assert made.due_on > clocks.today()


def test_the_same_recording_opens_one_bundle(town: Town) -> None:
    made = towns.bundle(1)
    assert towns.bundle(1).pk == made.pk
    assert Listed.objects.count() == 2


def test_a_document_told_by_its_digest_alone_is_listed_too(town: Town) -> None:
    """Filed through the bank's own system, the scan stays there."""
    scans = [custody.Scan("抵押合同", 4, None, "ab" * 32)]
    made = custody.open_bundle(recorded=towns.recorded(7), scans=scans, at=clocks.now())
    assert list(made.listed.values_list("sha256", "sm3")) == [("ab" * 32, "")]


def test_pages_that_differ_from_the_list_are_not_filed(town: Town) -> None:
    """B13.8."""
    made, keeper = towns.bundle(1), town.client("bank_archivist")
    where = f"{WHERE}{made.pk}/"
    answer = keeper.post(f"{where}file/", {"box": "A1", "shelf": "3-2", "pages": "4"})
    assert answer.status_code == 422
    assert "清点4页，目录共5页" in answer.content.decode()
    assert keeper.post(f"{where}file/", {"box": "A1", "shelf": "3-2", "pages": "5"}).status_code == 302
    made.refresh_from_db()
    assert (made.state, made.box, made.keeper) == (State.KEPT, "A1", town.account("bank_archivist").pk)
    assert list(queries.verify()) == []


def test_a_bank_sees_its_own_bundles_only_and_a_clerk_only_reads(town: Town) -> None:
    """R13.7: bank clerks may read only own bank's bundles."""
    made = filed(town)
    other = town.client("bank_archivist", OTHER_BANK)
    assert other.get(f"{WHERE}{made.pk}/").status_code == 404
    assert made.number not in other.get(f"{WHERE}?show=kept").content.decode()
    assert other.post(f"{WHERE}{made.pk}/move/", {"box": "X", "shelf": "Y"}).status_code == 404
    clerk = town.client("bank_clerk")
    assert made.number in clerk.get(f"{WHERE}{made.pk}/").content.decode()
    assert clerk.post(f"{WHERE}{made.pk}/move/", {"box": "X", "shelf": "Y"}).status_code == 403


def test_moved_lent_returned_lost_and_found_each_is_a_line_and_the_chain_holds(town: Town) -> None:
    """R13.7, land-registry 13.5."""
    made, keeper = filed(town), town.client("bank_archivist")
    where = f"{WHERE}{made.pk}/"
    until = (clocks.today() + timedelta(days=3)).isoformat()
    for act, said in (
        ("move", {"box": "A2", "shelf": "4-1"}),
        ("lend", {"to": "信贷部复核", "until": until}),
        ("back", {"pages": "5"}),
        ("lost", {"words": "库房搬迁时未找到"}),
        ("found", {"box": "A2", "shelf": "4-1", "pages": "5"}),
    ):
        assert keeper.post(f"{where}{act}/", said).status_code == 302, act
    acts = list(Custody.objects.filter(bundle=made).order_by("seq").values_list("act", flat=True))
    assert acts == ["created", "moved", "lent", "returned", "lost", "found"]
    assert list(queries.verify()) == []
    assert Finding.objects.get().cause == Cause.LOST
    assert "信贷部复核" in keeper.get(where).content.decode()


def test_what_the_state_does_not_allow_is_refused(town: Town) -> None:
    made, keeper = filed(town), town.client("bank_archivist")
    assert keeper.post(f"{WHERE}{made.pk}/back/", {"pages": "5"}).status_code == 409
    assert keeper.post(f"{WHERE}{made.pk}/file/", {"box": "A1", "shelf": "1", "pages": "5"}).status_code == 409
    assert keeper.post(f"{WHERE}{made.pk}/lend/", {"to": "信贷部", "until": "2020-01-01"}).status_code == 422


def test_a_line_of_custody_and_a_list_are_never_changed(town: Town) -> None:
    """R13.7: append-only by the database."""
    made = filed(town)
    for rows in (Custody.objects.filter(bundle=made), Listed.objects.filter(bundle=made)):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(region="411025")
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.first().delete()  # type: ignore[union-attr]  # there is one


def test_verify_finds_a_chain_that_was_tampered_with_and_a_bundle_that_strayed(town: Town) -> None:
    """Broken on purpose, with the guard off: it is seen."""
    made = filed(town)
    for box, found in (("Z9", [made.pk]), ("B1", [])):
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("ALTER TABLE mortgages_custody DISABLE TRIGGER custody_is_only_added")
            cursor.execute("UPDATE mortgages_custody SET told = jsonb_set(told, '{box}', to_jsonb(%s::text))", [box])
            cursor.execute("ALTER TABLE mortgages_custody ENABLE TRIGGER custody_is_only_added")
        assert [one.bundle for one in queries.verify()] == found
    Bundle.objects.filter(pk=made.pk).update(state=State.LOST)
    assert [one.says.zh for one in queries.verify()] == ["档案状态与保管链不符"]


def test_a_keeper_hands_over_when_both_have_signed(town: Town) -> None:
    """Land-registry 13.5: handed over, both signatures."""
    made = filed(town)
    giver, taker = town.client("bank_archivist"), town.client("bank_archivist", BANK, 2)
    where, said = f"{WHERE}{made.pk}/", {"act": "keeper", "words": "岗位调整"}
    assert giver.post(f"{where}offer/", said | {"taker": town.account("bank_archivist").pk}).status_code == 422
    assert giver.post(f"{where}offer/", said | {"taker": town.account("bank_archivist", BANK, 2).pk}).status_code == 302
    assert giver.post(f"{where}take/").status_code == 403
    assert Custody.objects.filter(act=Act.KEEPER).count() == 0
    assert taker.post(f"{where}take/").status_code == 302
    one = Custody.objects.get(act=Act.KEEPER)
    assert one.other == f"staff:{town.account('bank_archivist', BANK, 2).pk}"
    made.refresh_from_db()
    assert made.keeper == town.account("bank_archivist", BANK, 2).pk
    assert list(queries.verify()) == []


def test_on_a_breach_the_registry_takes_a_bundle_back_with_both_signatures(town: Town) -> None:
    """R13.7: return on breach."""
    made = filed(town)
    where = f"{WHERE}{made.pk}/"
    town.client("bank_archivist").post(f"{where}offer/", {"act": "handed_over", "words": "协议终止"})
    assert town.client("bank_archivist", BANK, 2).post(f"{where}take/").status_code == 403
    assert town.client("service_officer", REGISTRY).post(f"{where}take/").status_code == 302
    made.refresh_from_db()
    assert made.state == State.HANDED_OVER


def asked(town: Town, made: Bundle) -> LookUp:
    return supervising.ask(
        bundle_id=made.pk, purpose="行政复议答复", by=town.actor("registry_reviewer", REGISTRY), at=clocks.now()
    )


def test_a_look_up_is_answered_with_a_scan_and_its_digests(town: Town) -> None:
    """F13.8: enquiry on demand."""
    made = filed(town)
    where, scan = f"{WHERE}{made.pk}/", pdf(5, text="scan")
    registry, keeper = town.client("registry_reviewer", REGISTRY), town.client("bank_archivist")
    assert registry.post(f"{where}look-up/", {"purpose": " "}).status_code == 422
    assert registry.post(f"{where}look-up/", {"purpose": "行政复议答复"}).status_code == 302
    one = LookUp.objects.get()
    assert keeper.post(f"{where}look-up/{one.pk}/", {}).status_code == 422
    sent = {"file": SimpleUploadedFile("抵押.pdf", scan)}
    assert keeper.post(f"{where}look-up/{one.pk}/", sent).status_code == 302
    one.refresh_from_db()
    assert one.sha256 == hashlib.sha256(scan).hexdigest()
    assert b"".join(registry.get(f"{where}look-up/{one.pk}/scan/").streaming_content) == scan
    assert keeper.post(f"{where}look-up/{one.pk}/", {"file": SimpleUploadedFile("抵押.pdf", scan)}).status_code == 409
    assert town.client("bank_archivist", OTHER_BANK).get(f"{where}look-up/{one.pk}/scan/").status_code == 404
    assert queries.figures([BANK], clocks.today()).mean_hours is not None


def test_what_is_late_opens_a_finding_once_and_the_registry_closes_it(town: Town) -> None:
    """R13.7: late ones escalate; index within N days."""
    owed, kept = towns.bundle(1), filed(town, 2)
    one = asked(town, kept)
    far = max(owed.due_on, one.due_on) + timedelta(days=1)
    for _ in range(2):
        supervising.supervise(today=far, at=clocks.now())
    causes = {(found.bundle_id, found.cause) for found in Finding.objects.all()}
    assert causes == {(owed.pk, Cause.LATE_INDEX), (kept.pk, Cause.LATE_ANSWER)}
    assert Finding.objects.count() == 2
    keeper = town.actor("bank_archivist")
    custody.file_away(bundle_id=owed.pk, box="A1", shelf="1", pages=owed.pages, by=keeper, at=clocks.now())
    found = Finding.objects.get(cause=Cause.LATE_INDEX)
    assert found.answered_by == keeper.ref
    where = f"{WHERE}{owed.pk}/findings/{found.pk}/"
    assert town.client("bank_archivist").post(f"{where}close/").status_code == 403
    assert town.client("service_officer", REGISTRY).post(f"{where}close/").status_code == 302
    other = Finding.objects.get(cause=Cause.LATE_ANSWER)
    assert (
        town.client("service_officer", REGISTRY).post(f"{WHERE}{kept.pk}/findings/{other.pk}/close/").status_code == 409
    )


def drawn(town: Town, number: int = 8) -> Inspection:
    for n in range(1, number + 1):
        filed(town, n)
    return supervising.draw(
        bank=BANK, month=clocks.today(), by=town.actor("service_officer", REGISTRY), at=clocks.now()
    )


def test_a_month_s_sample_is_drawn_once_and_can_be_drawn_again_by_its_seed(town: Town) -> None:
    """R13.7: reproducible random sample, seed stored."""
    made = drawn(town)
    assert (made.population, made.drawn.count()) == (8, 3)
    assert queries.drawn_again(made)
    filed(town, 9)
    assert queries.drawn_again(made)
    with pytest.raises(Refused) as no:
        supervising.draw(bank=BANK, month=clocks.today(), by=town.actor("service_officer", REGISTRY), at=clocks.now())
    assert no.value.code == "drawn_already"
    with pytest.raises(IntegrityError), transaction.atomic():
        Inspection.objects.update(seed="0" * 64)
    page = town.client("bank_archivist").get(f"/mortgages/inspections/{made.pk}/").content.decode()
    assert made.seed in page
    assert town.client("bank_archivist", OTHER_BANK).get(f"/mortgages/inspections/{made.pk}/").status_code == 404


def test_nothing_kept_nothing_drawn(town: Town) -> None:
    answer = town.client("service_officer", REGISTRY).post("/mortgages/inspections/draw/", {"bank": "abc"})
    assert answer.status_code == 409
    assert town.client("bank_archivist").post("/mortgages/inspections/draw/", {"bank": BANK}).status_code == 403


def test_every_planted_mismatch_is_found_and_opens_a_finding(town: Town) -> None:
    """R13.7, B13.8: pages, a scan that differs, a bundle that is not there."""
    made = drawn(town)
    officer, keeper = town.client("service_officer", REGISTRY), town.client("bank_archivist")
    first, second, third = made.drawn.order_by("pk")
    where = f"/mortgages/inspections/{made.pk}/enter/"
    assert keeper.post(where, {"drawn": first.pk, "there": "yes", "pages": "5"}).status_code == 403
    assert officer.post(where, {"drawn": first.pk, "there": "yes", "pages": "4"}).status_code == 302
    planted = {
        "drawn": second.pk,
        "there": "yes",
        "pages": "5",
        "n": "1",
        "file": SimpleUploadedFile("1.pdf", pdf(2, text="other")),
    }
    assert officer.post(where, planted).status_code == 302
    assert officer.post(where, {"drawn": third.pk, "there": "no"}).status_code == 302
    assert list(made.drawn.order_by("pk").values_list("result", flat=True)) == [
        Result.PAGES,
        Result.SCAN,
        Result.MISSING,
    ]
    assert sorted(Finding.objects.values_list("cause", flat=True)) == ["missing", "pages", "scan"]
    assert officer.post(where, {"drawn": first.pk, "there": "yes", "pages": "5"}).status_code == 409
    assert list(queries.verify()) == []


def test_a_scan_that_is_the_same_is_as_listed(town: Town) -> None:
    made = drawn(town, 1)
    one = made.drawn.get()
    result = supervising.inspect(
        inspected_id=one.pk, there=True, pages=5, scans={1: hashlib.sha256(pdf(2, text="1")).hexdigest()}, words="",
        by=town.actor("service_officer", REGISTRY), at=clocks.now(),
    )  # fmt: skip
    assert result is Result.MATCH
    assert Finding.objects.count() == 0
    one.refresh_from_db()
    with pytest.raises(IntegrityError), transaction.atomic():
        one.save()


def test_the_bank_explains_and_another_closes(town: Town) -> None:
    made = filed(town)
    custody.lose(bundle_id=made.pk, words="未找到", by=town.actor("bank_archivist"), at=clocks.now())
    found: UUID = Finding.objects.get().pk
    where = f"{WHERE}{made.pk}/findings/{found}/"
    assert town.client("bank_archivist").post(f"{where}explain/", {"words": "已启动补建"}).status_code == 302
    assert town.client("service_officer", REGISTRY).post(f"{where}close/").status_code == 302
    assert town.client("bank_archivist").post(f"{where}explain/", {"words": "再说明"}).status_code == 409
