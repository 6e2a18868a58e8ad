"""委托: one signature of the resident serves all cases of a bundle; here is said which of them carries it."""

from field_app.store.memory import Memory
from field_app.store.state import Values, View
from field_app.work.errors import Refused
from governance.contract.casework import COLLECTING, RETURNED

SIGNABLE = (COLLECTING, RETURNED)
"""States of a case that may still be signed for."""


def state_of(values: Values) -> str:
    """Give the state of a case."""
    return str(values.get("state") or COLLECTING)


def signable(view: View) -> bool:
    """Whether a case may still be signed for."""
    return not view.withdrawn and state_of(view.values) in SIGNABLE


def bundled(memory: Memory, view: View) -> list[View]:
    """Give the other cases of a bundle."""
    lead = view.values.get("lead") or view.id
    return [
        other
        for other in memory.views("case")
        if other.id != view.id and other.whole and lead in (other.id, other.values.get("lead"))
    ]


def signed_on(memory: Memory, view: View) -> View:
    """Give the case that carries the signature: the bundle's lead, or the case itself where that is gone.

    Raises
    ------
    Refused
        What was signed has been handed in.
    """
    lead = memory.view(str(view.values.get("lead") or view.id))
    if lead is not None and (lead.withdrawn or not lead.whole):
        lead = None
    if lead is not None and signable(lead):
        return lead
    if not signable(view) or (lead is not None and lead.values.get("signature")):
        raise Refused.because("signature", "state", "代办件已经提交，委托不能再改")
    return view


def lead_of(running: list[View], bundle: str) -> str | None:
    """Give the lead of a bundle that was begun before, in part; None where there is none to go on with."""
    parts = [view for view in running if view.values.get("bundle") == bundle]
    named = {str(view.values.get("lead") or view.id) for view in parts}
    return min((view.id for view in parts if view.id in named and signable(view)), default=None)
