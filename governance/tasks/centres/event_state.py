"""How far an event is that was handed to a centre (事件状态): it follows from what becomes of its task."""

from dataclasses import replace
from typing import Any
from uuid import UUID, uuid5

from governance.access.actor import HUB
from governance.access.scope import Scope
from governance.contract import Change
from governance.records.rows import rows_read
from governance.records.services.apply import changes_apply

KIND = "event"
ASSIGNED = "assigned"
AFTER = {"take": "handling", "done": "checking", "refuse": "accepted", "pass": ASSIGNED, "back": ASSIGNED}
"""Step of a desk → state of the event afterwards."""

_ENDED = frozenset({"closed", "refused"})


def event_state_set(task: Any, step: str) -> None:
    """Set the state of the event that a task is about, after a step; events that ended stay as they are."""
    if task.subject_kind != KIND or not task.subject or step not in AFTER:
        return
    state_set(str(task.subject), AFTER[step])


def state_set(event: str, state: str) -> None:
    """Set an event's state, which the hub alone writes."""
    held = rows_read(KIND, [event]).get(event)
    if held is None or not held.open or held.values.get("state") in {state, *_ENDED}:
        return
    actor = replace(HUB, scope=Scope(frozenset({held.grid})), purpose="事件转办")
    name = uuid5(UUID(event), f"state:{held.version}:{state}")
    change = Change(name, KIND, UUID(event), held.version, {"state": state})
    changes_apply(actor=actor, changes=[change], action="events.state")
