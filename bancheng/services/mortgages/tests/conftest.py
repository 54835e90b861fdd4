"""The reference city with the people of banks and registry."""

import pytest

from bancheng.services.mortgages.tests import desks
from bancheng.services.mortgages.tests.towns import Town


@pytest.fixture
def town(loaded_city: None) -> Town:
    return Town()


@pytest.fixture
def desk(town: Town) -> desks.Desk:
    return desks.desk_of(town)
