"""A working morning in the console: purpose, search, one value, a change, its history, the map, a grid."""

import json

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.expected_conditions import staleness_of
from selenium.webdriver.support.wait import WebDriverWait

from tests.browser.test_admin import PASSWORD, PATIENCE, faults, log_in
from tests.hub_process import Hub

STAFF = "morning_staff"
NAME, PHONE = "王示例", "10002138000"
SCENE = f"""
import json
from governance.access.actor import HUB
from governance.access.services.areas import area_grant
from gridmap.models import Division
from tests import factories
factories.grid(); factories.grid(factories.NEXT, 1)
actor = factories.hub_in(factories.GRID)
home = factories.home(actor)
person = factories.person(actor, home["household"], phone="{PHONE}")
there = factories.home(factories.hub_in(factories.NEXT), lon=factories.EAST + 0.005)
staff = factories.user("{STAFF}", "community_staff")
area_grant(actor=HUB, holder=staff, area=Division.objects.get(code="420502001"))
print(json.dumps({{"person": person, "home": home, "there": there, "grid": factories.GRID}}))
"""
HOSTS = """
const entries = [...performance.getEntriesByType('resource'), ...performance.getEntriesByType('navigation')];
const fetched = entries.map((entry) => entry.name).filter((name) => name.startsWith('http'));
return [...new Set(fetched.map((name) => new URL(name).host))];
"""


@pytest.fixture(scope="module")
def scene(hub: Hub) -> dict:
    """Give the ids of two homes in two grids of one community, and of a person in the first."""
    return json.loads(hub.manage("shell", "-v0", "-c", SCENE).strip().splitlines()[-1])


@pytest.fixture
def desk(browser: Chrome, hub: Hub, scene: dict) -> Chrome:
    """Give the browser of staff who signed in and chose a purpose."""
    log_in(browser, hub, STAFF, PASSWORD)
    browser.get(f"{hub.base}/admin/records/person/")
    browser.find_element(By.CSS_SELECTOR, "[name=purpose][value=来电咨询]").click()
    follow(browser, browser.find_element(By.CSS_SELECTOR, ".purpose .button.primary"))
    assert "目的：来电咨询" in text(browser)
    return browser


def text(browser: Chrome) -> str:
    return browser.find_element(By.TAG_NAME, "body").text


def until(browser: Chrome, css: str):
    """Wait for something to be shown."""
    return WebDriverWait(browser, PATIENCE).until(
        lambda b: next(
            (found for found in b.find_elements(By.CSS_SELECTOR, css) if found.is_displayed()), None
        )
    )


def press(browser: Chrome, css: str) -> None:
    """Click something after bringing it to the middle of the window."""
    element = browser.find_element(By.CSS_SELECTOR, css)
    browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", element)
    element.click()


def follow(browser: Chrome, element) -> None:
    """Click what leads to another page and wait for it."""
    page = browser.find_element(By.TAG_NAME, "html")
    element.click()
    WebDriverWait(browser, PATIENCE).until(staleness_of(page))


def test_a_search_stands_in_no_address_and_a_value_is_shown_for_a_reason(desk, hub, scene):
    box = desk.find_element(By.CSS_SELECTOR, ".list-bar [name=q]")
    box.send_keys(PHONE)
    follow(desk, desk.find_element(By.CSS_SELECTOR, ".list-bar .button.primary"))
    assert PHONE not in desk.current_url
    assert NAME not in text(desk)
    follow(desk, desk.find_element(By.CSS_SELECTOR, "#result_list tbody a"))
    assert scene["person"] in desk.current_url
    assert PHONE not in desk.page_source
    press(desk, "[data-reveal=phone]")
    until(desk, "#reveal-dialog [type=submit]").click()
    assert "请填写查看原因" in text(desk)
    desk.find_element(By.CSS_SELECTOR, "#reveal-dialog [data-reason]").click()
    desk.find_element(By.CSS_SELECTOR, "#reveal-dialog [type=submit]").click()
    shown = until(desk, "#f-phone")
    assert shown.get_attribute("value") == PHONE
    assert NAME not in desk.title
    assert faults(desk) == []


def test_a_change_is_saved_and_told_in_the_history(desk, hub, scene):
    url = f"{hub.base}/admin/records/person/{scene['person']}/change/"
    desk.get(url)
    press(desk, "#f-residence_kind option[value='2']")
    press(desk, "[data-rewrite=phone]")
    until(desk, "#f-phone").send_keys("12")
    follow(desk, desk.find_element(By.CSS_SELECTOR, "#record-form [type=submit]"))
    assert "没有保存" in text(desk)
    phone = until(desk, "#f-phone")
    phone.clear()
    phone.send_keys("10003139000")
    follow(desk, desk.find_element(By.CSS_SELECTOR, "#record-form [type=submit]"))
    assert "已保存" in text(desk)
    desk.get(f"{url}?tab=history")
    told = text(desk)
    assert "流动人口" in told
    assert "100****9000" in told
    assert "10003139000" not in told
    assert faults(desk) == []


def test_a_household_moves_to_another_room_by_the_picker(desk, hub, scene):
    desk.get(f"{hub.base}/admin/records/household/{scene['home']['household']}/change/")
    box = desk.find_element(By.CSS_SELECTOR, "[data-reference=room] [type=search]")
    assert "101" in box.get_attribute("value")
    box.send_keys(Keys.CONTROL, "a")
    box.send_keys("1号楼")
    choices = WebDriverWait(desk, PATIENCE).until(
        lambda b: b.find_elements(By.CSS_SELECTOR, "[data-reference=room] li:not(.none)")
    )
    assert len(choices) == 2
    choices[1].click()
    follow(desk, desk.find_element(By.CSS_SELECTOR, "#record-form [type=submit]"))
    assert "已保存" in text(desk)
    assert "第002网格" in text(desk)


def test_the_map_and_a_grid_are_drawn_from_this_hub_alone(desk, hub, scene):
    desk.get(f"{hub.base}/admin/map/")
    until(desk, "#map[data-ready]")
    WebDriverWait(desk, PATIENCE).until(lambda b: b.find_elements(By.CSS_SELECTOR, ".map-name"))
    assert until(desk, "[data-levels] select")
    assert "当前显示" in text(desk)
    assert desk.execute_script(HOSTS) == [hub.base.removeprefix("http://")]
    desk.get(f"{hub.base}/admin/gridmap/grid/{scene['grid']}/change/")
    WebDriverWait(desk, PATIENCE).until(
        lambda b: b.find_elements(By.CSS_SELECTOR, "[data-grid-map][data-ready]")
    )
    assert "第001网格" in text(desk)
    assert desk.execute_script(HOSTS) == [hub.base.removeprefix("http://")]
    assert faults(desk) == []


@pytest.mark.parametrize("width", [1440, 1024, 420])
def test_no_page_is_wider_than_its_window(desk, hub, scene, width):
    desk.set_window_size(width, 900)
    pages = ("", "map/", "records/person/", f"records/person/{scene['person']}/change/", "events/event/")
    for page in pages:
        desk.get(f"{hub.base}/admin/{page}")
        wide = desk.execute_script("return document.documentElement.scrollWidth - window.innerWidth")
        assert wide <= 0, (page, wide)
    desk.set_window_size(1440, 900)
