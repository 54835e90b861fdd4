import pytest

from bancheng.kernel.cases import testing


@pytest.fixture
def flows(db: None) -> None:
    testing.flows_loaded()
