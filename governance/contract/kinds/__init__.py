"""The record kinds (数据种类): 人、地、物、事、组织, one file an element.

Kinds come after those they refer to, so that tables and snapshots can be made in this order.
"""

from governance.contract.kind import Kind
from governance.contract.kinds.care import REGISTERS
from governance.contract.kinds.cases import CASE, PAPER
from governance.contract.kinds.events import EVENT
from governance.contract.kinds.organisations import ORGANISATION
from governance.contract.kinds.people import HOUSEHOLD, PERSON
from governance.contract.kinds.places import BUILDING, ROOM
from governance.contract.kinds.tasks import TASK, VISIT
from governance.contract.kinds.things import THING

__all__ = ["KINDS"]

KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        BUILDING,
        ROOM,
        HOUSEHOLD,
        PERSON,
        ORGANISATION,
        THING,
        EVENT,
        TASK,
        VISIT,
        PAPER,
        CASE,
        *REGISTERS,
    )
}
"""Every kind by its name on the wire."""
