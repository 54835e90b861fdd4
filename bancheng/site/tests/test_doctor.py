"""The doctor says what is, and what to do; and a database that would sort in its own way is refused."""

import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection

from bancheng.kernel.certificates import public as certificates
from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.payments import testing as payments
from bancheng.sim import clamd
from bancheng.site import checks, doctor
from bancheng.site.doctor import State


@pytest.mark.django_db
def test_the_tests_own_database_is_fit() -> None:
    found = checks.database()
    assert found.faults == []
    assert found.number >= checks.OLDEST
    call_command("check", databases=["default"])


def test_a_database_with_another_order_of_words_is_refused_with_the_way_out() -> None:
    strange = checks.Database("15.1", 150001, "SQL_ASCII", "en_US.UTF-8", checksums=True)
    assert len(strange.faults) == 2
    assert "createdb" in strange.faults[0]
    assert checks.Database("14.9", 140009, "UTF8", "C.UTF-8", checksums=True).faults[0].startswith("PostgreSQL 14.9")


@pytest.mark.django_db
def test_migrating_asks_whether_the_database_is_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    strange = checks.Database("15.1", 150001, "UTF8", "zh_CN.UTF-8", checksums=True)
    monkeypatch.setattr(checks, "database", lambda alias: strange)
    messages = checks.database_is_fit(databases=[connection.alias])
    assert [message.id for message in messages] == ["bancheng.E001"]


@pytest.mark.django_db
def test_every_look_gives_a_finding_and_none_dies() -> None:
    found = [*doctor.without_django(), *doctor.with_django()]
    assert {"Python", "Chromium", "数据库 · database"} <= {finding.what for finding in found}
    assert all(finding.says for finding in found)
    assert not [finding for finding in found if "Error" in finding.says], found


@pytest.mark.django_db
def test_store_and_scanner_are_asked_and_their_silence_is_a_fault(settings: Any, tmp_path: Path) -> None:
    settings.DOCUMENTS_FOLDER, settings.CLAMD = tmp_path / "documents", ""
    assert doctor.documents() == doctor.Finding(State.OK, "文件库 · document store", str(tmp_path / "documents"))
    settings.DEMO = False
    assert doctor.scanner().state is State.WARN
    with clamd.running() as peer:
        settings.CLAMD = peer.where
        assert doctor.scanner() == doctor.Finding(State.OK, "病毒检查 · scanner", peer.where)
        peer.hangs_up = True
        assert doctor.scanner().state is State.BAD
    (tmp_path / "file").write_bytes(b"")
    settings.DOCUMENTS_FOLDER = tmp_path / "file" / "below"
    assert doctor.documents().state is State.BAD


def test_a_look_that_fails_is_one_bad_line() -> None:
    def broken() -> doctor.Finding:
        raise ZeroDivisionError("by nought")

    finding = doctor.safely(broken)
    assert finding.state is State.BAD
    assert "by nought" in finding.says


def test_somebody_who_does_not_answer_is_a_fault_outside_the_demo_only() -> None:
    nowhere = "http://127.0.0.1:1/sms"
    assert doctor.reachable("SMS", nowhere, demo=False).state is State.BAD
    assert doctor.reachable("SMS", nowhere, demo=True).state is State.WARN


@pytest.mark.fault
def test_it_prints_a_page_for_programs_too() -> None:
    said = subprocess.run(
        [sys.executable, "-m", "bancheng.site.cli", "doctor", "--json"], capture_output=True, text=True, check=False
    )
    rows = json.loads(said.stdout)
    assert {"state", "what", "says"} == set(rows[0])
    assert (said.returncode == 1) == any(row["state"] == "bad" for row in rows)


def test_the_doctor_names_the_test_authority_and_a_seal_that_ends_soon(
    settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.VAR = tmp_path
    sample = doctor.seals()
    assert (sample.state, "样章" in sample.says) == (State.WARN, True)
    assert doctor.fonts() == doctor.Finding(State.OK, "证照字库 · fonts", "Noto Sans SC, Noto Serif SC")
    (tmp_path / "roots.pem").write_bytes(certificates.roots_pem())
    settings.SEALS = str(tmp_path)
    assert doctor.seals().state is State.BAD  # nobody can seal
    lasts = {"market": clocks.now() + timedelta(days=400), "tobacco": clocks.now() + timedelta(days=20)}
    monkeypatch.setattr(certificates, "seal_lasts", lambda: lasts)
    soon = doctor.seals()
    assert soon.state is State.BAD
    assert "tobacco" in soon.says
    assert "market" not in soon.says


@pytest.mark.django_db
def test_the_doctor_tries_the_keys_of_payment_channels(settings: Any) -> None:
    payments.forget_channels()
    assert (doctor.payments().state, "wechat, alipay" in doctor.payments().says) == (State.OK, True)
    for field, value in {"apiv3_key": "short", "platform_key": "no key", "private_key": "no key"}.items():
        with pytest.MonkeyPatch.context() as patch:
            patch.setitem(settings.WECHAT_PAY, field, value)
            payments.forget_channels()
            found = doctor.payments()
            assert (found.state, found.says.startswith("wechat: ")) == (State.BAD, True)
    payments.forget_channels()
    settings.DEMO, settings.SITE_URL = False, "http://city.example"
    assert "not https" in doctor.payments().says
    settings.WECHAT_PAY = settings.ALIPAY = None
    assert doctor.payments().state is State.WARN
    payments.forget_channels()


def test_a_production_does_not_start_without_seals() -> None:
    keys = dict.fromkeys(doctor.KEYS, "ab" * 32)
    env = {name: value for name, value in os.environ.items() if not name.startswith("BANCHENG_")} | keys
    said = subprocess.run(
        [sys.executable, "-c", "import bancheng.site.settings"],
        env=env | {"BANCHENG_PRODUCTION": "1"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert said.returncode == 1
    assert "BANCHENG_SEALS is not set" in said.stderr
