"""What a record's page calls (页面接口): one value in full, records to refer to, close, reopen, withdraw."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect

from governance.access.actor import Actor
from governance.access.errors import Forbidden
from governance.access.policy import check_reveal
from governance.contract import Status
from governance.records.codes import book
from governance.records.registry.host import Host
from governance.records.registry.labels import joins, label, rows_of
from governance.records.registry.lines import revealed
from governance.records.registry.page import whole
from governance.records.registry.search import found
from governance.records.registry.traces import list_trace, read_trace
from governance.records.registry.writes import problems_of, save, say, target_of, uuid_of
from governance.records.rows import Held
from governance.records.veil import unveiled

_MOST_CHOICES = 20
_FORBIDDEN = 403


def reveal(request: HttpRequest, actor: Actor, held: Held) -> JsonResponse:
    """Give one masked value in full, for a stated reason; leaves a trace.

    Takes ``field`` and ``reason``; answers ``{"value", "text"}``, or 403 with ``{"reason"}``.
    """
    item = held.kind.by_name.get(request.POST.get("field", ""))
    if item is None or held.values.get(item.name) is None:
        raise Http404
    asking = actor.for_purpose(request.POST.get("reason", "").strip()[:100])
    try:
        check_reveal(asking, held.kind.name, held.grid)
    except Forbidden as error:
        return JsonResponse({"reason": error.reason}, status=_FORBIDDEN)
    read_trace(asking, held, "records.reveal", {"field": item.name})
    return JsonResponse(revealed(item, held.values[item.name], book()))


def choices(admin: Host, request: HttpRequest, actor: Actor) -> JsonResponse:
    """Give open records within the user's area whose name or door fits ``q``, for a reference.

    Answers ``{"choices": [{"id", "text"}], "more": bool}``.
    """
    kind = admin.kind
    open_ones = rows_of(kind.name).filter(deleted=False, closed_on=None)
    rows = open_ones.filter(actor.scope.q(), unveiled(actor, kind))
    term = request.POST.get("q", "").strip()
    chosen = found(kind, rows, term).select_related(*joins(kind.name)).order_by("grid", "id")
    page = list(chosen[: _MOST_CHOICES + 1]) if term else []
    shown = page[:_MOST_CHOICES]
    list_trace(actor, kind, shown, "", {"for": "choice"})
    given = [{"id": str(row.pk), "text": label(row)} for row in shown]
    return JsonResponse({"choices": given, "more": len(page) > len(shown)})


def close(admin: Host, request: HttpRequest, actor: Actor, held: Held) -> HttpResponse:
    """Close a record (注销) with reason and day."""
    wanted: dict[str, object] = {
        "closed_on": request.POST.get("closed_on") or None,
        "closed_reason": request.POST.get("closed_reason") or None,
    }
    if None in wanted.values():
        messages.error(request, "注销须填写日期和原因")
        return redirect(admin.address("change", held.id))
    return _offer(admin, request, actor, held, wanted, "已注销")


def reopen(admin: Host, request: HttpRequest, actor: Actor, held: Held) -> HttpResponse:
    """Put a closed record back on the books (恢复在册)."""
    return _offer(admin, request, actor, held, {"closed_on": None, "closed_reason": None}, "已恢复在册")


def withdraw(admin: Host, request: HttpRequest, actor: Actor, held: Held) -> HttpResponse:
    """Withdraw a record that should never have been made (误录作废)."""
    if request.POST.get("sure") != "1":
        messages.error(request, "请先勾选确认再作废")
        return redirect(admin.address("change", held.id))
    result = save(actor, target_of(request, admin.kind, uuid_of(held.id)), {}, delete=True)
    say(request, result, "已作废，各终端将在下次同步时移除这条记录")
    gone = result.status is not Status.REJECTED
    return redirect(admin.address("changelist") if gone else admin.address("change", held.id))


def _offer(
    admin: Host,
    request: HttpRequest,
    actor: Actor,
    held: Held,
    wanted: dict[str, object],
    done: str,
) -> HttpResponse:
    problems = problems_of(admin.kind, wanted, whole(held))
    for problem in problems:
        messages.error(request, problem.reason)
    if not problems:
        say(request, save(actor, target_of(request, admin.kind, uuid_of(held.id)), wanted), done)
    return redirect(admin.address("change", held.id))
