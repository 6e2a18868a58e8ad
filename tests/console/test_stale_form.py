"""A form as a browser sends it, with every control that is on, while others change the record."""

from html.parser import HTMLParser

import pytest

from governance.contract import uuid7
from governance.records.models import Contested
from tests import factories


class Controls(HTMLParser):
    """What a browser would send of a form, left as it was drawn."""

    def __init__(self, page: str, form: str = "record-form") -> None:
        super().__init__()
        self._form = form
        self.sent: dict[str, list[str]] = {}
        self._inside, self._name, self._text = False, "", False
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag == "form":
            self._inside = given.get("id") == self._form
        if not self._inside or "disabled" in given:
            return
        if tag in ("select", "textarea"):
            self._name, self._text = given["name"], tag == "textarea"
        if tag == "input" and given.get("name"):
            checkbox = given.get("type") == "checkbox"
            if not checkbox or "checked" in given:
                self.sent.setdefault(given["name"], []).append(given.get("value", "on" * checkbox))
        if tag == "option" and self._name and "selected" in given:
            self.sent[self._name] = [*filter(None, self.sent[self._name]), given["value"]]
        if tag in ("select", "textarea"):
            self.sent[self._name] = [] if "multiple" in given else [""]

    def handle_data(self, data):
        if self._inside and self._text:
            self.sent[self._name] = [data]

    def handle_endtag(self, tag):
        if tag == "form":
            self._inside = False
        if tag in ("select", "textarea"):
            self._name, self._text = "", False


@pytest.fixture
def staff(town):
    return town.staff("community_staff")


def address(town) -> str:
    return f"/admin/records/person/{town.person}/change/"


def drawn(staff, town) -> dict[str, list[str]]:
    return Controls(staff.get(address(town)).content.decode()).sent


def others_write(town, **values) -> None:
    change = factories.change("person", town.person, None, **values)
    assert factories.apply(factories.hub_in(factories.GRID), change)[0].status in ("updated", "merged")


def test_a_form_sent_as_it_was_drawn_changes_nothing(town, staff):
    others_write(town, nation="01", occupation="教师", note="两行\n的备注")
    answer = staff.post(address(town), drawn(staff, town), follow=True)
    assert "内容没有变化" in answer.content.decode()


def test_what_others_wrote_meanwhile_is_neither_taken_back_nor_doubted(town, staff):
    form = drawn(staff, town)
    others_write(town, occupation="教师")
    answer = staff.post(address(town), {**form, "residence_kind": ["2"]}, follow=True)
    assert "两处修改已合并" in answer.content.decode()
    held = town.held("person", town.person)
    assert (held.residence_kind, held.occupation) == ("2", "教师")
    assert not Contested.objects.exists()


def test_what_he_wrote_himself_in_another_tab_stays(town, staff):
    form = drawn(staff, town)
    other = {**drawn(staff, town), "occupation": ["教师"], "change": [str(uuid7())]}
    staff.post(address(town), other)
    staff.post(address(town), {**form, "residence_kind": ["2"]})
    held = town.held("person", town.person)
    assert (held.residence_kind, held.occupation) == ("2", "教师")


def test_what_he_empties_is_emptied_and_what_was_wrong_goes_on_being_his(town, staff):
    others_write(town, occupation="教师")
    form = drawn(staff, town)
    answer = staff.post(address(town), {**form, "occupation": [""], "residence_kind": ["没有"]})
    again = Controls(answer.content.decode()).sent
    staff.post(address(town), {**again, "residence_kind": ["2"]})
    held = town.held("person", town.person)
    assert (held.residence_kind, held.occupation) == ("2", None)
