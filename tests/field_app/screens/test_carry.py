"""没有网络: the outbox goes out as a file and the receipt comes back, by hand."""

from pathlib import Path

import pytest

from tests.field_app.screens import hand


@pytest.fixture
def saved(stage, street, tmp_path_factory, monkeypatch):
    """One change, the network gone, and a folder to exchange files in."""
    folder = tmp_path_factory.mktemp("stick")
    monkeypatch.setenv("FIELD_APP_EXCHANGE", str(folder))
    stage.hub.online = False
    form = stage.session.desk.collect.form("person", id=street.ids["王小明"])
    form.put("phone", "10003000000")
    stage.session.desk.collect.save(form)
    stage.go("同步", "sync")
    hand.tap("没有网络？")
    hand.until(lambda: hand.says("导出数据包"), "sheet")
    return folder


def test_exported_is_still_unsent_until_the_receipt_is_read(saved: Path, stage):
    hand.tap("导出数据包")
    hand.until(lambda: hand.says("已导出1条，待回执"), "exported")
    (bundle,) = saved.iterdir()
    assert bundle.suffix == ".bundle"
    assert hand.says("已导出、待回执的有1项，还没有到平台")
    assert stage.tablet.shell.unsent == 1

    hand.tap("代交数据包")
    hand.until(lambda: hand.says("没有拿到回执；数据包还在原处"), "no network")
    stage.hub.online = True
    hand.tap("代交数据包")
    hand.until(lambda: hand.says("已交到平台"), "handed in")
    assert stage.tablet.shell.unsent == 1

    hand.tap("读入回执")
    hand.until(lambda: hand.says("1条得到平台答复"), "receipt")
    assert stage.tablet.shell.unsent == 0
    assert not hand.says("还没有到平台")


def test_an_empty_folder_is_said(saved: Path):
    hand.tap("读入回执")
    hand.until(lambda: hand.says("这个目录里没有回执"), "said")
