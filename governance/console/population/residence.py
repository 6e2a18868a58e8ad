"""How people live where they live (人口类型): registered, floating, left behind, from abroad."""

from enum import Enum

from governance.console.population.draw import Weighted
from governance.console.population.ground import Ground
from governance.console.population.names import place_names
from governance.console.population.site import Row


class Stay(Enum):
    """A household's standing; members' ``residence_kind`` follows it."""

    REGISTERED = "1"
    FLOATING = "2"
    LEFT_BEHIND = "3"
    ABROAD = "4"
    AWAY = "away"

    @property
    def rents(self) -> bool:
        """Whether the household lives in a rented room."""
        return self in (Stay.FLOATING, Stay.ABROAD)


_IN_TOWN = Weighted({Stay.REGISTERED: 828, Stay.FLOATING: 150, Stay.AWAY: 10, Stay.LEFT_BEHIND: 12})
_IN_COUNTRY = Weighted({Stay.REGISTERED: 860, Stay.FLOATING: 25, Stay.AWAY: 65, Stay.LEFT_BEHIND: 50})
_ABROAD_SHARE = 0.02
_REASON = Weighted({"01": 55, "03": 18, "09": 10, "04": 6, "08": 5, "05": 4, "07": 2})
_DWELLING = Weighted({"02": 78, "04": 6, "05": 8, "03": 6, "06": 2})
_ENTRY = Weighted({"02": 4, "03": 3, "05": 3, "01": 2})
_ABROAD = (("DEU", "MUSTER"), ("RUS", "OBRAZETS"), ("KOR", "GYEONBON"), ("VNM", "MAUSO"), ("JPN", "MIHON"))
_GIVEN = ("ALPHA", "BRAVO", "CHARLIE", "DELTA", "ECHO", "KILO", "LIMA")
_YOUNG = ("young_single", "young_couple", "one_child", "single_parent")


def stay_draw(ground: Ground, shape: str) -> Stay:
    """Draw the standing of a household of a shape (:mod:`governance.console.population.families`)."""
    if shape == "skip":
        return Stay.LEFT_BEHIND
    if shape == "young_single" and ground.chance(_ABROAD_SHARE):
        return Stay.ABROAD
    stay = (_IN_COUNTRY if ground.site.rural else _IN_TOWN).draw(ground.random)
    if stay is Stay.LEFT_BEHIND and shape not in ("old_single", "old_couple"):
        return Stay.REGISTERED
    if stay is Stay.FLOATING and shape not in _YOUNG and ground.chance(0.6):
        return Stay.REGISTERED
    return stay


def residence(ground: Ground, stay: Stay, person: Row, years: int, home: str) -> Row:
    """Give the residence items of one person aged ``years`` from ``home``.

    For one from abroad, ``person`` loses the items of a citizen.
    """
    if stay is Stay.FLOATING:
        return _floating(ground, person, years, home)
    if stay is Stay.ABROAD:
        return _abroad(ground, person)
    found: Row = {"residence_kind": "3" if stay is Stay.LEFT_BEHIND else "1"}
    if "citizen_number" not in person:
        found["unregistered_reason"] = "03"
        return found
    if home != ground.county and ground.chance(0.3):
        found |= {"residence_consistent": "02", "registered_area": home, **_elsewhere(ground)}
    else:
        found |= {"residence_consistent": "01", "registered_area": ground.county}
    if stay is Stay.AWAY:
        found["away_reason"] = "03" if years >= 16 else "01"
    return found


def _floating(ground: Ground, person: Row, years: int, home: str) -> Row:
    found: Row = {
        "residence_kind": "2",
        "residence_consistent": "02",
        "registered_area": home,
        **_elsewhere(ground),
        "inflow_reason": _REASON.draw(ground.random) if 18 <= years < 60 else "06",
        "dwelling_kind": _DWELLING.draw(ground.random),
    }
    if "citizen_number" not in person:
        found["unregistered_reason"] = "03"
    elif years >= 16 and ground.chance(0.7):
        issued = ground.below(400)
        found["permit_kind"] = "01"
        found["permit_number"] = f"示例{ground.below(10**10):010d}"
        found["permit_issued_on"] = ground.ago(issued)
        found["permit_expires_on"] = ground.ago(issued - 365)
    return found


def _elsewhere(ground: Ground) -> Row:
    road = place_names(ground.random, 1)[0]
    return {"registered_address": f"{road}街{1 + ground.below(300)}号"}


def _abroad(ground: Ground, person: Row) -> Row:
    for item in ("citizen_number", "nation", "native_place", "education"):
        person.pop(item, None)
    country, family_name = _ABROAD[ground.below(len(_ABROAD))]
    arrived = 20 + ground.below(700)
    return {
        "residence_kind": "4",
        "document_kind": "414",
        "document_number": f"SAMPLE{ground.below(10**6):06d}",
        "document_expires_on": ground.ago(-200 - ground.below(2000)),
        "nationality": country,
        "foreign_surname": family_name,
        "foreign_given_name": _GIVEN[ground.below(len(_GIVEN))],
        "entry_purpose": _ENTRY.draw(ground.random),
        "arrived_on": ground.ago(arrived),
        "leaves_on": ground.ago(arrived - 730),
        "dwelling_kind": "02",
    }
