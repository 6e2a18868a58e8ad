"""Why a bundle is not taken (拒收); nothing of it was stored."""

from governance.access.errors import Refused
from governance.contract.envelope import EnvelopeError


class BundleRefused(Refused):
    """The file is not a bundle that this hub can take.

    ``code`` is ``bundle_`` and why: form, version, cut, signature, sealed, too_large, key, device, order.
    """

    status = 400

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(f"数据包没有收下：{reason}")
        self.code = f"bundle_{code}"

    @classmethod
    def of(cls, error: EnvelopeError) -> "BundleRefused":
        """Make one of what the envelope says."""
        return cls(error.code, str(error))
