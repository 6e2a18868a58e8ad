"""Photos over real HTTP: the public tus client, and two tablets' command lines."""

import hashlib
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import requests
from PIL import Image
from tusclient.client import TusClient

from tests.hub_process import ROOT, Hub
from tests.pictures import SECRET, noisy, picture

PIN, PASSWORD = "246810", "Wangge-2026-e"
SETUP = """
from governance.access.models import User
from tests import factories
factories.grid(); factories.worker("worker"); factories.worker("stand_in")
factories.device(User.objects.get(username="stand_in"), "public-client")
"""


@pytest.fixture(scope="module")
def street(hub: Hub) -> Hub:
    """A hub with one grid, two workers on it and the token of one tablet."""
    hub.manage("shell", "-c", SETUP)
    return hub


def tus(hub: Hub) -> TusClient:
    return TusClient(f"{hub.base}/api/v1/files/", headers={"Authorization": "Token public-client"})


def test_the_public_client_uploads_in_pieces_and_resumes(street):
    data = noisy(300_000)
    told = {"filename": "photo.jpg", "sha256": hashlib.sha256(data).hexdigest()}
    options = {"chunk_size": 64 * 1024, "metadata": told}
    first = tus(street).uploader(file_stream=io.BytesIO(data), **options)
    first.upload_chunk()
    first.upload_chunk()
    again = tus(street).uploader(file_stream=io.BytesIO(data), url=first.url, **options)
    assert again.offset == 2 * 64 * 1024
    again.upload()
    assert again.offset == len(data)
    assert tus(street).uploader(file_stream=io.BytesIO(data), url=again.url).offset == len(data)


def test_the_public_client_with_check_sums_and_nothing_told(street):
    data = picture()
    uploader = tus(street).uploader(file_stream=io.BytesIO(data), chunk_size=100, upload_checksum=True)
    uploader.upload()
    headers = {"Authorization": "Token public-client", "Tus-Resumable": "1.0.0"}
    head = requests.head(uploader.url, headers=headers, timeout=10)
    assert (head.headers["Upload-Offset"], head.headers["Upload-Length"]) == (str(len(data)), str(len(data)))
    assert requests.get(uploader.url, headers=headers, timeout=10).status_code == 404, "no record names it"


def command(folder: Path, *arguments: str) -> list[dict]:
    done = subprocess.run(
        [sys.executable, "-m", "field_app", "--data", str(folder), *arguments],
        cwd=ROOT,
        env={**os.environ, "FIELD_APP_PIN": PIN, "FIELD_APP_PASSWORD": PASSWORD},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_a_photo_goes_from_one_tablets_command_line_to_the_hub(street, tmp_path):
    folder, source = tmp_path / "tablet", tmp_path / "photo.jpg"
    source.write_bytes(noisy(700_000, seed=5))
    enrol = ["--hub", street.base, "--username", "worker", "--device", "平板"]
    command(folder, "enrol", *enrol)
    command(folder, "sync", "--quiet")
    values = {"name": "3栋", "address": "示例路3号", "lon": 111.285, "lat": 30.695, "crs": "4490"}
    (saved,) = command(folder, "save", "building", json.dumps(values))
    (added,) = command(folder, "photo", "add", str(source), "--record", saved["id"])
    assert (added["state"], added["percent"]) == ("here", 0)
    (report,) = command(folder, "sync", "--quiet")
    assert report["photos"] == {"sent": 1, "left": 0, "refused": 0, "note": ""}
    (row,) = command(folder, "photo", "list", "--record", saved["id"])
    assert (row["photo"], row["state"], row["state_label"]) == (added["photo"], "hub", "已到平台")
    command(folder, "photo", "get", str(tmp_path / "back.jpg"), "--photo", added["photo"])
    assert (tmp_path / "back.jpg").read_bytes() == source.read_bytes()
    (status,) = command(folder, "status")
    assert status["photos"] == {"waiting": 0, "refused": 0}
    for what in ("", "/thumb"):
        url = f"{street.base}/api/v1/files/{added['photo']}{what}"
        given = requests.get(url, headers={"Authorization": "Token public-client"}, timeout=10)
        assert given.status_code == 200
        with Image.open(io.BytesIO(given.content)) as image:
            image.load()
        assert SECRET.encode() not in given.content
