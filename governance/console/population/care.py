"""Care registers (特殊关怀): a small share of people, each with a visit plan and somebody who helps.

Shares and values are invented; they follow no statistics.
"""

from collections.abc import Callable, Iterable

from governance.console.population.draw import Weighted
from governance.console.population.families import YEAR, Member
from governance.console.population.ground import Ground
from governance.console.population.names import given, phone, surname
from governance.console.population.people import Family
from governance.console.population.site import Row

_HARDSHIP = Weighted({"05": 40, "10": 18, "11": 14, "09": 10, "02": 8, "04": 5, "07": 5})
_HEALTH = Weighted({"10": 30, "20": 30, "30": 30, "60": 10})
_LEVEL = Weighted({"3": 75, "2": 22, "1": 3})
_TREATMENT = Weighted({"02": 85, "01": 8, "03": 7})
_RISK = Weighted({"01": 70, "02": 22, "03": 8})
_PROGRAMME = Weighted({"02": 50, "01": 35, "04": 15})
_SETTLED = Weighted({"06": 40, "05": 25, "07": 15, "02": 15, "99": 5})
_FERTILE, _EXPECTING = (21, 41), 0.03
_DISABILITY = Weighted({"4": 60, "1": 15, "2": 15, "5": 10})
_YOUTH = Weighted({"01": 70, "05": 20, "99": 10})
_MEANS = Weighted({"01": 40, "02": 30, "06": 30})
_HELP = ("已结对帮扶，定期走访。", "已协助办理相关手续。", "已联系社区志愿者上门服务。")


def care_enter(ground: Ground, families: Iterable[Family]) -> None:
    """Enter care records for some people of these families."""
    for family in families:
        if family.people[0]["residence_kind"] == "4":
            continue
        if ground.chance(0.03):
            _enter(ground, "care_hardship", family, 0, _hardship(ground, family))
        for place, (member, row) in enumerate(zip(family.plan, family.people, strict=True)):
            years = member.days / YEAR
            if row["residence_kind"] == "3":
                _enter(ground, "care_left_behind", family, place, _left_behind(ground, family, years))
            if member.sex == "2" and _FERTILE[0] <= years < _FERTILE[1] and ground.chance(_EXPECTING):
                _enter(ground, "care_pregnancy", family, place, _pregnancy(ground, family, member))
            for kind, youngest, oldest, share, items in _RARE:
                if youngest <= years < oldest and ground.chance(share):
                    _enter(ground, kind, family, place, items(ground, family, member))


def _enter(ground: Ground, kind: str, family: Family, place: int, items: Row) -> None:
    person = family.people[place]
    values: Row = {"person": person["id"], **items, "care_level": _LEVEL.draw(ground.random)}
    values["next_visit_on"] = ground.ago(-1 - ground.below(80))
    if ground.chance(0.7):
        values["helper_name"] = _name(ground)
        values["helper_phone"] = phone(ground.random)
        values["help_given"] = _HELP[ground.below(len(_HELP))]
    ground.add(kind, values)


def _name(ground: Ground) -> str:
    return surname(ground.random) + given(ground.random, "12"[ground.below(2)])


def _living(family: Family) -> str:
    return "2" if len(family.people) == 1 else "1"


def _hardship(ground: Ground, family: Family) -> Row:
    return {
        "category": _HARDSHIP.draw(ground.random),
        "living": _living(family),
        "health": _HEALTH.draw(ground.random),
        "needs": "希望协助申请救助。",
        "help_sources": ["01", "05"] if ground.chance(0.5) else ["01"],
        "contact_name": _name(ground),
        "contact_phone": phone(ground.random),
    }


def _left_behind(ground: Ground, family: Family, years: float) -> Row:
    young = years < 16
    values: Row = {
        "category": "03" if young else "01",
        "living": _living(family),
        "health": "10" if young else _HEALTH.draw(ground.random),
        "member_name": _name(ground),
        "member_relation": "51" if young else "20",
        "member_phone": phone(ground.random),
        "member_workplace": "示例市示例区示例工业园",
    }
    if not young:
        values["income"] = 2000 + 100 * ground.below(180)
    return values


def _guardian(family: Family, member: Member) -> Row:
    """Name the first other grown-up of the family as guardian."""
    for other, row in zip(family.plan, family.people, strict=True):
        if other is not member and other.days > 18 * YEAR:
            items: Row = {
                "guardian_name": row["name"],
                "guardian_relation": "97",
                "guardian_address": family.room["address"],
            }
            if "phone" in row:
                items["guardian_phone"] = row["phone"]
            return items
    return {}


def _mental(ground: Ground, family: Family, member: Member) -> Row:
    return {
        **_guardian(family, member),
        "economy": "02" if ground.chance(0.6) else "03",
        "allowance": ground.chance(0.3),
        "risk_level": _RISK.draw(ground.random),
        "treatment": _TREATMENT.draw(ground.random),
        "hospital": "示例市精神卫生中心",
        "managers": ["01", "05"],
        "help_sources": ["02"],
    }


def _drug(ground: Ground, _family: Family, _member: Member) -> Row:
    began = 30 + ground.below(900)
    return {
        "programme": _PROGRAMME.draw(ground.random),
        "starts_on": ground.ago(began),
        "ends_on": ground.ago(began - 1095),
        "support_place": "示例社区康复服务站",
    }


def _correction(ground: Ground, _family: Family, _member: Member) -> Row:
    began = 20 + ground.below(500)
    return {
        "starts_on": ground.ago(began),
        "ends_on": ground.ago(began - 730),
        "reception": "01",
        "has_group": True,
        "group_members": ["01", "04", "07"],
    }


def _release(ground: Ground, _family: Family, _member: Member) -> Row:
    received = 60 + ground.below(1200)
    return {
        "support_level": "02",
        "received_on": ground.ago(received),
        "received_how": "03",
        "settled_on": ground.ago(received - 45),
        "settled_how": _SETTLED.draw(ground.random),
    }


def _youth(ground: Ground, family: Family, member: Member) -> Row:
    return {
        "category": _YOUTH.draw(ground.random),
        "family": "01" if len(family.plan) > 2 else "02",
        **_guardian(family, member),
        "help_means": _MEANS.draw(ground.random),
    }


def _pregnancy(ground: Ground, _family: Family, _member: Member) -> Row:
    weeks = 6 + ground.below(34)
    return {
        "expected_birth_on": ground.ago(7 * weeks - 280),
        "booked_on": ground.ago(7 * (weeks - 6)),
        "check_place": "示例市妇幼保健院",
    }


def _disability(ground: Ground, _family: Family, _member: Member) -> Row:
    issued = ground.below(3700)
    return {
        "category": _DISABILITY.draw(ground.random),
        "grade": "1234"[ground.below(4)],
        "issued_on": ground.ago(issued),
        "expires_on": ground.ago(issued - 3652),
    }


_RARE: tuple[tuple[str, int, int, float, Callable[[Ground, Family, Member], Row]], ...] = (
    ("care_mental", 18, 75, 0.004, _mental),
    ("care_drug", 22, 58, 0.0012, _drug),
    ("care_correction", 20, 62, 0.0012, _correction),
    ("care_release", 22, 65, 0.0015, _release),
    ("care_disability", 3, 90, 0.02, _disability),
    ("care_youth", 7, 25, 0.004, _youth),
)
"""Kind, ages, share of people of these ages, items."""
