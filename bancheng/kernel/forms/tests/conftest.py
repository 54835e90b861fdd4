import pytest

from bancheng.kernel.forms import testing
from bancheng.kernel.forms.facts import Subject
from bancheng.kernel.forms.tests.samples import ELEMENTS, SPEC
from bancheng.kernel.identity import public as identity
from bancheng.kernel.identity import testing as people
from bancheng.lib import identifiers


@pytest.fixture
def made(db):
    """The one form of the tests, loaded."""
    return testing.loaded(SPEC, elements=ELEMENTS)


@pytest.fixture
def boss(db):
    return people.citizen("赵建军", serial=3, mobile="13812345678")


@pytest.fixture
def firm(db, boss):
    """An organisation whose legal representative is `boss`."""
    return organisation(boss)


def organisation(boss):
    firm = identity.register_organisation(
        region=people.REGION, name="许昌老街面馆", uscc=identifiers.make_uscc("411002", 5), by="test", at=people.AT
    )
    identity.link_agent(
        principal=firm, agent=boss.person, document="office", first=people.AT.date(), legal_representative=True,
        by="test", at=people.AT,
    )  # fmt: skip
    return firm


@pytest.fixture
def subject(firm, boss):
    return Subject(f"organisation:{firm.pk}", bytes(firm.uscc_hash), f"person:{boss.person_id}")


@pytest.fixture
def hashes(subject):
    return [subject.holder_hash]
