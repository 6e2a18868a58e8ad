"""What the hub itself knows of tablets (终端): refusals, values under review, how far they have pulled."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, F, Max

from governance.access.models import Device
from governance.feed.selectors import heads
from governance.records.models import Contested, Inbox
from governance.sync.cursor import cursor_read
from governance.sync.models import BundlePart


@dataclass(frozen=True, slots=True)
class Standing:
    """Refused changes and the worker's values that wait for someone; changes yet to pull, at most.

    ``behind`` is None where the tablet's position is not known; ``carried`` is when a bundle of it last came
    after it had spoken of itself, None where none did.
    """

    refused: int
    contested: int
    behind: int | None
    carried: datetime | None = None


def standings(devices: Sequence[Device]) -> dict[UUID, Standing]:
    """Give how each tablet stands: four queries, however many they are."""
    ids = [str(device.pk) for device in devices]
    waiting = Inbox.objects.filter(device__in=ids, status="rejected", settled_at=None)
    refused = _counted(waiting.values_list("device").annotate(n=Count("pk")).order_by())
    users = {device.worker_id for device in devices}
    under_review = Contested.objects.filter(user__in=users, settled_at=None)
    contested = _counted(under_review.values_list("user").annotate(n=Count("pk")).order_by())
    behind = _behind(devices)
    since = BundlePart.objects.filter(device__in=devices, first_at__gt=F("device__state__reported_at"))
    carried = dict(since.values_list("device").annotate(last=Max("first_at")).order_by())
    return {
        device.pk: Standing(
            refused.get(str(device.pk), 0),
            contested.get(str(device.worker_id), 0),
            behind.get(device.pk),
            carried.get(device.pk),
        )
        for device in devices
    }


def _counted(rows: object) -> dict[str, int]:
    return {str(key): number for key, number in rows}  # type: ignore[attr-defined]


def _behind(devices: Sequence[Device]) -> dict[UUID, int]:
    seqs: dict[UUID, dict[str, int]] = {}
    for device in devices:
        state = getattr(device, "state", None)
        cursor = cursor_read(state.cursor) if state is not None and state.cursor else None
        if cursor is not None:
            seqs[device.pk] = cursor.seqs
    tops = heads({grid for streams in seqs.values() for grid in streams})
    return {
        pk: sum(max(0, tops[grid] - seq) for grid, seq in streams.items()) for pk, streams in seqs.items()
    }
