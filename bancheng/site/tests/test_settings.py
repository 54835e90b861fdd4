"""The readers of settings fail loudly, and say how a value is written."""

import pytest

from bancheng.site import settings

NAME = "BANCHENG_TRIED"


@pytest.mark.parametrize("where", ["", "127.0.0.1:3310", "[::1]:3310", "/run/clamav/clamd.ctl"])
def test_a_scanner_is_a_host_and_port_or_a_socket_or_none(monkeypatch, where):
    monkeypatch.setenv(NAME, where)
    assert settings.scanner(NAME) == where


@pytest.mark.parametrize("where", ["localhost", ":3310", "localhost:", "localhost:clamd"])
def test_anything_else_is_no_scanner(monkeypatch, where):
    monkeypatch.setenv(NAME, where)
    with pytest.raises(RuntimeError, match="HOST:PORT"):
        settings.scanner(NAME)


@pytest.mark.parametrize(("written", "says"), [("0", "1 or more"), ("-3", "1 or more"), ("many", "whole number")])
def test_a_number_below_its_least_is_refused(monkeypatch, written, says):
    monkeypatch.setenv(NAME, written)
    with pytest.raises(RuntimeError, match=says):
        settings.number(NAME, 20, least=1)


def test_a_number_is_its_default_when_nothing_is_said(monkeypatch):
    assert settings.number(NAME, 20, least=1) == 20


PAY = {"mchid": "MCHID", "private_key": "PRIVATE_KEY"}


def test_a_payment_channel_is_set_up_whole_or_not_at_all(monkeypatch, tmp_path):
    """A key comes from a file as well; half a channel is refused and names what is missing."""
    monkeypatch.setattr(settings, "DEMO", False)
    assert settings.pay_channel(NAME, PAY, {}) is None
    monkeypatch.setenv(f"{NAME}_MCHID", "1900000109")
    with pytest.raises(RuntimeError, match=f"^{NAME}_PRIVATE_KEY is not set"):
        settings.pay_channel(NAME, PAY, {})
    (tmp_path / "key.pem").write_text("-----BEGIN PRIVATE KEY-----\n")
    monkeypatch.setenv(f"{NAME}_PRIVATE_KEY_FILE", str(tmp_path / "key.pem"))
    whole = {"mchid": "1900000109", "private_key": "-----BEGIN PRIVATE KEY-----"}
    assert settings.pay_channel(NAME, PAY, {"mchid": "demo"}) == whole


def test_only_a_demonstration_pays_at_the_simulator(monkeypatch):
    monkeypatch.setattr(settings, "DEMO", True)
    assert settings.pay_channel(NAME, PAY, {"mchid": "demo"}) == {"mchid": "demo"}
    monkeypatch.setattr(settings, "DEMO", False)
    assert settings.pay_channel(NAME, PAY, {"mchid": "demo"}) is None
