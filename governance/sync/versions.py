"""Versions of the protocol: the hub speaks its own and the one before it (docs/sync-protocol.md).

A view knows the newest version only. What an older one does not know is put into its words here.
"""

from governance.access.errors import Refused
from governance.contract.wire import PROTOCOL

OLDEST = PROTOCOL - 1
"""The oldest version still spoken."""

_UNSAID = "1"
"""What a request speaks that names no version: the first one did not ask for the header."""

_WORDS_OF_ONE = {"busy": (429, "throttled"), "retired": (401, "token"), "lost": (401, "token")}
"""Refusals that version 1 does not know, as it knows them: status and code."""


class ProtocolUnknown(Refused):
    """The client speaks a version that the hub does not."""

    status = 426
    code = "protocol"

    def __init__(self, reason: str, version: int) -> None:
        super().__init__(reason)
        self.version = version


def version_read(text: str | None) -> int:
    """Read the version that a request speaks from its header ``X-Protocol``.

    Raises
    ------
    ProtocolUnknown
        Too old, too new, or no version at all; in Chinese what to do.
    """
    spoken = _UNSAID if text is None else text
    if not (spoken.isascii() and spoken.isdecimal() and len(spoken) < len("10000")):
        raise ProtocolUnknown("终端程序没有说明有效的协议版本，请更新程序；未上传的数据仍在本机", 0)
    version = int(spoken)
    kept = "未上传的数据仍在本机，不会丢失"
    if version < OLDEST:
        raise ProtocolUnknown(
            f"终端程序太旧（协议{version}，平台支持{OLDEST}至{PROTOCOL}），请更新程序后再同步；{kept}",
            version,
        )
    if version > PROTOCOL:
        raise ProtocolUnknown(
            f"终端程序比平台新（协议{version}，平台支持{OLDEST}至{PROTOCOL}），请等平台升级后再同步；{kept}",
            version,
        )
    return version


def hears_echo(version: int) -> bool:
    """Whether a tablet must be told with a pull what it pushed: version 1 is not told all in the answer."""
    return version == 1


def knows_nothing_new(version: int) -> bool:
    """Whether a tablet understands a bare 204 for "nothing new"; version 1 wants the empty page."""
    return version > 1


def refusal_in(version: int, error: Refused) -> tuple[int, str]:
    """Give a refusal's status and code in the words of a version."""
    known = error.status, error.code
    return _WORDS_OF_ONE.get(error.code, known) if version == 1 else known
