"""Events 事: what a worker reports and others handle."""

from governance.records.models import Record, contract_model


@contract_model("event")
class Event(Record):
    """Event or dispute 事件、矛盾纠纷."""
