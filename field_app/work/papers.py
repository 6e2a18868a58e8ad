"""证件材料: what has been seen and photographed at a door, found again by every case that needs it."""

from dataclasses import dataclass

from field_app.store.state import Values, View
from field_app.store.store import Store
from field_app.work.codes import Codes
from field_app.work.collect import Collect
from field_app.work.forms import Form
from field_app.work.labels import is_open
from field_app.work.services import Service
from field_app.work.times import today
from governance.contract import KINDS
from governance.contract.casework import OF_HOUSEHOLD
from governance.contract.masking import masked

MATERIALS = "case_material"
_IDENTITY = "01"


@dataclass(frozen=True, slots=True)
class CheckLine:
    """One material of a case's checklist.

    Parameters
    ----------
    material, label : str
        Code and Chinese name.
    needed : bool
        Whether the case cannot be handed in without it.
    paper : str
        Id of the record that was found; empty where there is none.
    seen_on, number : str
        When it was looked at, and its number, masked.
    photos : int
        How many photos it has.
    """

    material: str
    label: str
    needed: bool
    paper: str = ""
    seen_on: str = ""
    number: str = ""
    photos: int = 0


class Papers:
    """Got as ``desk.papers``."""

    def __init__(self, store: Store, codes: Codes, collect: Collect) -> None:
        self._store = store
        self._codes = codes
        self._collect = collect

    def checklist(self, case: Values, service: Service) -> tuple[CheckLine, ...]:
        """Give what a case needs, and what of it the household's records already hold."""
        wanted = [*((code, True) for code in service.needed), *((code, False) for code in service.optional)]
        with self._store.lock:
            return tuple(self._line(case, code, needed) for code, needed in wanted)

    def form(self, case: Values, material: str) -> Form:
        """Open the form of a material of a case: whose it is, its number and the day are filled in."""
        form = self._collect.form("paper", parent=str(case["household"]))
        form.put("material", material)
        form.put("seen_on", today(self._store.clock).isoformat())
        if material not in OF_HOUSEHOLD:
            form.put("person", case["person"])
        if material == _IDENTITY:
            form.put("number", self._citizen_number(case))
        return form

    def _citizen_number(self, case: Values) -> object:
        view = self._store.memory.view(str(case["person"]))
        return view.values.get("citizen_number") if view is not None else None

    def _line(self, case: Values, code: str, needed: bool) -> CheckLine:
        label = self._codes.label(MATERIALS, code)
        found = self._found(case, code)
        if found is None:
            return CheckLine(code, label, needed)
        photos = found.values.get("photos")
        number = masked(KINDS["paper"].by_name["number"], found.values.get("number"))
        seen = str(found.values.get("seen_on") or "")
        count = len(photos) if isinstance(photos, list) else 0
        return CheckLine(code, label, needed, found.id, seen, number, count)

    def _found(self, case: Values, code: str) -> View | None:
        """Give the newest valid material of a kind: the person's own, or the whole household's."""
        day = today(self._store.clock).isoformat()
        below = self._store.memory.below(str(case.get("household")))
        fits = [
            view
            for view in below
            if view.kind == "paper"
            and is_open(view)
            and view.values.get("material") == code
            and view.values.get("person") in (None, case.get("person"))
            and str(view.values.get("valid_to") or day) >= day
        ]
        return max(fits, key=lambda view: (str(view.values.get("seen_on") or ""), view.id), default=None)
