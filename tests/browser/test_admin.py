"""Every page of the admin opens for the people it is for, without a fault in the browser."""

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.expected_conditions import staleness_of, visibility_of_element_located
from selenium.webdriver.support.wait import WebDriverWait

from governance.access.roles import ROLES
from tests.hub_process import Hub

PASSWORD = "Wangge-2026-e"
PATIENCE = 20
STAFF = [role.name for role in ROLES.values() if role.console]
ACCOUNTS = """
from tests import factories
factories.user("newcomer", "volunteer", must_change_password=True)
for role in [*{roles!r}, "volunteer"]:
    factories.user(role, role)
"""
LATER = "performance.now = () => 31 * 60 * 1000"
WATCHED = """
window.went = [];
addEventListener("submit", (event) => {
    if (!event.defaultPrevented) went.push(event.submitter.name);
    event.preventDefault();
});
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


def test_a_press_of_another_button_goes_on_its_way_and_a_second_one_of_the_same_does_not(browser, hub):
    log_in(browser, hub, "security_admin", PASSWORD)
    browser.get(f"{hub.base}/admin/access/user/add/")
    browser.execute_script(WATCHED)
    for name in ("_addanother", "_addanother", "_continue"):
        browser.execute_script("arguments[0].click()", browser.find_element(By.NAME, name))
    assert browser.execute_script("return went") == ["_addanother", "_continue"]


def typed_late(browser: Chrome, hub: Hub) -> WebElement:
    """Type into a form that was opened half an hour ago; gives the input."""
    log_in(browser, hub, "grid_leader", PASSWORD)
    browser.get(f"{hub.base}/admin/purpose/")
    browser.find_element(By.CSS_SELECTOR, "[name=purpose][value=其他]").click()
    browser.execute_script(LATER)
    typed = browser.find_element(By.NAME, "other")
    typed.send_keys("核对独居老人")
    return typed


def dialog_behind(browser: Chrome, typed: WebElement) -> WebElement:
    """Send the form; gives the dialog that is shown in place of an answer."""
    typed.submit()
    return WebDriverWait(browser, PATIENCE).until(
        visibility_of_element_located((By.CSS_SELECTOR, "dialog[open]"))
    )


def test_what_was_typed_outlives_the_session(browser, hub):
    typed = typed_late(browser, hub)
    browser.delete_all_cookies()
    dialog = dialog_behind(browser, typed)
    assert "登录已超时" in dialog.text
    page = browser.current_window_handle
    dialog.find_element(By.LINK_TEXT, "登录").click()
    (sign_in,) = set(browser.window_handles) - {page}
    browser.switch_to.window(sign_in)
    log_in(browser, hub, "grid_leader", PASSWORD)
    browser.close()
    browser.switch_to.window(page)
    dialog.find_element(By.TAG_NAME, "button").click()
    typed.submit()
    WebDriverWait(browser, PATIENCE).until(staleness_of(typed))
    browser.get(f"{hub.base}/admin/purpose/")
    assert browser.find_element(By.NAME, "other").get_attribute("value") == "核对独居老人"


def test_what_was_typed_outlives_a_hub_that_is_away(browser, hub):
    typed = typed_late(browser, hub)
    speed = {"latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
    browser.execute_cdp_cmd("Network.enable", {})
    browser.execute_cdp_cmd("Network.emulateNetworkConditions", {"offline": True, **speed})
    try:
        assert "没有连上平台" in dialog_behind(browser, typed).text
    finally:
        browser.execute_cdp_cmd("Network.emulateNetworkConditions", {"offline": False, **speed})
    assert typed.get_attribute("value") == "核对独居老人"


@pytest.mark.parametrize("username", ["volunteer", "newcomer"])
def test_what_a_volunteer_typed_outlives_the_session(browser, hub, username):
    browser.get(f"{hub.base}/help/login/?next=/help/password/")
    browser.find_element(By.NAME, "username").send_keys(username)
    browser.find_element(By.NAME, "password").send_keys(PASSWORD)
    browser.find_element(By.NAME, "password").submit()
    typed = WebDriverWait(browser, PATIENCE).until(visibility_of_element_located((By.NAME, "new_password1")))
    browser.execute_script(LATER)
    typed.send_keys("Mine-2026-e")
    browser.find_element(By.NAME, "old_password").send_keys(PASSWORD)
    browser.find_element(By.NAME, "new_password2").send_keys("Mine-2026-e")
    known = browser.get_cookie("sessionid")
    browser.delete_cookie("sessionid")
    dialog = dialog_behind(browser, typed)
    assert "登录已超时" in dialog.text
    assert (
        dialog.find_element(By.LINK_TEXT, "登录").get_attribute("href").startswith(f"{hub.base}/help/login/")
    )
    dialog.find_element(By.TAG_NAME, "button").click()
    browser.add_cookie(known)
    typed.submit()
    WebDriverWait(browser, PATIENCE).until(staleness_of(typed))
    assert browser.current_url == f"{hub.base}/help/"
