"""What stays is not walked by the collector, which goes on with everything else."""

import gc

import pytest

from bancheng.lib import staying


@pytest.fixture(autouse=True)
def nothing_stays():
    yield
    gc.unfreeze()


def test_what_a_block_loads_is_left_out_and_the_collector_runs_again():
    with staying.loading():
        assert not gc.isenabled()
        loaded = {"what": ["stays"]}
    assert gc.isenabled()
    assert not any(one is loaded for one in gc.get_objects())
    after = ["something new"]
    assert any(one is after for one in gc.get_objects())


def test_it_runs_again_after_a_block_that_failed():
    with pytest.raises(ImportError), staying.loading():
        raise ImportError
    assert gc.isenabled()


def test_garbage_does_not_stay():
    class Knot:
        gone = False

        def __del__(self):
            Knot.gone = True

    knot = Knot()
    knot.itself = knot
    del knot
    staying.spare()
    assert Knot.gone
