"""Items that every record has: how far it is verified, a note, and its end (注销)."""

from governance.contract.fields import Field, Owner, Sensitivity, Type
from governance.contract.kind import Rule
from governance.contract.kinds.rules import together


def lifecycle(
    closing: str,
    *,
    note: Sensitivity = Sensitivity.PERSONAL,
    end: Sensitivity = Sensitivity.PUBLIC,
    owner: Owner = Owner.WORKER,
) -> tuple[Field, ...]:
    """Give the fields that end each kind.

    Parameters
    ----------
    closing : str
        Code list of the reasons for closing.
    note : Sensitivity
        How far the free note may be shown; it can name people.
    end : Sensitivity
        How far verification and end may be shown.
    owner : Owner
        ``HUB`` where a worker neither verifies nor closes the record himself.
    """
    return (
        Field("verification", "核实状态", Type.CODE, 1, "verification", sensitivity=end, owner=owner),
        Field("note", "备注", Type.TEXT, 500, sensitivity=note, owner=owner),
        Field("closed_on", "注销日期", Type.DATE, sensitivity=end, owner=owner),
        Field("closed_reason", "注销原因", Type.CODE, 2, closing, sensitivity=end, owner=owner),
    )


CLOSED_TOGETHER: Rule = together("closed_on", "closed_reason", "注销日期与注销原因应一起填写")
"""A record is closed with day and reason or not at all."""
