"""Browser tests: the hub in a process of its own, its pages in Debian's Chromium."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.webdriver import Chrome, ChromeOptions, ChromeService

from tests.hub_process import Hub, running_hub

PICTURES = Path(__file__).resolve().parents[2] / "var" / "screenshots"
OPTIONS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--use-angle=swiftshader",  # maps are drawn with WebGL, here without a graphics card
    "--enable-unsafe-swiftshader",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--lang=zh-CN",
    "--window-size=1440,900",
)
OUTCOME = pytest.StashKey[bool]()


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """Give a served hub with its standing data and nobody in it; the tests of a module share it."""
    with running_hub(tmp_path_factory.mktemp("hub")) as running:
        yield running


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    """Start Chromium once, with a profile that goes away."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    driver = shutil.which("chromedriver")
    assert program, "chromium is needed: .ci/system-libraries browser"
    assert driver, "chromium-driver is needed: .ci/system-libraries browser"
    options = ChromeOptions()
    options.binary_location = program
    for option in (*OPTIONS, f"--user-data-dir={tmp_path_factory.mktemp('profile')}"):
        options.add_argument(option)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    started = Chrome(options=options, service=ChromeService(driver))
    try:
        yield started
    finally:
        started.quit()


@pytest.fixture
def browser(chromium: Chrome, request: pytest.FixtureRequest) -> Iterator[Chrome]:
    """Give the browser without anyone logged in; a failure leaves a screenshot in var/screenshots."""
    chromium.get("about:blank")
    chromium.execute_cdp_cmd("Network.clearBrowserCookies", {})
    chromium.get_log("browser")
    yield chromium
    if request.node.stash.get(OUTCOME, False):
        PICTURES.mkdir(parents=True, exist_ok=True)
        chromium.save_screenshot(str(PICTURES / f"{re.sub(r'[^A-Za-z0-9]+', '-', request.node.name)}.png"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Keep whether the test's own part failed, for the fixture that photographs it."""
    report = yield
    if report.when == "call":
        item.stash[OUTCOME] = report.failed
    return report
