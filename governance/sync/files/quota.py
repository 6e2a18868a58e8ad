"""How much a device may send (终端配额): bytes begun or stored within 24 hours."""

from datetime import timedelta

from django.conf import settings
from django.db.models import Sum
from django.utils import timezone

from governance.access.actor import Actor
from governance.access.errors import Refused
from governance.access.models import Device
from governance.records.models import StoredFile
from governance.sync.models import Upload

_MB = 1024 * 1024
_DAY = timedelta(hours=24)
_HOUR = 3600


class OverQuota(Refused):
    """The device has sent as much as it may for now."""

    status = 429
    code = "quota"


def device_lock(actor: Actor) -> Device:
    """Give the actor's device, held until commit: two uploads at once must not pass its quota."""
    return Device.objects.select_for_update().get(pk=str(actor.device_id))


def quota_check(device: Device, length: int) -> None:
    """Raise OverQuota if so many bytes more would be too many."""
    since = timezone.now() - _DAY
    begun = Upload.objects.filter(device=device.pk, created_at__gte=since)
    stored = StoredFile.objects.filter(device=device.pk, received_at__gte=since)
    sent = begun.aggregate(n=Sum("length"))["n"] or 0
    sent += stored.aggregate(n=Sum("content__size"))["n"] or 0
    most = settings.FILES_DEVICE_DAILY_MB
    if sent + length > most * _MB:
        raise OverQuota(f"这台设备24小时内最多传{most}MB，照片留在设备上，以后会接着传", wait=_HOUR)
