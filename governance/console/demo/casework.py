"""The newborn's registration done on the family's behalf (代上户口): tablet, desk, department, and back."""

import http.cookiejar
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any

from PIL import Image

from governance.console.demo.department import department_ask
from governance.console.demo.steps import Steps
from governance.console.demo.tablet import Tablet

SERVICE = "hukou_birth"
ITEM = "出生登记"
_MATERIALS = ("02", "03", "15")
_FATHER = "王示例"
_REFERENCE = "户字2026-0001"


class Clerk:
    """Somebody at a desk, in a browser of his own: pages and forms over HTTP."""

    def __init__(self, base: str, login: dict[str, str]) -> None:
        self._base = base
        self._jar = http.cookiejar.CookieJar()
        self._open = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self._jar)).open
        self.page("/admin/login/")
        self.send("/admin/login/", **login, next="/admin/desk/")

    def page(self, path: str) -> str:
        """Give a page's text."""
        with self._open(self._base + path, timeout=60) as reply:
            text: str = reply.read().decode()
        return text

    def send(self, path: str, **values: str) -> str:
        """Send a form; give the page that it leads to."""
        token = next(cookie.value for cookie in self._jar if cookie.name == "csrftoken")
        body = urllib.parse.urlencode({**values, "csrfmiddlewaretoken": token or ""}).encode()
        request = urllib.request.Request(self._base + path, body, {"Referer": self._base + path})  # noqa: S310
        with self._open(request, timeout=60) as reply:
            text: str = reply.read().decode()
        return text


class CaseWork:
    """One case from the door to its result; ``folder`` takes the pictures that stand for photos."""

    def __init__(self, tablet: Tablet, steps: Steps, base: str, note: dict[str, Any], folder: Path) -> None:
        self._tablet = tablet
        self._steps = steps
        self._base = base
        self._note = note
        self._picture = folder / "picture.png"

    def begin(self, person: str, task: str) -> str:
        """Begin the case at the door: consent, materials, handed in; give its id."""
        Image.new("RGB", (400, 240), "white").save(self._picture)
        chosen = ("--service", SERVICE, "--person", person, "--task", task)
        case = str(self._tablet.one("case", "start", *chosen)["id"])
        for material in _MATERIALS:
            self._tablet.one("case", "paper", case, "--material", material, *self._file())
        self._tablet.run("case", "sign", case, *self._file(), "--by", _FATHER, "--relation", "51")
        self._tablet.one("case", "hand-in", case)
        return case

    def number(self, case: str) -> str:
        """Give the number under which the case was taken in."""
        sheet = self._tablet.one("case", "show", case)
        number = str(sheet.get("number") or "")
        self._steps.must(number, "代办件没有受理编号 · the case got no number")
        self._steps.fact(f"受理编号 number {number}，材料 materials {len(_MATERIALS)}")
        return number

    def desk(self, case: str, number: str) -> None:
        """Let the station take the case in and hand it up, and the street's centre file it."""
        clerk = Clerk(self._base, self._note["clerk"])
        self._steps.must(number in clerk.page("/admin/desk/"), "窗口没有这个代办件 · not in the queue")
        for step in ("accept", "hand_up", "accept", "file"):
            clerk.send(f"/admin/desk/{case}/", step=step)
        page = clerk.page(f"/admin/desk/{case}/")
        self._steps.must("待部门受理" in page, "没有报到部门 · the case was not filed")
        self._steps.fact("社区站受理并转街道中心，街道中心报公安 · accepted, handed up, filed to the police")

    def department(self, case: str) -> None:
        """Let the department's system take the case and approve it."""
        listed = self._ask("cases")["cases"]
        self._steps.must(case in {each["id"] for each in listed}, "部门没有取到 · not at the department")
        self._ask(f"cases/{case}/take", {})
        decided = self._ask(f"cases/{case}/approve", {"note": "同意登记", "reference": _REFERENCE})
        self._steps.must(decided["state"] == "approved", f"部门答复 answer: {decided}")
        self._steps.fact(f"公安办结 approved by the police: {_REFERENCE}")

    def deliver(self, case: str) -> None:
        """Bring the result to the door, signed for; show the receipt."""
        self._tablet.one("case", "deliver", case, "--by", _FATHER, *self._file())
        receipt = self._tablet.one("case", "receipt", case)["text"]
        self._steps.must(_REFERENCE in receipt, "回执没有结果编号 · the receipt lacks the result")
        self._steps.fact(f"回执 receipt：{receipt.splitlines()[0]} …（{len(receipt.splitlines())} 行 lines）")

    def _file(self) -> tuple[str, str]:
        return "--file", str(self._picture)

    def _ask(self, path: str, body: dict[str, str] | None = None) -> Any:
        return department_ask(
            self._base, path, key=self._note["police"]["key"], purpose="出生登记办理", body=body
        )
