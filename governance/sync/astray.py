"""What a program is told at an address that is none, or where the hub itself fails."""

from django.http import HttpRequest, HttpResponse
from django.views import defaults

from governance.contract.wire import PROTOCOL
from governance.feed.selectors import epoch
from governance.sync.http import reply

_PROGRAMS = "/api/"


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 404: a program in the protocol's form, a browser with a page."""
    if not request.path.startswith(_PROGRAMS):
        return defaults.page_not_found(request, exception)
    said = {"code": "route", "reason": "没有这个接口地址，请核对地址和程序版本", "problems": []}
    response = reply(request, said, status=404)
    response["X-Epoch"], response["X-Protocol"] = epoch(), str(PROTOCOL)
    return response


def failed(request: HttpRequest) -> HttpResponse:
    """Answer 500 likewise; without the epoch, as the database may be what fails."""
    if not request.path.startswith(_PROGRAMS):
        return defaults.server_error(request)
    reason = "平台出错，未能处理；已记入平台日志，数据仍在本机，请稍后再试"
    response = reply(request, {"code": "fault", "reason": reason, "problems": []}, status=500)
    response["X-Protocol"] = str(PROTOCOL)
    return response
