"""The court's page: what is left adds up to the land, an order takes effect when served, and the queue moves by itself."""

from collections.abc import Callable

from django.test import Client

from bancheng.kernel.titles import public as titles
from bancheng.services.landshares.rules import orders

Desk = Callable[..., Client]
REGION, LUMING, XIN, PALACE = "411000", "411002001001GB00011", "411002001002GB00012", "411002001004GB00014"
FIRST, SECOND = "（2025）豫10执118号", "（2025）豫1002执507号"


def serve(client: Client, parcel: str, **said: str) -> object:
    return client.post(
        f"/landshares/court/{parcel}/serve/", {"number": "（2026）豫10执9号", "until": "2029-11-01", **said}
    )


def test_the_quote_divides_the_parcel_and_adds_up(desk: Desk) -> None:
    """F7.10, B7.4"""
    client = desk("court_clerk", "city-court")
    assert client.get("/landshares/court/", {"parcel": titles.spaced(LUMING)}).status_code == 302
    page = client.get(f"/landshares/court/{LUMING}/").content.decode()
    for word in ("可即时查封", "将轮候", "已预售", "15,600.50"):
        assert word in page
    quote = titles.quote_seizure(REGION, LUMING)
    assert sum(group.dm2 for group in orders.groups(quote)) == quote.area_dm2
    assert client.get("/landshares/court/", {"parcel": "411002009009GB09999"}).status_code == 404
    assert client.get("/landshares/court/411002009009GB09999/").status_code == 404


def test_only_a_court_sees_and_serves(desk: Desk) -> None:
    client = desk("registry_acceptor")
    assert client.get("/landshares/court/").status_code == 403
    assert serve(client, XIN).status_code == 403  # type: ignore[attr-defined]


def test_an_order_takes_exactly_what_is_left_and_takes_effect_at_once(desk: Desk) -> None:
    """F7.10, A7.6: the free parcel is taken whole"""
    client = desk("court_clerk", "city-court")
    assert serve(client, XIN).status_code == 302  # type: ignore[attr-defined]
    assert titles.sheet(REGION, XIN).total.seized == 864_000
    assert serve(client, XIN).status_code == 302  # type: ignore[attr-defined]
    assert len(titles.seizures_of(REGION, "city-court")) == 2  # again is the same order
    assert "莲城新座" in client.get("/landshares/court/").content.decode()


def test_what_is_presold_stays_out_unless_the_court_insists(desk: Desk) -> None:
    """B7.4, R7.5"""
    client = desk("court_clerk", "city-court")
    named = f"00010001\n{LUMING}F00020002"
    answer = serve(client, LUMING, lots=named)
    page = answer.content.decode()  # type: ignore[attr-defined]
    assert answer.status_code == 409  # type: ignore[attr-defined]
    assert "审查建议书" in page
    assert "法发〔2004〕5号" in page
    assert serve(client, LUMING, lots=named, insisted="1").status_code == 302  # type: ignore[attr-defined]
    right = titles.right(REGION, "（2026）豫10执9号")
    assert all(one.contested for one in right.lots)


def test_a_wrong_moment_is_told_and_nothing_is_written(desk: Desk) -> None:
    client = desk("court_clerk", "city-court")
    for said in ({"until": "2031-01-01"}, {"until": "soon"}, {"number": "x"}, {"yuan": "1e3"}, {"lots": "411"}):
        assert serve(client, XIN, **said).status_code in (409, 422)  # type: ignore[attr-defined]
    assert titles.sheet(REGION, XIN).total.seized == 0


def test_lifting_lets_the_next_take_effect_and_no_court_touches_another_s(desk: Desk) -> None:
    """R7.5: waiting seizures activate in order"""
    city, weidu = desk("court_clerk", "city-court"), desk("court_clerk", "weidu-court")
    waiting = titles.sheet(REGION, LUMING).total.waiting
    assert waiting > 0
    assert weidu.post("/landshares/orders/lift/", {"number": FIRST, "lots": ""}).status_code == 404
    assert city.post("/landshares/orders/renew/", {"number": FIRST, "until": "2031-01-31"}).status_code == 302
    assert city.post("/landshares/orders/lift/", {"number": FIRST, "lots": "00030001"}).status_code == 302
    assert titles.sheet(REGION, LUMING).total.waiting < waiting
    assert city.post("/landshares/orders/lift/", {"number": FIRST, "lots": ""}).status_code == 302
    assert titles.sheet(REGION, LUMING).total.waiting == 0
    assert all(one.state is titles.State.EFFECTIVE for one in titles.right(REGION, SECOND).lots if one.open)
