import argparse
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bancheng.kernel.claims import public as claims
from bancheng.kernel.claims.testing import registered
from bancheng.site.verbs import prove

pytestmark = pytest.mark.django_db
CITY = Path(__file__).parents[3] / "packs" / "xuchang" / "claims"
AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


def run(*words, **queries):
    parser = argparse.ArgumentParser()
    prove.add(parser)
    with registered(**queries):
        return prove.run(parser.parse_args(words))


@pytest.fixture
def city():
    claims.load(CITY, region="411000", by="test", at=AT)


@pytest.mark.usefixtures("city")
def test_proving_ends_well_when_nothing_differs(capsys):
    assert run(A10_2=lambda: claims.Value(37)) == 0
    assert "matches 1" in capsys.readouterr().out


@pytest.mark.usefixtures("city")
def test_proving_ends_with_one_when_a_figure_differs(capsys):
    assert run(A10_2=lambda: claims.Value(36)) == 1
    assert "differs 1" in capsys.readouterr().out


@pytest.mark.usefixtures("city")
def test_the_document_has_every_claim_of_the_service(capsys):
    assert run("--json", "--service", "s10", A10_2=lambda: claims.Value(36)) == 1
    document = json.loads(capsys.readouterr().out)
    [found] = [row for row in document["claims"] if row["id"] == "A10.2"]
    assert (found["result"], found["said"], found["computed"]) == ("differs", "37", "36")
    assert {row["service"] for row in document["claims"]} == {"S10"}
    assert document["ok"] is False


def test_proving_an_empty_city_says_so(capsys):
    assert run() == 2
    assert "bancheng load" in capsys.readouterr().err
