"""Giving tasks out in the console: made for a door, given to a stand-in, seen by whoever has the post."""

import json

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.expected_conditions import visibility_of_element_located
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
    for name, words in (("title", "燃气安全检查"), ("reason", "入冬前检查"), ("door", "没有这里")):
        browser.find_element(By.NAME, name).send_keys(words)
    press(browser, "[name=photo]")
    press(browser, "[name=fields_asked][value=head_phone]")
    follow(browser, browser.find_element(By.CSS_SELECTOR, ".record-foot .button.primary"))
    assert "没有找到这一户" in text(browser)
    door = browser.find_element(By.NAME, "door")
    door.clear()
    door.send_keys("1号楼")
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
    Select(browser.find_element(By.NAME, "assignee")).select_by_value(f"user:{STAND_IN}")
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
    search = browser.find_element(By.CSS_SELECTOR, "[data-reference=grid] [type=search]")
    search.send_keys("第001网格")
    offered = (By.CSS_SELECTOR, "[data-reference=grid] li:not(.none)")
    WebDriverWait(browser, PATIENCE).until(visibility_of_element_located(offered))
    search.send_keys(Keys.ENTER)
    assert browser.find_element(By.NAME, "grid").get_attribute("value") == f"{COMMUNITY}001"
    follow(browser, browser.find_element(By.CSS_SELECTOR, ".record-foot .button.primary"))
    assert "已派发" in text(browser)
    assert "巡查河堤" in text(browser)
    assert faults(browser) == []
