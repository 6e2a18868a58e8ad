"""By hand in the browser: a department asks, the community's gatekeeper lets it in, an alarm is placed."""

from datetime import timedelta

import pytest
from django.utils import timezone
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.support.expected_conditions import staleness_of
from selenium.webdriver.support.wait import WebDriverWait

from tests.browser.test_admin import PASSWORD, PATIENCE, faults, log_in
from tests.hub_process import Hub

TOWN = """
from datetime import timedelta
from django.utils import timezone
from guardian.shortcuts import assign_perm
from governance.access.actor import HUB
from governance.access.models import Department
from governance.tasks.alarms.reading import report_read
from governance.tasks.alarms.keys import actor_for_source
from governance.tasks.alarms.services import alarm_take
from gridmap.models import Division
from tests import factories
from tests.publish.conftest import agree
from tests.tasks.alarms.conftest import NUMBER, source
factories.grid("420502001009001", shift=7)
hub = factories.hub_in("420502001009001")
home = factories.home(hub, lon=factories.WEST + 0.075)["household"]
factories.person(hub, home, citizen_number=NUMBER)
civil = Department.objects.get(pk="civil")
agree(department=civil, fields=("name", "phone", "birth_date"), area="420502001009")
factories.user("civil_desk", "department", department=civil)
keeper = factories.user("gatekeeper", "community_staff")
assign_perm("gridmap.serve_area", keeper, Division.objects.get(code="420502001009"))
button = source("lamp", area="420502001009")
report = report_read({"id": "L1", "device": "none", "text": "三楼老人摔倒"})
alarm_take(actor=actor_for_source(button, ""), source=button, report=report, day=timezone.localdate())
print(NUMBER)
"""


@pytest.fixture(scope="module")
def number(hub: Hub) -> str:
    """A community of its own with a person, a department, a gatekeeper; gives the person's number."""
    return hub.manage("shell", "-v", "0", "-c", TOWN).split()[-1]


def fill(browser: Chrome, **values: str) -> None:
    for name, value in values.items():
        script = "const f = document.getElementsByName(arguments[0])[0]; f.value = arguments[1]"
        browser.execute_script(script, name, value)


def choose(browser: Chrome, name: str, *values: str) -> None:
    script = """for (const o of document.getElementsByName(arguments[0])[0].options)
        if (arguments[1].includes(o.value)) o.selected = true"""
    browser.execute_script(script, name, list(values))


def save(browser: Chrome) -> str:
    button = browser.find_element(By.NAME, "_save")
    browser.execute_script("arguments[0].click()", button)
    WebDriverWait(browser, PATIENCE).until(staleness_of(button))
    return browser.find_element(By.TAG_NAME, "body").text


def text(browser: Chrome) -> str:
    return browser.find_element(By.TAG_NAME, "body").text


def test_asked_let_in_and_placed(browser: Chrome, hub: Hub, number: str) -> None:
    log_in(browser, hub, "civil_desk", PASSWORD)
    browser.get(f"{hub.base}/admin/tasks/workitem/add/")
    today = timezone.localdate()
    due = (today + timedelta(days=20)).isoformat()
    fill(
        browser, ref="一号", title="核对联系电话", text="请核对", purpose="津贴发放",
        legal_basis="老年人权益法",
        opens_on=today.isoformat(), due_on=due, rows_text=f"甲,{number}\n乙,1",
    )  # fmt: skip
    choose(browser, "asks", "person.phone", "photo")
    browser.execute_script("document.getElementsByName('hand_in')[0].checked = true")
    shown = save(browser)
    assert "待派1行" in shown
    assert "内容有误1行" in shown
    assert faults(browser) == []

    browser.execute_cdp_cmd("Network.clearBrowserCookies", {})
    log_in(browser, hub, "gatekeeper", PASSWORD)
    assert "待准入的部门事项" in text(browser)
    browser.get(f"{hub.base}/admin/tasks/admission/")
    browser.find_element(By.PARTIAL_LINK_TEXT, "核对联系电话").click()
    shown = text(browser)
    assert "本社区对象1个" in shown
    assert "人员：联系方式、拍照" in shown
    browser.execute_script("document.querySelector('input[name=answer][value=merge]').checked = true")
    save(browser)
    browser.get(f"{hub.base}/admin/tasks/admission/?state=approved")
    assert "已准入，并入走访" in text(browser)

    browser.get(f"{hub.base}/admin/tasks/alarm/?waiting=yes")
    browser.find_element(By.CSS_SELECTOR, "a[href*='/tasks/alarm/'][href*='/change/']").click()
    assert "三楼老人摔倒" in text(browser)
    browser.execute_script("document.querySelector('input[name=answer][value=grid]').checked = true")
    fill(browser, grid_code="420502001009001")
    save(browser)
    browser.get(f"{hub.base}/admin/tasks/task/?q=")
    assert "居家呼叫器告警" in text(browser)
    assert faults(browser) == []
