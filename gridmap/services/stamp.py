"""Holding and moving the map's stamp."""

import uuid

from django.db.models import F

from gridmap.models import MapStamp


def stamp_lock() -> None:
    """Make other writers of the map wait until this transaction ends."""
    MapStamp.objects.get_or_create(pk=1)
    MapStamp.objects.select_for_update().get(pk=1)


def stamp_next() -> int:
    """Count the map's number on and give it; the row stays locked until the transaction ends."""
    MapStamp.objects.get_or_create(pk=1)
    MapStamp.objects.filter(pk=1).update(number=F("number") + 1, token=uuid.uuid4())
    return MapStamp.objects.values_list("number", flat=True).get(pk=1)
