"""A rule made by hand in the browser: previewed, corrected, put forward, agreed to by a second person."""

import json

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.expected_conditions import staleness_of
from selenium.webdriver.support.select import Select
from selenium.webdriver.support.wait import WebDriverWait

from tests.browser.test_admin import PASSWORD, PATIENCE, faults, log_in
from tests.hub_process import Hub

SCENE = """
import json
from datetime import timedelta
from django.utils import timezone
from governance.access.actor import HUB
from governance.access.services.areas import area_grant
from gridmap.models import Division
from tests import factories
factories.grid(); factories.grid(factories.NEXT, 1)
hub = factories.hub_in(factories.GRID, factories.NEXT)
today = timezone.localdate()
born = today.replace(year=today.year - 82)
alone = factories.home(hub)
factories.person(hub, alone["household"], birth_date=born.isoformat(), name="孤示例")
couple = factories.home(hub, lon=factories.EAST + 0.005)
for name in ("甲示例", "乙示例"):
    factories.person(hub, couple["household"], birth_date=born.isoformat(), name=name)
city = Division.objects.get(code="420500")
for name in ("drafter", "second"):
    area_grant(actor=HUB, holder=factories.user(name, "commander"), area=city)
print(json.dumps({"ready": True}))
"""


@pytest.fixture(scope="module")
def scene(hub: Hub) -> None:
    json.loads(hub.manage("shell", "-v0", "-c", SCENE).strip().splitlines()[-1])


def sign_in(browser: Chrome, hub: Hub, username: str) -> None:
    browser.get("about:blank")
    browser.execute_cdp_cmd("Network.clearBrowserCookies", {})
    log_in(browser, hub, username, PASSWORD)
    browser.get(f"{hub.base}/admin/purpose/")
    browser.find_element(By.CSS_SELECTOR, "[name=purpose][value=数据治理]").click()
    click(browser, browser.find_element(By.CSS_SELECTOR, ".purpose .button.primary"))


def click(browser: Chrome, element: WebElement) -> None:
    """Click what leads to another page."""
    browser.execute_script("arguments[0].scrollIntoView({block: 'center'}); arguments[0].click()", element)
    WebDriverWait(browser, PATIENCE).until(staleness_of(element))


def press(browser: Chrome, selector: str, within: WebElement | None = None) -> None:
    """Click what stays on the page."""
    element = (within or browser).find_element(By.CSS_SELECTOR, selector)
    browser.execute_script("arguments[0].scrollIntoView({block: 'center'}); arguments[0].click()", element)


def fill(browser: Chrome, label: str, text: str, within: WebElement | None = None) -> None:
    """Write into a field and say that it changed."""
    place = (within or browser).find_element(By.CSS_SELECTOR, f'[aria-label="{label}"]')
    browser.execute_script(
        "arguments[0].value = arguments[1]; arguments[0].dispatchEvent(new Event('change', {bubbles: true}))",
        place,
        text,
    )


def choose(within: WebElement, label: str, value: str) -> None:
    Select(within.find_element(By.CSS_SELECTOR, f'[aria-label="{label}"]')).select_by_value(value)


def preview(browser: Chrome) -> WebElement:
    browser.execute_script("document.getElementById('rule-preview').dataset.ready = ''")
    press(browser, "[data-do=preview]")
    shown = browser.find_element(By.ID, "rule-preview")
    WebDriverWait(browser, PATIENCE).until(lambda _: shown.get_attribute("data-ready") == "1")
    return shown


def test_a_rule_is_made_by_hand_and_agreed_to(browser: Chrome, hub: Hub, scene: None) -> None:
    sign_in(browser, hub, "drafter")
    browser.get(f"{hub.base}/admin/rules/rule/add/")
    WebDriverWait(browser, PATIENCE).until(
        lambda _: not browser.find_element(By.ID, "rule-desk").get_attribute("aria-busy")
    )
    for label, text in {
        "规则编号": "alone_check",
        "规则名称": "独居老人登门",
        "任务名称": "独居老人登门",
        "事项": "探访关爱",
        "办理说明": "上门看望。",
    }.items():
        fill(browser, label, text)
    desk = browser.find_element(By.ID, "rule-desk")
    choose(desk, "时点", "standing")
    told = browser.find_element(By.ID, "rule-problems")
    who = browser.find_element(By.CSS_SELECTOR, '[data-place="content.who"] .rule-group')
    press(browser, "[data-add=field]", who)
    fill(browser, "满", "80", who)
    fill(browser, "到期", "7")
    assert "涉及人员 3 个" in preview(browser).text

    press(browser, "[data-add=count]", who)
    line = who.find_element(By.CSS_SELECTOR, ".rule-row:nth-child(2)")
    choose(line, "属于", "household")
    choose(line, "相关记录", "person.household")
    fill(browser, "至多", "1", line)
    shown = preview(browser)
    assert "涉及人员 1 个" in shown.text
    assert "孤**" in shown.text
    assert "须由另一人同意" in shown.text
    WebDriverWait(browser, PATIENCE).until(
        lambda _: browser.find_element(By.ID, "rule-map").get_attribute("data-ready") == "1"
    )

    fill(browser, "未满", "70", who)
    press(browser, "[data-do=put]")
    WebDriverWait(browser, PATIENCE).until(lambda _: told.text)
    assert browser.find_elements(By.CSS_SELECTOR, "#rule-desk .faulty")
    fill(browser, "未满", "", who)
    click(browser, browser.find_element(By.CSS_SELECTOR, "[data-do=put]"))
    page = browser.find_element(By.TAG_NAME, "body").text
    assert "待同意" in page
    assert "满80周岁" in page
    assert not browser.find_elements(By.CSS_SELECTOR, "[name=act][value=agree]")

    sign_in(browser, hub, "second")
    browser.get(f"{hub.base}/admin/rules/rule/alone_check/change/")
    click(browser, browser.find_element(By.CSS_SELECTOR, "[name=act][value=agree]"))
    assert "现行" in browser.find_element(By.CSS_SELECTOR, "[data-version='1']").text
    assert [fault for fault in faults(browser) if "422" not in fault] == []


def test_a_new_version_starts_from_the_one_in_force(browser: Chrome, hub: Hub, scene: None) -> None:
    sign_in(browser, hub, "drafter")
    browser.get(f"{hub.base}/admin/rules/rule/turns_60/edit/")
    WebDriverWait(browser, PATIENCE).until(
        lambda _: not browser.find_element(By.ID, "rule-desk").get_attribute("aria-busy")
    )
    fill(browser, "到期", "45")
    fill(browser, "修改说明", "缩短办理期限")
    shown = preview(browser)
    assert "与现行第1版相比" in shown.text
    click(browser, browser.find_element(By.CSS_SELECTOR, "[data-do=save]"))
    second = browser.find_element(By.CSS_SELECTOR, "[data-version='2']")
    assert "草稿" in second.text
    assert "后45天到期" in second.find_element(By.TAG_NAME, "ins").text
    assert "缩短办理期限" in second.text
    assert faults(browser) == []
