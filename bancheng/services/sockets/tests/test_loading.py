"""The section of the pack: what it brings, that a second time changes nothing, and that slips are told with file and line."""

import shutil
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django.conf import settings

from bancheng.pack.loader import load_city
from bancheng.pack.reader import Faulty
from bancheng.services.sockets import loading
from bancheng.services.sockets.models import Meter, Plan, Price, Site, Socket, Unit
from bancheng.services.sockets.rules.places import Scenario

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 28, 1, 0, tzinfo=UTC)


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """Return the reference pack, its section of shared power open to slips of the pen."""
    whole = tmp_path / "city"
    shutil.copytree(settings.PACK, whole)
    return whole


def bring(pack: Path) -> object:
    others = {f"services/{path.name}": None for path in (pack / "services").iterdir()}
    return load_city(pack, by="staff:test", at=AT, sections={**others, "services/sockets": loading.load})


def slip(pack: Path, file: str, old: str, new: str) -> None:
    path = pack / "services" / "sockets" / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_the_reference_pack_brings_46_sites_of_all_scenarios_and_368_sockets(pack: Path) -> None:
    """F1.14: every scenario; F1.4: one public-user account a site."""
    bring(pack)
    assert Site.objects.count() == 46
    assert set(Site.objects.values_list("scenario", flat=True)) == {str(one) for one in Scenario}
    assert Site.objects.values("public_account").distinct().count() == 46
    assert (Unit.objects.filter(protocol="mqtt").count(), Socket.objects.filter(unit__protocol="mqtt").count()) == (
        46,
        368,
    )
    assert Socket.objects.filter(unit__protocol="ocpp16").count() == 4  # two charge points
    assert Meter.objects.filter(socket__isnull=False).values("address").distinct().count() == 372
    assert set(Unit.objects.values_list("form", flat=True)) == {"box", "pedestal", "socket", "mobile"}  # F1.2
    assert not Plan.objects.filter(confirmed=True).exists()


def test_loading_twice_changes_nothing(pack: Path) -> None:
    bring(pack)
    before = (list(Site.objects.values()), list(Socket.objects.values()), list(Price.objects.values()))
    report = bring(pack)
    assert all(found.nothing for kind, found in report.changes.items() if kind.startswith("sockets."))  # type: ignore[attr-defined]
    assert (list(Site.objects.values()), list(Socket.objects.values()), list(Price.objects.values())) == before


def test_a_site_that_is_no_longer_listed_is_retired_and_stays(pack: Path) -> None:
    bring(pack)
    path = pack / "services" / "sockets" / "sites.csv"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(line for line in lines if not line.startswith("XC46,")), encoding="utf-8")
    units = pack / "services" / "sockets" / "units.csv"
    kept = [line for line in units.read_text(encoding="utf-8").splitlines(keepends=True) if ",XC46," not in line]
    units.write_text("".join(kept), encoding="utf-8")
    bring(pack)
    gone = Site.objects.get(code="XC46")
    assert (gone.state, gone.retired_on) == ("retired", date(2026, 11, 28))
    assert Socket.objects.filter(unit__site=gone).count() == 8


@pytest.mark.parametrize(
    ("file", "old", "new", "line", "word"),
    [
        ("sites.csv", "113.81733", "13.81733", 2, "坐标"),
        ("sites.csv", ",street,", ",disco,", 2, "scenario"),
        ("sites.csv", "XC02,", "XC01,", 3, "写了两次"),
        ("sites.csv", "GGYH41100002", "GGYH41100001", 3, "公共用户"),
        ("units.csv", "202611070009", "202611070008", 3, "共用"),
        ("units.csv", ",8,16,A", ",8,15,A", 2, "额定电流"),
        ("units.csv", "XC02,GX", "XC99,GX", 3, "没有站点"),
        ("tariffs.toml", 'to = "07:00"', 'to = "7:61"', 0, "16:00"),
        ("tariffs.toml", 'yuan = "1.05"', 'yuan = "1.0500001"', 0, "六位小数"),
        ("tariffs.toml", 'band = "flat"', 'band = "valley"\nodd = 1', 0, "不认识的键"),
    ],
)
def test_a_slip_of_the_pen_is_told_with_its_line_and_nothing_is_written(
    pack: Path, file: str, old: str, new: str, line: int, word: str
) -> None:
    slip(pack, file, old, new)
    with pytest.raises(Faulty) as told:
        bring(pack)
    found = [one for one in told.value.problems if one.file == f"services/sockets/{file}" and word in one.zh]
    assert found, told.value.problems
    assert not line or found[0].line == line
    assert not Site.objects.exists()


def test_prices_that_were_loaded_are_not_changed_by_a_pack(pack: Path) -> None:
    """R1.1: a version is pinned to what was sold under it."""
    bring(pack)
    slip(pack, "tariffs.toml", 'yuan = "1.05"', 'yuan = "1.15"')
    with pytest.raises(Faulty) as told:
        bring(pack)
    assert "换起始日期" in told.value.problems[0].zh


def test_a_price_list_with_a_hole_is_refused(pack: Path) -> None:
    """B1.10: where there is no price nothing can be sold, so the pack is told before anybody scans."""
    slip(pack, "tariffs.toml", 'from = "00:00"\nto = "24:00"', 'from = "00:00"\nto = "15:00"')
    with pytest.raises(Faulty) as told:
        bring(pack)
    assert any("没有电价" in one.zh for one in told.value.problems)
