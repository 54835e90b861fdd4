"""The command line: `bancheng dlt645`."""

import argparse
from collections.abc import Iterator
from pathlib import Path

import pytest

from bancheng.lib import loopback
from bancheng.lib.refusal import Refused
from bancheng.sim.meters import line
from bancheng.sim.meters.field import Field
from bancheng.site import house
from bancheng.site.verbs import dlt645 as verb

UNITS = house.ROOT / "packs" / "xuchang" / "services" / "sockets" / "units.csv"


def run(*words: str) -> int:
    parser = argparse.ArgumentParser()
    verb.add(parser)
    return verb.run(parser.parse_args(words))


@pytest.fixture
def port(tmp_path: Path) -> Iterator[str]:
    """The meters of the reference pack, answering on a port of their own."""
    field = Field(UNITS, tmp_path / "meters")
    field.gateways["gw-0001"].sockets["1"].set_register(123_456)
    free = loopback.spare_port()
    server = line.serve(field, loopback.HOST, free)
    yield str(free)
    server.shutdown()
    server.server_close()


def test_a_frame_is_read_aloud(capsys: pytest.CaptureFixture[str]) -> None:
    """Worked frame 2."""
    assert run("decode", "68 46 00 07 11 24 20 68 91 08 33 33 34 33 89 67 45 33 40 16") == 0
    said = capsys.readouterr().out
    assert "202411070046" in said
    assert "1234.56" in said


@pytest.mark.parametrize("text", ["68", "zz", "68 46 00 07 11 24 20 68 91 08 33 33 34 33 89 67 45 33 41 16"])
def test_what_is_no_frame_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(Refused, match="不是一帧"):
        run("decode", text)


def test_a_meter_is_read_over_tcp(port: str, capsys: pytest.CaptureFixture[str]) -> None:
    """F1.1: the simulated meters of the pack answer as meters do."""
    assert run("read", "--port", port, "--address", "202611070001") == 0
    assert "1234.56" in capsys.readouterr().out
    assert run("read", "--port", port, "--address", "202611070001", "--item", "voltage") == 0
    assert "223.1" in capsys.readouterr().out


def test_no_answer_and_no_are_told(port: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("read", "--port", port, "--address", "202611070001", "--item", "date") == 1
    assert "refused" in capsys.readouterr().err
    assert run("read", "--port", "9", "--address", "202611070001") == 1
    with pytest.raises(Refused):
        run("read", "--port", port, "--address", "12")
