"""The desk of a station in a browser: a case taken in, a task that a worker handed on, done."""

import json

from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.support.expected_conditions import staleness_of
from selenium.webdriver.support.ui import Select, WebDriverWait

from tests.browser.test_admin import PASSWORD, PATIENCE, faults, log_in
from tests.browser.test_admin_work import follow, text
from tests.hub_process import Hub

SCENE = """
import json
from datetime import date
from governance.access.actor import HUB
from governance.tasks.centres.services import station_post_save, stations_make
from governance.tasks.models import Station, StationPost, Task
from governance.tasks.services import grid_follow
from tests import factories
from tests.console.test_helping import task_of
from tests.tasks.desk import Door, case_of
factories.grid(factories.GRID)
stations_make(actor=HUB, area=factories.COMMUNITY[:9])
door = Door.make()
case = door.handed_in()
task = Task.objects.get(pk=task_of(door))
handed = factories.change("task", task.pk, base=1, outcome="handed_on", outcome_note="请站点电话回访")
factories.apply(door.tablet, handed)
grid_follow(factories.GRID)
clerk = factories.user("desk_clerk", "station_staff")
for kind in ("service", "grid"):
    station = Station.objects.get(division=factories.COMMUNITY, kind=kind)
    station_post_save(actor=HUB, post=StationPost(user=clerk, station=station, starts_on=date(2026, 1, 1)))
print(json.dumps({"number": case_of(case).values["number"], "case": case, "task": str(task.pk)}))
"""
STATES = """
import json
from governance.tasks.models import Case, Task
print(json.dumps([Case.objects.get(pk="%s").state, Task.objects.get(pk="%s").state]))
"""


def scene_made(hub: Hub) -> dict:
    return json.loads(hub.manage("shell", "-v0", "-c", SCENE).strip().splitlines()[-1])


def twice(browser: Chrome, css: str) -> None:
    """Click a button twice, as some people do."""
    page = browser.find_element(By.TAG_NAME, "html")
    button = browser.find_element(By.CSS_SELECTOR, css)
    browser.execute_script("const b = arguments[0]; b.click(); setTimeout(() => b.click(), 30);", button)
    WebDriverWait(browser, PATIENCE).until(staleness_of(page))


def test_a_case_is_taken_in_and_a_task_passed_on_and_done(browser: Chrome, hub: Hub) -> None:
    scene = scene_made(hub)
    log_in(browser, hub, "desk_clerk", PASSWORD)
    browser.get(f"{hub.base}/admin/desk/")
    assert "待站点受理 1" in text(browser)
    follow(browser, browser.find_element(By.LINK_TEXT, scene["number"]))
    assert "王示例" not in text(browser)
    twice(browser, "button[value=accept]")
    assert "已受理" in text(browser)
    assert "不能" not in text(browser)
    browser.get(f"{hub.base}/admin/desk/")
    follow(browser, browser.find_element(By.LINK_TEXT, "任务 1"))
    follow(browser, browser.find_element(By.LINK_TEXT, "给独居老人送餐"))
    assert "请站点电话回访" in text(browser)
    browser.find_element(By.NAME, "note").send_keys("请便民服务站办理")
    station = next(
        o.text for o in Select(browser.find_element(By.NAME, "to")).options if "便民服务站" in o.text
    )
    Select(browser.find_element(By.NAME, "to")).select_by_visible_text(station)
    follow(browser, browser.find_element(By.CSS_SELECTOR, "button[value=pass]"))
    follow(browser, browser.find_element(By.LINK_TEXT, "给独居老人送餐"))
    browser.find_element(By.NAME, "note").send_keys("已送到")
    twice(browser, "button[value=done]")
    assert "没有待办的任务" in text(browser)
    states = hub.manage("shell", "-v0", "-c", STATES % (scene["case"], scene["task"]))
    assert json.loads(states.strip().splitlines()[-1]) == ["station", "done"]
    assert faults(browser) == []
