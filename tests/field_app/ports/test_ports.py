"""The desktop's ports."""

import logging
from pathlib import Path

import pytest

from field_app.ports import desktop_ports, device_ports
from field_app.ports.gps import Fix


def test_a_stated_position(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gps = desktop_ports(tmp_path).gps
    for text, fix in (
        ("111.28,30.69,12", Fix(111.28, 30.69, 12.0)),
        ("111.28,30.69", Fix(111.28, 30.69, None)),
        ("111.28", None),
        ("here", None),
    ):
        monkeypatch.setenv("FIELD_APP_FIX", text)
        assert gps.fix() == fix
    monkeypatch.delenv("FIELD_APP_FIX")
    assert gps.fix() is None


def test_the_secret_may_lie_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIELD_APP_SECRET_DIR", str(tmp_path / "safe"))
    first = device_ports(tmp_path / "data").secret
    assert first.make("a") == first.make("a") == device_ports(tmp_path / "other").secret.read("a")
    assert (tmp_path / "safe" / "a.secret").exists()


def test_no_camera_and_a_logged_notice(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    ports = desktop_ports(tmp_path)
    assert ports.camera.take(tmp_path / "photo.jpg") is None
    with caplog.at_level(logging.INFO):
        ports.notification.show("社区e通", "有新任务")
    assert "有新任务" in caplog.text
