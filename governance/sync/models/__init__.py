"""Tables of this room."""

from governance.sync.models.bundles import BundlePart, DeviceKeys
from governance.sync.models.devices import DeviceRule, DeviceState
from governance.sync.models.files import Upload

__all__ = ["BundlePart", "DeviceKeys", "DeviceRule", "DeviceState", "Upload"]
