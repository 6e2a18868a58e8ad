"""Opening a line: who asks, which streams he follows, whether he is behind. Runs in a thread."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from django.core import signing

from governance.access.errors import TokenUnknown
from governance.access.models import Device
from governance.access.selectors import actor_for_device, devices_serving
from governance.access.services.devices import device_authenticate
from governance.contract import CITY
from governance.feed.selectors import Stand, streams_stand
from governance.sync.cursor import cursor_read
from governance.sync.http import PURPOSE, Malformed

TICKET_SECONDS = 60
_SALT = "governance.sync.poke"


@dataclass(frozen=True, slots=True)
class Opening:
    """What a line begins with.

    Parameters
    ----------
    device : str
    epoch : str
        The hub's.
    told : dict
        Every stream followed, to the last number the tablet has; -1 where it lacks the stream.
    heads : dict
        Where they stand.
    """

    device: str
    epoch: str
    told: dict[str, int]
    heads: dict[str, int]

    @property
    def streams(self) -> frozenset[str]:
        """What is followed."""
        return frozenset(self.heads)


def ticket_make(device: UUID) -> str:
    """Give a ticket: stands for the device at the poke address for a minute, and for nothing else."""
    return signing.dumps(str(device), salt=_SALT)


def line_open(*, token: str, ticket: str, cursor: str) -> Opening:
    """Find out who asks and how far behind he is: four look-ups.

    Parameters
    ----------
    token, ticket : str
        The device's own token, or a ticket from the main address.
    cursor : str
        As for a pull; empty where the tablet has pulled nothing yet.

    Raises
    ------
    TokenUnknown
        Neither opens anything, or the device is not in use.
    Malformed
        The cursor is not one.
    """
    if ticket and not token:
        device = _ticket_device(ticket)
        id_, actor = device.id, actor_for_device(device, PURPOSE)
    else:
        id_, actor = device_authenticate(token, purpose=PURPOSE)
    streams = _streams(actor.scope.grids)
    now = streams_stand(streams)
    return Opening(str(id_), now.epoch, _told(cursor, now, streams), now.heads)


def serving(devices: Collection[str]) -> dict[str, frozenset[str]]:
    """Give the streams that each of the devices follows today; devices out of use are missing."""
    found = devices_serving([UUID(device) for device in devices])
    return {str(device): _streams(grids) for device, grids in found.items()}


def _streams(grids: Collection[str]) -> frozenset[str]:
    return frozenset((CITY, *grids))


def _told(text: str, now: Stand, streams: Collection[str]) -> dict[str, int]:
    nothing = dict.fromkeys(streams, -1)
    if not text:
        return nothing
    cursor = cursor_read(text)
    if cursor is None:
        raise Malformed("游标无法识别")
    if cursor.epoch != now.epoch:
        return nothing
    told = {stream: cursor.seqs.get(stream, -1) for stream in streams}
    if not cursor.seqs.keys() <= set(streams) or cursor.map_stamp != now.map_number:
        told[CITY] = -1  # grids that left, or a new map: told by a pull, in no stream
    return told


def _ticket_device(ticket: str) -> Device:
    try:
        id_ = UUID(signing.loads(ticket, salt=_SALT, max_age=TICKET_SECONDS))
    except (signing.BadSignature, ValueError):
        raise TokenUnknown("连接凭条无效或已过期，请重新连接") from None
    found = Device.objects.filter(pk=id_, revoked_at=None, worker__is_active=True).select_related("worker")
    device = found.first()
    if device is None:
        raise TokenUnknown("终端令牌无效或终端已停用，请重新登记；未同步的数据仍保留在本机")
    return device
