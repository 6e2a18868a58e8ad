"""Every page of the admin opens for the people it is for, without a fault in the browser."""

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.support.expected_conditions import staleness_of
from selenium.webdriver.support.wait import WebDriverWait

from governance.access.roles import ROLES
from tests.hub_process import Hub

PASSWORD = "Wangge-2026-e"
PATIENCE = 20
STAFF = [role.name for role in ROLES.values() if role.console]
ACCOUNTS = """
from tests import factories
for role in {roles!r}:
    factories.user(role, role)
"""
STATUS = "return performance.getEntriesByType('navigation')[0].responseStatus"


@pytest.fixture(scope="module", autouse=True)
def accounts(hub: Hub) -> None:
    hub.manage("shell", "-c", ACCOUNTS.format(roles=STAFF))


def log_in(browser: Chrome, hub: Hub, username: str, password: str) -> None:
    browser.get(f"{hub.base}/admin/")
    browser.find_element(By.NAME, "username").send_keys(username)
    browser.find_element(By.NAME, "password").send_keys(password)
    form = browser.find_element(By.CSS_SELECTOR, "form")
    form.submit()
    WebDriverWait(browser, PATIENCE).until(staleness_of(form))


def pages(browser: Chrome, hub: Hub) -> set[str]:
    """List the admin's pages that the open page links to."""
    links = {link.get_attribute("href") or "" for link in browser.find_elements(By.TAG_NAME, "a")}
    inside = {link.partition("#")[0] for link in links if link.startswith(f"{hub.base}/admin/")}
    return {link for link in inside if "logout" not in link}


def faults(browser: Chrome) -> list[str]:
    return [entry["message"] for entry in browser.get_log("browser") if entry["level"] == "SEVERE"]


def test_a_wrong_password_is_refused_in_chinese(browser, hub):
    log_in(browser, hub, STAFF[0], "not-the-password")
    assert browser.find_elements(By.NAME, "password")
    assert "密码" in browser.find_element(By.TAG_NAME, "body").text
    assert browser.find_element(By.TAG_NAME, "html").get_attribute("lang") == "zh-hans"


@pytest.mark.parametrize("role", STAFF)
def test_every_page_of_a_role_opens(browser, hub, role):
    log_in(browser, hub, role, PASSWORD)
    assert not browser.find_elements(By.NAME, "password"), "not logged in"
    waiting = pages(browser, hub)
    assert waiting
    for page in sorted(waiting):
        browser.get(page)
        assert browser.execute_script(STATUS) == 200, page
        assert browser.find_element(By.TAG_NAME, "h1").is_displayed(), page
    assert faults(browser) == []
