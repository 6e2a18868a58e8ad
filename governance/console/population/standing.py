"""What goes with age, sex and place in the family: relation code, marriage, schooling, work."""

from random import Random

from governance.console.population.draw import Weighted
from governance.console.population.families import MALE, YEAR, Member

_FIXED = {
    ("head", "1"): "02",
    ("head", "2"): "02",
    ("spouse", "1"): "11",
    ("spouse", "2"): "12",
    ("child_in_law", "1"): "28",
    ("child_in_law", "2"): "38",
    ("parent", "1"): "51",
    ("parent", "2"): "52",
}
_ONLY = {"1": "21", "2": "31"}
_BORN_IN_TURN = {"1": "22", "2": "32"}
_GRANDCHILD = {("1", "1"): "41", ("1", "2"): "42", ("2", "1"): "43", ("2", "2"): "44"}

_SCHOOLING = (
    (1950, Weighted({"81": 55, "71": 25, "90": 12, "61": 6, "31": 2})),
    (1970, Weighted({"71": 48, "81": 20, "61": 22, "31": 7, "21": 3})),
    (1985, Weighted({"71": 38, "61": 22, "41": 14, "31": 15, "21": 10, "14": 1})),
    (9999, Weighted({"71": 14, "61": 16, "41": 18, "31": 24, "21": 24, "14": 4})),
)
_WORK_IN_TOWN = Weighted({"40000": 46, "20000": 18, "60000": 17, "30000": 12, "10000": 3, "80000": 4})
_WORK_IN_COUNTRY = Weighted({"50000": 55, "60000": 18, "40000": 18, "20000": 4, "80000": 5})
_JOBS = {
    "10000": ("经理", "厂长", "店长"),
    "20000": ("教师", "护士", "工程师", "会计", "药剂师"),
    "30000": ("文员", "保安", "行政人员"),
    "40000": ("营业员", "驾驶员", "厨师", "快递员", "家政服务员", "收银员"),
    "50000": ("柑橘种植", "茶叶种植", "生猪养殖", "水产养殖"),
    "60000": ("装配工", "电工", "焊工", "缝纫工", "泥瓦工"),
    "80000": ("灵活就业",),
}


def relations(family: list[Member]) -> list[str]:
    """Give each member's relation to the head (GB/T 4761-2008), in the family's order."""
    children = [member for member in family if member.role == "child"]
    codes = []
    turns = {"1": 0, "2": 0}
    for member in family:
        if member.role == "child":
            if len(children) == 1:
                codes.append(_ONLY[member.sex])
            else:
                codes.append(str(int(_BORN_IN_TURN[member.sex]) + turns[member.sex]))
                turns[member.sex] += 1
        elif member.role == "grandchild":
            line = children[0].sex if children else MALE
            codes.append(_GRANDCHILD[line, member.sex])
        else:
            codes.append(_FIXED[member.role, member.sex])
    return codes


def marital(random: Random, family: list[Member], member: Member) -> str:
    """Give a marital status (GB/T 2261.2): those whose husband or wife lives with them are married."""
    roles = [other.role for other in family]
    if roles.count(member.role) == 2 and member.role == "parent":
        return "20"
    if member.role in ("head", "spouse") and "spouse" in roles:
        return "20" if random.random() < 0.93 else "22"
    if member.role == "child_in_law" or (member.role == "child" and "child_in_law" in roles):
        return "20"
    if member.role == "parent" or (member.role == "head" and member.days > 60 * YEAR):
        return "30" if random.random() < 0.85 else "40"
    if member.role == "head" and "child" in roles:
        return "40" if random.random() < 0.75 else "30"
    return "10"


def education(random: Random, years: int, born: int) -> str | None:
    """Give the highest schooling (GB/T 4658) of someone aged ``years``, born in the year ``born``."""
    if years < 12:
        return None
    if years < 23:
        return "81" if years < 15 else "71" if years < 19 else "61"
    for before, levels in _SCHOOLING:
        if born < before:
            return levels.draw(random)
    return None


def work(random: Random, years: int, *, rural: bool) -> tuple[str, str] | None:
    """Give class (GB/T 6565) and name of the occupation, None for those who do not work."""
    oldest = 72 if rural else 60
    if not 20 <= years < oldest or random.random() < 0.2:
        return None
    kind = (_WORK_IN_COUNTRY if rural else _WORK_IN_TOWN).draw(random)
    jobs = _JOBS[kind]
    return kind, jobs[int(random.random() * len(jobs))]
