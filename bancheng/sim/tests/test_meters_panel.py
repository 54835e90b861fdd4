"""The meters' fault panel, its page in the simulators' process and the sockets in another: what is shown, done, refused."""

import asyncio
import json
import random
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from bancheng.lib import dlt645
from bancheng.lib.socketwire import Command, Event, EventKind, Op, Result
from bancheng.sim.meters import control, line, panel
from bancheng.sim.meters.faults import AT_GATEWAY, AT_SOCKET
from bancheng.sim.meters.field import Field
from bancheng.sim.meters.firmware import Socket
from bancheng.sim.meters.gateway import ms
from bancheng.sim.meters.passersby import Crowd

UNITS = """gateway,site,sockets,amps,first_meter
gw-1,XC01,2,16,202611070001
gw-2,XC01,1,32,202611070003
"""
SITES = "code,name,name_en\nXC01,夜市,Night market\n"


@pytest.fixture
def field(tmp_path: Path) -> Field:
    (tmp_path / "units.csv").write_text(UNITS, encoding="utf-8")
    (tmp_path / "sites.csv").write_text(SITES, encoding="utf-8")
    return Field(tmp_path / "units.csv", tmp_path / "meters")


@pytest.fixture
def kept(field: Field, tmp_path: Path) -> Iterator[Path]:
    """Where the running meters say how they are reached."""
    server = control.serve(field, Crowd("http://site", field, pace=7), tmp_path / "meters.port")
    yield tmp_path / "meters.port"
    server.shutdown()
    server.server_close()


def ask(kept: Path, method: str, path: str, **how: Any) -> httpx.Response:
    async def once() -> httpx.Response:
        transport = httpx.ASGITransport(Starlette(routes=panel.routes(kept)))
        async with httpx.AsyncClient(transport=transport, base_url="http://sim") as client:
            return await client.request(method, path, **how)

    return asyncio.run(once())


def test_it_shows_every_gateway_and_socket_in_both_languages(kept: Path) -> None:
    """F1.19: relay, register, load, what is wrong; no script, no style of its own."""
    everything = ask(kept, "GET", "/meters/")
    assert everything.status_code == 200
    assert all(word in everything.text for word in ("夜市", "正在重连", 'value="7"', "来往的人"))
    one = ask(kept, "GET", "/meters/gw-1/?lang=en")
    assert all(word in one.text for word in ("XC01-01", "XC01-02", "202611070001", "Cause residual current", "kWh"))
    assert "style=" not in one.text
    numbered = ask(kept, "GET", "/meters/gw-2/")
    assert "XC01-03" in numbered.text
    assert ask(kept, "GET", "/meters/gw-9/").status_code == 404


def test_a_form_does_one_thing_and_leads_back_to_the_socket(kept: Path, field: Field) -> None:
    done = ask(kept, "POST", "/meters/gw-1/", data={"socket": "2", "do": "plug", "value": "1234"})
    assert (done.status_code, done.headers["location"]) == (303, "/meters/gw-1/?#s2")
    assert field.gateways["gw-1"].sockets["2"].world.load_w == 1234
    wrong = ask(kept, "POST", "/meters/gw-1/?lang=en", data={"socket": "2", "do": "plug", "value": "much"})
    assert "wrong=1" in wrong.headers["location"]
    assert "Nothing was changed" in ask(kept, "GET", "/meters/gw-1/?lang=en&wrong=1").text
    assert field.gateways["gw-1"].sockets["2"].world.load_w == 1234
    ask(kept, "POST", "/meters/gw-1/", data={"socket": "1", "do": "weld"})
    assert "触点已粘连" in ask(kept, "GET", "/meters/gw-1/").text
    foreign = ask(kept, "POST", "/meters/gw-1/", data={"do": "cut"}, headers={"Sec-Fetch-Site": "cross-site"})
    assert foreign.status_code == 403
    assert field.gateways["gw-1"].powered


def test_the_pace_of_people_is_set_there(kept: Path) -> None:
    ask(kept, "POST", "/meters/", data={"pace": "0"})
    assert ask(kept, "GET", "/meters.json").json()["people"]["pace"] == 0
    for wrong in ("-1", "many", "4000"):
        assert "wrong=1" in ask(kept, "POST", "/meters/", data={"pace": wrong}).headers["location"]
    assert ask(kept, "GET", "/meters.json").json()["people"]["pace"] == 0


@pytest.mark.parametrize("deed", sorted(AT_SOCKET))
def test_everything_can_be_done_to_a_socket_and_it_lives_on(deed: str, kept: Path, field: Field) -> None:
    values = {"plug": "100", "register": "5", "misread": "5"}
    told = ask(
        kept, "POST", "/meters.json", json={"gateway": "gw-1", "socket": "1", "do": deed, "value": values.get(deed, "")}
    )
    assert told.status_code == 200, told.text
    for _ in range(20):
        field.step(500)
    assert ask(kept, "GET", "/meters/gw-1/").status_code == 200


@pytest.mark.parametrize("deed", sorted(AT_GATEWAY))
def test_everything_can_be_done_to_a_gateway_and_it_lives_on(deed: str, kept: Path, field: Field) -> None:
    told = ask(kept, "POST", "/meters.json", json={"gateway": "gw-1", "do": deed, "value": "30"})
    assert told.status_code == 200, told.text
    field.step(500)
    assert ask(kept, "GET", "/meters/gw-1/").status_code == 200


def test_who_has_no_token_is_refused_and_nonsense_is_too(kept: Path) -> None:
    port = json.loads(kept.read_text())["port"]
    for sent in (b'{"token":"x","gateway":"gw-1","do":"cut"}\n', b"[]\n", b"\xff\n", b"\n"):
        with socket.create_connection(("127.0.0.1", port), 5) as one:
            one.sendall(sent)
            assert json.loads(one.makefile().readline()) == {"code": "refused"}
    for asked in ({"gateway": "gw-9", "do": "cut"}, {"do": "cut"}, {"gateway": "gw-1", "do": "rob"}):
        assert ask(kept, "POST", "/meters.json", json=asked).status_code == 422


def test_meters_that_do_not_run_are_told_so(tmp_path: Path) -> None:
    answer = ask(tmp_path / "nothing", "GET", "/meters/")
    assert answer.status_code == 503
    assert "bancheng meters" in answer.text
    assert ask(tmp_path / "nothing", "GET", "/meters.json").status_code == 503


def test_a_broken_answer_is_no_frame_and_a_silent_meter_gives_none(field: Field) -> None:
    """X9: what a line garbles is never a number."""
    asked = dlt645.read("202611070001", "energy")
    (frame,) = dlt645.Reader().feed(line.answer_of(field, asked))
    assert dlt645.value_of(frame, "energy") == field.gateways["gw-1"].sockets["1"].register_10wh
    field.gateways["gw-1"].troubles.garble_645 = True
    assert dlt645.Reader().feed(line.answer_of(field, asked)) == []
    field.gateways["gw-1"].troubles.garble_645 = False
    field.gateways["gw-1"].sockets["1"].silence_meter(True, 0)
    assert line.answer_of(field, asked) == b""


def test_flash_survives_a_restart_with_the_session_its_limits_and_the_new_meter(field: Field, tmp_path: Path) -> None:
    """X8: power gone without a word."""
    held = field.gateways["gw-1"].sockets["1"]
    held.limits["ov_trip_dv"] = 2500
    held.fit_meter("202611079999", 0)
    held.closed, held.grant.session, held.grant.quota_wh = True, "s1", 500
    held.grant.longest_ms, held.up_ms = 60_000, 10_000
    field.save()
    again = Field(tmp_path / "units.csv", tmp_path / "meters").gateways["gw-1"].sockets["1"]
    assert (again.boot, again.meter, again.closed, again.grant.session) == (2, "202611079999", True, "s1")
    assert (again.grant.longest_ms, again.limits["ov_trip_dv"]) == (50_000, 2500)
    assert (1, 1) in again.said


class Wire:
    """A connection that is killed with whoever speaks on it: what it has said, and what flash held at that moment."""

    def __init__(self, field: Field, folder: Path) -> None:
        self.held: list[Socket] = []
        self._tables = folder / "units.csv", folder / "meters"

    def publish(self, topic: str, *_: object, **__: object) -> None:
        copied = self._tables[1].with_name(f"copy{len(self.held)}")
        shutil.copytree(self._tables[1], copied)  # another boot writes into it
        self.held.append(Field(self._tables[0], copied).gateways["gw-1"].sockets["1"])


def test_what_is_said_stands_in_flash_before(field: Field, tmp_path: Path) -> None:
    """X5: killed right behind a message, it knows on its next boot what it has said, for whom it is on, and which commands it has obeyed."""
    gateway = field.gateways["gw-1"]
    gateway.client = wire = Wire(field, tmp_path)  # type: ignore[assignment]  # what is said goes nowhere
    gateway._commanded(command(Op.START))
    kept = wire.held[0]
    assert (kept.closed, kept.grant.session, kept.answered) == (True, "s1", {"c1": Result.DONE})
    assert {one.kind for one in kept.said.values() if isinstance(one, Event)} >= {EventKind.CLOSED}
    before = kept.grant.start_mws
    kept.energy_mws += 10 * 36_000_000
    assert kept.obey(command(Op.START), ms())[-1].result is Result.DONE
    assert (kept.grant.start_mws, kept.used_wh) == (before, 100)  # said again, it is not granted again


def command(op: Op) -> Command:
    return Command("gw-1", "1", "c1", op, ms() + 9_000, "s1", 500, 600, ms() + 600_000)


def test_a_city_of_before_is_read_once_more(field: Field, tmp_path: Path) -> None:
    field.gateways["gw-1"].sockets["1"].plug(777)
    field.save()
    (tmp_path / "meters" / "gw-1.json").rename(tmp_path / "old.json")
    again = Field(tmp_path / "units.csv", tmp_path / "old").gateways["gw-1"].sockets["1"]
    assert (again.boot, again.world.load_w) == (2, 777)


def test_who_lost_the_broker_comes_back_at_random_moments(field: Field) -> None:
    """X14: not a whole market in one second."""
    random.seed(7)
    back = []
    for gateway in field.gateways.values():
        gateway.connect("mqtt://127.0.0.1:1", "x")
        gateway.power(False)
        for _ in range(20):
            gateway.come_back()
            assert gateway._back_at is None  # no power, no coming back
        gateway.power(True)
        for _ in range(50):
            gateway.come_back()
            assert gateway._back_at is not None
            back.append(gateway._back_at)
    assert max(back) - min(back) > 40
