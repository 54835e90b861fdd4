"""What the tests of notices share: hooks are given back as they were."""

import pytest

from bancheng.kernel.notices import hooks


@pytest.fixture(autouse=True)
def _own_listeners(monkeypatch):
    for hook in (hooks.still_wanted, hooks.exhausted, hooks.receipt):
        monkeypatch.setattr(hook, "_listeners", [])
