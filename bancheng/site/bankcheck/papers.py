"""Papers: proofs and letters as sealed files, the archive the bank keeps and what the registry asks to look at (land register §13.3, §13.5).

What there is of the bank's own is read and compared; what is sent is such that nothing is filed and no request is answered.
"""

import hashlib
import secrets
from typing import Any
from urllib.parse import quote

import httpx

from bancheng.site.bankcheck.kit import NOBODY, Failed, Kit, check, expect, head

SCAN = b"%PDF-1.4 bancheng bank check"
MOST = 10  # applications whose papers are read
DIGEST = hashlib.sha256(SCAN).hexdigest()


def own(kit: Kit) -> list[dict[str, Any]]:
    """Return the bank's applications that moved last, whole; a house that is new has none."""
    if kit.own is None:
        cursor, found = 0, list[dict[str, Any]]()
        while page := expect(kit.ask("GET", f"applications?after={cursor}&limit=500"), 200)["items"]:
            found, cursor = [*found, *page][-MOST:], page[-1]["cursor"]
        kit.own = [expect(kit.ask("GET", f"applications/{one['id']}"), 200) for one in found]
    return kit.own


def sealed(kit: Kit, path: str, digest: str) -> None:
    """Raise Failed unless the file is a PDF of that digest, twice the same bytes, its digest in the ETag."""
    first, second = kit.ask("GET", path), kit.ask("GET", path)
    expect(first, 200)
    holds = {
        "pdf": first.content.startswith(b"%PDF"),
        "digest": hashlib.sha256(first.content).hexdigest() == digest,
        "etag": first.headers.get("ETag") == f'"{digest}"',
        "bytes": first.content == second.content,
    }
    if wrong := [name for name, good in holds.items() if not good]:
        raise Failed(f"{path}: {', '.join(wrong)}")


def fields(answer: httpx.Response, *names: str) -> None:
    """Raise Failed unless the request is refused as one that cannot be read, each of these fields named."""
    told = expect(answer, 422, "invalid")["fields"]
    if missing := [name for name in names if not any(name in one["at"] for one in told)]:
        raise Failed(f"not named: {', '.join(missing)}")


# --- proofs and letters


@check("没有的证明照实说", "A proof that is not there is said not to be")
def no_proof(kit: Kit) -> None:
    expect(kit.ask("GET", "certificates/none"), 404)


@check("证明文件：摘要相符，再取字节相同", "A proof's file has the digest it is said to have, twice the same bytes")
def proofs(kit: Kit) -> None:
    made = [each["number"] for one in own(kit) for each in one["certificates"] if each["digest"]]
    for number in made[-3:]:
        answer = kit.ask("GET", f"certificates/{quote(number)}")
        if answer.status_code != 404:  # a claim that went to another bank took its proof with it
            sealed(kit, f"certificates/{quote(number)}/file", expect(answer, 200)["digest"])


@check("登记机构文书：摘要相符，再取字节相同", "A letter of the registry has its digest, twice the same bytes")
def letters(kit: Kit) -> None:
    made = [(one["id"], each) for one in own(kit) for each in one["letters"] if each["digest"]]
    for application, each in made[-3:]:
        if each["kind"] not in ("not_accepted", "correction_required", "refused") or not each["number"]:
            raise Failed(f"{each}"[:100])
        sealed(kit, f"applications/{application}/letters/{each['id']}", each["digest"])


@check("没有的、别家的文书视为不存在", "A letter that is not the bank's does not exist")
def no_letter(kit: Kit) -> None:
    for application in [NOBODY, *(one["id"] for one in own(kit)[-1:])]:
        expect(kit.ask("GET", f"applications/{application}/letters/{NOBODY}"), 404)
    expect(kit.ask("GET", f"applications/{NOBODY}/letters/none"), (404, 422))


# --- the archive


def bundles(kit: Kit) -> list[dict[str, Any]]:
    """Return the bundles of the bank's last recorded applications."""
    answers = [kit.ask("GET", f"archives/{one['id']}") for one in own(kit)[-5:] if one["recorded_at"]]
    return [
        expect(one, 200) for one in answers if one.status_code != 404
    ]  # one that was just recorded is still to be opened


def catalogue(**over: Any) -> dict[str, Any]:
    """Return a catalogue that is well formed, of nothing that there is."""
    document = {"material": "loan_contract", "pages": 1, "sha256": "0" * 64}
    return {"application": NOBODY, "documents": [document], "box": "1", "shelf": "1", "keeper": "nobody", **over}


@check(
    "应归档的逐件列明：页数、摘要、期限、保管情况",
    "A bundle lists each document with pages and digest, its day and who keeps it",
)
def listed_papers(kit: Kit) -> None:
    for one in bundles(kit):
        pages = [each["pages"] for each in one["documents"]]
        whole = pages and sum(pages) == one["pages"] and all(len(each["sha256"]) == 64 for each in one["documents"])
        if not whole or not one["due_on"] or bool(one["keeper"]) != bool(one["chain"]):
            raise Failed(one["number"])


@check("没有的、别家的档案视为不存在", "An archive that is not the bank's does not exist")
def no_bundle(kit: Kit) -> None:
    expect(kit.ask("GET", f"archives/{NOBODY}"), 404)
    expect(kit.ask("POST", "archives", catalogue()), 404)


@check(
    "目录缺项、页数或摘要不成样子的不收",
    "A catalogue that lacks something, or whose pages or digests are none, is refused",
)
def bad_catalogue(kit: Kit) -> None:
    fields(kit.ask("POST", "archives", {}), "application", "documents", "box", "shelf", "keeper")
    fields(kit.ask("POST", "archives", catalogue(documents=[])), "documents")
    for wrong, at in (
        ({"pages": 0}, "pages"),
        ({"pages": 1.5}, "pages"),
        ({"sha256": "xyz"}, "sha256"),
        ({"sm3": "0" * 63}, "sm3"),
    ):
        document = catalogue()["documents"][0] | wrong
        fields(kit.ask("POST", "archives", catalogue(documents=[document])), at)
    fields(kit.ask("POST", "archives", catalogue(box="\0")), "box")


@check("目录与申报不符的逐处说明，不归档", "Where a catalogue differs it is told place by place, and nothing is filed")
def differing(kit: Kit) -> None:
    for one in bundles(kit)[-1:]:
        names = ("material", "pages", "sha256")
        listed = [{name: each[name] for name in names} for each in one["documents"]]
        false = [listed[0] | {"sha256": secrets.token_hex(32), "pages": listed[0]["pages"] + 1}, *listed[1:]]
        sent = catalogue(application=one["application"], documents=false)
        told = expect(kit.ask("POST", "archives", sent), 422, "catalogue_differs")["fields"]
        if not told:
            raise Failed("no place is named")
        expect(kit.ask("POST", "archives", sent | {"documents": listed}), 422, "no_keeper")
        now = expect(kit.ask("GET", f"archives/{one['application']}"), 200)
        if now != one:
            raise Failed("the bundle is not as it was")


@check("调阅请求可按游标接着读，可只看未答复的", "Look-ups are read on by a cursor, or only those without an answer")
def look_ups(kit: Kit) -> None:
    page = expect(kit.ask("GET", "archive-requests?limit=5"), 200)
    if page["items"] and page["next"] != page["items"][-1]["id"]:
        raise Failed("the cursor is another")
    if page["next"]:
        expect(kit.ask("GET", f"archive-requests?after={page['next']}&limit=1"), 200)
    for one in expect(kit.ask("GET", "archive-requests?waiting=true&limit=500"), 200)["items"]:
        if one["answered_at"] or not (one["purpose"] and one["due_on"]):
            raise Failed(one["id"])
    for wrong in ("limit=0", "limit=501", "after=none"):
        expect(kit.ask("GET", f"archive-requests?{wrong}"), 422)


@check("没有的、别家的调阅视为不存在", "A look-up that is not the bank's does not exist")
def no_look_up(kit: Kit) -> None:
    expect(kit.ask("POST", f"archive-requests?id={NOBODY}&sha256={DIGEST}", SCAN), 404)


@check("调阅请求编号或摘要不成样子的不收", "An answer without a request or a digest is refused")
def bad_answer(kit: Kit) -> None:
    for wrong in (f"sha256={DIGEST}", f"id={NOBODY}", f"id={NOBODY}&sha256=xyz", f"id=none&sha256={DIGEST}"):
        expect(kit.ask("POST", f"archive-requests?{wrong}", SCAN), 422)


@check("扫描件与所报摘要不符的不收", "A scan that is not what its digest says is not kept")
def another_scan(kit: Kit) -> None:
    for one in expect(kit.ask("GET", "archive-requests?waiting=true&limit=1"), 200)["items"]:
        expect(kit.ask("POST", f"archive-requests?id={one['id']}&sha256={'0' * 64}", SCAN), 422, "digest_differs")
        again = expect(kit.ask("GET", "archive-requests?waiting=true&limit=1"), 200)["items"]
        if again != [one]:
            raise Failed("it counts as answered")


@check("扫描件不用表单格式", "A scan is the body itself, no form")
def no_form(kit: Kit) -> None:
    form = head(Content_Type="multipart/form-data; boundary=x")
    sent = kit.ask("POST", f"archive-requests?id={NOBODY}&sha256={DIGEST}", SCAN, change=form)
    expect(sent, (404, 415))
