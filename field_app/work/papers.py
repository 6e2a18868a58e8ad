"""证件材料: what has been seen and photographed at a door, found again by every case that needs it."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from field_app.store.errors import StoreError
from field_app.store.state import UNANSWERED, Values, View
from field_app.store.store import Store
from field_app.work.codes import Codes
from field_app.work.collect import Collect
from field_app.work.forms import Form
from field_app.work.labels import is_open
from field_app.work.services import Service
from field_app.work.times import today
from governance.contract import KINDS
from governance.contract.asks import MATERIALS
from governance.contract.casework import OF_HOUSEHOLD, RETURNED
from governance.contract.masking import masked

_IDENTITY = "01"
_HANDED_IN = "handed_in"


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
    again : bool
        The desk asked for it anew, and it is still the one that the case was handed in with from here.
    """

    material: str
    label: str
    needed: bool
    paper: str = ""
    seen_on: str = ""
    number: str = ""
    photos: int = 0
    again: bool = False


class Papers:
    """The materials held for cases: found, added, and which of them a case was handed in with."""

    def __init__(self, store: Store, codes: Codes, collect: Collect) -> None:
        self._store = store
        self._codes = codes
        self._collect = collect

    def checklist(self, case: View, service: Service) -> tuple[CheckLine, ...]:
        """Give what a case needs, and what of it the household's records already hold."""
        wanted = [*((code, True) for code in service.needed), *((code, False) for code in service.optional)]
        with self._store.lock:
            lines = [self._line(case.values, code, needed) for code, needed in wanted]
            return tuple(replace(line, again=self._same_again(case, line)) for line in lines)

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

    def note_handed_in(self, case: View, lines: Iterable[CheckLine]) -> None:
        """Keep which papers a case goes with, by their ids and changes, to know later what is new.

        Where there is no room for that it is not known later: the step itself is stored.
        """
        went = {line.material: self._mark(line.paper) for line in lines if line.paper}
        with suppress(StoreError), self._store.write() as unit:
            known = self._handed_in()
            held = {id: marks for id, marks in known.items() if self._store.memory.view(id) is not None}
            unit.put_meta(_HANDED_IN, {**held, case.id: went})

    def _same_again(self, case: View, line: CheckLine) -> bool:
        """Whether the desk would get the very paper that it sent the case back for."""
        asked = case.values.get("missing")
        if case.values.get("state") != RETURNED or not isinstance(asked, list) or line.material not in asked:
            return False
        went = self._handed_in().get(case.id, {}).get(line.material)
        if went is None or not line.paper:
            return False
        now = self._mark(line.paper)
        others = went["version"] is not None and now["version"] != went["version"]
        return now["paper"] == went["paper"] and not others and set(now["changes"]) <= set(went["changes"])

    def _mark(self, paper: str) -> dict[str, Any]:
        """Tell a state of a paper from every other; its version says it once all changes are answered."""
        with self._store.lock:
            entries, view = self._store.memory.entries_of(paper), self._store.memory.view(paper)
        open_ = any(entry.state in UNANSWERED for entry in entries)
        version = view.version if view is not None and not open_ else None
        return {"paper": paper, "version": version, "changes": [entry.change for entry in entries]}

    def _handed_in(self) -> dict[str, dict[str, dict[str, Any]]]:
        kept = self._store.memory.meta.get(_HANDED_IN)
        return kept if isinstance(kept, dict) else {}

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


def same_again(lines: Iterable[CheckLine]) -> tuple[str, ...]:
    """Give what to tell whoever hands in again what was sent back."""
    again = "、".join(line.label for line in lines if line.again)
    return (f"要求重交的{again}没有改过，交的还是原来那份",) if again else ()
