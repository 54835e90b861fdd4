"""The bench's own arithmetic: ratios, goals and the order of rounds."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from bancheng.site import bench
from bancheng.site.bench import Figure, _client, compare
from bancheng.site.verbs import bench as verb


@pytest.mark.parametrize(
    ("unit", "ours", "limit", "goal", "reached"),
    [
        ("1/s", 15, 1000, 0.015, True),
        ("1/s", 14, 1000, 0.015, False),
        ("s", 3, 1, 3, True),
        ("s", 3.1, 1, 3, False),
        ("s", 99, 1, None, True),
    ],
)
def test_a_rate_must_reach_its_goal_and_a_cost_stay_below(
    unit: str, ours: float, limit: float, goal: float | None, reached: bool
) -> None:
    figure = Figure("x", ours, limit, goal, unit)
    assert figure.reached is reached
    assert ("SHORT" in bench.table([figure])) is not reached


def test_rounds_are_interleaved_with_the_order_swapped_and_medians_taken() -> None:
    order: list[str] = []
    mine, theirs = iter([1.0, 50.0, 3.0]), iter([10.0, 20.0, 30.0])

    def ours() -> float:
        order.append("ours")
        return next(mine)

    def limit() -> float:
        order.append("limit")
        return next(theirs)

    assert compare(ours, limit, rounds=3) == (3.0, 20.0)
    assert order == ["ours", "limit", "limit", "ours", "ours", "limit"]


def test_a_measure_without_a_figure_is_timed() -> None:
    assert 0 <= bench.measured(lambda: None) < 1


def test_every_bench_there_is_can_be_imported_and_run() -> None:
    assert "http" in bench.names()
    assert not [name for name in bench.names() if name.startswith("_")]


class Answer(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/good" else 503)
        self.send_header("Content-Length", "3000")
        self.end_headers()
        self.wfile.write(b"x" * 3000)

    def log_message(self, *_: object) -> None:
        pass


@pytest.mark.parametrize(("path", "bad"), [("/good", False), ("/bad", True)])
def test_the_load_generator_counts_good_and_bad_answers(
    path: str, bad: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}).start()
        _client.main(f"http://127.0.0.1:{server.server_port}{path}", 0.2, 2, "")
        server.shutdown()
    told = json.loads(capsys.readouterr().out)
    assert bool(told["bad"]) is bad
    assert bool(told["rate"]) is not bad


def test_the_record_keeps_the_sections_that_were_not_measured_anew(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(verb, "RECORD", tmp_path / "benchmarks.md")
    verb.record({"jobs": [Figure("promised", 10.0, 20.0, 0.2, "/s")], "clocks": [Figure("due", 1.0, 2.0, None, "/s")]})
    verb.record({"jobs": [Figure("promised", 15.0, 20.0, 0.2, "/s")]})
    text = verb.RECORD.read_text(encoding="utf-8")
    assert [line for line in text.splitlines() if line.startswith("## ")] == ["## clocks", "## jobs"]
    assert "| due" in text
    assert "0.75" in text
    assert " 10 " not in text
