"""Giving tasks out in the console: made for a door, given to a stand-in, seen by whoever has the post."""

import json

import pytest
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import Select, WebDriverWait

from tests.browser.test_admin import PASSWORD, PATIENCE, faults, log_in
from tests.browser.test_admin_work import follow, press, text
from tests.hub_process import Hub

COMMUNITY = "420502091001"
LEADER, STAND_IN = "task_leader", "task_stand_in"
SCENE = f"""
import json
from datetime import date
from governance.access.models import Post
from tests import factories
grid = "{COMMUNITY}001"
factories.grid(grid, shift=5)
home = factories.home(factories.hub_in(grid), lon=factories.WEST + 0.055)
factories.worker("{STAND_IN}", grid)
leader = factories.user("{LEADER}", "grid_leader")
Post.objects.create(worker=leader, grid=grid, kind="stand_in", starts_on=date(2026, 1, 1))
print(json.dumps({{"home": home, "grid": grid}}))
"""
TASK = """
import json
from governance.tasks.models import Task
task = Task.objects.get(grid="%s001")
print(json.dumps({"title": task.title, "assignee": task.assignee, "asks": task.asks, "state": task.state,
                  "household": str(task.household_id)}))
"""


def the_task(hub: Hub) -> dict:
    return json.loads(hub.manage("shell", "-v0", "-c", TASK % COMMUNITY).strip().splitlines()[-1])


def offered(browser: Chrome, name: str, words: str) -> list[WebElement]:
    """Look for something by words, give what is offered."""
    box = browser.find_element(By.CSS_SELECTOR, f"[data-reference={name}]")
    search = box.find_element(By.CSS_SELECTOR, "[type=search]")
    browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", search)
    search.click()
    search.send_keys(words)

    def lines(_: Chrome) -> list[WebElement]:
        found = box.find_elements(By.TAG_NAME, "li")
        return found if found and all(words in line.text for line in found if words) else []

    return WebDriverWait(browser, PATIENCE, ignored_exceptions=[StaleElementReferenceException]).until(lines)


def choose(browser: Chrome, name: str, words: str, line: str) -> None:
    """Click one of what is offered."""
    next(each for each in offered(browser, name, words) if line in each.text).click()


@pytest.fixture(scope="module")
def scene(hub: Hub) -> dict:
    return json.loads(hub.manage("shell", "-v0", "-c", SCENE).strip().splitlines()[-1])


@pytest.fixture
def desk_open(browser: Chrome, hub: Hub, scene: dict) -> None:
    """Sign a grid leader in, who chooses a purpose."""
    log_in(browser, hub, LEADER, PASSWORD)
    browser.get(f"{hub.base}/admin/records/household/")
    browser.find_element(By.CSS_SELECTOR, "[name=purpose][value=走访准备]").click()
    follow(browser, browser.find_element(By.CSS_SELECTOR, ".purpose .button.primary"))


def test_a_task_is_made_by_hand_given_on_and_seen_in_the_list(
    browser: Chrome, hub: Hub, scene: dict, desk_open: None
) -> None:
    browser.get(f"{hub.base}/admin/tasks/task/")
    follow(browser, browser.find_element(By.PARTIAL_LINK_TEXT, "派发任务"))
    for name, words in (("title", "燃气安全检查"), ("reason", "入冬前检查")):
        browser.find_element(By.NAME, name).send_keys(words)
    press(browser, "[name=photo]")
    press(browser, "[name=fields_asked][value=head_phone]")
    follow(browser, browser.find_element(By.CSS_SELECTOR, ".record-foot .button.primary"))
    assert "请选择住户或网格" in text(browser)
    assert "请先选住户或网格" in offered(browser, "assignee", "")[0].text
    choose(browser, "household", "1号楼", "1号楼 101")
    people = [line.text.split("（")[0] for line in offered(browser, "assignee", "task_")]
    assert sorted(people) == [LEADER, STAND_IN]
    browser.find_element(By.CSS_SELECTOR, "[data-reference=assignee] [type=search]").clear()
    follow(browser, browser.find_element(By.CSS_SELECTOR, ".record-foot .button.primary"))
    assert "已派发" in text(browser)
    made = the_task(hub)
    assert made == {
        "title": "燃气安全检查",
        "assignee": None,
        "asks": "household.head_phone photo",
        "state": "open",
        "household": scene["home"]["household"],
    }
    browser.find_element(By.CSS_SELECTOR, "input[name=_selected_action]").click()
    Select(browser.find_element(By.CSS_SELECTOR, "select[name=action]")).select_by_visible_text("改派…")
    follow(browser, browser.find_element(By.CSS_SELECTOR, "button[name=index]"))
    assert "所选任务 1 项" in text(browser)
    choose(browser, "assignee", STAND_IN, "待办0项")
    follow(browser, browser.find_element(By.CSS_SELECTOR, ".record-foot .button.primary"))
    assert "已改派1项任务" in text(browser)
    assert the_task(hub)["assignee"] == f"user:{STAND_IN}"
    assert faults(browser) == []


def test_a_grid_is_looked_for_by_name_where_no_door_is_meant(
    browser: Chrome, hub: Hub, desk_open: None
) -> None:
    browser.get(f"{hub.base}/admin/tasks/task/")
    follow(browser, browser.find_element(By.PARTIAL_LINK_TEXT, "派发任务"))
    browser.find_element(By.NAME, "title").send_keys("巡查河堤")
    browser.find_element(By.NAME, "reason").send_keys("汛期")
    offered(browser, "grid", "第001网格")
    browser.find_element(By.CSS_SELECTOR, "[data-reference=grid] [type=search]").send_keys(Keys.ENTER)
    assert browser.find_element(By.NAME, "grid").get_attribute("value") == f"{COMMUNITY}001"
    follow(browser, browser.find_element(By.CSS_SELECTOR, ".record-foot .button.primary"))
    assert "已派发" in text(browser)
    assert "巡查河堤" in text(browser)
    assert faults(browser) == []
