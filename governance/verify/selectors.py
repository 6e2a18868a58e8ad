"""Reading what waits for review: differences and duplicates, by area, to be shown in pages."""

from django.db.models import QuerySet

from governance.access.actor import Actor
from governance.contract import KINDS
from governance.records.models import Record, model_of
from governance.records.services.duplicates import FLAG, number_field
from governance.records.veil import told_unveiled
from governance.verify.models import Difference


def differences(actor: Actor) -> QuerySet[Difference]:
    """Give the differences, settled ones too, that an actor may see, the oldest first."""
    kinds = [kind for kind in KINDS if actor.may_read(kind)]
    rows = Difference.objects.filter(actor.scope.q(), told_unveiled(actor), kind__in=kinds)
    return rows.order_by("at", "id")


def differences_open(actor: Actor) -> QuerySet[Difference]:
    """Give the differences that wait, the oldest first."""
    return differences(actor).filter(settled_at=None)


def duplicates_open(actor: Actor, kind: str = "person") -> QuerySet[Record]:
    """Give the open records whose number another one has too, those of one number together.

    Parameters
    ----------
    actor : Actor
    kind : str
        A kind with a number of its own (citizen number, credit code); of any other there are none.
    """
    model = model_of(kind)
    field = number_field(kind)
    if field is None or not actor.may_read(kind):
        return model._default_manager.none()
    rows = model._default_manager.filter(actor.scope.q(), deleted=False, **{"closed_on": None, FLAG: True})
    return rows.order_by(field, "id")
