"""The one root of everything the tablet tells its worker about, and the system's reasons in his language."""

import errno

_REASONS = {
    errno.ENOENT: "没有这个文件或目录",
    errno.EACCES: "没有权限",
    errno.EPERM: "没有权限",
    errno.EISDIR: "这是一个目录",
    errno.ENOTDIR: "上级不是目录",
    errno.EEXIST: "同名的已经存在",
    errno.ENOSPC: "存储空间已满",
    errno.EDQUOT: "存储空间已满",
    errno.EFBIG: "文件太大",
    errno.EROFS: "只能读，不能写",
    errno.EIO: "读写出错，请检查存储设备",
    errno.ENAMETOOLONG: "文件名太长",
    errno.EBUSY: "正被占用",
}


class TabletError(Exception):
    """Something went wrong in a foreseen way; ``str(error)`` is a Chinese sentence for people."""


def reason_of(error: OSError) -> str:
    """Say in Chinese why the system did not do it; what is seldom met keeps the system's own words."""
    return _REASONS.get(error.errno or 0) or error.strerror or type(error).__name__
