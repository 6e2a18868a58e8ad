"""A rule made by hand in the browser: previewed, agreed to, its tasks done at door and desk, and counted."""

import json
from pathlib import Path

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.expected_conditions import staleness_of
from selenium.webdriver.support.select import Select
from selenium.webdriver.support.wait import WebDriverWait

from tests.browser.test_admin import PASSWORD, PATIENCE, faults, log_in
from tests.end_to_end.test_photos import command
from tests.factories import COMMUNITY
from tests.hub_process import Hub

TITLE = "独居老人登门"

SCENE = """
import json
from datetime import timedelta
from django.utils import timezone
from governance.access.actor import HUB
from governance.access.services.areas import area_grant
from governance.tasks.centres.services import station_post_save
from governance.tasks.models import Station, StationPost
from gridmap.models import Division
from tests import factories
factories.grid(); factories.grid(factories.NEXT, 1)
hub = factories.hub_in(factories.GRID, factories.NEXT)
today = timezone.localdate()
born = today.replace(year=today.year - 82)
for name, lon in (("孤示例", factories.WEST + 0.002), ("独示例", factories.WEST + 0.005)):
    alone = factories.home(hub, lon=lon)
    factories.person(hub, alone["household"], birth_date=born.isoformat(), name=name)
couple = factories.home(hub, lon=factories.EAST + 0.005)
for name in ("甲示例", "乙示例"):
    factories.person(hub, couple["household"], birth_date=born.isoformat(), name=name)
city = Division.objects.get(code="420500")
for name in ("drafter", "second"):
    area_grant(actor=HUB, holder=factories.user(name, "commander"), area=city)
factories.worker("door_worker")
station = Station.objects.get(pk=f"{factories.COMMUNITY}-grid")
clerk = factories.user("clerk", "station_staff")
station_post_save(actor=HUB, post=StationPost(user=clerk, station=station, starts_on=today))
print(json.dumps({"ready": True}))
"""


@pytest.fixture(scope="module")
def scene(hub: Hub) -> None:
    json.loads(hub.manage("shell", "-v0", "-c", SCENE).strip().splitlines()[-1])


def sign_in(browser: Chrome, hub: Hub, username: str, *, purpose: bool = True) -> None:
    browser.get("about:blank")
    browser.execute_cdp_cmd("Network.clearBrowserCookies", {})
    log_in(browser, hub, username, PASSWORD)
    if not purpose:
        return
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


def write_head(browser: Chrome) -> WebElement:
    """Fill in what a rule is called and asks for; give its conditions."""
    browser.get(browser.current_url.partition("/admin/")[0] + "/admin/rules/rule/add/")
    WebDriverWait(browser, PATIENCE).until(
        lambda _: not browser.find_element(By.ID, "rule-desk").get_attribute("aria-busy")
    )
    for label, text in {
        "规则编号": "alone_check",
        "规则名称": "独居老人登门",
        "任务名称": TITLE,
        "事项": "探访关爱",
        "办理说明": "上门看望。",
    }.items():
        fill(browser, label, text)
    choose(browser.find_element(By.ID, "rule-desk"), "时点", "standing")
    fill(browser, "到期", "7")
    return browser.find_element(By.CSS_SELECTOR, '[data-place="content.who"] .rule-group')


def look_for_area(browser: Chrome, line: WebElement, words: str) -> None:
    """Choose a division by the keyboard alone."""
    search = line.find_element(By.CSS_SELECTOR, '[aria-label="查找区划"]')
    browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", search)
    search.click()
    search.send_keys(words)
    WebDriverWait(browser, PATIENCE).until(
        lambda _: [
            each for each in line.find_elements(By.CSS_SELECTOR, ".reference li") if words in each.text
        ]
    )
    search.send_keys(Keys.ARROW_DOWN, Keys.ENTER)


def write_rule(browser: Chrome) -> None:
    """Make the rule by hand, look at what it would do, put it forward."""
    who, told = write_head(browser), browser.find_element(By.ID, "rule-problems")
    press(browser, "[data-add=field]", who)
    fill(browser, "满", "80", who)
    assert "涉及人员 4 个" in preview(browser).text

    press(browser, "[data-add=count]", who)
    line = who.find_element(By.CSS_SELECTOR, ".rule-row:nth-child(2)")
    choose(line, "属于", "household")
    choose(line, "相关记录", "person.household")
    fill(browser, "至多", "1", line)
    press(browser, ":scope > .rule-adds [data-add=field]", who)
    line = who.find_element(By.CSS_SELECTOR, ":scope > ul > .rule-row:nth-child(3)")
    choose(line, "数据项", "grid")
    preview(browser)
    assert "至少选一个区划" in line.text
    look_for_area(browser, line, COMMUNITY)
    assert COMMUNITY in [
        chip.get_attribute("data-code") for chip in line.find_elements(By.CLASS_NAME, "chip")
    ]
    shown = preview(browser)
    assert "涉及人员 2 个" in shown.text
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


def agree(browser: Chrome, hub: Hub) -> None:
    """Let the second person find the rule on the dashboard and agree."""
    sign_in(browser, hub, "second")
    browser.get(f"{hub.base}/admin/")
    click(browser, browser.find_element(By.PARTIAL_LINK_TEXT, "待同意的规则"))
    click(browser, browser.find_element(By.LINK_TEXT, "独居老人登门"))
    assert "涉及人员2个" in browser.find_element(By.CSS_SELECTOR, "[data-reach]").text
    click(browser, browser.find_element(By.CSS_SELECTOR, "[name=act][value=agree]"))
    assert "现行" in browser.find_element(By.CSS_SELECTOR, "[data-version='1']").text


def at_the_door(hub: Hub, folder: Path) -> None:
    """See both tasks on the tablet's command line, do one, hand the other on."""
    hub.manage("tasks_run")
    command(folder, "enrol", "--hub", hub.base, "--username", "door_worker", "--device", "平板")
    command(folder, "sync", "--quiet")
    one, other = (task["id"] for task in command(folder, "tasks") if task["title"] == TITLE)
    command(folder, "task", "done", one, "--note", "一切安好")
    command(folder, "task", "accept", other)
    command(folder, "task", "hand-on", other, "--note", "想申请助餐，请站里联系")
    command(folder, "sync", "--quiet")
    command(folder, "sync", "--quiet")  # the hub brings what was handed on to its desk before it answers


def at_the_desk(browser: Chrome, hub: Hub) -> None:
    """Take the task at the station's desk and end it."""
    sign_in(browser, hub, "clerk", purpose=False)
    browser.get(f"{hub.base}/admin/")
    click(browser, browser.find_element(By.PARTIAL_LINK_TEXT, "窗口待办的任务"))
    click(browser, browser.find_element(By.LINK_TEXT, TITLE))
    assert "想申请助餐" in browser.find_element(By.TAG_NAME, "body").text
    click(browser, browser.find_element(By.CSS_SELECTOR, "[name=step][value=take]"))
    browser.find_element(By.NAME, "note").send_keys("助餐已办")
    click(browser, browser.find_element(By.CSS_SELECTOR, "[name=step][value=done]"))
    assert "没有待办的任务" in browser.find_element(By.TAG_NAME, "body").text


def test_a_rule_made_by_hand_is_agreed_to_done_at_the_door_and_the_desk_and_counted(
    browser: Chrome, hub: Hub, scene: None, tmp_path: Path
) -> None:
    sign_in(browser, hub, "drafter")
    write_rule(browser)
    agree(browser, hub)
    at_the_door(hub, tmp_path / "tablet")
    at_the_desk(browser, hub)
    command(tmp_path / "tablet", "sync", "--quiet")
    ended = command(tmp_path / "tablet", "tasks", "--state", "done")
    assert sorted((task["title"], task["state"], task["outcome_note"]) for task in ended) == [
        (TITLE, "done", "一切安好"),
        (TITLE, "done", "助餐已办"),
    ]
    sign_in(browser, hub, "second")
    browser.get(f"{hub.base}/admin/supervision/?tab=item")
    (line,) = [
        row.text for row in browser.find_elements(By.CSS_SELECTOR, "tbody tr") if "探访关爱" in row.text
    ]
    assert line.split()[3:] == ["0", "0", "—", "—", "2", "0", "0", "2", "0小时"]
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
