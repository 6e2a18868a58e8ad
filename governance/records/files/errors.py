"""Why a file is not taken or not given (文件拒绝)."""

from governance.access.errors import Refused


class Unacceptable(Refused):
    """The content is not what may be stored: another type, damaged, too many pixels (内容不合要求)."""

    status = 422
    code = "unacceptable"


class FileMissing(Refused):
    """No such file for whoever asks (没有这个文件)."""

    status = 404
    code = "missing"


class FileWaiting(Refused):
    """The record names it, but it has not arrived yet (照片待上传)."""

    status = 404
    code = "waiting"
