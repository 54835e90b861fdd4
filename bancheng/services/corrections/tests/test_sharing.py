"""A department's system shares what its unit answers for, and nothing else."""

import json
from typing import Any

import pytest

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.exchange import testing as exchange
from bancheng.kernel.forms import public as forms
from bancheng.kernel.identity import public as identity
from bancheng.lib.identifiers import make_uscc

REGION = "411000"
FIRM = make_uscc("411002", 21)
NOBODY = "organisation:01977420-dc00-7000-8000-000000000000"  # it is not registered here, and shared of all the same


@pytest.fixture
def labour(loaded_city: None) -> Any:
    return exchange.client(exchange.partner(("handle", "corrections", "labour")))


def fact(**over: Any) -> dict[str, Any]:
    whole = {
        "kind": "organisation",
        "identifier": FIRM,
        "what": "insured_people",
        "value": ["6"],
        "as_of": "2026-01-01",
    }
    return whole | over


def sent(client: Any, *facts: dict[str, Any], unit: str = "labour") -> Any:
    path = f"/api/v1/corrections/units/{unit}/facts"
    return client.post(path, json.dumps({"facts": list(facts)}), content_type="application/json")


def known() -> dict[str, forms.Offered]:
    form = forms.form(REGION, ["social-insurance-change", "registration-change"])
    holder = identity.find_hash(FIRM, kind="uscc")
    return forms.prefill(form, region=REGION, subject=forms.Subject(NOBODY, holder), at=clocks.now())


def test_what_a_department_shares_stands_in_the_next_form_with_its_name(labour: Any) -> None:
    """R2.3, R2.4"""
    assert sent(labour, fact()).json() == {"changed": 1}
    assert sent(labour, fact()).json() == {"changed": 0}
    offered = known()["insured_people"]
    assert offered.value == 6
    assert offered.source.zh == "许昌市人力资源和社会保障局共享"
    assert str(offered.as_of) == "2026-01-01"
    assert sent(labour, fact(value=[], as_of="2026-02-01")).json() == {"changed": 1}
    assert "insured_people" not in known()


@pytest.mark.parametrize(
    ("wrong", "at"),
    [
        ({"what": "favourite_colour"}, "what"),
        ({"identifier": "91411002MA00000000"}, "identifier"),
        ({"kind": "person"}, "identifier"),
        ({"value": ["很多"]}, "value"),
        ({"as_of": "2999-01-01"}, "as_of"),
    ],
)
def test_a_batch_with_something_wrong_is_told_where_and_nothing_of_it_is_kept(
    labour: Any, wrong: dict[str, Any], at: str
) -> None:
    answer = sent(labour, fact(), fact(**wrong))
    assert answer.status_code == 422
    said = answer.json()
    assert said["code"] == "facts_unfit"
    assert [field["at"] for field in said["fields"]] == [["facts", "1", at]]
    assert FIRM not in answer.content.decode()
    assert known() == {} or "insured_people" not in known()


def test_another_unit_s_facts_do_not_exist_for_it(labour: Any) -> None:
    answer = sent(labour, fact(what="settled", value=["yes"]), unit="tax")
    assert answer.status_code == 404
    assert answer.json()["code"] == "no_such_unit"
