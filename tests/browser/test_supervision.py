"""A leader's look at the work: figures, workload, whose visit is due, a question about a visit settled."""

import json

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By

from tests.browser.test_admin import PASSWORD, faults, log_in
from tests.browser.test_admin_work import follow, text
from tests.hub_process import Hub

LEADER = "street_leader"
SCENE = f"""
import json
from dataclasses import replace
from governance.access.actor import HUB
from governance.access.services.areas import area_grant
from governance.tasks.plans.services import grid_follow
from gridmap.models import Division
from tests import factories
grid = "420502003001001"
factories.grid(grid, 5)
worker = factories.tablet(factories.worker("street_worker", grid), "street")
home = factories.home(worker, lon=factories.WEST + 0.055)
person = factories.person(worker, home["household"], name="王小明")
care = factories.change("care_left_behind", person=person, category="01", care_level="1")
visit = factories.change(
    "visit", household=home["household"], purpose="02", found="1", visited_at="2026-01-05T02:00:00Z"
)
away = {{"lon": factories.WEST + 0.095, "lat": factories.SOUTH + 0.005, "crs": "4490", "accuracy": 20}}
results = factories.apply(worker, care, replace(visit, position=away))
assert {{result.status for result in results}} == {{"created"}}, results
grid_follow(grid)
leader = factories.user("{LEADER}", "grid_leader")
area_grant(actor=HUB, holder=leader, area=Division.objects.get(code="420502003"))
print(json.dumps({{"person": person}}))
"""


@pytest.fixture(scope="module")
def scene(hub: Hub) -> dict[str, str]:
    """Someone in a register, a visit far from its door, and the leader of their street."""
    told: dict[str, str] = json.loads(hub.manage("shell", "-v0", "-c", SCENE).strip().splitlines()[-1])
    return told


def test_a_leader_sees_the_work_and_settles_a_question(
    browser: Chrome, hub: Hub, scene: dict[str, str]
) -> None:
    log_in(browser, hub, LEADER, PASSWORD)
    browser.get(f"{hub.base}/admin/visit-plans/?register=care_left_behind&due=all")
    browser.find_element(By.CSS_SELECTOR, "[name=purpose][value=督导检查]").click()
    follow(browser, browser.find_element(By.CSS_SELECTOR, ".purpose .button.primary"))
    assert "王*" in text(browser)
    assert "王小明" not in browser.page_source
    browser.get(f"{hub.base}/admin/supervision/")
    follow(browser, browser.find_element(By.LINK_TEXT, "工作量"))
    assert "street_worker" in text(browser)
    follow(browser, browser.find_element(By.LINK_TEXT, "走访疑问"))
    follow(browser, browser.find_element(By.LINK_TEXT, "记录位置离门口较远"))
    assert "不是结论" in text(browser)
    browser.find_element(By.NAME, "review").send_keys("在楼下定位")
    follow(browser, browser.find_element(By.NAME, "_save"))
    browser.get(f"{hub.base}/admin/supervision/?tab=ask")
    assert "没有待了解的疑问" in text(browser)
    browser.get(f"{hub.base}/admin/tasks/escalation/")
    assert faults(browser) == []
