"""What stays is not walked by the collector, which goes on with everything else. Each is tried in a process of its own: what stays, stays."""

import subprocess
import sys


def tried(script: str) -> None:
    subprocess.run(
        [sys.executable, "-c", f"import gc\nfrom bancheng.lib import staying\n{script}"], check=True, timeout=30
    )


def test_what_a_block_loads_is_left_out_and_the_collector_runs_again():
    tried("""
with staying.loading():
    assert not gc.isenabled()
    loaded = {"what": ["stays"]}
assert gc.isenabled()
assert not any(one is loaded for one in gc.get_objects())
after = ["something new"]
assert any(one is after for one in gc.get_objects())
""")


def test_it_runs_again_after_a_block_that_failed():
    tried("""
try:
    with staying.loading():
        raise ImportError
except ImportError:
    assert gc.isenabled()
""")


def test_garbage_does_not_stay():
    tried("""
class Knot:
    gone = False
    def __del__(self):
        Knot.gone = True

knot = Knot()
knot.itself = knot
del knot
staying.spare()
assert Knot.gone
""")
